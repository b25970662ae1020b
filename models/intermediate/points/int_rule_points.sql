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
        event_points.contact_id,
        event_points.rule_id,
        'event' as rule_kind,
        event_points.rule_group,
        event_points.dimension,
        event_points.matches,
        event_points.points,
        event_points.undiminished_points,
        event_points.newest_age,
        {{ as_text('null') }} as observed

    from event_points

    inner join leads
        on
            event_points.as_of_date = leads.as_of_date
            and event_points.model_id = leads.model_id
            and event_points.contact_id = leads.contact_id

    union all

    select
        as_of_date,
        model_id,
        contact_id,
        rule_id,
        'activity' as rule_kind,
        rule_group,
        dimension,
        matches,
        points,
        points as undiminished_points,
        newest_age,
        observed

    from activity_points

    union all

    select
        as_of_date,
        model_id,
        contact_id,
        rule_id,
        'attribute' as rule_kind,
        rule_group,
        dimension,
        1 as matches,
        points,
        points as undiminished_points,
        null as newest_age,
        observed

    from attribute_points

)

select * from final
