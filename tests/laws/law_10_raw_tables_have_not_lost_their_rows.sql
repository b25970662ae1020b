{{ config(tags=['law']) }}

-- A raw table that has lost rows since the last build fails before any kept or published table changes.
-- --allow-lost-rows (LEAD_SCORING_ALLOW_LOST_ROWS=yes) allows it.

select
    table_name,
    rows_before,
    rows_now,
    rows_lost

from {{ ref('int_lost_rows') }}

where is_refused
