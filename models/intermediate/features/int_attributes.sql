{{ config(materialized='view') }}

-- Attributes of contact versions and survivors, and the built-in attributes that rules name.

with

attributes as (

    select * from {{ ref('int_person_attributes') }}

),

named as (

    select attribute from {{ ref('stg_attribute_rules') }}

    union

    select and_attribute as attribute from {{ ref('stg_attribute_rules') }}

    union

    select audience_attribute as attribute from {{ ref('stg_score_models') }}

    union

    select name as attribute from {{ ref('stg_disqualification_rules') }}
    where model_id in (select models.model_id from {{ ref('stg_score_models') }} as models)

    union

    select name as attribute from {{ ref('stg_lifecycle_stages') }}
    where entered_by = 'attribute'

),

built_in as (

    select column_name as attribute from {{ ref('stg_raw_columns') }}
    where
        is_built_in
        and column_name in (select named.attribute from named)

),

-- A missing address has neither a domain nor a validity.
emails as (

    select
        version_hash,
        lower(trim(value)) as email
    from attributes
    where
        attribute = 'email'
        and exists (select 1 from built_in)

),

final as (

    select
        version_hash,
        attribute,
        value
    from attributes

    union all

    select
        emails.version_hash,
        built_in.attribute,
        case
            when built_in.attribute = 'email_domain' then {{ domain_of('emails.email') }}
            when {{ is_email('emails.email') }} then 'true'
            when emails.email is not null then 'false'
        end as value

    from emails

    cross join built_in

)

select * from final
