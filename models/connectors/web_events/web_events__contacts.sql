-- Customers, and contacts that only events name, by an unknown id or by an address. These exist from the receipt of their first event.

with

named as (

    select
        contact_id as named_contact_id,
        min(email) as named_email,
        min(greatest(occurred_at, received_at)) as first_event_at

    from {{ ref('web_event_rows') }}

    where contact_id is not null

    group by contact_id

),

-- Read by its name below.
people as ( -- noqa: ST03

    select
        customers.*,
        coalesce({{ source_id('web_events', 'customers.id') }}, named.named_contact_id) as person_id,
        coalesce({{ read_text('customers.email') }}, named.named_email) as known_email,
        named.first_event_at

    from {{ source('web_events', 'customers') }} as customers

    full outer join named on {{ source_id('web_events', 'customers.id') }} = named.named_contact_id

),

final as (

    select *

    from {{ with_attributes(
        'people',
        {
            'contact_id': 'person_id',
            'created_at': "coalesce(" ~ source_day_end('web_events', 'created_at', times_are_local=true) ~ ", first_event_at)",
            'updated_at': source_time('web_events', 'null'),
            'email': 'known_email',
            'account_id': as_text('null')
        },
        "'false'",
        left_out=['id', 'person_id', 'known_email', 'first_event_at']
    ) }}

)

select * from final -- noqa: AM04
