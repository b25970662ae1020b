-- Ranks of the scored leads on the latest date, and their earlier scores.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

week_before as (

    select * from {{ ref('int_score_history') }}

),

month_before as (

    select * from {{ ref('int_score_history') }}

),

placed as (

    select
        score_history.*,
        rank() over (
            partition by score_history.model_id
            order by score_history.score desc
        ) as rank_in_model,
        count(*) over (
            partition by score_history.model_id
            order by score_history.score
            range between unbounded preceding and current row
        ) as leads_at_or_below,
        count(*) over (partition by score_history.model_id) as leads_scored

    from score_history

    inner join dates on score_history.as_of_date = dates.as_of_date

),

-- Scores by other rules are not comparable.
compared as (

    select
        placed.*,
        placed.score - week_before.score as change_7d,
        placed.score - month_before.score as change_30d,
        greatest(1, {{ product('abs(week_before.score)', '0.05') }}) as steady_within

    from placed

    left join week_before
        on
            week_before.as_of_date = {{ add_days('placed.as_of_date', -7) }}
            and placed.model_id = week_before.model_id
            and placed.contact_id = week_before.contact_id
            and placed.rules_version = week_before.rules_version

    left join month_before
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
