{{ config(materialized='table') }}

with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}

),

-- However many dates a contact was looked at on, it is one, and converted once.
counted as (

    select
        model_id,
        coalesce(period, 'all') as period,
        segment,
        count(distinct contact_id) as contacts,
        count(distinct case when is_converted = 1 then contact_id end) as converted_contacts

    from outcomes

    where segment is not null

    group by grouping sets ((model_id, segment), (model_id, period, segment))

    union all

    select
        model_id,
        coalesce(period, 'all') as period,
        {{ as_text('null') }} as segment,
        count(distinct contact_id) as contacts,
        count(distinct case when is_converted = 1 then contact_id end) as converted_contacts

    from outcomes

    group by grouping sets ((model_id), (model_id, period))

),

final as (

    select
        model_id,
        period,
        segment,
        contacts,
        converted_contacts

    from counted

)

select * from final
