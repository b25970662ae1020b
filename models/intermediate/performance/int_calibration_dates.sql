with

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

-- A month is judged by the probabilities that would have been stated on its first date; leads of today have those of the latest date.
stated as (

    select
        model_id,
        period,
        min(as_of_date) as stated_on
    from evaluated_dates
    where is_complete
    group by model_id, period

    union all

    select
        model_id,
        'latest' as period,
        as_of_date as stated_on
    from evaluated_dates
    where is_latest

),

-- What was known by then of the dates before: those whose days for a conversion were over.
final as (

    select
        stated.model_id,
        stated.period,
        stated.stated_on,
        evaluated_dates.as_of_date

    from stated

    inner join goals on stated.model_id = goals.model_id

    inner join evaluated_dates
        on
            stated.model_id = evaluated_dates.model_id
            and {{ add_days('evaluated_dates.as_of_date', 'goals.within_days') }} <= stated.stated_on

)

select * from final
