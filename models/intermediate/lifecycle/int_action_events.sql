{{ config(materialized='view') }}

-- Age of the newest event, of each type that next_actions.csv names, of each contact as of each date of the run.

with

types as (

    select distinct {{ hash_number(['event_type']) }} as signal_key
    from {{ ref('stg_next_actions') }}
    where event_type is not null

),

contact_days as (

    select * from {{ ref('int_contact_days') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

final as (

    select
        contacts.as_of_date,
        contacts.contact_key,
        contact_days.signal_key,
        min({{ days_between('contact_days.occurred_date', 'contacts.as_of_date') }}) as age

    from contact_days

    inner join types on contact_days.signal_key = types.signal_key

    inner join contacts
        on
            contact_days.contact_key = contacts.contact_key
            and contact_days.occurred_date <= contacts.as_of_date
            and contact_days.known_date <= contacts.as_of_date
            and (contact_days.filtered_date is null or contact_days.filtered_date > contacts.as_of_date)

    group by contacts.as_of_date, contacts.contact_key, contact_days.signal_key

)

select * from final
