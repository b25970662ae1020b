-- An opportunity is won or lost at its activity of that type, else at its closing time, which is a forecast while it is open.

with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where
        source = 'pardot'
        and outcome is not null

),

activity as (

    select * from {{ ref('pardot_activity') }}

),

told as (

    select
        activity.event_id,
        activity.opportunity_id,
        event_names.outcome,
        activity.occurred_at

    from activity

    inner join event_names on activity.source_type = event_names.source_type

),

first_told as (

    select
        opportunity_id,
        outcome,
        min(occurred_at) as told_at

    from told

    group by opportunity_id, outcome

),

closed as (

    select
        {{ read_text('id') }} as opportunity_id,
        lower({{ read_text('status') }}) as outcome,
        {{ read_amount('value') }} as value,
        {{ source_day_end('pardot', 'closed_at', times_are_local=true) }} as closed_at

    from {{ source('pardot', 'opportunity') }}

    where lower({{ read_text('status') }}) in ('won', 'lost')

),

links as (

    select
        {{ read_text('links.opportunity_id') }} as opportunity_id,
        {{ read_text('links.prospect_id') }} as prospect_id,
        row_number() over (
            partition by {{ read_text('links.opportunity_id') }}
            order by min({{ source_time('pardot', 'prospects.created_at') }}) nulls last, {{ read_text('links.prospect_id') }}
        ) as place

    from {{ source('pardot', 'opportunity_prospect') }} as links

    left join {{ source('pardot', 'prospect') }} as prospects on {{ read_text('links.prospect_id') }} = {{ read_text('prospects.id') }}

    group by {{ read_text('links.opportunity_id') }}, {{ read_text('links.prospect_id') }}

),

-- The present outcome of an opportunity comes with its prospects and value. Other activities are outcomes of their own, such as the loss of
-- an opportunity that was won in the end.
others as (

    select * from activity
    where
        event_id not in (
            select told.event_id
            from told
            inner join links on told.opportunity_id = links.opportunity_id
            inner join closed on told.opportunity_id = closed.opportunity_id and told.outcome = closed.outcome
            where told.event_id is not null
        )

),

final as (

    select
        'pardot:opportunity:' || closed.opportunity_id || ':' || closed.outcome || ':' || links.prospect_id as outcome_id,
        'pardot:' || links.prospect_id as contact_id,
        closed.outcome,
        coalesce(first_told.told_at, closed.closed_at) as occurred_at,
        case when links.place = 1 then closed.value end as value

    from closed

    inner join links on closed.opportunity_id = links.opportunity_id

    left join first_told on closed.opportunity_id = first_told.opportunity_id and closed.outcome = first_told.outcome

    union all

    select * from {{ outcomes_of_events('pardot', 'others') }}

)

select * from final
