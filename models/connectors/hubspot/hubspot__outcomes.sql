with

-- The pipeline, not the stage's name, says whether a stage is won or lost.
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
        {{ source_day_end('hubspot', 'property_closedate') }} as closes_at

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
        {{ read_timestamp('date_entered') }} as entered_at

    from {{ source('hubspot', 'deal_stage') }}

),

-- The closing date of an open deal is a forecast. It is read only where a closed deal has no history of stages.
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

    select * from {{ outcomes_of_attributes('hubspot') }}

    union all

    select * from {{ outcomes_of_events('hubspot', ref('hubspot_email_activity')) }}

    union all

    select * from {{ outcomes_of_events('hubspot', ref('hubspot_web_activity')) }}

)

select * from final
