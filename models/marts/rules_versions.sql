with

version_rows as (

    select * from {{ ref('int_rules_version_rows') }}

),

history_models as (

    select * from {{ ref('int_history_models') }}

),

uses as (

    select
        rules_version,
        min(as_of_date) as first_used_on,
        max(as_of_date) as last_used_on

    from history_models

    group by rules_version

),

final as (

    select
        version_rows.rules_version,
        version_rows.model_id,
        version_rows.file,
        version_rows.rule_id,
        version_rows.rule_row,
        uses.first_used_on,
        uses.last_used_on

    from version_rows

    inner join uses on version_rows.rules_version = uses.rules_version

)

select * from final
