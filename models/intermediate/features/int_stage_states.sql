{{ config(materialized='view') }}

-- Dates from which the attribute condition of a stage begins to hold for a contact.

with

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}
    where entered_by = 'attribute'

),

versions as (

    select * from {{ ref('int_person_versions') }}

),

attributes as (

    select * from {{ ref('int_attributes') }}
    where attribute in (select stages.name from stages)

),

attribute_periods as (

    select
        versions.contact_id,
        stages.stage,
        stages.name,
        stages.comparison,
        stages.operand,
        greatest(versions.valid_from, {{ as_date('versions.created_at') }}) as from_date,
        coalesce(versions.valid_to, {{ as_date("'9999-12-31'") }}) as until_date,
        {{ condition_holds('attributes.value', 'stages.comparison', 'stages.operand') }} as holds
    from versions
    cross join stages
    left join attributes
        on
            versions.version_hash = attributes.version_hash
            and stages.name = attributes.attribute

),

-- A condition begins to hold if it did not hold before, or if the contact was no lead before.
followed as (

    select
        *,
        coalesce(lag(holds) over versions_before, false) as held_before,
        lag(until_date) over versions_before as until_before
    from attribute_periods
    where from_date < until_date
    window versions_before as (
        partition by contact_id, stage, name, comparison, operand
        order by from_date
    )

),

final as (

    select distinct
        contact_id,
        stage,
        from_date as entered_on

    from followed

    where holds and (not held_before or until_before < from_date)

)

select * from final
