{{ config(materialized='view') }}

with

models as (

    select * from {{ ref('stg_score_models') }}

),

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
        and file not in ('lifecycle_stages', 'identity_rules', 'next_actions', 'published_attributes')

    union

    select
        source,
        name
    from {{ ref('stg_disqualification_rules') }}
    where
        source = 'event'
        and model_id in (select models.model_id from models)

),

-- Usable events without unused copies and filtered events. email and account_id identify a contact, so they need no rule.
found as (

    select
        'event' as source,
        event_type as name,
        count(*) as number
    from {{ ref('int_received_events') }}
    where rejected_because is null
    group by event_type

    union all

    select
        'event' as source,
        event_type as name,
        -count(*) as number
    from {{ ref('int_event_copies') }}
    where copy_number > 1
    group by event_type

    union all

    select 'event' as source, event_type as name, -count(*) as number from {{ ref('int_filtered_events') }} -- noqa: LT09
    group by event_type

    union all

    select
        'attribute' as source,
        attribute as name,
        count(*) as number
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
        sum(found.number) as rows_concerned

    from found

    left join mentioned
        on
            found.source = mentioned.source
            and found.name = mentioned.name

    where mentioned.name is null

    group by found.source, found.name

    having sum(found.number) > 0

)

select * from final
