-- Changes of stage by the latest date: entries of an open stage above all that the contact entered earlier in the cycle, and the stage that
-- ends the cycle.

with recursive

all_entries as (

    select * from {{ ref('int_stage_entries') }}

    union all

    select * from {{ ref('int_band_entries') }}

),

latest_date as (

    select as_of_date from {{ ref('int_as_of_dates') }}
    where is_latest

),

leads as (

    select contacts.contact_id from {{ ref('int_contacts') }} as contacts
    inner join latest_date on contacts.as_of_date = latest_date.as_of_date

),

entries as (

    select contact_id, entered_on, stage, {{ as_amount('sum(value)') }} as value -- noqa: LT09
    from all_entries
    group by contact_id, entered_on, stage

),

{{ stage_cycles() }},

ranked as (

    select
        *,
        max(case when kind = 'open' then position end) over (
            partition by contact_id, cycle
            order by entered_on, position
            rows between unbounded preceding and 1 preceding
        ) as position_before,
        max(case when kind <> 'open' then position end) over (partition by contact_id, cycle) as end_position
    from cycles

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
        latest_date.as_of_date,
        followed.contact_id,
        followed.cycle,
        followed.stage,
        followed.position,
        followed.kind,
        followed.entered_on,
        followed.left_on,
        followed.value,
        followed.stage_before,
        {{ days_between('followed.entered_before', 'followed.entered_on') }} as days_in_stage_before,
        {{ days_between('followed.entered_on', 'coalesce(followed.left_on, latest_date.as_of_date)') }} as days_in_stage,
        followed.left_on is null as is_current,
        coalesce(followed.cycle_after = followed.cycle and followed.kind_after in ('open', 'won'), false) as has_moved_on,
        -- A contact that is part of another by now has none: the other has gone on with its journey.
        leads.contact_id is not null as is_lead

    from followed

    cross join latest_date

    left join leads on followed.contact_id = leads.contact_id

)

select * from final
