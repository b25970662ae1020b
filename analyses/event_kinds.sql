-- Kinds of events of the last 90 days that rules look at: an event type with the rule signals that its events match. The latest such event
-- is its example. For scripts/explain.py (scripts/support/what_if.py).

with

matches as (

    select * from {{ ref('int_signal_matches') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

event_rules as (

    select * from {{ ref('stg_event_rules') }}

),

activity_rules as (

    select * from {{ ref('stg_activity_rules') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

signal_labels as (

    select distinct
        event_rules.signal_id,
        rules.label
    from event_rules
    inner join rules on event_rules.rule_id = rules.rule_id
    where not event_rules.is_plain

),

rule_types as (

    select event_rules.event_type from event_rules
    union
    select activity_rules.event_type from activity_rules -- noqa: LT14

),

signals as (

    select
        signal_id,
        string_agg(label, ', ' order by label) as labels
    from signal_labels
    group by signal_id

),

recent_events as (

    select
        matches.event_id,
        matches.event_type,
        max(matches.occurred_at) as occurred_at,
        string_agg(signals.labels, ', ' order by signals.labels) as rules,
        string_agg(signals.signal_id, '|' order by signals.signal_id) as signals
    from matches
    cross join dates
    left join signals on matches.counted_for = signals.signal_id
    where
        matches.event_type in (select rule_types.event_type from rule_types)
        and matches.received_date <= dates.as_of_date
        and matches.received_date > dates.as_of_date - 90
        and (matches.filtered_date is null or dates.as_of_date < matches.filtered_date)
        and (matches.holds_from is null or dates.as_of_date >= matches.holds_from)
        and (matches.holds_until is null or dates.as_of_date < matches.holds_until)
    group by matches.event_id, matches.event_type

),

ranked as (

    select
        *,
        count(*) over (partition by event_type, signals) as events,
        row_number() over (
            partition by event_type, signals
            order by occurred_at desc, event_id asc
        ) as place
    from recent_events

),

final as (

    select
        event_type,
        rules,
        event_id,
        events
    from ranked
    where place = 1

)

select * from final
