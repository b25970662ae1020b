{{ config(tags=['law']) }}

-- Rows in are the rows of staging, which leaves none out. What is rejected, and how many copies there are, is counted
-- again from staging; what is used or waits is counted where it is used. So a row that the identity models lose, double
-- or fail to see as a copy shows here. An identification of a visitor who was identified before counts as a copy.
-- Not in here: outcomes, which no model uses so far.

with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

usable_contacts as (

    select * from contacts
    where rejected_because is null

),

rejected_contacts as (

    select * from contacts
    where rejected_because is not null

),

events as (

    select * from {{ ref('stg_events') }}

),

identities as (

    select * from {{ ref('stg_identities') }}

),

used_versions as (

    select * from {{ ref('int_contact_versions') }}

),

used_events as (

    select * from {{ ref('int_events') }}
    where contact_id is not null

),

waiting_events as (

    select * from {{ ref('int_events') }}
    where contact_id is null

),

used_identities as (

    select * from {{ ref('int_visitor_contacts') }}

),

known_contacts as (

    select distinct contact_id from usable_contacts

),

contact_keys as (

    select
        contact_id,
        updated_at,
        count(*) as copies

    from usable_contacts

    group by contact_id, updated_at

),

usable_events as (

    select events.event_id

    from events

    left join known_contacts on events.contact_id = known_contacts.contact_id

    where
        events.rejected_because is null
        and (events.contact_id is null or known_contacts.contact_id is not null)

),

usable_identities as (

    select identities.anonymous_id

    from identities

    inner join known_contacts on identities.contact_id = known_contacts.contact_id

    where identities.rejected_because is null

),

counted as (

    select
        'contacts' as raw_table,
        (select count(*) from contacts) as rows_in,
        (select count(*) from used_versions) as rows_used,
        0 as rows_waiting,
        (select coalesce(sum(copies - 1), 0) from contact_keys) as rows_duplicate,
        (select count(*) from rejected_contacts) as rows_rejected

    union all

    select
        'events' as raw_table,
        (select count(*) from events) as rows_in,
        (select count(*) from used_events) as rows_used,
        (select count(*) from waiting_events) as rows_waiting,
        (select count(*) - count(distinct event_id) from usable_events) as rows_duplicate,
        (select count(*) from events) - (select count(*) from usable_events) as rows_rejected

    union all

    select
        'identities' as raw_table,
        (select count(*) from identities) as rows_in,
        (select count(*) from used_identities) as rows_used,
        0 as rows_waiting,
        (select count(*) - count(distinct anonymous_id) from usable_identities) as rows_duplicate,
        (select count(*) from identities) - (select count(*) from usable_identities) as rows_rejected

),

final as (

    select * from counted
    where rows_in <> rows_used + rows_waiting + rows_duplicate + rows_rejected

)

select * from final
