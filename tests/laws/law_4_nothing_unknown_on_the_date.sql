{{ config(tags=['law']) }}

-- The inputs of each score are counted again from the raw timestamps: events that had occurred, been received and
-- been identified by the end of the as-of date, and contact versions of that date.
-- Counts are compared per rule and day and per window, not per contact. This keeps the test cheap on large tables, and an
-- event used too early still makes a count too high, unless a condition of its rule hides it.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

unique_events as (

    select * from {{ ref('int_unique_events') }}

),

events as (

    select * from {{ ref('int_events') }}

),

visitors as (

    select * from {{ ref('int_actors') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

persons as (

    select
        contact_id,
        survivor_id,
        min(valid_from) as valid_from
    from {{ ref('int_persons') }}
    where contact_id <> survivor_id
    group by contact_id, survivor_id

),

usable_merges as (

    select * from {{ ref('stg_merges') }}
    where rejected_because is null

),

changed_versions as (

    select distinct
        version_hash,
        base_hash,
        last_changed_at
    from {{ ref('int_changed_versions') }}

),

-- Versions behind a lead: several for a survivor of merges, and any of them with changes of attributes.
lead_versions as (

    select as_of_date, contact_id, version_hash -- noqa: LT09
    from contacts

    union

    select contacts.as_of_date, contacts.contact_id, members.member_hash as version_hash -- noqa: LT09
    from contacts
    inner join {{ ref('int_person_members') }} as members on contacts.version_hash = members.version_hash

),

used_versions as (

    select as_of_date, contact_id, version_hash -- noqa: LT09
    from lead_versions

    union

    select lead_versions.as_of_date, lead_versions.contact_id, changed_versions.base_hash as version_hash -- noqa: LT09
    from lead_versions
    inner join changed_versions on lead_versions.version_hash = changed_versions.version_hash

),

leads as (

    select * from {{ ref('int_leads') }}

),

event_rules as (

    select * from {{ ref('stg_event_rules') }}

),

event_days as (

    select * from {{ ref('int_event_days') }}

),

windows as (

    select distinct
        window_id,
        event_type,
        within_days
    from {{ ref('stg_activity_rules') }}

),

features as (

    select * from {{ ref('int_window_activity') }}

),

filtered_events as (

    select * from {{ ref('int_filtered_events') }}

),

known_contacts as (

    select distinct contact_id from versions

),

-- Date from which each event is known: the later of received and identified.
own_event_times as (

    select
        unique_events.event_type,
        coalesce(known_contacts.contact_id, visitors.contact_id) as contact_id,
        unique_events.occurred_at,
        unique_events.occurred_date,
        {{ as_date('greatest(unique_events.received_at, coalesce(visitors.identified_at, unique_events.received_at))') }} as known_date,
        filtered_events.filtered_date

    from unique_events

    left join filtered_events
        on
            unique_events.event_key = filtered_events.event_key
            and unique_events.actor_key = filtered_events.actor_key

    left join known_contacts on unique_events.contact_id = known_contacts.contact_id

    left join visitors
        on
            unique_events.contact_id is null
            and unique_events.anonymous_id = visitors.anonymous_id

    where
        known_contacts.contact_id is not null
        or visitors.contact_id is not null

),

-- A survivor knows the events of a merged contact from the merge on.
event_times as (

    select * from own_event_times

    union all

    select
        own_event_times.event_type,
        persons.survivor_id as contact_id,
        own_event_times.occurred_at,
        own_event_times.occurred_date,
        greatest(own_event_times.known_date, persons.valid_from) as known_date,
        own_event_times.filtered_date

    from own_event_times

    inner join persons on own_event_times.contact_id = persons.contact_id

),

first_merges as (

    select
        from_contact_id,
        min(merged_at) as merged_at

    from usable_merges

    group by from_contact_id

),

counts_by_day as (

    select
        event_type,
        occurred_date,
        known_date,
        filtered_date,
        count(*) as events

    from event_times

    group by event_type, occurred_date, known_date, filtered_date

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
            and (counts_by_day.filtered_date is null or dates.as_of_date < counts_by_day.filtered_date)

    group by dates.as_of_date, counts_by_day.event_type, age

),

-- Features that need single events: sessions and objects.
counts_by_event as (

    select
        event_type,
        occurred_date,
        known_date,
        filtered_date,
        count(*) as events

    from events

    where contact_id is not null

    group by event_type, occurred_date, known_date, filtered_date

),

seen_by_event as (

    select
        dates.as_of_date,
        counts_by_event.event_type,
        {{ days_between('counts_by_event.occurred_date', 'dates.as_of_date') }} as age,
        sum(counts_by_event.events) as events

    from dates

    inner join counts_by_event
        on
            dates.as_of_date >= counts_by_event.occurred_date
            and dates.as_of_date >= counts_by_event.known_date
            and (counts_by_event.filtered_date is null or dates.as_of_date < counts_by_event.filtered_date)

    group by dates.as_of_date, counts_by_event.event_type, age

),

counts_by_rule as (

    select
        event_days.as_of_date,
        event_rules.rule_id,
        event_rules.event_type,
        event_days.age,
        sum(event_days.matches) as matches

    from event_days

    inner join event_rules on event_days.rule_key = event_rules.rule_key

    group by event_days.as_of_date, event_rules.rule_id, event_rules.event_type, event_days.age

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

-- The contact's events at the lead's last_event_at.
last_events as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.last_event_at,
        min(event_times.known_date) as known_date

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
        seen_by_event.as_of_date,
        seen_by_event.event_type as found_in

    from seen_by_event

    left join known_counts
        on
            seen_by_event.as_of_date = known_counts.as_of_date
            and seen_by_event.event_type = known_counts.event_type
            and seen_by_event.age = known_counts.age

    where seen_by_event.events > coalesce(known_counts.events, 0)

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
        or known_date is null
        or known_date > as_of_date

    union all

    select
        'an attribute changed later' as problem,
        lead_versions.as_of_date,
        lead_versions.contact_id as found_in

    from lead_versions

    inner join changed_versions on lead_versions.version_hash = changed_versions.version_hash

    where {{ as_date('changed_versions.last_changed_at') }} > lead_versions.as_of_date

    union all

    select
        'a contact is merged before it was known' as problem,
        persons.valid_from as as_of_date,
        persons.contact_id as found_in

    from persons

    left join first_merges on persons.contact_id = first_merges.from_contact_id

    left join {{ ref('int_person_links') }} as links
        on
            persons.contact_id = links.contact_id
            and persons.survivor_id = links.linked_id
            and persons.valid_from >= links.linked_from
            and links.attribute is not null

    where
        coalesce({{ as_date('first_merges.merged_at') }} > persons.valid_from, true)
        and links.contact_id is null

    union all

    -- By then each of the two has a version with the value, or its earliest version, which also covers earlier dates.
    select
        'a value is shared before it was known' as problem,
        shared_values.joined_date as as_of_date,
        shared_values.contact_id as found_in

    from {{ ref('int_shared_values') }} as shared_values

    inner join {{ ref('int_identity_values') }} as own_values
        on
            shared_values.contact_id = own_values.contact_id
            and shared_values.attribute = own_values.attribute

    inner join {{ ref('int_identity_values') }} as other_values
        on
            shared_values.shared_with_id = other_values.contact_id
            and own_values.attribute = other_values.attribute
            and own_values.value = other_values.value

    group by shared_values.contact_id, shared_values.shared_with_id, shared_values.attribute, shared_values.joined_date

    having shared_values.joined_date < min(greatest(own_values.from_date, other_values.from_date))

    union all

    select
        'a contact, or its version, came later' as problem,
        used_versions.as_of_date,
        used_versions.contact_id as found_in

    from used_versions

    inner join versions on used_versions.version_hash = versions.version_hash

    inner join first_versions on versions.contact_id = first_versions.contact_id

    where
        {{ as_date('versions.created_at') }} > used_versions.as_of_date
        or (
            {{ as_date('versions.updated_at') }} > used_versions.as_of_date
            and versions.updated_at > first_versions.updated_at
        )

)

select * from final
