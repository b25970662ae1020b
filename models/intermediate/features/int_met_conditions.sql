-- Conditions of rules, audiences and disqualifications met by each contact version.

with

attributes as (

    select * from {{ ref('int_attributes') }}

),

-- Of survivors, and of contacts with dated changes: few, so they alone are made distinct.
made_versions as (

    select version_hash from {{ ref('int_person_members') }} where version_hash <> member_hash -- noqa: LT14
    union
    select version_hash from {{ ref('int_changed_versions') }} where version_hash <> base_hash -- noqa: LT14

),

versions as (

    select version_hash from {{ ref('int_contact_versions') }}
    union all
    select version_hash from made_versions

),

-- Each condition once, whichever rule uses it.
conditions as (

    select attribute, comparison, operand from {{ ref('stg_attribute_rules') }} -- noqa: LT09

    union

    select and_attribute as attribute, and_comparison as comparison, and_operand as operand -- noqa: LT09
    from {{ ref('stg_attribute_rules') }}
    where and_comparison is not null

    union

    select audience_attribute as attribute, audience_comparison as comparison, audience_operand as operand -- noqa: LT09
    from {{ ref('stg_score_models') }}
    where audience_attribute is not null

    union

    select name as attribute, comparison, operand -- noqa: LT09
    from {{ ref('stg_disqualification_rules') }}
    where
        source = 'attribute'
        and model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

),

-- Evaluated once per value, not per contact.
observed as (

    select distinct
        attribute,
        value
    from attributes

),

met as (

    select
        {{ hash_number(['conditions.attribute', 'conditions.comparison', 'conditions.operand']) }} as condition_key,
        observed.attribute,
        observed.value
    from conditions
    inner join observed on conditions.attribute = observed.attribute
    where {{ condition_holds('observed.value', 'conditions.comparison', 'conditions.operand') }}

),

-- An attribute without a column is missing for every contact, which a rule may test.
met_by_all as (

    select {{ hash_number(['attribute', 'comparison', 'operand']) }} as condition_key
    from conditions
    where
        attribute not in (select observed.attribute from observed)
        and {{ condition_holds(as_text('null'), 'comparison', 'operand') }}

),

final as (

    select
        attributes.version_hash,
        met.condition_key,
        attributes.value,
        attributes.holds_from,
        attributes.holds_until

    from attributes

    inner join met
        on
            attributes.attribute = met.attribute
            and attributes.value is not distinct from met.value

    union all

    select
        versions.version_hash,
        met_by_all.condition_key,
        {{ as_text('null') }} as value,
        {{ as_date('null') }} as holds_from,
        {{ as_date('null') }} as holds_until

    from versions

    cross join met_by_all

)

select * from final
