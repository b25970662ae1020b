with

activity_rules as (

    select * from {{ ref('int_activity_rules') }}

),

final as (

    select
        window_id,
        event_type,
        {{ hash_number(['event_type']) }} as signal_key,
        within_days,
        max(case when feature = 'sessions' then 1 else 0 end) = 1 as counts_sessions,
        max(case when feature in ('distinct_objects', 'returned_objects') then 1 else 0 end) = 1 as counts_objects

    from activity_rules

    group by window_id, event_type, within_days

)

select * from final
