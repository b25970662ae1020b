{{ config(materialized='table') }}

-- Events that a filter looks at: those of its event type, for kind condition only those that meet the condition; and as kind `before`
-- those that too_fast looks for. An event is a candidate of its contact, and of each survivor of merges from the merge on.

with

events as (

    select * from {{ ref('int_unique_events') }}

),

-- The same: DuckDB would write down what is read twice.
events_of_any_type as (

    select * from {{ ref('int_unique_events') }}

),

owners as (

    select * from {{ ref('int_owners') }}

),

filters as (

    select
        filter_id,
        event_type as looks_at,
        kind,
        property,
        comparison,
        operand,
        seconds,
        times
    from {{ ref('stg_event_filters') }}

    union all

    select
        filter_id,
        after_event_type as looks_at,
        'before' as kind,
        null as property,
        null as comparison,
        null as operand,
        seconds,
        null as times
    from {{ ref('stg_event_filters') }}
    where kind = 'too_fast'

),

named_lists as ( -- noqa: ST03

    select * from {{ ref('stg_reference_lists') }}
    where list in (select filters.operand from filters)

),

-- Before owners, which most events do without; with the property that the filter looks at.
-- Filters without an event type are apart, so that the others are joined by it.
pairs as (

    select -- noqa: LT09
        filters.*, events.*,
        {{ event_property('events', 'filters.property') }} as property_value
    from events
    inner join filters on events.event_type = filters.looks_at

    union all

    select -- noqa: LT09
        filters.*, events_of_any_type.*,
        {{ event_property('events_of_any_type', 'filters.property') }} as property_value
    from events_of_any_type
    cross join filters
    where filters.looks_at is null

),

-- As in int_events. An unresolved visitor is an owner of its own. greatest() ignores nulls.
final as (

    select
        pairs.filter_id,
        pairs.kind,
        pairs.seconds,
        pairs.times,
        pairs.event_key,
        pairs.actor_key,
        coalesce(owners.contact_key, pairs.actor_key) as owner_key,
        pairs.event_id,
        pairs.event_type,
        pairs.campaign,
        pairs.page_url,
        pairs.object_id,
        pairs.occurred_at,
        pairs.received_date,
        greatest(pairs.occurred_date, pairs.received_date, owners.owned_from) as seen_date,
        greatest(pairs.occurred_date, pairs.received_date, owners.identified_date) as first_seen_date

    from pairs

    left join owners on pairs.actor_key = owners.actor_key

    where
        (pairs.contact_id is null or owners.contact_id is not null)
        and (
            pairs.kind <> 'condition'
            or {{ condition_holds('pairs.property_value', 'pairs.comparison', 'pairs.operand', 'named_lists') }}
        )

)

select * from final
