-- Changes of stage of the leads of the latest date: entries of an open stage above all that the contact entered earlier in the cycle, and
-- the stage that ends the cycle.

with

entries as (

    select * from {{ ref('int_stage_cycles') }}

),

leads as (

    select
        contacts.contact_id,
        contacts.as_of_date
    from {{ ref('int_contacts') }} as contacts
    inner join {{ ref('int_as_of_dates') }} as dates on contacts.as_of_date = dates.as_of_date
    where dates.is_latest

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
        leads.as_of_date,
        followed.contact_id,
        followed.cycle,
        followed.stage,
        followed.position,
        followed.kind,
        followed.entered_on,
        followed.value,
        followed.stage_before,
        {{ days_between('followed.entered_before', 'followed.entered_on') }} as days_in_stage_before,
        {{ days_between('followed.entered_on', 'coalesce(followed.left_on, leads.as_of_date)') }} as days_in_stage,
        followed.left_on is null as is_current,
        coalesce(followed.cycle_after = followed.cycle and followed.kind_after in ('open', 'won'), false) as has_moved_on

    from followed

    -- The journey of a contact that is part of another by now ended there: the other has gone on with it.
    inner join leads on followed.contact_id = leads.contact_id

)

select * from final
