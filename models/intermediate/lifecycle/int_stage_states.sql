{{ config(materialized='view') }}

-- Dates from which a condition that lasts begins to hold for a contact: an attribute, or a band by the published history.

with

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}

),

versions as (

    select * from {{ ref('int_person_versions') }}

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

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
            and stages.entered_by = 'attribute'

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
    where held_until is null or held_until < from_date

    union

    select stays.contact_id, stages.stage, stays.band_since as entered_on -- noqa: LT09
    from stays
    inner join stages on stays.model_id = stages.name
    where
        stages.entered_by = 'band'
        and {{ condition_holds('stays.band', 'stages.comparison', 'stages.operand') }}

)

select * from final
