{{ config(materialized='view') }}

with

contributions as (

    select * from {{ ref('int_contributions') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest or (is_asked and '{{ env_var("LEAD_SCORING_LEDGER", "latest") }}' = 'all')

),

rule_labels as (

    select * from {{ ref('int_rules') }}

),

phrases as (

    select
        contributions.*,
        rule_labels.label,
        case
            when contributions.observed = '1' then replace(trim(trailing 's' from rule_labels.asks_for), 'days since', 'day since')
            else rule_labels.asks_for
        end as feature,
        {{ signed_text('contributions.points') }} as signed_points,
        {{ signed_text('contributions.undiminished_points') }} as signed_undiminished_points,
        case
            when rule_labels.within_days = 1 then ' in the last day'
            else coalesce(' in the last ' || rule_labels.within_days || ' days', '')
        end as in_window,
        case
            when rule_labels.within_days = 1 then ' in 1 day'
            else coalesce(' in ' || rule_labels.within_days || ' days', '')
        end as in_days,
        contributions.matches || case when contributions.matches = 1 then ' time' else ' times' end as times,
        case contributions.newest_age
            when 0 then 'newest today'
            when 1 then 'newest 1 day ago'
            else 'newest ' || contributions.newest_age || ' days ago'
        end as newest,

        -- A value that the rule does not name (an e-mail address, a telephone number) is not told.
        case
            when not rule_labels.tells_value then ''
            else ': ' || rule_labels.asks_for || ' ' || coalesce(contributions.observed, 'missing')
        end as observation,
        coalesce(replace(contributions.rule_group, '_', ' '), 'score') as bounded,
        case
            when contributions.rule_id in ('group_max', 'model_max') then ' counts at most '
            else ' counts at least '
        end as bound

    from contributions

    inner join dates on contributions.as_of_date = dates.as_of_date

    left join rule_labels on contributions.rule_id = rule_labels.rule_id

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        rule_id,
        rule_kind,
        rule_group,
        dimension,
        matches,
        points,
        case rule_kind
            when 'event' then label || ': ' || times || in_window || ', ' || newest || ': ' || signed_points
            when 'activity' then label || ': ' || observed || ' ' || feature || in_window || ': ' || signed_points
            when 'attribute' then label || observation || ': ' || signed_points
            when 'adjustment' then bounded || bound || observed || ': ' || signed_points
        end || case
            when signed_points = signed_undiminished_points or signed_undiminished_points is null then ''
            when abs(points) > abs(undiminished_points) then ' instead of ' || replace(signed_undiminished_points, '+', '')
            else ' of ' || replace(signed_undiminished_points, '+', '')
        end as explanation,
        case rule_kind
            when 'event' then signed_points || ' ' || label || ', ' || coalesce(matches || nullif(in_days, ''), times)
            when 'activity' then signed_points || ' ' || label || ', ' || observed || ' ' || feature || in_days
            when 'attribute' then signed_points || ' ' || label
        end as reason

    from phrases

)

select * from final
