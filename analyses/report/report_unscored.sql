-- Leads without a score by reason: the ten most frequent reasons per model.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where
        model_status = 'active'
        and status <> 'scored'

),

reasons as (

    select
        model_id,
        replace(status, '_', ' ') as status,
        coalesce(status_reason, 'no reason given') as reason,
        count(*) as leads

    from leads

    group by
        model_id,
        status,
        status_reason

),

final as (

    select
        model_id,
        status,
        reason,
        leads,
        row_number() over (
            partition by model_id
            order by leads desc, status asc, reason asc
        ) as place

    from reasons

)

select * from final
where place <= 10
order by
    model_id,
    place
