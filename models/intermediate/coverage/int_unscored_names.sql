{{ config(materialized='view') }}

with

-- Names used by rules of scored models. A rule over all event types names none.
mentioned as (

    select
        'event' as source,
        event_type as name
    from {{ ref('stg_event_rules') }}

    union

    select
        'event' as source,
        after_event_type as name
    from {{ ref('stg_event_rules') }}

    union

    select
        'event' as source,
        event_type as name
    from {{ ref('stg_activity_rules') }}

    union

    select
        'attribute' as source,
        name
    from {{ ref('int_tested_names') }}
    where
        kind = 'attribute'
        and file not in ('lifecycle_stages', 'identity_rules', 'next_actions', 'published_attributes', 'conversion_goals')

    union

    select
        source,
        name
    from {{ ref('stg_disqualification_rules') }}
    where source = 'event'

),

-- Few, so that only their events are looked up below.
unscored_types as (

    select event_type from {{ ref('int_received_events') }}
    where rejected_because is null

    except

    select name as event_type from mentioned
    where source = 'event'

),

-- Events that would count. email and account_id identify a contact, so they need no rule.
found as (

    select
        'event' as source,
        events.event_type as name,
        count(*) as rows_concerned
    from {{ ref('int_events') }} as events
    inner join unscored_types on events.event_type = unscored_types.event_type
    where
        events.filtered_date is null
        and not events.is_inherited
    group by events.event_type

    union all

    select
        'attribute' as source,
        attribute as name,
        count(*) as rows_concerned
    from {{ ref('stg_contact_attributes') }}
    where
        value is not null
        and attribute not in ('email', 'account_id')
    group by attribute

),

final as (

    select
        found.source,
        found.name,
        found.rows_concerned

    from found

    left join mentioned
        on
            found.source = mentioned.source
            and found.name = mentioned.name

    where mentioned.name is null

)

select * from final
