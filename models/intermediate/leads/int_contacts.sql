with

versions as (

    select * from {{ ref('int_person_versions') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

final as (

    select
        dates.as_of_date,
        {{ hash_number(['versions.contact_id']) }} as contact_key,
        versions.contact_id,
        versions.account_id,
        versions.version_hash

    from dates

    inner join versions
        on
            (versions.valid_from is null or dates.as_of_date >= versions.valid_from)
            and (versions.valid_to is null or dates.as_of_date < versions.valid_to)
            and {{ as_date('versions.created_at') }} <= dates.as_of_date

)

select * from final
