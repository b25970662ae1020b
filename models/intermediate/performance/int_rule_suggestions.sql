with

rules as (

    select
        *,
        {{ as_amount(product('points', 'weight')) }} as weighted_points

    from {{ ref('int_rules') }}

),

effects as (

    select * from {{ ref('int_rule_effects') }}

),

-- One step of Newton's method, with a ridge of 10 on the coefficient: by how many log-odds the outcomes ask for more of x.
steps as (

    select
        rules.rule_id,
        rules.points,
        rules.weight,
        rules.weighted_points,
        effects.log_odds_per_point,
        effects.surplus / (
            effects.information
            + 10 * case
                when rules.weighted_points = 0 then 1
                else {{ product('rules.weighted_points', 'rules.weighted_points') }}
            end
        ) as step,
        abs(effects.surplus) > 1.959964 * {{ root_of('greatest(effects.information, 0)') }} as is_certain

    from rules

    inner join effects on rules.rule_id = effects.rule_id

),

-- In points: what the rule gives times (1 + step / slope); from nothing, step / slope.
suggested as (

    select
        rule_id,
        is_certain,
        case
            when weighted_points = 0 then step / log_odds_per_point / nullif(weight, 0)
            else points * (1 + step / log_odds_per_point)
        end as points_suggested

    from steps

),

final as (

    select
        rule_id,
        is_certain,
        {{ as_whole('least(greatest(points_suggested, -1000000000), 1000000000)') }} as points_suggested

    from suggested

)

select * from final
