with

evaluations as (

    select * from {{ ref('outcome_findings') }}

),

challengers as (

    select * from {{ ref('challenger_findings') }}

),

topics as (

    select * from {{ ref('finding_topics') }}

),

drift as (

    select
        *,
        max(period) over (partition by model_id) as latest_period,
        row_number() over (
            partition by model_id, period
            order by stability_index desc, topic asc, name asc, coalesce(goal_id, '') asc
        ) as place,
        topic || coalesce(' ' || name, ' ' || goal_id, '') || ' ' || {{ as_text(as_rounded('stability_index', 2)) }} as item

    from {{ ref('score_drift') }}

),

shifted as (

    select
        model_id,
        period,
        {{ joined('item', "', '", 'place') }} as items

    from drift

    where
        verdict = 'shifted'
        and period = latest_period

    group by
        model_id,
        period

),

lines as (

    select
        topics.place_told,
        topics.topic,
        shifted.model_id as subject,
        {{ as_text('null') }} as goal_id,
        {{ worded('topics.wording', {'period': 'shifted.period', 'items': 'shifted.items', 'subject': 'shifted.model_id'}) }} as finding

    from shifted

    inner join topics on topics.topic = 'scores have shifted'

    union all

    select place_told, topic, subject, goal_id, finding -- noqa: LT09
    from evaluations

    union all

    select * from challengers

),

final as (

    select
        {{ as_whole('row_number() over (order by place_told, subject, topic)') }} as finding_number,
        topic,
        subject,
        goal_id,
        finding

    from lines

)

select * from final
