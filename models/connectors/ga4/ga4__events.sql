with

-- Events without consent have no visitor; all share one anonymous_id that is never identified.
activity as (

    select
        *,
        'ga4:' || coalesce(visitor_id, 'without consent') as anonymous_id
    from {{ ref('ga4_all_events') }}

),

final as (

    select * from {{ events_of_activity('ga4', 'activity') }}

)

select * from final
