{{ config(tags=['law']) }}

-- Journeys that cannot be: a stage entered after the as-of date or before the stage before it, a stage that follows the end of its cycle, a
-- cycle that begins before the one before it ended, or a current stage that is not the last.

with

changes as (

    select * from {{ ref('int_stage_changes') }}

),

followed as (

    select
        *,
        lag(cycle) over changes_of_contact as cycle_before,
        lag(entered_on) over changes_of_contact as entered_before,
        lag(kind) over changes_of_contact as kind_before,
        lag(position) over changes_of_contact as position_before,
        lag(is_current) over changes_of_contact as was_current

    from changes

    window changes_of_contact as (
        partition by contact_id
        order by cycle, entered_on, case when kind = 'open' then 0 else 1 end, position
    )

),

final as (

    select
        contact_id,
        cycle,
        stage,
        entered_on
    from followed
    where
        entered_on > as_of_date
        or entered_on < entered_before
        or was_current
        or (cycle_before is null and cycle <> 1)
        or (cycle = cycle_before and kind_before <> 'open')
        or (cycle = cycle_before and kind = 'open' and position <= position_before)
        or (cycle <> cycle_before and (cycle <> cycle_before + 1 or kind_before = 'open' or entered_on = entered_before))

)

select * from final
