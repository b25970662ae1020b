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

counted as (

    select
        as_of_date,
        model_id,
        account_id,
        band,
        count(*) as contacts
    from contacts
    group by as_of_date, model_id, account_id, band

),

by_band as (

    select
        counted.as_of_date,
        counted.model_id,
        counted.account_id,
        {{ joined(
            "coalesce(counted.band, 'no band') || ' ' || counted.contacts",
            "', '",
            'case when counted.band is null then 1 else 0 end, bands.min_score desc'
        ) }} as contacts_by_band
    from counted
    left join bands
        on
            counted.model_id = bands.model_id
            and counted.band = bands.band
    group by counted.as_of_date, counted.model_id, counted.account_id

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
