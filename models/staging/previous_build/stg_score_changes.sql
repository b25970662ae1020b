with

source as (

    select * from {{ last_built(source('published', 'lead_score_changes')) }}

),

final as (

    select
        as_of_date,
        previous_as_of_date,
        model_id,
        contact_id,
        from_status,
        to_status,
        from_band,
        to_band,
        from_grade,
        to_grade,
        priority,
        next_action,
        run_at

    from source

)

select * from final
