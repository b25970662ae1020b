{{ config(materialized='view') }}

-- Dates from which a condition that lasts begins to hold for a contact: an attribute, or a band by the published history.

with

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}

),

versions as (

    select * from {{ ref('int_person_versions') }}

),

attributes as (

    select * from {{ ref('int_attributes') }}
    where attribute in (select stages.name from stages)

),

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}

),

other_dates as (

    select * from {{ ref('int_history_dates') }}
    where not is_in_run

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
    where stages.entered_by = 'attribute'

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

-- Dates of this build, and the published ones.
stays as (

    select contact_id, model_id, band, band_since -- noqa: LT09
    from lead_scores
    where band is not null

    union all

    select score_history.contact_id, score_history.model_id, score_history.band, score_history.band_since -- noqa: LT09
    from score_history
    inner join other_dates on score_history.as_of_date = other_dates.as_of_date
    where score_history.band is not null

),

final as (

    select contact_id, stage, from_date as entered_on -- noqa: LT09
    from followed
    where holds and (not held_before or until_before < from_date)

    union

    select stays.contact_id, stages.stage, stays.band_since as entered_on -- noqa: LT09
    from stays
    inner join stages on stays.model_id = stages.name
    where
        stages.entered_by = 'band'
        and {{ condition_holds('stays.band', 'stages.comparison', 'stages.operand') }}

)

select * from final
