{{ config(materialized='view') }}

-- Contributions as sentences.

with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

override_points as (

    select * from {{ ref('int_override_points') }}

),

phrases as (

    select
        rule_points.*,
        rules.rule_id,
        rules.rule_kind,
        rules.rule_group,
        rules.dimension,
        rules.label,
        rules.tells_value,
        rules.in_the_window,
        case when rule_points.feature_value = 1 then rules.asks_for_one else rules.asks_for end as asks_for,
        {{ number_text('rule_points.feature_value') }} as feature_text,
        {{ signed_text('rule_points.points') }} as signed_points,
        {{ signed_text('rule_points.undiminished_points') }} as signed_undiminished_points,
        rule_points.matches || case when rule_points.matches = 1 then ' time' else ' times' end as times,
        case rule_points.newest_age
            when 0 then 'newest today'
            when 1 then 'newest 1 day ago'
            else 'newest ' || rule_points.newest_age || ' days ago'
        end as newest

    from rule_points

    inner join rules on rule_points.rule_key = rules.rule_key

),

-- A value that the rule does not name (an e-mail address, a phone number) is not published.
final as (

    select
        as_of_date,
        model_id,
        contact_key,
        rule_id,
        rule_kind,
        rule_group,
        dimension,
        matches,
        points,
        case
            when rule_kind = 'event' then label || ': ' || times || in_the_window || ', ' || newest || ': ' || signed_points
            when rule_kind = 'activity' then label || ': ' || feature_text || ' ' || asks_for || in_the_window || ': ' || signed_points
            when tells_value then label || ': ' || asks_for || ' ' || coalesce(attribute_value, 'missing') || ': ' || signed_points
            else label || ': ' || signed_points
        end || case
            when signed_points = signed_undiminished_points then ''
            when abs(points) > abs(undiminished_points) then ' instead of ' || replace(signed_undiminished_points, '+', '')
            else ' of ' || replace(signed_undiminished_points, '+', '')
        end as explanation

    from phrases

    union all

    select
        as_of_date,
        model_id,
        contact_key,
        rule_id,
        'override' as rule_kind,
        {{ as_text('null') }} as rule_group,
        'total' as dimension,
        null as matches,
        points,
        explanation

    from override_points

)

select * from final
