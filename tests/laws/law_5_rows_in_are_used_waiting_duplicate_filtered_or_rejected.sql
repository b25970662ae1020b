{{ config(tags=['law']) }}

-- Per table and load date. Rows in are counted in the raw tables; the rest where the rows ended: used and
-- waiting events among the scored events, used versions, identifications and outcomes in the identity models, rejected
-- rows in quarantine, duplicates by their keys. A row that a model loses or duplicates fails this test.

with

row_counts as (

    select * from {{ ref('raw_row_counts') }}

),

final as (

    select
        table_name,
        load_date,
        rows_in,
        rows_used,
        rows_waiting,
        rows_duplicate,
        rows_filtered,
        rows_rejected

    from row_counts

    where rows_in <> rows_used + rows_waiting + rows_duplicate + rows_filtered + rows_rejected

)

select * from final
