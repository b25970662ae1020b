with

rules as (

    select * from {{ ref('int_rules') }}

),

effects as (

    select * from {{ ref('int_rule_effects') }}

),

tests as (

    select * from {{ ref('int_rule_tests') }}

),

-- One step of Newton's method, with a ridge of 10 on the coefficient: by how many log-odds the outcomes ask for more of x, in points.
steps as (

    select
        rules.rule_id,
        rules.points,
        tests.is_enough,
        tests.p_value,
        tests.is_certain,
        effects.surplus / (effects.information + 10) / effects.log_odds_per_point / nullif(rules.weight, 0) as more_points,
        {{ root_of('effects.variance') }} / (effects.information + 10)
        / effects.log_odds_per_point / nullif(rules.weight, 0) as points_error

    from rules

    inner join effects on rules.rule_id = effects.rule_id

    inner join tests on rules.rule_id = tests.rule_id

),

final as (

    select
        rule_id,
        is_enough,
        p_value,
        is_certain,
        {{ as_whole('least(greatest(points + more_points, -1000000000), 1000000000)') }} as points_suggested,
        {{ as_amount('least(abs(points_error), 1000000000)') }} as points_error

    from steps

)

select * from final
