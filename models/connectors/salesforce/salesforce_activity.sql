-- What was done with a person, or by him. Activities of accounts alone, without a person, and deleted ones are left out.

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
        and coalesce({{ read_text('_fivetran_active') }}, 'true') in ('true', 'TRUE')

),

final as (

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
        and coalesce({{ read_text('_fivetran_active') }}, 'true') in ('true', 'TRUE')

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
        and coalesce({{ read_text('_fivetran_active') }}, 'true') in ('true', 'TRUE')

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
        responded_at as created_at,
        {{ as_text('null') }} as channel,
        campaign_id,
        {{ as_amount('null') }} as duration_seconds

    from members

    where responded_at is not null

)

select * from final
where person_id is not null
