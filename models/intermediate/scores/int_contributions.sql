{{ config(materialized='view') }}

with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

group_scores as (

    select * from {{ ref('int_group_scores') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        rule_id,
        rule_kind,
        rule_group,
        dimension,
        matches,
        points,
        undiminished_points,
        newest_age,
        observed

    from rule_points

    union all

    select
        as_of_date,
        model_id,
        contact_id,
        case when points < unbounded_points then 'group_max' else 'group_min' end as rule_id,
        'adjustment' as rule_kind,
        rule_group,
        dimension,
        null as matches,
        {{ as_points('points - unbounded_points') }} as points,
        null as undiminished_points,
        null as newest_age,
        {{ number_text('points') }} as observed

    from group_scores

    where points <> unbounded_points

    union all

    select
        as_of_date,
        model_id,
        contact_id,
        case when score < unbounded_score then 'model_max' else 'model_min' end as rule_id,
        'adjustment' as rule_kind,
        {{ as_text('null') }} as rule_group,
        'total' as dimension,
        null as matches,
        {{ as_points('score - unbounded_score') }} as points,
        null as undiminished_points,
        null as newest_age,
        {{ number_text('score') }} as observed

    from scores

    where score <> unbounded_score

)

select * from final
