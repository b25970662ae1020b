-- E-mail events name an address, and belong to the contact that had the address then.

with

contacts as (

    select
        {{ source_id('hubspot', 'id') }} as contact_id,
        lower({{ read_text('property_email') }}) as email,
        {{ source_time('hubspot', 'property_createdate') }} as created_at

    from {{ source('hubspot', 'contact') }}

),

changes as (

    select
        {{ source_id('hubspot', 'contact_id') }} as contact_id,
        lower({{ read_text('value') }}) as email,
        min({{ source_time('hubspot', 'timestamp') }}) as valid_from

    from {{ source('hubspot', 'contact_property_history') }}

    where
        name = 'email'
        and {{ read_text('value') }} is not null

    group by {{ source_id('hubspot', 'contact_id') }}, lower({{ read_text('value') }})

),

addresses as (

    select
        contact_id,
        email,
        valid_from

    from changes

    union all

    select
        contacts.contact_id,
        contacts.email,
        contacts.created_at as valid_from

    from contacts

    left join changes on contacts.contact_id = changes.contact_id and contacts.email = changes.email

    where
        contacts.email is not null
        and changes.contact_id is null

),

-- Mail that came before the first contact had the address belongs to that contact too.
holders as (

    select
        email,
        contact_id,
        case when row_number() over (partition by email order by valid_from, contact_id) > 1 then valid_from end as valid_from,
        lead(valid_from) over (partition by email order by valid_from, contact_id) as valid_to

    from addresses

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
        {{ source_time('hubspot', 'created') }} as occurred_at

    from {{ source('hubspot', 'email_event') }}

),

final as (

    select
        'hubspot:email:' || sent.email_event_id as event_id,
        holders.contact_id,
        -- An address of nobody waits, as a visitor does.
        case when holders.contact_id is null then 'hubspot:recipient:' || {{ hash_of('sent.email') }} end as anonymous_id,
        sent.source_type,
        sent.occurred_at,
        'email' as channel,
        coalesce({{ read_text('campaigns.name') }}, sent.campaign_id) as campaign,
        {{ read_text('clicks.url') }} as page_url,
        sent.campaign_id as object_id,
        {{ as_amount(read_amount('opens.duration') ~ ' / 1000') }} as duration_seconds

    from sent

    left join holders
        on
            sent.email = holders.email
            and (holders.valid_from is null or holders.valid_from <= sent.occurred_at)
            and (holders.valid_to is null or holders.valid_to > sent.occurred_at)

    left join {{ source('hubspot', 'email_event_click') }} as clicks on sent.email_event_id = {{ read_text('clicks.id') }}
    left join {{ source('hubspot', 'email_event_open') }} as opens on sent.email_event_id = {{ read_text('opens.id') }}
    left join {{ source('hubspot', 'email_campaign') }} as campaigns on sent.campaign_id = {{ read_text('campaigns.id') }}

)

select * from final
