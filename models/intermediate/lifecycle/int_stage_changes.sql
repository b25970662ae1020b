-- Changes of stage: entries of an open stage above all that the contact entered earlier in the cycle, and the stage that ends the cycle.

with

entries as (

    select * from {{ ref('int_stage_cycles') }}

),

ranked as (

    select
        *,
        max(case when kind = 'open' then position end) over (
            partition by contact_id, cycle
            order by entered_on, position
            rows between unbounded preceding and 1 preceding
        ) as position_before,
        max(case when kind <> 'open' then position end) over (partition by contact_id, cycle) as end_position
    from entries

),

changes as (

    select
        *,
        case when kind = 'open' then 0 else 1 end as is_end
    from ranked
    where
        position = end_position
        or (kind = 'open' and coalesce(position > position_before, true))

),

followed as (

    select
        *,
        lag(stage) over changes_of_contact as stage_before,
        lag(entered_on) over changes_of_contact as entered_before,
        lead(entered_on) over changes_of_contact as left_on,
        lead(kind) over changes_of_contact as kind_after,
        lead(cycle) over changes_of_contact as cycle_after
    from changes
    window changes_of_contact as (
        partition by contact_id
        order by cycle, is_end, entered_on, position
    )

),

final as (

    select
        as_of_date,
        contact_id,
        cycle,
        stage,
        position,
        kind,
        entered_on,
        value,
        stage_before,
        {{ days_between('entered_before', 'entered_on') }} as days_in_stage_before,
        {{ days_between('entered_on', 'coalesce(left_on, as_of_date)') }} as days_in_stage,
        left_on is null as is_current,
        coalesce(cycle_after = cycle and kind_after in ('open', 'won'), false) as has_moved_on

    from followed

)

select * from final
