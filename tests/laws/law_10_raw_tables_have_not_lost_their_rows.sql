{{ config(tags=['law']) }}

-- A raw table that has lost rows since the last build fails before anything kept or published is touched.
-- --allow-lost-rows (LEAD_SCORING_ALLOW_LOST_ROWS=yes) lets it pass.

select
    table_name,
    rows_before,
    rows_now,
    rows_lost

from {{ ref('int_lost_rows') }}

where is_refused
