{{ config(materialized='view') }}

with

activity as (

    select * from {{ ref('int_window_activity') }}

),

sessions as (

    select * from {{ ref('int_window_sessions') }}

),

objects as (

    select * from {{ ref('int_window_objects') }}

),

final as (

    select
        activity.as_of_date,
        activity.window_id,
        activity.contact_id,
        activity.events,
        activity.active_days,
        coalesce(sessions.sessions, 0) as sessions,
        activity.seconds,
        activity.value,
        coalesce(objects.distinct_objects, 0) as distinct_objects,
        coalesce(objects.returned_objects, 0) as returned_objects,
        activity.days_since_last,
        activity.days_since_first

    from activity

    left join sessions
        on
            activity.as_of_date = sessions.as_of_date
            and activity.window_id = sessions.window_id
            and activity.contact_id = sessions.contact_id

    left join objects
        on
            activity.as_of_date = objects.as_of_date
            and activity.window_id = objects.window_id
            and activity.contact_id = objects.contact_id

)

select * from final
