{#- Models that need these are built on DuckDB (scripts/support/spark.py); dbt reads them all. -#}
{%- macro not_on_the_cluster() -%}
{%- if execute -%}
    {{ exceptions.raise_compiler_error('On Spark only the models of scripts/support/spark.py are built: use scripts/build.py --target spark (docs/engines.md)') }}
{%- endif -%}
{%- endmacro -%}

{%- macro spark__all_but(relation, column) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_amount(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_contribution(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_percent(part, whole) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_points(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_rounded(value, decimals) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_whole(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__attributes_of(relation, left_out) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__cells_of(relation) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__column_types_of(relation) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__columns_by_name(relation, key, name, value, left_out) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__columns_of(relation) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__count_text(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__days_between(earlier, later) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__as_wide_whole(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__dates_of(list) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__digits_of(text) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__domain_of(email) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__epoch_time(value, parts_of_second) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__first_item(list, field) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__floor_divided(numerator, denominator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__fraction(numerator, denominator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__halved_by_age(age, half_life) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__hash_of_all(texts) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__is_pattern(pattern) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__list_items(list, separator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__local_day_end(value, zone, times_are_local) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__log2_of(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__log_of(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__long_attributes(contacts, stated) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__month_text(date) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__parameter(parameters, key, kind) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__part_after(text, separator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__part_before(text, separator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__quotient(numerator, denominator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__read_date(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__read_factor(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__read_local_timestamp(value, zone) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__read_points(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__reduced_by_steps(percent, steps) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__root_of(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__shortest_items(list) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__signed_text(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__snake_case(text) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__sorted_text(list) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__struct_field(column, field) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__two_sided_tail(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__union_by_name(relations) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__weighted(points, weight) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__whole_divided(numerator, denominator) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__whole_part(value) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__with_attributes(relation, stated, is_deleted, prefix, left_out, prefixes_left_out) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__replace_parts(target, made, columns) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__create_if_missing(table, columns) -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__previous_columns() -%}{{ not_on_the_cluster() }}{%- endmacro -%}
{%- macro spark__create_runs() -%}{{ not_on_the_cluster() }}{%- endmacro -%}
