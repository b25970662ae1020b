{{ config(materialized='view') }}

-- Rows of crm_sync after this build: the leads, and published rows without one, which are deleted. Published rows with the same hash stay.

with

leads as (

    select * from {{ ref('int_sync_leads') }}

),

published as (

    select * from {{ ref('stg_crm_sync') }}

),

erasures as (

    select erased_contact_id from {{ ref('stg_erasures') }}
    where erased_contact_id is not null

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

merged as (

    select
        persons.contact_id,
        persons.survivor_id
    from {{ ref('int_persons') }} as persons
    inner join dates
        on
            coalesce(persons.valid_from <= dates.as_of_date, true)
            and coalesce(persons.valid_to > dates.as_of_date, true)
    where persons.contact_id <> persons.survivor_id

),

gone as (

    select
        published.sync_key,
        published.model_id,
        published.contact_id,
        coalesce(merged.survivor_id, published.merged_into) as merged_into
    from published
    left join merged on published.contact_id = merged.contact_id
    where published.sync_key not in (select leads.sync_key from leads)

),

-- Of an erased contact the key alone stays.
without_erased as (

    select
        sync_key,
        model_id,
        case when contact_id not in (select erasures.erased_contact_id from erasures) then contact_id end as contact_id,
        case
            when
                contact_id not in (select erasures.erased_contact_id from erasures)
                and merged_into not in (select erasures.erased_contact_id from erasures)
                then merged_into
        end as merged_into
    from gone

),

deletions as (

    select
        *,
        {{ sync_hash(is_deleted=true) }} as row_hash
    from without_erased

),

all_rows as (

    {#- The same columns, as SQL has no union by name. -#}
    {%- set columns = [
        'account_id', 'status', 'status_reason', 'score', 'behavioural_score', 'demographic_score', 'band', 'behavioural_band', 'demographic_band',
        'grade', 'priority', 'next_action', 'reason_1', 'reason_2', 'reason_3', 'stage', 'account_score', 'account_band'
    ] %}
    select
        sync_key, model_id, contact_id, merged_into, row_hash, false as is_deleted, -- noqa: LT09
        {{ columns | join(', ') }}
    from leads

    union all

    select
        sync_key, model_id, contact_id, merged_into, row_hash, true as is_deleted, -- noqa: LT09
        null as {{ columns | join(', null as ') }}
    from deletions

),

final as (

    select
        all_rows.*,
        published.changed_at as published_at,
        published.sync_key is null or {{ flags.FULL_REFRESH }} as is_in_run
    from all_rows
    left join published on all_rows.sync_key = published.sync_key and all_rows.row_hash = published.row_hash

)

select * from final
