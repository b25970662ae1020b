with

raw_merges as (

    select
        *,
        row_number() over (partition by from_contact_id, into_contact_id, merged_at order by raw_merged_at) as copy_number
    from {{ ref('stg_merges') }}

),

first_merges as (

    select * from {{ ref('int_merges') }}

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

final as (

    select
        {{ as_date('raw_merges.merged_at') }} as load_date,
        raw_merges.from_contact_id,
        raw_merges.into_contact_id,
        raw_merges.raw_merged_at as merged_at,
        coalesce(
            raw_merges.rejected_because,
            case when merged.contact_id is null then 'from_contact_id is unknown' end,
            case when surviving.contact_id is null then 'into_contact_id is unknown' end,
            first_merges.rejected_because
        ) as rejected_because

    from raw_merges

    left join contacts as merged on raw_merges.from_contact_id = merged.contact_id

    left join contacts as surviving on raw_merges.into_contact_id = surviving.contact_id

    left join first_merges
        on
            raw_merges.from_contact_id = first_merges.from_contact_id
            and raw_merges.into_contact_id = first_merges.into_contact_id
            and raw_merges.merged_at = first_merges.merged_at
            and raw_merges.copy_number = 1

)

select * from final
where rejected_because is not null
