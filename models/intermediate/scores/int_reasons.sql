with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

rule_points as (

    select * from {{ ref('int_rule_points') }}
    -- Smaller contributions would show as 0.0, which is no reason.
    where abs(points) >= 0.05

),

rules as (

    select * from {{ ref('int_rules') }}

),

numbered as (

    select
        rule_points.*,
        row_number() over (
            partition by rule_points.model_id, rule_points.contact_key
            order by abs(rule_points.points) desc, rules.rule_id
        ) as reason_number

    from rule_points

    inner join dates on rule_points.as_of_date = dates.as_of_date

    inner join rules on rule_points.rule_key = rules.rule_key

),

phrases as (

    select
        numbered.as_of_date,
        numbered.model_id,
        numbered.contact_key,
        numbered.reason_number,
        rules.rule_kind,
        rules.label,
        coalesce(rules.in_days, '') as in_days,
        case when numbered.feature_value = 1 then rules.asks_for_one else rules.asks_for end as asks_for,
        {{ number_text('numbered.feature_value') }} as feature_text,
        {{ signed_text('numbered.points') }} as signed_points,
        numbered.matches || coalesce(rules.in_days, case when numbered.matches = 1 then ' time' else ' times' end) as times

    from numbered

    inner join rules on numbered.rule_key = rules.rule_key

    where numbered.reason_number <= 3

),

told as (

    select
        as_of_date,
        model_id,
        contact_key,
        reason_number,
        case rule_kind
            when 'event' then signed_points || ' ' || label || ', ' || times
            when 'activity' then signed_points || ' ' || label || ', ' || feature_text || ' ' || asks_for || in_days
            else signed_points || ' ' || label
        end as reason

    from phrases

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        max(case when reason_number = 1 then reason end) as reason_1,
        max(case when reason_number = 2 then reason end) as reason_2,
        max(case when reason_number = 3 then reason end) as reason_3

    from told

    group by as_of_date, model_id, contact_key

)

select * from final
