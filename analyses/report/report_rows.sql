-- Raw rows by table, and what became of them.

with

counts as (

    select * from {{ ref('raw_row_counts') }}

),

final as (

    select
        table_name,
        sum(rows_in) as rows_in,
        sum(rows_used) as rows_used,
        sum(rows_waiting) as rows_waiting,
        sum(rows_duplicate) as rows_duplicate,
        sum(rows_filtered) as rows_filtered,
        sum(rows_rejected) as rows_rejected,
        max(load_date) as latest_load_date

    from counts

    group by table_name

)

select * from final
order by table_name
