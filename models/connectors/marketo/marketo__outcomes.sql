-- Marketo keeps no history of opportunities: the day on which one closes counts once it is closed, and is a forecast before.

with

opportunities as (

    select
        {{ read_text('id') }} as opportunity_id,
        case when {{ is_set('is_won') }} then 'won' else 'lost' end as outcome,
        {{ read_amount('amount') }} as value,
        {{ source_day_end('marketo', 'close_date') }} as occurred_at

    from {{ source('marketo', 'opportunity') }}

    where {{ is_set('is_closed') }}

),

roles as (

    select
        {{ read_text('opportunity_id') }} as opportunity_id,
        {{ read_text('lead_id') }} as lead_id,
        row_number() over (
            partition by {{ read_text('opportunity_id') }}
            order by max(case when {{ is_set('is_primary') }} then 1 else 0 end) desc, {{ read_text('lead_id') }}
        ) as place

    from {{ source('marketo', 'opportunity_role') }}

    group by {{ read_text('opportunity_id') }}, {{ read_text('lead_id') }}

),

-- What a change of a field means, such as "lead_status sales qualified", stands in event_names.
named_changes as (

    select
        changes.contact_id,
        event_names.outcome,
        min(changes.changed_at) as occurred_at

    from {{ ref('marketo__contact_attributes') }} as changes

    inner join {{ ref('stg_event_names') }} as event_names on lower(changes.attribute || ' ' || changes.value) = event_names.source_type

    where
        event_names.source = 'marketo'
        and event_names.outcome is not null

    group by changes.contact_id, event_names.outcome

),

final as (

    select
        'marketo:opportunity:' || opportunities.opportunity_id || ':' || opportunities.outcome || ':' || roles.lead_id as outcome_id,
        'marketo:' || roles.lead_id as contact_id,
        opportunities.outcome,
        opportunities.occurred_at,
        case when roles.place = 1 then opportunities.value end as value

    from opportunities

    inner join roles on opportunities.opportunity_id = roles.opportunity_id

    union all

    select
        contact_id || ':' || outcome as outcome_id,
        contact_id,
        outcome,
        occurred_at,
        {{ as_amount('null') }} as value

    from named_changes

)

select * from final
