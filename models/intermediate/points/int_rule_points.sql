-- Narrow on purpose: readers join the names of rules and leads.

with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rules as (

    select * from {{ ref('int_rules') }}

),

event_points as (

    select * from {{ ref('int_event_points') }}

),

activity_points as (

    select * from {{ ref('int_activity_points') }}

),

attribute_points as (

    select * from {{ ref('int_attribute_points') }}

),

given as (

    select
        as_of_date,
        contact_key,
        rule_key,
        matches,
        points,
        undiminished_points,
        newest_age,
        {{ as_amount('null') }} as feature_value,
        {{ as_text('null') }} as attribute_value

    from event_points

    union all

    select
        as_of_date,
        contact_key,
        rule_key,
        matches,
        points,
        points as undiminished_points,
        newest_age,
        feature_value,
        {{ as_text('null') }} as attribute_value

    from activity_points

    union all

    select
        as_of_date,
        contact_key,
        rule_key,
        1 as matches,
        points,
        points as undiminished_points,
        null as newest_age,
        {{ as_amount('null') }} as feature_value,
        attribute_value

    from attribute_points

),

final as (

    select
        given.as_of_date,
        leads.model_id,
        given.contact_key,
        given.rule_key,
        given.matches,
        given.points,
        given.undiminished_points,
        given.newest_age,
        given.feature_value,
        given.attribute_value

    from given

    inner join rules on given.rule_key = rules.rule_key

    inner join leads
        on
            given.as_of_date = leads.as_of_date
            and given.contact_key = leads.contact_key
            and rules.model_id = leads.model_id

)

select * from final
