{{ config(materialized='view') }}

-- The best contacts of each account, and how many it has in each band.

with

contacts as (

    select * from {{ ref('int_account_contacts') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}
    where dimension = 'total'

),

best_contacts as (

    select
        as_of_date,
        model_id,
        account_id,
        max(case when place = 1 then contact_id end) as best_contact_1,
        max(case when place = 2 then contact_id end) as best_contact_2,
        max(case when place = 3 then contact_id end) as best_contact_3
    from contacts
    group by as_of_date, model_id, account_id

),

-- The highest band first, then contacts without a band.
counted as (

    select
        contacts.as_of_date,
        contacts.model_id,
        contacts.account_id,
        coalesce(contacts.band, 'no band') || ' ' || count(*) as contacts_in_band,
        row_number() over (
            partition by contacts.as_of_date, contacts.model_id, contacts.account_id
            order by max(bands.min_score) desc nulls last
        ) as place
    from contacts
    left join bands
        on
            contacts.model_id = bands.model_id
            and contacts.band = bands.band
    group by contacts.as_of_date, contacts.model_id, contacts.account_id, contacts.band

),

by_band as (

    select
        as_of_date,
        model_id,
        account_id,
        {{ joined('contacts_in_band', "', '", 'place') }} as contacts_by_band
    from counted
    group by as_of_date, model_id, account_id

),

final as (

    select
        best_contacts.*,
        by_band.contacts_by_band
    from best_contacts
    inner join by_band
        on
            best_contacts.as_of_date = by_band.as_of_date
            and best_contacts.model_id = by_band.model_id
            and best_contacts.account_id = by_band.account_id

)

select * from final
