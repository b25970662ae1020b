-- Forms, meetings, calls and e-mails by hand. One with several contacts is an event of each.

with

forms as (

    select
        'hubspot:form:' || coalesce(
            {{ read_text('conversion_id') }},
            {{ hash_of_all([read_text('contact_id'), read_text('form_id'), read_text('timestamp'), read_text('page_url')]) }}
        ) as event_id,
        {{ source_id('hubspot', 'contact_id') }} as contact_id,
        'form_submission' as source_type,
        {{ source_time('hubspot', 'timestamp') }} as occurred_at,
        'web' as channel,
        {{ read_text('page_url') }} as page_url,
        coalesce({{ read_text('title') }}, {{ read_text('form_id') }}) as object_id,
        {{ as_amount('null') }} as duration_seconds

    from {{ source('hubspot', 'contact_form_submission') }}

),

meetings as (

    select
        {{ read_text('engagement_id') }} as engagement_id,
        trim('meeting ' || lower(coalesce({{ read_text('meeting_outcome') }}, ''))) as source_type,
        coalesce({{ source_time('hubspot', 'start_time') }}, {{ source_time('hubspot', 'property_hs_timestamp') }}) as occurred_at,
        {{ as_amount('greatest(' ~ seconds_between(source_time('hubspot', 'start_time'), source_time('hubspot', 'end_time')) ~ ', 0)') }}
            as duration_seconds

    from {{ source('hubspot', 'engagement_meeting') }}

    where not {{ is_set('_fivetran_deleted') }}

),

calls as (

    select
        {{ read_text('engagement_id') }} as engagement_id,
        'call' as source_type,
        {{ source_time('hubspot', 'property_hs_timestamp') }} as occurred_at,
        {{ as_amount(read_amount('property_hs_call_duration') ~ ' / 1000') }} as duration_seconds

    from {{ source('hubspot', 'engagement_call') }}

    where not {{ is_set('_fivetran_deleted') }}

),

emails as (

    select
        {{ read_text('engagement_id') }} as engagement_id,
        lower(coalesce({{ read_text('property_hs_email_direction') }}, {{ read_text('type') }}, 'email')) as source_type,
        {{ source_time('hubspot', 'property_hs_timestamp') }} as occurred_at,
        {{ as_amount('null') }} as duration_seconds

    from {{ source('hubspot', 'engagement_email') }}

    where not {{ is_set('_fivetran_deleted') }}

),

engagements as (

    select * from meetings
    union all
    select * from calls
    union all
    select * from emails

),

links as (

    select distinct
        {{ read_text('engagement_id') }} as engagement_id,
        {{ read_text('contact_id') }} as contact_id

    from {{ source('hubspot', 'engagement_contact') }}

),

final as (

    select
        event_id,
        contact_id,
        {{ as_text('null') }} as anonymous_id,
        source_type,
        occurred_at,
        channel,
        {{ as_text('null') }} as campaign,
        page_url,
        object_id,
        duration_seconds

    from forms

    union all

    select
        'hubspot:engagement:' || engagements.engagement_id || ':' || links.contact_id as event_id,
        'hubspot:' || links.contact_id as contact_id,
        {{ as_text('null') }} as anonymous_id,
        engagements.source_type,
        engagements.occurred_at,
        'sales' as channel,
        {{ as_text('null') }} as campaign,
        {{ as_text('null') }} as page_url,
        engagements.engagement_id as object_id,
        engagements.duration_seconds

    from engagements

    inner join links on engagements.engagement_id = links.engagement_id

)

select * from final
