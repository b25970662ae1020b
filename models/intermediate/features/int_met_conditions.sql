-- Conditions on attributes met by each contact version.

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

-- Each once, whichever rule, audience, disqualification or stage has it.
conditions as (

    select distinct
        name as attribute,
        comparison,
        operand
    from {{ ref('int_tested_names') }}
    where
        kind <> 'property'
        and comparison is not null

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
        observed.value,
        {{ holds_from('observed.value', 'conditions.comparison', 'conditions.operand') }} as holds_from,
        {{ holds_until('observed.value', 'conditions.comparison', 'conditions.operand') }} as holds_until
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

-- While the account has the value and the comparison holds; greatest() and least() ignore nulls. Values are compared by equality: for
-- "is not distinct from" Postgres compares each row with each.
met_on_dates as (

    select
        attributes.version_hash,
        met.condition_key,
        attributes.value,
        greatest(attributes.holds_from, met.holds_from) as holds_from,
        least(attributes.holds_until, met.holds_until) as holds_until

    from attributes

    inner join met
        on
            attributes.attribute = met.attribute
            and coalesce(attributes.value, '') = coalesce(met.value, '')
            and (attributes.value is null) = (met.value is null)

),

final as (

    select * from met_on_dates
    where holds_from is null or holds_until is null or holds_from < holds_until

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
