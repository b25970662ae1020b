-- Values of identity_rules made comparable: one row per contact and period in which it has the value.

with

rules as (

    select * from {{ ref('stg_identity_rules') }}

),

lists as (

    select list || ': ' || item as listed_item from {{ ref('stg_reference_lists') }}
    where list in (select rules.except_list from rules)

),

versions as (

    select * from {{ ref('int_dated_versions') }}

),

attributes as (

    select
        attributes.version_hash,
        rules.attribute,
        rules.normalise,
        coalesce(rules.except_list, '') as except_list,
        attributes.value,
        lower(trim(attributes.value)) as email
    from {{ ref('int_dated_attributes') }} as attributes
    inner join rules on attributes.attribute = rules.attribute
    where attributes.value is not null

),

-- Dots and +tag mean nothing to Gmail alone. What is no address is nobody's.
normalised as (

    select
        version_hash,
        attribute,
        normalise,
        except_list,
        case normalise
            when 'none' then value
            when 'lower' then lower(value)
            when 'digits' then {{ digits_of('value') }}
            when 'email' then
                case
                    when not {{ is_email('email') }} then null
                    when {{ domain_of('email') }} not in ('gmail.com', 'googlemail.com') then email
                    else nullif(replace({{ part_before(part_before('email', "'@'"), "'+'") }}, '.', ''), '') || '@gmail.com'
                end
        end as value
    from attributes

),

final as (

    select
        normalised.attribute,
        normalised.value,
        versions.contact_id,
        greatest(versions.valid_from, {{ as_date('versions.created_at') }}) as from_date,
        coalesce(versions.valid_to, {{ as_date("'9999-12-31'") }}) as until_date
    from normalised
    inner join versions on normalised.version_hash = versions.version_hash
    where
        normalised.value is not null
        and normalised.except_list || ': ' || lower(normalised.value) not in (select lists.listed_item from lists)
        and (
            normalised.normalise <> 'email'
            or normalised.except_list || ': ' || {{ part_before('normalised.value', "'@'") }} not in (select lists.listed_item from lists)
            and normalised.except_list || ': ' || {{ domain_of('normalised.value') }} not in (select lists.listed_item from lists)
        )

)

select * from final
where from_date < until_date
