-- What open periods and conversions say of a contact on a date. They are few compared with the leads, which join the two together, once.

with

dates as (

    select * from {{ ref('int_evaluated_dates') }}
    where is_complete or is_of_run

),

periods as (

    select * from {{ ref('int_eligible_periods') }}

),

conversions as (

    select * from {{ ref('int_conversions') }}

),

known as (

    select
        dates.as_of_date,
        dates.goal_key,
        periods.contact_id,
        1 as is_within,
        0 as had_converted,
        0 as is_converted,
        {{ as_amount('null') }} as value

    from dates

    inner join periods
        on
            dates.goal_key = periods.goal_key
            and dates.as_of_date >= periods.from_date
            and (periods.until_date is null or dates.as_of_date < periods.until_date)

    union all

    select
        dates.as_of_date,
        dates.goal_key,
        conversions.contact_id,
        0 as is_within,
        1 as had_converted,
        0 as is_converted,
        {{ as_amount('null') }} as value

    from dates

    inner join conversions
        on
            dates.goal_key = conversions.goal_key
            and dates.as_of_date >= conversions.known_date

    where conversions.is_first

    union all

    select
        dates.as_of_date,
        dates.goal_key,
        conversions.contact_id,
        0 as is_within,
        0 as had_converted,
        1 as is_converted,
        conversions.value

    from dates

    inner join conversions
        on
            dates.goal_key = conversions.goal_key
            and dates.as_of_date < conversions.occurred_date
            and dates.known_on >= conversions.occurred_date

    where dates.is_complete and not conversions.is_inherited

),

final as (

    select
        as_of_date,
        goal_key,
        contact_id,
        max(is_within) as is_within,
        max(had_converted) as had_converted,
        max(is_converted) as is_converted,
        sum(value) as value
    from known
    group by as_of_date, goal_key, contact_id

)

select * from final
