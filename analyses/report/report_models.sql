-- Active models: leads, and the number that is scored.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where model_status = 'active'

),

final as (

    select
        model_id,
        as_of_date,
        count(*) as leads,
        count(score) as scored

    from leads

    group by
        model_id,
        as_of_date

)

select * from final
order by model_id
