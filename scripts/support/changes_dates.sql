-- Dates of a published file: the latest, the previous, and the past dates to evaluate: the last date of each week that is old enough for
-- its outcomes and not older than any goal's limit. goals has the rows of conversion_goals.csv, or none.

with goal as (
    select
        least(30, min(coalesce(try_cast(within_days as integer), 30))) as within_days,
        greatest(365, max(coalesce(try_cast(evaluated_days as integer), 365))) as evaluated_days
    from goals
),
dates as (select distinct as_of_date from scored_dates),
latest as (select max(as_of_date) as as_of_date from dates)
select
    latest.as_of_date,
    max(dates.as_of_date) filter (dates.as_of_date < latest.as_of_date),
    coalesce(list(dates.as_of_date order by dates.as_of_date) filter (
        dates.as_of_date = (select max(same.as_of_date) from dates as same where date_trunc('week', same.as_of_date) = date_trunc('week', dates.as_of_date))
        and dates.as_of_date + goal.within_days <= latest.as_of_date
        and dates.as_of_date + goal.evaluated_days >= latest.as_of_date
    ), [])
from latest cross join dates cross join goal
group by latest.as_of_date
