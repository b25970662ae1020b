{{ config(materialized='table') }}

with

leads as (

    select * from {{ ref('int_eligible_leads') }}
    where is_complete

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

outcomes as (

    select * from {{ ref('int_outcomes') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

attributes as (

    select * from {{ ref('int_contact_attributes') }}

),

conversions as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        sum(outcomes.value) as value

    from leads

    inner join goals on leads.model_id = goals.model_id

    inner join outcomes
        on
            leads.contact_id = outcomes.contact_id
            and goals.outcome = outcomes.outcome
            and leads.as_of_date < outcomes.occurred_date
            and {{ add_days('leads.as_of_date', 'goals.within_days') }} >= outcomes.occurred_date

    group by leads.as_of_date, leads.model_id, leads.contact_id

),

segments as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        coalesce(attributes.value, 'missing') as segment

    from leads

    inner join goals
        on
            leads.model_id = goals.model_id
            and goals.segment_attribute is not null

    inner join versions
        on
            leads.contact_id = versions.contact_id
            and (versions.valid_from is null or leads.as_of_date >= versions.valid_from)
            and (versions.valid_to is null or leads.as_of_date < versions.valid_to)

    left join attributes
        on
            versions.version_hash = attributes.version_hash
            and goals.segment_attribute = attributes.attribute

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.period,
        segments.segment,
        leads.score,
        case when conversions.contact_id is not null then 1 else 0 end as is_converted,
        conversions.value

    from leads

    left join conversions
        on
            leads.as_of_date = conversions.as_of_date
            and leads.model_id = conversions.model_id
            and leads.contact_id = conversions.contact_id

    left join segments
        on
            leads.as_of_date = segments.as_of_date
            and leads.model_id = segments.model_id
            and leads.contact_id = segments.contact_id

)

select * from final
