-- Activities of leads and contacts. Deleted activities, and activities of an account without a lead or contact, are left out.

with

members as (

    select
        {{ read_text('id') }} as member_id,
        coalesce({{ read_text('contact_id') }}, {{ read_text('lead_id') }}) as person_id,
        {{ read_text('campaign_id') }} as campaign_id,
        {{ read_timestamp('created_date') }} as created_at,
        case when {{ is_set('has_responded') }} then {{ source_day_end('salesforce', 'first_responded_date') }} end as responded_at

    from {{ source('salesforce', 'campaign_member') }}

    where
        not {{ is_set('is_deleted') }}
        and {{ is_current('_fivetran_active') }}

),

activity as (

    select
        'task:' || {{ read_text('id') }} as activity_id,
        {{ read_text('who_id') }} as person_id,
        'task ' || lower(coalesce({{ read_text('task_subtype') }}, {{ read_text('type') }}, 'task')) || case
            when {{ is_set('is_closed') }} or lower({{ read_text('status') }}) = 'completed' then ''
            else ' open'
        end as source_type,
        case
            when {{ is_set('is_closed') }} or lower({{ read_text('status') }}) = 'completed'
                then coalesce({{ read_timestamp('completed_date_time') }}, {{ source_day_end('salesforce', 'activity_date') }})
        end as done_at,
        {{ read_timestamp('created_date') }} as created_at,
        'sales' as channel,
        {{ as_text('null') }} as campaign_id,
        {{ read_amount('call_duration_in_seconds') }} as duration_seconds

    from {{ source('salesforce', 'task') }}

    where
        not {{ is_set('is_deleted') }}
        and {{ is_current('_fivetran_active') }}

    union all

    select
        'event:' || {{ read_text('id') }} as activity_id,
        {{ read_text('who_id') }} as person_id,
        'event ' || lower(coalesce({{ read_text('type') }}, 'meeting')) as source_type,
        coalesce(
            {{ read_timestamp('start_date_time') }},
            {{ read_timestamp('activity_date_time') }},
            {{ source_day_end('salesforce', 'activity_date') }}
        ) as done_at,
        {{ read_timestamp('created_date') }} as created_at,
        'sales' as channel,
        {{ as_text('null') }} as campaign_id,
        {{ as_amount('60 * ' ~ read_amount('duration_in_minutes')) }} as duration_seconds

    from {{ source('salesforce', 'event') }}

    where
        not {{ is_set('is_deleted') }}
        and {{ is_current('_fivetran_active') }}

    union all

    select
        'member:' || member_id as activity_id,
        person_id,
        'campaign member' as source_type,
        created_at as done_at,
        created_at,
        {{ as_text('null') }} as channel,
        campaign_id,
        {{ as_amount('null') }} as duration_seconds

    from members

    union all

    select
        'response:' || member_id as activity_id,
        person_id,
        'campaign response' as source_type,
        responded_at as done_at,
        created_at,
        {{ as_text('null') }} as channel,
        campaign_id,
        {{ as_amount('null') }} as duration_seconds

    from members

    where responded_at is not null

),

final as (

    select
        'salesforce:' || activity_id as event_id,
        'salesforce:' || person_id as contact_id,
        source_type,
        coalesce(done_at, created_at) as occurred_at,
        -- An activity may be logged after it was done.
        greatest(created_at, done_at) as received_at,
        channel,
        campaign_id,
        duration_seconds,
        {{ as_amount('null') }} as value

    from activity

    where person_id is not null

)

select * from final
