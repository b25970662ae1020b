with

meetings as (

    select
        {{ read_text('engagement_id') }} as engagement_id,
        trim('meeting ' || lower(coalesce({{ read_text('meeting_outcome') }}, ''))) as source_type,
        coalesce({{ read_timestamp('start_time') }}, {{ read_timestamp('property_hs_timestamp') }}) as occurred_at,
        {{ read_timestamp('property_hs_createdate') }} as created_at,
        {{ as_amount('greatest(' ~ seconds_between(read_timestamp('start_time'), read_timestamp('end_time')) ~ ', 0)') }}
            as duration_seconds

    from {{ source('hubspot', 'engagement_meeting') }}

    where not {{ is_set('_fivetran_deleted') }}

),

calls as (

    select
        {{ read_text('engagement_id') }} as engagement_id,
        'call' as source_type,
        {{ read_timestamp('property_hs_timestamp') }} as occurred_at,
        {{ read_timestamp('property_hs_createdate') }} as created_at,
        {{ as_amount(read_amount('property_hs_call_duration') ~ ' / 1000') }} as duration_seconds

    from {{ source('hubspot', 'engagement_call') }}

    where not {{ is_set('_fivetran_deleted') }}

),

emails as (

    select
        {{ read_text('engagement_id') }} as engagement_id,
        lower(coalesce({{ read_text('property_hs_email_direction') }}, {{ read_text('type') }}, 'email')) as source_type,
        {{ read_timestamp('property_hs_timestamp') }} as occurred_at,
        {{ read_timestamp('property_hs_createdate') }} as created_at,
        {{ as_amount('null') }} as duration_seconds

    from {{ source('hubspot', 'engagement_email') }}

    where not {{ is_set('_fivetran_deleted') }}

),

final as (

    select * from meetings
    union all
    select * from calls
    union all
    select * from emails

)

select * from final
