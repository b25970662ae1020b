-- Forms, meetings, calls and one-to-one e-mails: one event per contact.

with

forms as (

    select
        'hubspot:form:' || coalesce(
            {{ read_text('conversion_id') }},
            {{ hash_of_all([read_text('contact_id'), read_text('form_id'), read_text('timestamp'), read_text('page_url')]) }}
        ) as event_id,
        {{ source_id('hubspot', 'contact_id') }} as contact_id,
        'form_submission' as source_type,
        {{ read_timestamp('timestamp') }} as occurred_at,
        'web' as channel,
        {{ read_text('page_url') }} as page_url,
        coalesce({{ read_text('title') }}, {{ read_text('form_id') }}) as object_id,
        {{ as_amount('null') }} as duration_seconds

    from {{ source('hubspot', 'contact_form_submission') }}

),

engagements as (

    select * from {{ ref('hubspot_engagements') }}

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
        occurred_at as received_at,
        channel,
        {{ as_text('null') }} as campaign,
        page_url,
        object_id,
        duration_seconds,
        {{ as_amount('null') }} as value

    from forms

    union all

    select
        'hubspot:engagement:' || engagements.engagement_id || ':' || links.contact_id as event_id,
        'hubspot:' || links.contact_id as contact_id,
        {{ as_text('null') }} as anonymous_id,
        engagements.source_type,
        engagements.occurred_at,
        -- An engagement may be logged after it happened.
        greatest(engagements.occurred_at, engagements.created_at) as received_at,
        'sales' as channel,
        {{ as_text('null') }} as campaign,
        {{ as_text('null') }} as page_url,
        engagements.engagement_id as object_id,
        engagements.duration_seconds,
        {{ as_amount('null') }} as value

    from engagements

    inner join links on engagements.engagement_id = links.engagement_id

)

select * from final
