with

-- A stage is won or lost by its pipeline, not by its name.
stages as (

    select
        {{ read_text('stage_id') }} as stage_id,
        case
            when {{ is_set('closed_won') }} then 'won'
            when {{ is_set('is_closed') }} then 'lost'
        end as outcome

    from {{ source('hubspot', 'deal_pipeline_stage') }}

),

deals as (

    select
        {{ read_text('deal_id') }} as deal_id,
        {{ read_text('deal_pipeline_stage_id') }} as stage_id,
        {{ read_amount('property_amount') }} as value,
        {{ source_time('hubspot', 'property_closedate') }} as closes_at

    from {{ source('hubspot', 'deal') }}

    where
        not {{ is_set('is_deleted') }}
        and {{ read_text('deal_id') }} not in (
            select {{ read_text('merged_deal_id') }} from {{ source('hubspot', 'merged_deal') }}
            where {{ read_text('merged_deal_id') }} is not null
        )

),

entries as (

    select
        {{ read_text('deal_id') }} as deal_id,
        {{ read_text('value') }} as stage_id,
        {{ source_time('hubspot', 'date_entered') }} as entered_at

    from {{ source('hubspot', 'deal_stage') }}

),

-- The date on which a deal closes is a forecast until its stage is closed, and is read only of deals whose stages have no history.
closings as (

    select
        deals.deal_id,
        stages.outcome,
        min(coalesce(entries.entered_at, deals.closes_at)) as occurred_at

    from deals

    left join entries on deals.deal_id = entries.deal_id

    inner join stages on coalesce(entries.stage_id, deals.stage_id) = stages.stage_id

    where stages.outcome is not null

    group by deals.deal_id, stages.outcome

),

deal_contacts as (

    select * from {{ ref('hubspot_deal_contacts') }}

),

-- What a change of an attribute means, such as "lifecyclestage salesqualifiedlead", stands in event_names.
named_changes as (

    select
        {{ read_text('changes.contact_id') }} as contact_id,
        event_names.outcome,
        min({{ source_time('hubspot', 'changes.timestamp') }}) as occurred_at

    from {{ source('hubspot', 'contact_property_history') }} as changes

    inner join {{ ref('stg_event_names') }} as event_names on lower(changes.name || ' ' || changes.value) = event_names.source_type

    where
        event_names.source = 'hubspot'
        and event_names.outcome is not null

    group by {{ read_text('changes.contact_id') }}, event_names.outcome

),

final as (

    select
        'hubspot:deal:' || closings.deal_id || ':' || closings.outcome || ':' || deal_contacts.contact_id as outcome_id,
        'hubspot:' || deal_contacts.contact_id as contact_id,
        closings.outcome,
        closings.occurred_at,
        case when deal_contacts.place = 1 then deals.value end as value

    from closings

    inner join deals on closings.deal_id = deals.deal_id
    inner join deal_contacts on closings.deal_id = deal_contacts.deal_id

    union all

    select
        'hubspot:contact:' || contact_id || ':' || outcome as outcome_id,
        'hubspot:' || contact_id as contact_id,
        outcome,
        occurred_at,
        {{ as_amount('null') }} as value

    from named_changes

)

select * from final
