{{ config(tags=['law']) }}

-- Fails if more than max_rejected_percent of a raw table of at least 100 rows are rejected: nothing is published.
-- scripts/build.py names the reasons that grew.

with

row_counts as (

    select * from {{ ref('raw_row_counts') }}

),

added_up as (

    select
        table_name,
        sum(rows_in) as rows_in,
        sum(rows_rejected) as rows_rejected

    from row_counts

    group by table_name

),

final as (

    select * from added_up
    where
        rows_in >= 100
        and 100 * rows_rejected > {{ setting('max_rejected_percent') }} * rows_in

)

select * from final
