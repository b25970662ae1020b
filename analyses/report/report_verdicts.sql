-- What outcomes of the model's main goal say about each rule: rules to change first, then by their effect on the ranking.

with

rules as (

    select rules.*
    from {{ ref('rule_performance') }} as rules

    inner join {{ ref('outcome_findings') }} as goals
        on
            rules.model_id = goals.model_id
            and rules.goal_id is not distinct from goals.goal_id

    where
        rules.lead_dates > 0
        and goals.is_main_goal

),

final as (

    select
        model_id,
        rule_id,
        label,
        leads_touched,
        rate_with,
        rate_without,
        auc_contribution,
        points,
        points_suggested,
        verdict,
        row_number() over (
            partition by model_id
            order by
                case verdict when 'keep' then 2 when 'too little data' then 3 else 1 end asc,
                abs(coalesce(auc_contribution, 0)) desc,
                rule_id asc
        ) as place

    from rules

)

select * from final
where place <= 30
order by
    model_id,
    place
