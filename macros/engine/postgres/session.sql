{#-
    Runs before every dbt command that builds. The scores depend on the order of text and on the time zone; both must be as on DuckDB. The functions
    read text safely, because Postgres has no try_cast.
-#}
{%- macro postgres__check_session() -%}
{%- set checks = [
    ["'B' < 'a'", "orders text by the rules of a language; create the database with LC_COLLATE ''C'' TEMPLATE template0"],
    ["lower('É') = 'é'", "does not know letters other than A to Z; create the database with LC_CTYPE ''C.UTF-8'' ENCODING ''UTF8'' TEMPLATE template0"],
    ["current_setting('server_version_num')::integer >= 150000", "is older than Postgres 15; update it"],
] -%}
do $check$
begin
    {%- for holds, problem in checks %}
    if not ({{ holds }}) then raise exception 'lead_scoring: the database % {{ problem }}', current_database(); end if;
    {%- endfor %}
end
$check$;
{{ create_functions() }}
{%- endmacro -%}

{#- Schema of the functions. -#}
{%- macro engine_function(name) -%}{{ adapter.quote(target.schema ~ '_functions') }}.{{ name }}{%- endmacro -%}

{%- macro create_functions() -%}
{%- set number = '^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?0*\\d{1,3})?$' -%}
{%- set time = '^\\s*\\d{4}[-/]\\d{1,2}[-/]\\d{1,2}(( +|T)\\d{1,2}:\\d{1,2}(:[0-5]?\\d(\\.\\d+)?)?(Z| UTC|[+-]\\d{2}(:?\\d{2}(:\\d{2})?)?)?)?$' -%}
{%- set functions = {
    'shortest_number(value text) returns text': "nullif(regexp_replace(regexp_replace(value, '\\.0+$|(\\.\\d*[1-9])0+$', '\\1'), '^nan$', '', 'i'), '')",
    'read_text(value text) returns text': "nullif(value, '')",
    'read_text(value numeric) returns text': engine_function('shortest_number') ~ "(cast(value as text))",
    'read_text(value double precision) returns text': engine_function('shortest_number') ~ "(cast(value as text))",
    'read_text(value real) returns text': engine_function('shortest_number') ~ "(cast(value as text))",
    'read_text(value bigint) returns text': "cast(value as text)",
    'read_text(value integer) returns text': "cast(value as text)",
    'read_text(value boolean) returns text': "cast(value as text)",
    'read_text(value date) returns text': "cast(value as text)",
    'read_text(value timestamp) returns text': "cast(value as text)",
    'read_text(value timestamptz) returns text': "cast(value as text)",
    'read_text(value uuid) returns text': "cast(value as text)",
    'read_cell(value jsonb) returns text': "
        case jsonb_typeof(value)
            when 'number' then " ~ engine_function('shortest_number') ~ "(value #>> '{}')
            when 'string' then nullif(nullif(value #>> '{}', 'NaN'), '')
            when 'null' then null
            else value #>> '{}'
        end",
    'read_decimal(value numeric, digits integer, decimals integer) returns numeric': "
        case when value > -power(cast(10 as numeric), digits) and value < power(cast(10 as numeric), digits) and abs(round(value, decimals)) < power(cast(10 as numeric), digits)
            then round(value, decimals) end",
    'rounded(value numeric, decimals integer) returns numeric': "round(value, decimals)",
    'read_decimal(value double precision, digits integer, decimals integer) returns numeric': "
        case when value > -power(cast(10 as double precision), digits) and value < power(cast(10 as double precision), digits)
            then " ~ engine_function('read_decimal') ~ "(" ~ engine_function('rounded') ~ "(value, decimals), digits, decimals) end",
    'read_decimal(value bigint, digits integer, decimals integer) returns numeric': engine_function('read_decimal') ~ "(cast(value as numeric), digits, decimals)",
    'read_decimal(value integer, digits integer, decimals integer) returns numeric': engine_function('read_decimal') ~ "(cast(value as numeric), digits, decimals)",
    'read_decimal(value text, digits integer, decimals integer) returns numeric': "
        case when value ~ '" ~ number ~ "' then " ~ engine_function('read_decimal') ~ "(cast(value as numeric), digits, decimals) end",
    'seed_number(value text) returns text': "regexp_replace(trim(value), '(\\d)_(?=\\d)', '\\1', 'g')",
    'read_whole(value text) returns integer': "
        case when value ~ '" ~ number ~ "' and round(cast(value as numeric), 0) between -2147483648 and 2147483647 then cast(round(cast(value as numeric), 0) as integer) end",
    'in_years(value timestamp) returns timestamp': "case when value between timestamp '1900-01-01' and timestamp '2199-12-31' then value end",
    'read_timestamp(value timestamp) returns timestamp': engine_function('in_years') ~ "(value)",
    'read_timestamp(value timestamptz) returns timestamp': engine_function('in_years') ~ "(value at time zone 'UTC')",
    'read_timestamp(value date) returns timestamp': engine_function('in_years') ~ "(cast(value as timestamp))",
    'read_timestamp(value text) returns timestamp': "
        case when value ~ '" ~ time ~ "' and value !~ ':\\d{2}(\\.\\d+)?\\s*[+-](1[5-9]|[2-9]\\d)'
            then " ~ engine_function('in_years') ~ "(" ~ engine_function('try_timestamp') ~ "(regexp_replace(value, '(\\.\\d{6})\\d+', '\\1'))) end",
    'read_date(value text) returns date': "
        case when value ~ '^\\d{4}-\\d{2}-\\d{2}$' then cast(" ~ engine_function('try_timestamp') ~ "(value) as date) end",
    'portable_pattern(value text) returns text': "
        case when value ~ '\\\\[bBz]'
            then regexp_replace(regexp_replace(regexp_replace(value, '(^|[^\\\\])((\\\\\\\\)*)\\\\b', '\\1\\2\\\\y', 'g'), '(^|[^\\\\])((\\\\\\\\)*)\\\\B', '\\1\\2\\\\Y', 'g'), '(^|[^\\\\])((\\\\\\\\)*)\\\\z', '\\1\\2\\\\Z', 'g')
            else value end"
} -%}
create schema if not exists {{ adapter.quote(target.schema ~ '_functions') }};
{#- A function that catches errors begins a subtransaction, which Postgres refuses in a parallel plan. -#}
create or replace function {{ engine_function('try_timestamp') }}(value text) returns timestamp language plpgsql immutable parallel unsafe as $function$
begin
    -- With an offset, the time is converted to UTC whatever the time zone of the session.
    return case when value ~ '[ T]\d{1,2}:.*(Z|UTC|[+-]\d{2}(:?\d{2}(:\d{2})?)?)$' then cast(value as timestamptz) at time zone 'UTC' else cast(value as timestamp) end;
exception when others then return null;
end
$function$;
create or replace function {{ engine_function('is_pattern') }}(pattern text) returns boolean language plpgsql immutable parallel unsafe as $function$
begin
    return coalesce('' ~* {{ engine_function('portable_pattern') }}(pattern) is not null, false);
exception when others then return false;
end
$function$;
{#- As DuckDB rounds a double: half away from zero. Postgres rounds doubles half to even. -#}
create or replace function {{ engine_function('rounded') }}(value double precision, decimals integer) returns numeric language plpgsql immutable parallel safe as $function$
declare
    shifted double precision := value * cast(power(cast(10 as numeric), decimals) as double precision);
begin
    if abs(shifted) >= 9000000000000000 then return round(cast(cast(value as text) as numeric), decimals); end if;
    return round(
        cast(trunc(shifted) + case when abs(shifted - trunc(shifted)) >= 0.5 then sign(shifted) else 0 end as bigint) * power(cast(10 as numeric), -decimals), decimals
    );
end
$function$;
{%- for head, body in functions.items() %}
create or replace function {{ engine_function(head) }} language sql immutable parallel {{ 'unsafe' if 'try_timestamp' in body else 'safe' }} as $function$ select {{ body }} $function$;
{%- endfor %}
{%- endmacro -%}
