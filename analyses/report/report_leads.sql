-- The first leads of each call list. The columns after account_band are the attributes of published_attributes.csv.

with

calls as (

    select * from {{ ref('call_list') }}
    where place <= {{ var('report_leads', 200) }}

),

final as (

    select
        lead_scores.conversion_probability,
        calls.*

    from calls

    inner join {{ ref('lead_scores') }} as lead_scores
        on
            calls.model_id = lead_scores.model_id
            and calls.contact_id = lead_scores.contact_id

)

select * from final -- noqa: AM04
order by
    model_id,
    place
