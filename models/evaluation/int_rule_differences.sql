with

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

rules as (

    select * from {{ ref('int_rules') }}

),

sides as (

    select
        champion_id,
        challenger_id,
        challenger_id as model_id,
        1 as sign
    from pairs

    union all

    select
        champion_id,
        challenger_id,
        champion_id as model_id,
        -1 as sign
    from pairs

),

-- Rules of two models are the same rule if their labels are equal.
differences as (

    select
        sides.champion_id,
        sides.challenger_id,
        rule_points.contact_key,
        rules.label,
        sum(sides.sign * rule_points.points) as points

    from rule_points

    inner join sides on rule_points.model_id = sides.model_id

    inner join dates on rule_points.as_of_date = dates.as_of_date

    inner join rules on rule_points.rule_key = rules.rule_key

    group by sides.champion_id, sides.challenger_id, rule_points.contact_key, rules.label

),

numbered as (

    select
        *,
        row_number() over (
            partition by champion_id, challenger_id, contact_key
            order by abs(points) desc, label
        ) as place

    from differences

    -- Smaller differences would show as 0.0.
    where abs(points) >= 0.05

),

final as (

    select
        champion_id,
        challenger_id,
        contact_key,
        max(case when place = 1 then {{ signed_text('points') }} || ' ' || label end) as difference_1,
        max(case when place = 2 then {{ signed_text('points') }} || ' ' || label end) as difference_2,
        max(case when place = 3 then {{ signed_text('points') }} || ' ' || label end) as difference_3

    from numbered

    where place <= 3

    group by champion_id, challenger_id, contact_key

)

select * from final
