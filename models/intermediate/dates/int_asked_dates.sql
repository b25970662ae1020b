-- Dates to score: the requested dates and weeks to evaluate, else the date of the latest event.

with

asked_for as (

    select distinct listed_date as as_of_date
    from {{ dates_of("'" ~ setting('as_of') ~ "'") }}

),

-- Duplicates: only the used copy.
events as (

    select contact_id, occurred_date, occurred_at, received_at from {{ ref('int_received_events') }} -- noqa: LT09
    where rejected_because is null and event_key not in (select copies.event_key from {{ ref('int_event_copies') }} as copies)

    union all

    select contact_id, occurred_date, occurred_at, received_at from {{ ref('int_event_copies') }} -- noqa: LT09
    where copy_number = 1

),

-- One day ahead, for sources with fast clocks or other time zones. No limit without the date of the run.
run_date as (

    select {{ add_days(read_date("'" ~ setting('run_date') ~ "'"), 1) }} as latest_date

),

-- Events of known contacts and of visitors. An event received before it occurred does not set the date.
latest_event as (

    select max(events.occurred_date) as as_of_date
    from events
    cross join run_date
    where
        events.occurred_at <= events.received_at
        and events.occurred_date <= coalesce(run_date.latest_date, events.occurred_date)
        and (
            events.contact_id is null
            or events.contact_id in (select contacts.contact_id from {{ ref('int_contact_versions') }} as contacts)
        )

),

latest_change as (

    select max({{ as_date('contacts.updated_at') }}) as as_of_date
    from {{ ref('int_contact_versions') }} as contacts
    cross join run_date
    where {{ as_date('contacts.updated_at') }} <= coalesce(run_date.latest_date, {{ as_date('contacts.updated_at') }})

),

bounds as (

    select
        min({{ as_date('created_at') }}) as first_date,
        (select max(asked_for.as_of_date) from asked_for) as last_date
    from {{ ref('int_contact_versions') }}

),

-- Without events: the date of the latest contact change.
latest_known as (

    select
        coalesce(latest_event.as_of_date, latest_change.as_of_date) as as_of_date,
        coalesce(bounds.last_date, latest_event.as_of_date, latest_change.as_of_date) as last_date,
        bounds.first_date
    from latest_event
    cross join latest_change
    cross join bounds

),

last_week as (

    select
        {{ add_days('last_date', '-mod(' ~ days_between(as_date("'1900-01-01'"), 'last_date') ~ ' + 1, 7)') }} as sunday,
        first_date
    from latest_known

),

-- Requested dates, and the Sundays up to the last date, back to the first contact.
explicit_dates as (

    select as_of_date from asked_for

    union

    select {{ add_days('last_week.sunday', '-7 * weeks_back.number') }} as as_of_date
    from last_week
    cross join {{ whole_numbers(setting('evaluate')) }} as weeks_back
    where {{ add_days('last_week.sunday', '-7 * weeks_back.number') }} >= last_week.first_date

),

final as (

    select
        as_of_date,
        true as is_explicit
    from explicit_dates

    union all

    select
        as_of_date,
        false as is_explicit
    from latest_known
    where as_of_date is not null and not exists (select 1 from asked_for)

)

select * from final
