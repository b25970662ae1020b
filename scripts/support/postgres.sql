-- Checks of a server before a build, each problem a sentence, and what publishing needs to know (support/postgres.py). Names in %(...)s are parameters.

-- part: rights: the database, the user's rights and the readers
select problem
from (
    -- As in macros/engine/postgres/session.sql, for plain dbt.
    select
        1 as place,
        'database ' || current_database() || ': must be of Postgres 15 or later, with the encoding UTF8, the collation C and the character type C.UTF-8,'
        || ' because ties are decided by the order of text: createdb ' || current_database()
        || ' --template template0 --encoding UTF8 --lc-collate C --lc-ctype C.UTF-8' as problem
    where not ('B' < 'a' and lower('É') = 'é' and cast(current_setting('server_version_num') as integer) >= 150000)
    union all
    select 2, 'user ' || current_user || ' may not create schemas: grant create on database ' || current_database() || ' to ' || current_user
    where not has_database_privilege(current_database(), 'create')
    union all
    select 3, 'schema ' || nspname || ' belongs to ' || cast(cast(nspowner as regrole) as text) || ': run as ' || cast(cast(nspowner as regrole) as text) || ', or choose another --schema'
    from pg_namespace
    where (nspname = %(schema)s or position(%(schema)s || '_' in nspname) = 1) and not pg_has_role(nspowner, 'usage')
    union all
    select 4, '--reader ' || reader || ': there is no such role; create role ' || reader
    from unnest(cast(%(readers)s as text [])) as given (reader)
    where reader not in (select rolname from pg_roles)
) as problems
order by place, problem;

-- part: raw_tables: the raw tables, by the contract: the table, the name and the readable types of each column
with
contract as (
    select *
    from unnest(cast(%(tables)s as text []), cast(%(columns)s as text []), cast(%(types)s as text [])) with ordinality as listed (table_name, column_name, types, place)
),
found as (
    select
        cast(relname as text) as table_name,
        cast(attname as text) as column_name,
        attnum as place,
        format_type(atttypid, null) as data_type,
        has_table_privilege(pg_class.oid, 'select') as is_readable
    from pg_class
    inner join pg_attribute on pg_class.oid = pg_attribute.attrelid
    where relnamespace = to_regnamespace(%(raw)s) and relkind in ('r', 'p', 'v', 'm', 'f') and attnum > 0 and not attisdropped
),
found_tables as (
    select table_name, string_agg(column_name, ', ' order by place) as column_names, bool_and(is_readable) as is_readable
    from found
    group by table_name
),
contract_tables as (
    select table_name, string_agg(column_name, ', ' order by place) as column_names, min(place) as place
    from contract
    group by table_name
),
problems as (
    select 0 as place, 'schema ' || %(raw)s || ': does not exist; --raw-schema must be the schema of the raw tables' as problem
    where to_regnamespace(%(raw)s) is null
    union all
    select 0, 'schema ' || nspname || ': may not be read; grant usage on schema ' || nspname || ', and select on its tables'
    from pg_namespace
    where nspname = %(raw)s and not has_schema_privilege(oid, 'usage')
    union all
    select place, %(raw)s || '.' || table_name || ': is missing; columns: ' || contract_tables.column_names
    from contract_tables
    where table_name not in (select table_name from found_tables) and table_name <> all(cast(%(optional)s as text []))
    union all
    select place, %(raw)s || '.' || table_name || ': may not be read; grant select on ' || %(raw)s || '.' || table_name
    from contract_tables
    inner join found_tables using (table_name)
    where not is_readable
    union all
    select place, %(raw)s || '.' || table_name || ': column ' || column_name || ': is missing; the columns found are ' || column_names
    from contract
    inner join found_tables using (table_name)
    where (table_name, column_name) not in (select table_name, column_name from found)
    union all
    select contract.place, %(raw)s || '.' || table_name || ': column ' || column_name || ': is of type ' || data_type || '; must be one of ' || types
    from contract
    inner join found using (table_name, column_name)
    where data_type <> all(string_to_array(types, ', '))
)
select problem
from problems
where place = 0 or not exists (select 1 from problems where place = 0)
order by place, problem;

-- part: raw_schema: the raw schema of the published marts
select substring(obj_description(oid, 'pg_namespace') from 'raw schema: (.*)') as raw_schema
from pg_namespace
where nspname = %(schema)s;

-- part: readers: who may use the published schema
select cast(cast(grantee as regrole) as text) as reader
from pg_namespace
cross join lateral aclexplode(nspacl) as rights
where nspname = %(schema)s and privilege_type = 'USAGE' and grantee <> nspowner and grantee <> 0;

-- part: replaced: the schemas of earlier builds
select cast(nspname as text) as schema_name
from pg_namespace
where position(%(schema)s || '_replaced_' in nspname) = 1;

-- part: tables: the tables of a schema
select cast(relname as text) as table_name
from pg_class
where relnamespace = to_regnamespace(%(schema)s) and relkind = 'r';
