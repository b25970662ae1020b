with

days as (

    select * from {{ ref('int_raw_table_days') }}

),

refused as (

    select count(*) as refused_tables from {{ ref('int_lost_rows') }}
    where is_refused

),

-- Tables that have lost rows keep their previous counts, whether or not the test ran.
known_days as (

    select
        days.table_name,
        days.raw_date,
        case when refused.refused_tables = 0 then days.rows_now else days.rows_before end as rows_known

    from days

    cross join refused

),

final as (

    select
        table_name,
        raw_date,
        rows_known

    from known_days

    where rows_known > 0

)

select * from final
