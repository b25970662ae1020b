-- Dates on which a contact entered a stage by a band, by the dates of this build and the published ones.

with

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}
    where entered_by = 'band'

),

bands as (

    select * from {{ ref('int_bands') }}
    where
        band is not null
        and model_id in (select stages.name from stages)

),

band_periods as (

    select * from {{ ref('int_band_periods') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

score_history as (

    select * from {{ ref('stg_score_history') }}
    where
        band is not null
        and model_id in (select stages.name from stages)

),

other_dates as (

    select * from {{ ref('int_history_dates') }}
    where not is_in_run

),

lead_periods as (

    select * from {{ ref('int_person_versions') }}
    where created_date < until_date

),

dates as (

    select as_of_date from {{ ref('int_as_of_dates') }}
    where is_latest

),

stays as (

    select contacts.contact_id, bands.model_id, bands.band, band_periods.band_since -- noqa: LT09
    from bands
    inner join band_periods
        on
            bands.as_of_date = band_periods.as_of_date
            and bands.model_id = band_periods.model_id
            and bands.contact_key = band_periods.contact_key
    inner join contacts
        on
            bands.as_of_date = contacts.as_of_date
            and bands.contact_key = contacts.contact_key

    union

    select score_history.contact_id, score_history.model_id, score_history.band, score_history.band_since -- noqa: LT09
    from score_history
    inner join other_dates on score_history.as_of_date = other_dates.as_of_date

),

-- The first date from then on on which the contact is a lead.
entered as (

    select
        stays.contact_id,
        stages.stage,
        stays.band_since,
        min(greatest(stays.band_since, lead_periods.from_date)) as entered_on
    from stays
    inner join stages on stays.model_id = stages.name
    inner join lead_periods
        on
            stays.contact_id = lead_periods.contact_id
            and stays.band_since < lead_periods.until_date
    where {{ condition_holds('stays.band', 'stages.comparison', 'stages.operand') }}
    group by stays.contact_id, stages.stage, stays.band_since

),

final as (

    select distinct
        entered.contact_id,
        entered.entered_on,
        entered.stage,
        {{ as_amount('null') }} as value
    from entered
    inner join dates on entered.entered_on <= dates.as_of_date

)

select * from final
