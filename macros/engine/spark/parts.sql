{#-
    A kept table is partitioned by the first column of its parts, a received day. A build overwrites the days of which a part is new or outdated: with
    their other parts, and the new ones.
-#}
{%- materialization incremental, adapter='spark', supported_languages=['sql'] -%}
    {%- set meta = config.require('meta') -%}
    {%- set day, part = meta.part[0], meta.part | join(', ') -%}
    {%- set existing, made = load_relation(this), this.identifier ~ '_made' -%}
    {%- do run_query('create or replace temporary view ' ~ made ~ ' as ' ~ sql) -%}
    {%- set names = run_query('select * from ' ~ made ~ ' where 1 = 0').column_names | reject('equalto', day) | list + [day] -%}
    {%- if existing and (should_full_refresh() or (run_query('select * from ' ~ this ~ ' where 1 = 0').column_names | sort) != (names | sort)) -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- set existing = none -%}
    {%- endif -%}
    {%- if not existing -%}
        {%- call statement('main') -%}
            create table {{ this }} using parquet partitioned by ({{ day }}) as
            select {{ names | join(', ') }} from {{ made }} distribute by {{ day }}
        {%- endcall -%}
    {%- else -%}
        {%- set here = 'select ' ~ part ~ ' from ' ~ this ~ ' where ' ~ (meta.marker or 'true') -%}
        {%- set kept = 'select ' ~ part ~ ' from ' ~ ref(meta.keep) ~ ' where ' ~ (meta.keep_where or 'true') -%}
        {%- set changed = run_query(
            'with here as (' ~ here ~ '), kept as (' ~ kept ~ '), changed as ((select * from here except select * from kept) union (select * from kept except select * from here))'
            ~ ' select cast(' ~ day ~ ' as string) as day, max(' ~ day ~ ' in (select kept.' ~ day ~ ' from kept)) as stays from changed group by 1 order by 1'
        ) -%}
        {%- set days, gone = [], [] -%}
        {%- for row in changed -%}
            {%- do days.append("date '" ~ row[0] ~ "'") -%}
            {%- if not row[1] -%}{%- do gone.append('partition (' ~ day ~ " = date '" ~ row[0] ~ "')") -%}{%- endif -%}
        {%- endfor -%}
        {%- call statement('main') -%}
            {%- if days %}
            insert overwrite table {{ this }} partition ({{ day }})
            select {{ names | join(', ') }}
            from (
                select {{ names | join(', ') }} from {{ this }}
                where {{ day }} in ({{ days | join(', ') }}) and ({{ part }}) in ({{ kept }})
                union all
                select {{ names | join(', ') }} from {{ made }}
            )
            distribute by {{ day }}
            {%- else %}
            select 1
            {%- endif %}
        {%- endcall -%}
        {%- if gone -%}
            {%- do run_query('alter table ' ~ this ~ ' drop if exists ' ~ gone | join(', ')) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do run_query('drop view if exists ' ~ made) -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmaterialization -%}

{%- macro spark__check_session() -%}
select case when current_timezone() <> 'UTC' then raise_error('lead_scoring reads times in UTC: set spark.sql.session.timeZone to UTC in the profile') end
{%- endmacro -%}
