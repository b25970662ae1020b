with

latest as (

    select * from {{ ref('int_score_history') }}

),

week_before as (

    select * from {{ ref('int_score_history') }}

),

month_before as (

    select * from {{ ref('int_score_history') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

-- Scores by other rules are not comparable.
compared as (

    select
        latest.as_of_date,
        latest.model_id,
        latest.contact_id,
        latest.score - week_before.score as change_7d,
        latest.score - month_before.score as change_30d,
        greatest(1, {{ product('abs(week_before.score)', '0.05') }}) as steady_within

    from latest

    inner join dates on latest.as_of_date = dates.as_of_date

    left join week_before
        on
            week_before.as_of_date = {{ add_days('latest.as_of_date', -7) }}
            and latest.model_id = week_before.model_id
            and latest.contact_id = week_before.contact_id
            and latest.rules_version = week_before.rules_version

    left join month_before
        on
            month_before.as_of_date = {{ add_days('latest.as_of_date', -30) }}
            and latest.model_id = month_before.model_id
            and latest.contact_id = month_before.contact_id
            and latest.rules_version = month_before.rules_version

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        {{ as_points('change_7d') }} as score_change_7d,
        {{ as_points('change_30d') }} as score_change_30d,
        case
            when change_7d > steady_within then 'rising'
            when change_7d < -steady_within then 'falling'
            when change_7d is not null then 'steady'
        end as trend

    from compared

)

select * from final
