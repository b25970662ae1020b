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
        1 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from identities

    union all

    select
        {{ as_date('identified_at') }} as load_date,
        0 as rows_in,
        1 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from used

    union all

    select
        {{ as_date('identified_at') }} as load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        1 as rows_duplicate,
        0 as rows_rejected

    from copies

    union all

    select
        load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        1 as rows_rejected

    from rejected

),

final as (

    select
        load_date,
        sum(rows_in) as rows_in,
        sum(rows_used) as rows_used,
        sum(rows_waiting) as rows_waiting,
        sum(rows_duplicate) as rows_duplicate,
        sum(rows_rejected) as rows_rejected

    from counted

    group by load_date

)

select * from final
