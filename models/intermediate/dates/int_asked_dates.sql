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

-- A day ahead, for sources whose clocks or time zones are. Without the date of the run there is no limit.
run_date as (

    select {{ add_days(read_date("'" ~ env_var('LEAD_SCORING_RUN_DATE', '') ~ "'"), 1) }} as latest_date

),

-- Events of known contacts and of visitors; one received before it occurred says nothing of the date.
events as (

    select max(actor_days.occurred_date) as as_of_date

    from actor_days

    cross join run_date

    left join actors on actor_days.actor_id = actors.actor_id

    where
        actor_days.occurred_date <= coalesce(run_date.latest_date, actor_days.occurred_date)
        and (
            actors.actor_id is not null
            or {{ starts_with_text('actor_days.actor_id', "'visitor:'") }}
        )

),

contacts as (

    select max({{ as_date('versions.updated_at') }}) as as_of_date

    from {{ ref('int_contact_versions') }} as versions

    cross join run_date

    where {{ as_date('versions.updated_at') }} <= coalesce(run_date.latest_date, {{ as_date('versions.updated_at') }})

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
