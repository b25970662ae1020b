-- HubSpot has no primary contact of a deal: the contact created first gets the deal's value.

with

final as (

    select
        links.deal_id,
        links.contact_id,
        row_number() over (
            partition by links.deal_id
            order by {{ read_timestamp('contacts.property_createdate') }} nulls last, links.contact_id
        ) as place

    from (
        select distinct
            {{ read_text('deal_id') }} as deal_id,
            {{ read_text('contact_id') }} as contact_id
        from {{ source('hubspot', 'deal_contact') }}
    ) as links

    left join {{ source('hubspot', 'contact') }} as contacts on links.contact_id = {{ read_text('contacts.id') }}

)

select * from final
