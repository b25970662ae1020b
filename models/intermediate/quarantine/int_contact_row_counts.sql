with

contacts as (

    select * from {{ ref('stg_contacts') }}

),

versions as (

    select * from {{ ref('int_contact_versions') }}

),

rejected as (

    select * from {{ ref('int_rejected_contacts') }}

),

-- The same version again: the same contact and time.
copies as (

    select
        updated_at,
        count(*) - 1 as copies

    from contacts

    where rejected_because is null

    group by contact_id, updated_at

),

counted as (

    select
        {{ as_date('updated_at') }} as load_date,
        'rows_in' as measure,
        1 as number

    from contacts

    union all

    select
        {{ as_date('updated_at') }} as load_date,
        'rows_used' as measure,
        1 as number

    from versions

    union all

    select
        {{ as_date('updated_at') }} as load_date,
        'rows_duplicate' as measure,
        copies as number

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
