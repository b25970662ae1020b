{{ config(tags=['law']) }}

-- Per table and load date. Rows in are counted in the raw tables; what became of them is counted where they ended: used and
-- waiting events among the events that are scored, used versions, identifications and outcomes in the identity models, rejected
-- rows in quarantine, copies by what makes rows copies. So a row that a model loses, or takes twice, shows here.

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
        rows_rejected

    from row_counts

    where rows_in <> rows_used + rows_waiting + rows_duplicate + rows_rejected

)

select * from final
