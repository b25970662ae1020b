-- Points by rule on the latest date: the twenty rules of each model that move scores most.

with

latest as (

    select distinct
        as_of_date,
        model_id

    from {{ ref('lead_scores') }}

    where model_status = 'active'

),

points as (

    select
        ledger.model_id,
        ledger.rule_id,
        ledger.rule_group,
        ledger.rule_kind,
        count(*) as leads,
        sum(ledger.points) as points,
        min(ledger.explanation) as explanation

    from {{ ref('lead_score_contributions') }} as ledger

    inner join latest
        on
            ledger.as_of_date = latest.as_of_date
            and ledger.model_id = latest.model_id

    group by
        ledger.model_id,
        ledger.rule_id,
        ledger.rule_group,
        ledger.rule_kind

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
        points.model_id,
        points.leads,
        points.points,
        case
            when points.rule_kind = 'adjustment' then 'cap or floor of ' || coalesce('group ' || points.rule_group, 'the score')
            -- Without an evaluation there is no label. An explanation begins with it.
            else coalesce(labels.label, split_part(points.explanation, ': ', 1), points.rule_id)
        end as label,
        row_number() over (
            partition by points.model_id
            order by abs(points.points) desc, points.rule_id asc, points.rule_group asc
        ) as place

    from points

    left join labels
        on
            points.model_id = labels.model_id
            and points.rule_id = labels.rule_id

)

select * from final
where place <= 20
order by
    model_id,
    place
