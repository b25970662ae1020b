-- Events that meet all conditions of a signal in rule_conditions and follow the event that it asks for.

with

events as (

    select * from {{ ref('int_unique_events') }}

),

signals as (

    select distinct
        signal_id,
        conditions_hash,
        after_key
    from {{ ref('stg_event_rules') }}

),

preceded_events as (

    select * from {{ ref('int_preceded_events') }}

),

-- Rules that share a signal have the same conditions.
conditions as (

    select distinct
        rules.signal_id,
        rules.event_type,
        rule_conditions.name,
        rule_conditions.comparison,
        rule_conditions.operand
    from {{ ref('stg_event_rules') }} as rules
    inner join {{ ref('stg_rule_conditions') }} as rule_conditions on rules.rule_id = rule_conditions.rule_id

),

counted as (

    select
        *,
        count(*) over (partition by signal_id) as conditions
    from conditions

),

named_lists as ( -- noqa: ST03

    select * from {{ ref('stg_reference_lists') }}
    where list in (select conditions.operand from conditions)

),

looked_at as (

    select
        counted.*,
        events.event_key,
        events.actor_key,
        {{ event_property('events', 'counted.name') }} as property_value
    from events
    inner join counted on events.event_type = counted.event_type

),

condition_matches as (

    select
        event_key,
        actor_key,
        signal_id,
        max({{ holds_from('property_value', 'comparison', 'operand') }}) as holds_from,
        min({{ holds_until('property_value', 'comparison', 'operand') }}) as holds_until
    from looked_at
    where {{ condition_holds('property_value', 'comparison', 'operand', 'named_lists') }}
    group by event_key, actor_key, signal_id, conditions
    having count(*) = conditions

),

final as (

    select
        preceded_events.event_key,
        preceded_events.actor_key,
        signals.signal_id,
        preceded_events.holds_from,
        preceded_events.holds_until
    from preceded_events
    inner join signals on preceded_events.after_key = signals.after_key
    where signals.conditions_hash is null

    union all

    select
        condition_matches.event_key,
        condition_matches.actor_key,
        condition_matches.signal_id,
        greatest(condition_matches.holds_from, preceded_events.holds_from) as holds_from,
        least(condition_matches.holds_until, preceded_events.holds_until) as holds_until
    from condition_matches
    inner join signals on condition_matches.signal_id = signals.signal_id
    left join preceded_events
        on
            condition_matches.event_key = preceded_events.event_key
            and condition_matches.actor_key = preceded_events.actor_key
            and signals.after_key = preceded_events.after_key
    where signals.after_key is null or preceded_events.event_key is not null

)

select * from final
