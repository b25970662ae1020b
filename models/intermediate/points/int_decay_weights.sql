with

rules as (

    select * from {{ ref('stg_event_rules') }}

),

days as (

    select distinct occurred_date from {{ ref('int_signal_days') }}
    where actor_key is not null

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

ages as (

    select distinct {{ days_between('days.occurred_date', 'dates.as_of_date') }} as age
    from days
    inner join dates on days.occurred_date <= dates.as_of_date

),

weights as (

    select
        rules.rule_key,
        ages.age,
        case rules.decay
            when 'none' then 1
            when 'exponential' then {{ halved_by_age('ages.age', 'rules.decay_days') }}
            when 'linear' then {{ divided('greatest(rules.decay_days - ages.age, 0)', 'rules.decay_days') }}
            when 'step' then {{ reduced_by_steps('rules.decay_percent', floor_divided('ages.age', 'rules.decay_days')) }}
        end as weight

    from rules

    cross join ages

),

final as (

    select
        rule_key,
        age,
        {{ as_amount('weight') }} as weight

    from weights

)

select * from final
