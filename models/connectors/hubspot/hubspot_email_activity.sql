-- An e-mail event belongs to the contact that had the recipient's address at the time.

with

holders as (

    select * from {{ ref('hubspot_addresses') }}

),

clicks as (

    select
        {{ read_text('id') }} as email_event_id,
        max({{ read_text('url') }}) as url

    from {{ source('hubspot', 'email_event_click') }}

    group by {{ read_text('id') }}

),

opens as (

    select
        {{ read_text('id') }} as email_event_id,
        max({{ read_amount('duration') }}) as milliseconds

    from {{ source('hubspot', 'email_event_open') }}

    group by {{ read_text('id') }}

),

campaigns as (

    select
        {{ read_text('id') }} as campaign_id,
        max({{ read_text('name') }}) as name

    from {{ source('hubspot', 'email_campaign') }}

    group by {{ read_text('id') }}

),

sent as (

    select
        {{ read_text('id') }} as email_event_id,
        lower({{ read_text('recipient') }}) as email,
        lower({{ read_text('type') }}) || case
            when {{ is_set('filtered_event') }} then ' filtered'
            when {{ read_text('obsoleted_by_id') }} is not null then ' obsolete'
            else ''
        end as source_type,
        {{ read_text('email_campaign_id') }} as campaign_id,
        {{ read_timestamp('created') }} as occurred_at

    from {{ source('hubspot', 'email_event') }}

),

final as (

    select
        'hubspot:email:' || sent.email_event_id as event_id,
        holders.contact_id,
        -- An unknown address is unresolved, like a visitor.
        case when holders.contact_id is null then 'hubspot:recipient:' || {{ hash_of('sent.email') }} end as anonymous_id,
        sent.source_type,
        sent.occurred_at,
        sent.occurred_at as received_at,
        'email' as channel,
        coalesce(campaigns.name, sent.campaign_id) as campaign,
        clicks.url as page_url,
        sent.campaign_id as object_id,
        {{ as_amount('opens.milliseconds / 1000') }} as duration_seconds,
        {{ as_amount('null') }} as value

    from sent

    left join holders
        on
            sent.email = holders.email
            and (holders.valid_from is null or sent.occurred_at >= holders.valid_from)
            and (holders.valid_to is null or sent.occurred_at < holders.valid_to)

    left join clicks on sent.email_event_id = clicks.email_event_id
    left join opens on sent.email_event_id = opens.email_event_id
    left join campaigns on sent.campaign_id = campaigns.campaign_id

)

select * from final
