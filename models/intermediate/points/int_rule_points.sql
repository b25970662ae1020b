-- What each rule gives to each scored lead. Narrow: rules, groups and names are joined where they are read.

with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

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

final as (

    select
        event_points.as_of_date,
        event_points.model_id,
        event_points.contact_key,
        event_points.rule_key,
        event_points.matches,
        event_points.points,
        event_points.undiminished_points,
        event_points.newest_age,
        {{ as_amount('null') }} as feature_value,
        {{ as_text('null') }} as attribute_value

    from event_points

    inner join leads
        on
            event_points.as_of_date = leads.as_of_date
            and event_points.model_id = leads.model_id
            and event_points.contact_key = leads.contact_key

    union all

    select
        as_of_date,
        model_id,
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
        model_id,
        contact_key,
        rule_key,
        1 as matches,
        points,
        points as undiminished_points,
        null as newest_age,
        {{ as_amount('null') }} as feature_value,
        observed as attribute_value

    from attribute_points

)

select * from final
