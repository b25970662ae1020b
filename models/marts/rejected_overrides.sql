with

overrides as (

    select * from {{ ref('stg_overrides') }}

),

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

final as (

    select
        overrides.valid_from as load_date,
        overrides.contact_id,
        overrides.model_id,
        overrides.raw_points as points,
        overrides.reason,
        overrides.author,
        overrides.raw_valid_from as valid_from,
        overrides.raw_valid_to as valid_to,
        coalesce(overrides.rejected_because, 'contact_id is unknown') as rejected_because

    from overrides

    left join contacts on overrides.contact_id = contacts.contact_id

    where
        overrides.rejected_because is not null
        or contacts.contact_id is null

)

select * from final
