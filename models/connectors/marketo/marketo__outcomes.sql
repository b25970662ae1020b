-- Marketo keeps no history of opportunities: a closed opportunity counts at its closing date, which is a forecast while it is open.

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

    select * from {{ outcomes_of_attributes('marketo') }}

    union all

    select * from {{ outcomes_of_events('marketo', ref('marketo_activity')) }}

)

select * from final
