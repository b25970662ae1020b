with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

explanations as (

    select * from {{ ref('int_explanations') }}
    where
        rule_kind <> 'adjustment'
        -- Less than this is told as 0.0, which is no reason.
        and abs(points) >= 0.05

),

numbered_reasons as (

    select
        explanations.*,
        row_number() over (
            partition by explanations.model_id, explanations.contact_id
            order by abs(explanations.points) desc, explanations.rule_id
        ) as reason_number

    from explanations

    inner join dates on explanations.as_of_date = dates.as_of_date

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        max(case when reason_number = 1 then reason end) as reason_1,
        max(case when reason_number = 2 then reason end) as reason_2,
        max(case when reason_number = 3 then reason end) as reason_3

    from numbered_reasons

    where reason_number <= 3

    group by as_of_date, model_id, contact_id

)

select * from final
