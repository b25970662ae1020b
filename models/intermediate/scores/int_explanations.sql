with

contributions as (

    select * from {{ ref('int_contributions') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest or '{{ var("ledger") }}' = 'all'

),

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

activity_rules as (

    select * from {{ ref('int_activity_rules') }}

),

attribute_rules as (

    select * from {{ ref('int_attribute_rules') }}

),

rules as (

    select
        rule_id,
        coalesce(description, replace(event_type, '_', ' ')) as label,
        within_days,
        {{ as_text('null') }} as asks_for
    from event_rules

    union all

    select
        rule_id,
        coalesce(description, replace(rule_id, '_', ' ')) as label,
        within_days,
        replace(feature, '_', ' ') as asks_for
    from activity_rules

    union all

    select
        rule_id,
        coalesce(description, replace(rule_id, '_', ' ')) as label,
        null as within_days,
        attribute as asks_for
    from attribute_rules

),

phrased as (

    select
        contributions.*,
        rules.label,
        rules.asks_for,
        {{ signed_text('contributions.points') }} as signed_points,
        {{ signed_text('contributions.undiminished_points') }} as signed_undiminished_points,
        case when rules.within_days is null then '' else ' in the last ' || rules.within_days || ' days' end as in_window,
        case when rules.within_days is null then '' else ' in ' || rules.within_days || ' days' end as in_days,
        case when contributions.matches = 1 then '1 time' else contributions.matches || ' times' end as times,
        case contributions.newest_age
            when 0 then 'newest today'
            when 1 then 'newest 1 day ago'
            else 'newest ' || contributions.newest_age || ' days ago'
        end as newest,

        -- An e-mail address is nobody's business in a score table.
        case
            when rules.asks_for in ('email') then ''
            when contributions.observed is null then rules.asks_for || ' is missing'
            else rules.asks_for || ' is ' || contributions.observed
        end as observation

    from contributions

    inner join dates on contributions.as_of_date = dates.as_of_date

    left join rules on contributions.rule_id = rules.rule_id

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
        case
            when rule_kind = 'event' then
                label || ': ' || times || in_window || ', ' || newest || ': ' || signed_points
                || case
                    when signed_points = signed_undiminished_points then ''
                    else ' of ' || replace(signed_undiminished_points, '+', '')
                end
            when rule_kind = 'activity' then label || ': ' || asks_for || in_window || ' ' || observed || ': ' || signed_points
            when rule_kind = 'attribute' then label || coalesce(': ' || nullif(observation, ''), '') || ': ' || signed_points
            when rule_id like '%max' then coalesce(replace(rule_group, '_', ' '), 'score') || ' counts at most ' || observed || ': ' || signed_points
            else coalesce(replace(rule_group, '_', ' '), 'score') || ' counts at least ' || observed || ': ' || signed_points
        end as explanation,
        case rule_kind
            when 'event' then signed_points || ' ' || label || ', ' || matches || in_days
            when 'activity' then signed_points || ' ' || label || ', ' || observed || in_days
            when 'attribute' then signed_points || ' ' || label
        end as reason

    from phrased

)

select * from final
