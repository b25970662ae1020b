with

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

matched as (

    select distinct rule_points.rule_key

    from rule_points

    inner join dates on rule_points.as_of_date = dates.as_of_date

),

final as (

    select
        rules.rule_id,
        rules.model_id

    from rules

    inner join dates
        on
            (rules.valid_from is null or rules.valid_from <= dates.as_of_date)
            and (rules.valid_to is null or rules.valid_to > dates.as_of_date)

    left join matched on rules.rule_key = matched.rule_key

    where matched.rule_key is null

)

select * from final
