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
        1 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from contacts

    union all

    select
        {{ as_date('updated_at') }} as load_date,
        0 as rows_in,
        1 as rows_used,
        0 as rows_waiting,
        0 as rows_duplicate,
        0 as rows_rejected

    from versions

    union all

    select
        {{ as_date('updated_at') }} as load_date,
        0 as rows_in,
        0 as rows_used,
        0 as rows_waiting,
        copies as rows_duplicate,
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
