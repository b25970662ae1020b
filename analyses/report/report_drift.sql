-- Drift of the latest month: distributions that moved, the largest first, and how many were compared.

with

drift as (

    select
        *,
        max(period) over (partition by model_id) as latest_period

    from {{ ref('score_drift') }}

),

labels as (

    select distinct
        model_id,
        rule_id,
        label

    from {{ ref('rule_performance') }}

),

final as (

    select
        drift.model_id,
        drift.period,
        drift.previous_period,
        drift.topic,
        coalesce(labels.label, drift.name, drift.goal_id) as label,
        drift.stability_index,
        drift.verdict,
        count(*) over (partition by drift.model_id) as compared,
        row_number() over (
            partition by drift.model_id
            order by drift.stability_index desc, drift.topic asc, drift.name asc, drift.goal_id asc
        ) as place

    from drift

    left join labels
        on
            drift.model_id = labels.model_id
            and drift.name = labels.rule_id

    where drift.period = drift.latest_period

)

select * from final
where place <= 10
order by
    model_id,
    place
