with

identities as (

    select * from {{ ref('stg_identities') }}

),

contacts as (

    select * from {{ ref('int_contact_versions') }}

),

used as (

    select * from {{ ref('int_visitor_contacts') }}

),

rejected as (

    select * from {{ ref('int_rejected_identities') }}

),

usable as (

    select
        identities.identified_at,
        row_number() over (
            partition by identities.anonymous_id
            order by identities.identified_at, identities.contact_id
        ) as copy_number

    from identities

    where
        identities.rejected_because is null
        and identities.contact_id in (select contacts.contact_id from contacts)

),

-- An identification of a visitor who was identified before counts as a copy.
copies as (

    select * from usable
    where copy_number > 1

),

counted as (

    select
        {{ as_date('identified_at') }} as load_date,
        'rows_in' as measure,
        1 as number

    from identities

    union all

    select
        {{ as_date('identified_at') }} as load_date,
        'rows_used' as measure,
        1 as number

    from used

    union all

    select
        {{ as_date('identified_at') }} as load_date,
        'rows_duplicate' as measure,
        1 as number

    from copies

    union all

    select
        load_date,
        'rows_rejected' as measure,
        1 as number

    from rejected

),

final as (

    select
        load_date,
        measure,
        sum(number) as number

    from counted

    group by
        load_date,
        measure

)

select * from final
