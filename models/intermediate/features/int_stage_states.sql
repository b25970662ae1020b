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

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

-- Periods in which an attribute meets the condition and the contact is a lead; greatest() and least() ignore nulls.
attribute_periods as (

    select
        versions.contact_id,
        stages.stage,
        met_conditions.condition_key,
        greatest(versions.valid_from, {{ as_date('versions.created_at') }}, met_conditions.holds_from) as from_date,
        coalesce(least(versions.valid_to, met_conditions.holds_until), {{ as_date("'9999-12-31'") }}) as until_date
    from versions
    inner join met_conditions on versions.version_hash = met_conditions.version_hash
    inner join stages
        on
            met_conditions.condition_key = {{ hash_number(['stages.name', 'stages.comparison', 'stages.operand']) }}

),

followed as (

    select
        *,
        max(until_date) over (
            partition by contact_id, stage, condition_key
            order by from_date
            rows between unbounded preceding and 1 preceding
        ) as held_until
    from attribute_periods
    where from_date < until_date

),

final as (

    select distinct
        contact_id,
        stage,
        from_date as entered_on

    from followed

    where held_until is null or held_until < from_date

)

select * from final
