-- Values of the attributes that the call list shows. Each attribute has a row without a contact, so that it becomes a column in any case.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

contacts as (

    select int_contacts.* from {{ ref('int_contacts') }} as int_contacts
    inner join dates on int_contacts.as_of_date = dates.as_of_date

),

attributes as (

    select * from {{ ref('int_attributes') }}

),

published as (

    select * from {{ ref('stg_published_attributes') }}

),

final as (

    select
        contacts.contact_id,
        attributes.attribute,
        attributes.value

    from contacts

    inner join attributes
        on
            contacts.version_hash = attributes.version_hash
            and {{ holds_on('attributes', 'contacts.as_of_date') }}

    inner join published on attributes.attribute = published.attribute

    union all

    select
        {{ as_text('null') }} as contact_id,
        attribute,
        {{ as_text('null') }} as value
    from published

    union all

    select
        {{ as_text('null') }} as contact_id,
        'no_attribute' as attribute,
        {{ as_text('null') }} as value

)

select * from final
