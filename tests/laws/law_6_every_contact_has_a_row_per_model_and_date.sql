{{ config(tags=['law']) }}

-- Exactly one row, with the version of its rules, unless the contact is merged into another; for the latest date also in the
-- published mart. Which contacts exist on a date is computed again from the version timestamps.

with

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

-- Versions by the end of a date, the valid one first: the latest known, else the earliest.
numbered_versions as (

    select
        dates.as_of_date,
        versions.contact_id,
        versions.created_at,
        row_number() over (
            partition by dates.as_of_date, versions.contact_id
            order by
                case when {{ as_date('versions.updated_at') }} <= dates.as_of_date then 0 else 1 end,
                case when {{ as_date('versions.updated_at') }} <= dates.as_of_date then versions.updated_at end desc,
                versions.updated_at
        ) as version_number

    from dates

    cross join versions

),

merged as (

    select * from {{ ref('int_persons') }}
    where contact_id <> survivor_id

),

expected as (

    select
        numbered_versions.as_of_date,
        models.model_id,
        numbered_versions.contact_id,
        dates.is_latest

    from numbered_versions

    cross join models

    inner join dates on numbered_versions.as_of_date = dates.as_of_date

    left join merged
        on
            numbered_versions.contact_id = merged.contact_id
            and numbered_versions.as_of_date >= merged.valid_from
            and (merged.valid_to is null or numbered_versions.as_of_date < merged.valid_to)

    where
        merged.contact_id is null
        and numbered_versions.version_number = 1
        and {{ as_date('numbered_versions.created_at') }} <= numbered_versions.as_of_date

),

found as (

    select
        'int_lead_scores' as found_in,
        as_of_date,
        model_id,
        contact_id,
        count(*) as copies,
        count(rules_version) as copies_with_version

    from {{ ref('int_lead_scores') }}

    group by as_of_date, model_id, contact_id

    union all

    select
        'lead_scores' as found_in,
        as_of_date,
        model_id,
        contact_id,
        count(*) as copies,
        count(rules_version) as copies_with_version

    from {{ ref('lead_scores') }}

    group by as_of_date, model_id, contact_id

),

wanted as (

    select
        'int_lead_scores' as found_in,
        as_of_date,
        model_id,
        contact_id

    from expected

    union all

    select
        'lead_scores' as found_in,
        as_of_date,
        model_id,
        contact_id

    from expected

    where is_latest

),

final as (

    select
        coalesce(wanted.found_in, found.found_in) as found_in,
        coalesce(wanted.as_of_date, found.as_of_date) as as_of_date,
        coalesce(wanted.model_id, found.model_id) as model_id,
        coalesce(wanted.contact_id, found.contact_id) as contact_id,
        case
            when found.contact_id is null then 'has no row'
            when wanted.contact_id is null then 'has a row that should not be there'
            when found.copies > 1 then 'has several rows'
            when found.copies_with_version < found.copies then 'has no rules_version'
        end as problem

    from wanted

    full join found
        on
            wanted.found_in = found.found_in
            and wanted.as_of_date = found.as_of_date
            and wanted.model_id = found.model_id
            and wanted.contact_id = found.contact_id

)

select * from final
where problem is not null
