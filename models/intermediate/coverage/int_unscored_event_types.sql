with

events as (

    select * from {{ ref('int_unique_events') }}

),

event_rules as (

    select * from {{ ref('int_event_rules') }}

),

activity_rules as (

    select * from {{ ref('int_activity_rules') }}
    where event_type is not null

),

models as (

    select * from {{ ref('int_scored_models') }}

),

disqualification_rules as (

    select * from {{ ref('stg_disqualification_rules') }}
    where source = 'event'

),

mentioned as (

    select event_type from event_rules

    union

    select event_type from activity_rules

    union

    select disqualification_rules.name as event_type

    from disqualification_rules

    inner join models on disqualification_rules.model_id = models.model_id

),

final as (

    select
        events.event_type,
        count(*) as events

    from events

    left join mentioned on events.event_type = mentioned.event_type

    where mentioned.event_type is null

    group by events.event_type

)

select * from final
