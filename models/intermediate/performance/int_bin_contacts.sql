{{ config(materialized='table') }}

with

contacts as (

    select * from {{ ref('int_contact_residuals') }}

),

added_up as (

    select
        model_id,
        score_bin,
        count(*) as contacts,
        sum(case when conversions > 0 then 1 else 0 end) as converted_contacts,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(leads * leads) as leads_by_leads,
        sum(leads * conversions) as leads_by_conversions,
        sum(conversions * conversions) as conversions_by_conversions

    from contacts

    group by model_id, score_bin

),

-- The squared distances of contacts from the common rate p, sum (y - p n)^2: what the variance of p rests on (Cochran 1977).
spread as (

    select
        *,
        {{ as_rounded(
            'conversions_by_conversions - 2 * (conversions / leads) * leads_by_conversions'
            ~ ' + (conversions / leads) * (conversions / leads) * leads_by_leads',
            9
        ) }} as squared_distances

    from added_up

),

-- As many independent leads as would make the rate as sure as it is (Kish 1965, design effect): all where each contact stands here
-- once. Where all or none converted, nothing tells how alike a contact's dates are: a contact counts once.
final as (

    select
        model_id,
        score_bin,
        contacts,
        converted_contacts,
        case
            when conversions = 0 or conversions = leads or squared_distances <= 0 then contacts
            else least({{ as_amount('conversions * ((leads - conversions) / squared_distances)') }}, leads)
        end as effective_leads

    from spread

)

select * from final
