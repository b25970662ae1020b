-- An opportunity is won or lost from the activity that says so; its own closing time is a forecast while it is open.

with

event_names as (

    select * from {{ ref('stg_event_names') }}
    where
        source = 'pardot'
        and outcome is not null

),

told as (

    select
        {{ read_text('activity.opportunity_id') }} as opportunity_id,
        {{ read_text('activity.prospect_id') }} as prospect_id,
        event_names.outcome,
        min({{ source_time('pardot', 'activity.created_at') }}) as told_at

    from {{ source('pardot', 'visitor_activity') }} as activity

    inner join event_names on {{ read_text('activity.type') }} = event_names.source_type

    group by {{ read_text('activity.opportunity_id') }}, {{ read_text('activity.prospect_id') }}, event_names.outcome

),

first_told as (

    select
        opportunity_id,
        outcome,
        min(told_at) as told_at

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

    select
        'pardot:opportunity:' || coalesce(told.opportunity_id, '') || ':' || told.outcome || ':' || told.prospect_id as outcome_id,
        'pardot:' || told.prospect_id as contact_id,
        told.outcome,
        told.told_at as occurred_at,
        {{ as_amount('null') }} as value

    from told

    where
        told.opportunity_id is null
        or told.opportunity_id not in (
            select links.opportunity_id from links
            where links.opportunity_id is not null
        )

)

select * from final
