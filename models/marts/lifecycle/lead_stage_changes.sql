with

changes as (

    select * from {{ ref('int_stage_changes') }}
    where is_lead

),

final as (

    select
        as_of_date,
        contact_id,
        {{ as_whole('cycle') }} as cycle,
        stage,
        kind,
        entered_on,
        stage_before,
        days_in_stage_before,
        value

    from changes

)

select * from final
