-- Attributes and properties that rules, filters, stages and actions test, that the call list shows or that make segments.

with

contact_columns as (

    select column_name from {{ ref('stg_raw_columns') }}
    where table_name = 'contacts'

),

tested as (

    select 'attribute' as kind, attribute as name, comparison, operand, 'attribute_rules' as file, rule_id as tested_by -- noqa: LT09
    from {{ ref('stg_attribute_rules') }}

    union all

    select 'attribute', and_attribute, and_comparison, and_operand, 'attribute_rules', rule_id -- noqa: LT09, AL03
    from {{ ref('stg_attribute_rules') }}

    union all

    select 'attribute', name, comparison, operand, 'rule_conditions', rule_id -- noqa: LT09, AL03
    from {{ ref('stg_rule_conditions') }}
    where rule_id in (select rules.rule_id from {{ ref('stg_attribute_rules') }} as rules)

    union all

    -- An audience by stage tests no attribute, and an action by last_event_at none, unless raw.contacts has such a column.
    select 'attribute', audience_attribute, audience_comparison, audience_operand, 'score_models', model_id -- noqa: LT09, AL03
    from {{ ref('stg_score_models') }}
    where audience_attribute <> 'stage' or audience_attribute in (select known.column_name from contact_columns as known)

    union all

    select 'attribute', attribute, comparison, operand, 'next_actions', model_id || ' next action ' || precedence -- noqa: LT09, AL03
    from {{ ref('stg_next_actions') }}
    where attribute <> 'last_event_at' or attribute in (select known.column_name from contact_columns as known)

    union all

    select 'attribute', name, comparison, operand, 'disqualification_rules', rule_id -- noqa: LT09, AL03
    from {{ ref('stg_disqualification_rules') }}
    where source = 'attribute'

    union all

    select 'attribute', name, comparison, operand, 'lifecycle_stages', 'stage ' || stage -- noqa: LT09, AL03
    from {{ ref('stg_lifecycle_stages') }}
    where entered_by = 'attribute'

    union all

    select 'attribute', breadth_attribute, null, null, 'account_models', 'account_models' -- noqa: LT09, AL03
    from {{ ref('stg_account_models') }}

    union all

    -- Not every source has addresses: the starter rule of identity_rules is no mistake.
    select 'attribute', attribute, null, null, 'identity_rules', 'identity_rules' -- noqa: LT09, AL03
    from {{ ref('stg_identity_rules') }}
    where attribute <> 'email'

    union all

    select 'attribute', attribute, null, null, 'published_attributes', 'published_attributes' -- noqa: LT09, AL03
    from {{ ref('stg_published_attributes') }}

    union all

    select 'attribute', segment_attribute, null, null, 'conversion_goals', 'segments of ' || model_id -- noqa: LT09, AL03
    from {{ ref('stg_conversion_goals') }}
    where model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

    union all

    select 'property', property, comparison, operand, 'event_rules', rule_id -- noqa: LT09, AL03
    from {{ ref('stg_event_rules') }}

    union all

    select 'property', and_property, and_comparison, and_operand, 'event_rules', rule_id -- noqa: LT09, AL03
    from {{ ref('stg_event_rules') }}

    union all

    select 'property', name, comparison, operand, 'rule_conditions', rule_id -- noqa: LT09, AL03
    from {{ ref('stg_rule_conditions') }}
    where rule_id in (select rules.rule_id from {{ ref('stg_event_rules') }} as rules)

    union all

    select 'property', property, comparison, operand, 'event_filters', filter_id -- noqa: LT09, AL03
    from {{ ref('stg_event_filters') }}

),

final as (

    select
        -- Segments are of contacts.
        case
            when kind = 'attribute' and file <> 'conversion_goals' and {{ starts_with_text('name', "'account.'") }} then 'account attribute'
            else kind
        end as kind,
        name,
        comparison,
        operand,
        file,
        tested_by
    from tested
    where name is not null

)

select * from final
