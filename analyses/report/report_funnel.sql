-- Stages of the funnel: leads in each now, entries of all months, how many moved on, and days until then.

with

entries as (

    select
        stage,
        position,
        kind,
        sum(entered) as entered,
        sum(moved_on) as moved_on,
        sum(value) as value

    from {{ ref('funnel') }}

    where segment_attribute is null

    group by
        stage,
        position,
        kind

),

moves as (

    select
        stage_before as stage,
        days_in_stage_before as days,
        row_number() over (partition by stage_before order by days_in_stage_before asc) as place,
        count(*) over (partition by stage_before) as places

    from {{ ref('lead_stage_changes') }}

    where
        kind in ('open', 'won')
        and stage_before is not null

),

-- The lowest number of days within which that share of those who moved on had moved on.
days as (

    select
        stage,
        min(case when 2 * place >= places then days end) as median_days,
        min(case when 10 * place >= 9 * places then days end) as p90_days

    from moves

    group by stage

),

present as (

    select
        stage,
        count(*) as leads

    from {{ ref('lead_stages') }}

    group by stage

),

final as (

    select
        entries.stage,
        entries.position,
        entries.kind,
        entries.entered,
        entries.moved_on,
        entries.value,
        days.median_days,
        days.p90_days,
        coalesce(present.leads, 0) as leads

    from entries

    -- An end (won, lost, disqualified) is followed by the next cycle, not by the next stage.
    left join days on entries.stage = days.stage and entries.kind = 'open'

    left join present on entries.stage = present.stage

)

select * from final
order by
    position,
    stage
