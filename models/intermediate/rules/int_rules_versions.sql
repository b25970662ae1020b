with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

model_rules as (

    select * from {{ ref('int_model_rules') }}

),

-- A row is identified by its filled cells, so moving rows or columns makes no new version.
seed_rows as (

    select
        file,
        seed_row,
        {{ hash_of(joined("column_name || '=' || " ~ hash_of('cell'), "'|'", 'column_name')) }} as row_hash

    from cells

    where cell is not null

    group by file, seed_row

),

-- Goals and account models change no lead's score, so they are part of the fingerprint, not of the version.
final as (

    select
        model_rules.model_id,
        {{ hash_of(joined(
            "case when seed_rows.file not in ('conversion_goals', 'account_models') then seed_rows.file || ':' || seed_rows.row_hash end",
            "'|'",
            'seed_rows.file, seed_rows.row_hash'
        )) }} as rules_version,
        {{ hash_of(joined(
            "case when seed_rows.file <> 'conversion_goals' then seed_rows.file || ':' || seed_rows.row_hash end",
            "'|'",
            'seed_rows.file, seed_rows.row_hash'
        )) }} as account_rules_version,
        {{ hash_of(joined(
            "seed_rows.file || ':' || seed_rows.row_hash",
            "'|'",
            'seed_rows.file, seed_rows.row_hash'
        )) }} as model_fingerprint

    from seed_rows

    inner join model_rules
        on
            seed_rows.file = model_rules.file
            and seed_rows.seed_row = model_rules.seed_row

    group by model_rules.model_id

)

select * from final
