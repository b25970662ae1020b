{#-
    Journeys through the stages: the same steps with all entries (intermediate/lifecycle), and without those by a band (int_stage_audiences),
    because scores decide bands, and the audience decides who is scored.
-#}

{#-
    From `entries` (contact_id, stage, entered_on, value), the CTEs up to `cycles`: the entries that lie in a cycle of the contact. A cycle ends
    on the first date on which a stage of another kind than open is entered. The next one begins with the first open stage entered at least
    reenter_after_days later.
-#}
{%- macro stage_cycles() -%}
-- A stage has as many rows as ways to enter it.
stages as (

    select distinct
        stage,
        position,
        kind,
        reenter_after_days
    from {{ ref('stg_lifecycle_stages') }}

),

staged as (

    select
        entries.*,
        stages.position,
        stages.kind,
        stages.reenter_after_days
    from entries
    inner join stages on entries.stage = stages.stage

),

-- Of several stages that end the cycle on one date, the highest counts.
days as (

    select
        contact_id,
        entered_on,
        max(case when kind = 'open' then 1 else 0 end) = 1 as is_open,
        max(case when kind <> 'open' then position end) as end_position
    from staged
    group by contact_id, entered_on

),

reopenings as (

    select
        ends.contact_id,
        ends.entered_on as ended_on,
        min(days.entered_on) as begun_on
    from days as ends
    inner join stages on ends.end_position = stages.position
    inner join days
        on
            ends.contact_id = days.contact_id
            and ends.entered_on < days.entered_on
            and {{ add_days('ends.entered_on', 'stages.reenter_after_days') }} <= days.entered_on
    where days.is_open
    group by ends.contact_id, ends.entered_on

),

-- For each date on which a cycle may begin, the date on which it would end.
spans as (

    select
        contact_id,
        entered_on as begun_on,
        min(case when end_position is not null then entered_on end) over (
            partition by contact_id
            order by entered_on
            rows between current row and unbounded following
        ) as ended_on
    from days

),

begun_cycles as (

    select contact_id, 1 as cycle, min(entered_on) as begun_on -- noqa: LT09
    from days
    group by contact_id

    union all

    select begun_cycles.contact_id, begun_cycles.cycle + 1 as cycle, reopenings.begun_on -- noqa: LT09
    from begun_cycles
    inner join spans on begun_cycles.contact_id = spans.contact_id and begun_cycles.begun_on = spans.begun_on
    inner join reopenings on spans.contact_id = reopenings.contact_id and spans.ended_on = reopenings.ended_on

),

cycles as (

    select
        staged.contact_id,
        begun_cycles.cycle,
        staged.stage,
        staged.position,
        staged.kind,
        staged.entered_on,
        staged.value
    from begun_cycles
    inner join spans on begun_cycles.contact_id = spans.contact_id and begun_cycles.begun_on = spans.begun_on
    inner join staged
        on
            spans.contact_id = staged.contact_id
            and spans.begun_on <= staged.entered_on
            and coalesce(spans.ended_on >= staged.entered_on, true)

)
{%- endmacro -%}
