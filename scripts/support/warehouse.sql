-- Conversions of the kept marts in the next published file (support/warehouse.py).

-- part: columns_of_version_2: columns that the kept marts of version 1 lacked. They stay empty for its dates, except bands_on
create or replace table lead_score_history as
select * exclude (rules_version), cast(null as decimal(18, 6)) as conversion_probability, rules_version, cast(null as varchar) as bands_on
from lead_score_history;
alter table scored_dates add column rows_known bigint;
alter table scored_dates add column known_version varchar;
alter table scored_dates add column late_rows bigint;

-- part: bands_of_version_1: the bands that were on, which build.duckdb of version 1 had
update lead_score_history as history set bands_on = old.bands_on
from build.main_intermediate.int_score_history as old
where (history.as_of_date, history.model_id, history.contact_id) = (old.as_of_date, old.model_id, old.contact_id);

-- part: newer_columns: columns of kept marts that came after version 1 and are not in it. They stay empty for published dates
alter table lead_score_history add column if not exists next_action varchar;
alter table lead_score_changes add column if not exists priority integer;
alter table lead_score_changes add column if not exists next_action varchar;
alter table lead_score_changes add column if not exists run_at timestamp;

-- part: crm_sync_without_erased: the rows of crm_sync without erased contacts: of these it keeps the key. An empty hash tells the next build that the row has changed
select * replace (case when not list_contains($1, merged_into) then merged_into end as merged_into)
from before.crm_sync where contact_id is null or not list_contains($1, contact_id)
union all by name
select sync_key, model_id, true as is_deleted, '' as row_hash, changed_at
from before.crm_sync where list_contains($1, contact_id);

-- part: kept_marts: the kept marts that exist, with the statement that created each (it has the constraints)
select tables.table_name, any_value(tables.sql) as definition, bool_or(columns.column_name = 'contact_id') as has_contacts
from duckdb_tables() as tables join duckdb_columns() as columns using (table_oid, database_name)
where database_name = 'before' and list_contains($1, tables.table_name) group by tables.table_name, table_oid, database_name;
