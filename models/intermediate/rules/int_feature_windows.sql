with

activity_rules as (

    select * from {{ ref('int_activity_rules') }}

),

final as (

    select distinct
        window_id,
        event_type,
        {{ hash_number(['event_type']) }} as signal_key,
        within_days

    from activity_rules

)

select * from final
