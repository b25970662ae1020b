with

asked_for as (

    select distinct listed_date as as_of_date
    from {{ dates_of("'" ~ env_var('LEAD_SCORING_AS_OF', '') ~ "'") }}

),

actor_days as (

    select * from {{ ref('int_actor_days') }}
    where has_timely

),

actors as (

    select * from {{ ref('int_actors') }}

),

-- Events of known contacts and of visitors; one received before it occurred says nothing of the date.
events as (

    select max(actor_days.occurred_date) as as_of_date

    from actor_days

    left join actors on actor_days.actor_id = actors.actor_id

    where
        actors.actor_id is not null
        or {{ starts_with_text('actor_days.actor_id', "'visitor:'") }}

),

contacts as (

    select max({{ as_date('updated_at') }}) as as_of_date from {{ ref('int_contact_versions') }}

),

-- Without events, the date of the latest change of a contact.
latest_known as (

    select coalesce(events.as_of_date, contacts.as_of_date) as as_of_date
    from events
    cross join contacts

),

final as (

    select as_of_date from asked_for

    union all

    select as_of_date from latest_known
    where
        as_of_date is not null
        and not exists (select 1 from asked_for)

)

select * from final
