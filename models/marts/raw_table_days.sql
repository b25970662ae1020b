with

days as (

    select * from {{ ref('int_raw_table_days') }}

),

known_days as (

    select * from {{ ref('stg_raw_table_days') }}

),

refused as (

    select * from {{ ref('int_lost_rows') }}
    where is_refused

),

-- Tables that have lost rows do not become what is known, whether or not the test of them was run.
final as (

    select
        table_name,
        raw_date,
        {{ as_count('rows_known') }} as rows_known

    from days

    where not exists (select 1 from refused)

    union all

    select
        table_name,
        raw_date,
        rows_known

    from known_days

    where exists (select 1 from refused)

)

select * from final
