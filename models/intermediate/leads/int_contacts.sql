with

versions as (

    select * from {{ ref('int_contact_versions') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

final as (

    select
        dates.as_of_date,
        versions.contact_id,
        versions.account_id,
        versions.version_hash

    from dates

    inner join versions
        on
            (versions.valid_from is null or versions.valid_from <= dates.as_of_date)
            and (versions.valid_to is null or versions.valid_to > dates.as_of_date)
            and {{ as_date('versions.created_at') }} <= dates.as_of_date

)

select * from final
