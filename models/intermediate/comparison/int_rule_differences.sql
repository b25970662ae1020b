with

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

labels as (

    select * from {{ ref('int_rules') }}

),

given as (

    select
        rule_points.model_id,
        leads.contact_id,
        labels.label,
        rule_points.points

    from rule_points

    inner join dates on rule_points.as_of_date = dates.as_of_date

    inner join labels on rule_points.rule_key = labels.rule_key

    inner join leads
        on
            rule_points.as_of_date = leads.as_of_date
            and rule_points.model_id = leads.model_id
            and rule_points.contact_key = leads.contact_key

),

-- Rules of two models are the same rule where they say the same in words.
of_both as (

    select
        pairs.champion_id,
        pairs.challenger_id,
        given.contact_id,
        given.label,
        given.points

    from given

    inner join pairs on given.model_id = pairs.challenger_id

    union all

    select
        pairs.champion_id,
        pairs.challenger_id,
        given.contact_id,
        given.label,
        -given.points as points

    from given

    inner join pairs on given.model_id = pairs.champion_id

),

differences as (

    select
        champion_id,
        challenger_id,
        contact_id,
        label,
        sum(points) as points

    from of_both

    group by champion_id, challenger_id, contact_id, label

),

numbered as (

    select
        *,
        row_number() over (
            partition by champion_id, challenger_id, contact_id
            order by abs(points) desc, label
        ) as place

    from differences

    -- Less than this is told as 0.0.
    where abs(points) >= 0.05

),

final as (

    select
        champion_id,
        challenger_id,
        contact_id,
        max(case when place = 1 then {{ signed_text('points') }} || ' ' || label end) as difference_1,
        max(case when place = 2 then {{ signed_text('points') }} || ' ' || label end) as difference_2,
        max(case when place = 3 then {{ signed_text('points') }} || ' ' || label end) as difference_3

    from numbered

    where place <= 3

    group by champion_id, challenger_id, contact_id

)

select * from final
