-- Ranks of the scored leads on the latest date, and their earlier scores.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

leads as (

    select * from {{ ref('int_graded_leads') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

-- Of the history only these dates are read.
earlier_dates as (

    select history_dates.as_of_date
    from {{ ref('int_history_dates') }} as history_dates
    inner join dates on {{ days_between('history_dates.as_of_date', 'dates.as_of_date') }} in (7, 30)
    where not history_dates.is_in_run

),

earlier_scores as (

    select as_of_date, model_id, contact_id, score, rules_version from leads -- noqa: LT09

    union all

    select -- noqa: LT09
        score_history.as_of_date, score_history.model_id, score_history.contact_id, score_history.score, score_history.rules_version
    from score_history
    inner join earlier_dates on score_history.as_of_date = earlier_dates.as_of_date

),

placed as (

    select
        leads.*,
        rank() over (
            partition by leads.model_id
            order by leads.score desc
        ) as rank_in_model,
        count(*) over (
            partition by leads.model_id
            order by leads.score
            range between unbounded preceding and current row
        ) as leads_at_or_below,
        count(*) over (partition by leads.model_id) as leads_scored

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    where leads.status = 'scored'

),

-- Scores by other rules are not comparable.
compared as (

    select
        placed.*,
        placed.score - week_before.score as change_7d,
        placed.score - month_before.score as change_30d,
        greatest(1, {{ product('abs(week_before.score)', '0.05') }}) as steady_within

    from placed

    left join earlier_scores as week_before
        on
            week_before.as_of_date = {{ add_days('placed.as_of_date', -7) }}
            and placed.model_id = week_before.model_id
            and placed.contact_id = week_before.contact_id
            and placed.rules_version = week_before.rules_version

    left join earlier_scores as month_before
        on
            month_before.as_of_date = {{ add_days('placed.as_of_date', -30) }}
            and placed.model_id = month_before.model_id
            and placed.contact_id = month_before.contact_id
            and placed.rules_version = month_before.rules_version

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        rank_in_model,
        {{ as_percent('leads_at_or_below', 'leads_scored') }} as percentile_in_model,
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
