{{ config(materialized='view') }}

-- Events that meet all conditions of a signal in rule_conditions, and the dates on which they do.

with

events as (

    select * from {{ ref('int_unique_events') }}

),

rules as (

    select * from {{ ref('stg_event_rules') }}
    where conditions_hash is not null

),

rule_conditions as (

    select * from {{ ref('stg_rule_conditions') }}

),

-- Rules that share a signal have the same conditions.
conditions as (

    select distinct
        rules.signal_id,
        rules.event_type,
        rule_conditions.name,
        rule_conditions.comparison,
        rule_conditions.operand

    from rules

    inner join rule_conditions on rules.rule_id = rule_conditions.rule_id

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

met as (

    select
        events.event_key,
        events.actor_key,
        counted.signal_id,
        counted.conditions,
        {{ holds_from(event_property('events', 'counted.name'), 'counted.comparison', 'counted.operand') }} as holds_from,
        {{ holds_until(event_property('events', 'counted.name'), 'counted.comparison', 'counted.operand') }} as holds_until

    from events

    inner join counted on events.event_type = counted.event_type

    where {{ condition_holds(event_property('events', 'counted.name'), 'counted.comparison', 'counted.operand', 'named_lists') }}

),

final as (

    select
        event_key,
        actor_key,
        signal_id,
        max(holds_from) as holds_from,
        min(holds_until) as holds_until

    from met

    group by event_key, actor_key, signal_id, conditions

    having count(*) = conditions

)

select * from final
