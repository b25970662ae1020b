with

evaluated_dates as (

    select * from {{ ref('int_evaluated_dates') }}

),

run_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

-- A lead gets the prediction of the date it is scored on. A month is evaluated by the predictions of its first date.
stated as (

    select
        goal_key,
        min(as_of_date) as stated_on
    from evaluated_dates
    where is_complete and is_recent
    group by goal_key, period

    union

    select
        goals.goal_key,
        run_dates.as_of_date as stated_on
    from run_dates
    cross join goals

),

-- Earlier dates whose goal periods had ended by then, within the goal's evaluated_days. On the later half the methods are compared.
final as (

    select
        stated.goal_key,
        stated.stated_on,
        run_dates.as_of_date is not null as is_of_run,
        coalesce(run_dates.is_latest, false) as is_latest,
        evaluated_dates.as_of_date,
        2 * row_number() over (
            partition by stated.goal_key, stated.stated_on
            order by evaluated_dates.as_of_date
        ) <= count(*) over (partition by stated.goal_key, stated.stated_on) as is_early

    from stated

    inner join goals on stated.goal_key = goals.goal_key

    inner join evaluated_dates
        on
            stated.goal_key = evaluated_dates.goal_key
            and stated.stated_on >= evaluated_dates.known_on
            and stated.stated_on <= {{ add_days('evaluated_dates.as_of_date', 'goals.evaluated_days') }}

    left join run_dates on stated.stated_on = run_dates.as_of_date

    where evaluated_dates.is_complete

)

select * from final
