{{ config(materialized='view') }}

-- Attributes of contacts and properties of events that rules, filters and stages test, each with the finding if no raw table has it.

with

tested as (

    select
        'unknown attribute' as topic,
        attribute as name,
        rule_id as tested_by
    from {{ ref('stg_attribute_rules') }}

    union all

    select
        'unknown attribute' as topic,
        and_attribute as name,
        rule_id as tested_by
    from {{ ref('stg_attribute_rules') }}

    union all

    select
        'unknown property' as topic,
        property as name,
        rule_id as tested_by
    from {{ ref('stg_event_rules') }}

    union all

    select
        'unknown property' as topic,
        and_property as name,
        rule_id as tested_by
    from {{ ref('stg_event_rules') }}

    union all

    select
        'unknown attribute' as topic,
        name,
        rule_id as tested_by
    from {{ ref('stg_rule_conditions') }}
    where rule_id in (select rules.rule_id from {{ ref('stg_attribute_rules') }} as rules)

    union all

    select
        'unknown property' as topic,
        name,
        rule_id as tested_by
    from {{ ref('stg_rule_conditions') }}
    where rule_id in (select rules.rule_id from {{ ref('stg_event_rules') }} as rules)

    union all

    select
        'unknown property' as topic,
        property as name,
        filter_id as tested_by
    from {{ ref('stg_event_filters') }}

    union all

    -- Not every source has addresses: the starter rule of identity_rules is no mistake.
    select
        'unknown attribute' as topic,
        attribute as name,
        'identity_rules' as tested_by
    from {{ ref('stg_identity_rules') }}
    where attribute <> 'email'

    union all

    select
        'unknown attribute' as topic,
        breadth_attribute as name,
        'account_models' as tested_by
    from {{ ref('stg_account_models') }}

    union all

    select
        'unknown attribute' as topic,
        name,
        'stage ' || stage as tested_by
    from {{ ref('stg_lifecycle_stages') }}
    where entered_by = 'attribute'

),

final as (

    select
        case
            when topic = 'unknown attribute' and {{ starts_with_text('name', "'account.'") }} then 'unknown account attribute'
            else topic
        end as topic,
        name,
        tested_by
    from tested
    where name is not null

)

select * from final
