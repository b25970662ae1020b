with

attributes as (

    select * from {{ ref('int_contact_attributes') }}
    where value is not null

),

attribute_rules as (

    select * from {{ ref('int_attribute_rules') }}

),

models as (

    select * from {{ ref('int_scored_models') }}

),

disqualification_rules as (

    select * from {{ ref('stg_disqualification_rules') }}
    where source = 'attribute'

),

mentioned as (

    select attribute from attribute_rules

    union

    select and_attribute as attribute from attribute_rules

    union

    select audience_attribute as attribute from models

    union

    select disqualification_rules.name as attribute

    from disqualification_rules

    inner join models on disqualification_rules.model_id = models.model_id

),

-- Who the contact is, not what it is like.
final as (

    select
        attribute,
        count(*) as versions

    from attributes

    where
        attribute not in ('email', 'account_id')
        and attribute not in (select coalesce(mentioned.attribute, '') from mentioned)

    group by attribute

)

select * from final
