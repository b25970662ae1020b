-- HubSpot names no first contact of a deal: its value counts for the one that was created first.

with

final as (

    select
        links.deal_id,
        links.contact_id,
        row_number() over (
            partition by links.deal_id
            order by {{ source_time('hubspot', 'contacts.property_createdate') }} nulls last, links.contact_id
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
