-- The call list: the first leads of each active model by priority and rank.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where
        model_status = 'active'
        and status = 'scored'

),

final as (

    select
        model_id,
        contact_id,
        account_id,
        score,
        band,
        grade,
        next_action,
        score_change_7d,
        trend,
        days_in_band,
        last_event_at,
        reason_1,
        reason_2,
        reason_3,
        conversion_probability,
        row_number() over (
            partition by model_id
            order by priority asc nulls last, rank_in_model asc, contact_id asc
        ) as place

    from leads

)

select * from final
where place <= {{ var('report_leads', 200) }}
order by
    model_id,
    place
