{{ config(tags=['law']) }}

-- What a score rests on is counted again from the times in the raw tables: which events had occurred, been received and
-- been identified by the end of the as-of date, and which versions of contacts were there.
-- Counts are compared per rule and day and per window, not per contact: that keeps the test cheap on big tables, and an
-- event that is used too early makes a count too high all the same, unless a condition of its rule hides it.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

events as (

    select * from {{ ref('int_events') }}

),

raw_events as (

    select * from {{ ref('stg_events') }}
    where rejected_because is null

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

leads as (

    select * from {{ ref('int_leads') }}

),

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

event_rule_days as (

    select * from {{ ref('int_event_rule_days') }}

),

windows as (

    select * from {{ ref('int_feature_windows') }}

),

features as (

    select * from {{ ref('int_behaviour_features') }}

),

named_events as (

    select event_id from raw_events
    where contact_id is not null

),

-- Events of which every copy came without a contact, with the first identification of their visitors.
visitor_events as (

    select
        raw_events.event_id,
        min(visitors.identified_at) as identified_at

    from raw_events

    inner join visitors on raw_events.anonymous_id = visitors.anonymous_id

    left join named_events on raw_events.event_id = named_events.event_id

    where named_events.event_id is null

    group by raw_events.event_id

),

event_times as (

    select
        events.event_type,
        events.contact_id,
        events.occurred_at,
        events.occurred_date,
        events.known_date,
        greatest(events.received_at, coalesce(visitor_events.identified_at, events.received_at)) as known_at

    from events

    left join visitor_events on events.event_id = visitor_events.event_id

    where events.contact_id is not null

),

counts_by_day as (

    select
        event_type,
        occurred_date,
        {{ as_date('known_at') }} as known_date,
        count(*) as events

    from event_times

    group by event_type, occurred_date, {{ as_date('known_at') }}

),

known_counts as (

    select
        dates.as_of_date,
        counts_by_day.event_type,
        {{ days_between('counts_by_day.occurred_date', 'dates.as_of_date') }} as age,
        sum(counts_by_day.events) as events

    from dates

    inner join counts_by_day
        on
            dates.as_of_date >= counts_by_day.occurred_date
            and dates.as_of_date >= counts_by_day.known_date

    group by dates.as_of_date, counts_by_day.event_type, age

),

counts_by_rule as (

    select
        event_rule_days.as_of_date,
        event_rule_days.rule_id,
        event_rules.event_type,
        event_rule_days.age,
        sum(event_rule_days.matches) as matches

    from event_rule_days

    inner join event_rules on event_rule_days.rule_id = event_rules.rule_id

    group by event_rule_days.as_of_date, event_rule_days.rule_id, event_rules.event_type, event_rule_days.age

),

counts_by_window as (

    select
        as_of_date,
        window_id,
        sum(events) as events

    from features

    group by as_of_date, window_id

),

known_counts_by_window as (

    select
        known_counts.as_of_date,
        windows.window_id,
        sum(known_counts.events) as events

    from known_counts

    inner join windows
        on
            (windows.event_type is null or known_counts.event_type = windows.event_type)
            and (windows.within_days is null or known_counts.age < windows.within_days)

    group by known_counts.as_of_date, windows.window_id

),

first_versions as (

    select
        contact_id,
        min(updated_at) as updated_at

    from versions

    group by contact_id

),

-- The contact's events at the time that the lead shows as that of its last event.
last_events as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.last_event_at,
        min(event_times.known_at) as known_at

    from leads

    left join event_times
        on
            leads.contact_id = event_times.contact_id
            and leads.last_event_at = event_times.occurred_at

    where leads.last_event_at is not null

    group by leads.as_of_date, leads.model_id, leads.contact_id, leads.last_event_at

),

final as (

    select
        'an event is known before it was received or identified' as problem,
        known_date as as_of_date,
        contact_id as found_in

    from event_times

    where known_date < {{ as_date('known_at') }}

    union all

    select
        'a rule sees more events of a day than were known, or of a day to come' as problem,
        counts_by_rule.as_of_date,
        counts_by_rule.rule_id as found_in

    from counts_by_rule

    left join known_counts
        on
            counts_by_rule.as_of_date = known_counts.as_of_date
            and counts_by_rule.event_type = known_counts.event_type
            and counts_by_rule.age = known_counts.age

    where counts_by_rule.matches > coalesce(known_counts.events, 0)

    union all

    select
        'a feature window sees more events than were known' as problem,
        counts_by_window.as_of_date,
        counts_by_window.window_id as found_in

    from counts_by_window

    left join known_counts_by_window
        on
            counts_by_window.as_of_date = known_counts_by_window.as_of_date
            and counts_by_window.window_id = known_counts_by_window.window_id

    where counts_by_window.events > coalesce(known_counts_by_window.events, 0)

    union all

    select
        'the last event of a lead was not known' as problem,
        as_of_date,
        contact_id as found_in

    from last_events

    where
        {{ as_date('last_event_at') }} > as_of_date
        or known_at is null
        or {{ as_date('known_at') }} > as_of_date

    union all

    select
        'a contact, or its version, came later' as problem,
        contacts.as_of_date,
        contacts.contact_id as found_in

    from contacts

    inner join versions on contacts.version_hash = versions.version_hash

    inner join first_versions on contacts.contact_id = first_versions.contact_id

    where
        {{ as_date('versions.created_at') }} > contacts.as_of_date
        or (
            {{ as_date('versions.updated_at') }} > contacts.as_of_date
            and versions.updated_at > first_versions.updated_at
        )

)

select * from final
