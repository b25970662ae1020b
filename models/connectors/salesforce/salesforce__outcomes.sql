with

versions as (

    select
        {{ read_text('id') }} as opportunity_id,
        case when {{ is_set('is_won') }} then 'won' else 'lost' end as outcome,
        {{ read_timestamp('_fivetran_start') }} as version_at

    from {{ source('salesforce', 'opportunity') }}

    where {{ is_set('is_closed') }}

    union all

    select
        {{ read_text('id') }} as opportunity_id,
        case when {{ is_set('is_won') }} then 'won' else 'lost' end as outcome,
        {{ read_timestamp('_fivetran_start') }} as version_at

    from {{ source('salesforce', 'opportunity_history') }}

    where {{ is_set('is_closed') }}

),

first_closed as (

    select
        opportunity_id,
        outcome,
        min(version_at) as closed_at

    from versions

    group by opportunity_id, outcome

),

opportunities as (

    select
        {{ read_text('id') }} as opportunity_id,
        {{ read_amount('amount') }} as value,
        {{ read_timestamp('last_stage_change_date') }} as stage_changed_at,
        {{ source_day_end('salesforce', 'close_date') }} as closes_at

    from {{ source('salesforce', 'opportunity') }}

    where
        not {{ is_set('is_deleted') }}
        and {{ is_current('_fivetran_active') }}

),

takers as (

    select * from {{ ref('salesforce_opportunity_contacts') }}
    where way_rank = 1

),

final as (

    select
        'salesforce:opportunity:' || opportunities.opportunity_id || ':' || first_closed.outcome || ':' || takers.contact_id as outcome_id,
        'salesforce:' || takers.contact_id as contact_id,
        first_closed.outcome,
        -- The closing date of an open opportunity is a forecast.
        coalesce(first_closed.closed_at, opportunities.stage_changed_at, opportunities.closes_at) as occurred_at,
        case when takers.place = 1 then opportunities.value end as value

    from opportunities

    inner join first_closed on opportunities.opportunity_id = first_closed.opportunity_id

    inner join takers on opportunities.opportunity_id = takers.opportunity_id

    union all

    select
        'salesforce:lead:' || {{ read_text('id') }} || ':qualified' as outcome_id,
        {{ source_id('salesforce', 'id') }} as contact_id,
        'qualified' as outcome,
        min({{ source_day_end('salesforce', 'converted_date') }}) as occurred_at,
        {{ as_amount('null') }} as value

    from {{ source('salesforce', 'lead') }}

    where {{ read_text('converted_date') }} is not null

    group by {{ read_text('id') }}, {{ source_id('salesforce', 'id') }}

    union all

    select * from {{ outcomes_of_attributes('salesforce') }}

    union all

    select * from {{ outcomes_of_events('salesforce', ref('salesforce_activity')) }}

)

select * from final
