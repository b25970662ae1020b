with

changes as (

    select * from {{ ref('int_stage_changes') }}
    where is_current and is_lead

),

final as (

    select
        as_of_date,
        contact_id,
        {{ as_whole('cycle') }} as cycle,
        stage,
        kind,
        entered_on as since,
        days_in_stage as days

    from changes

)

select * from final
