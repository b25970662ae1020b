with

cells as (

    select * from {{ ref('stg_rule_cells') }}

),

final as (

    select
        file,
        seed_row,
        max(case when column_name = 'rule_id' then cell end) as rule_id,
        max(case when column_name = 'model_id' then cell end) as model_id,
        max(case when column_name = 'rule_group' then cell end) as rule_group,
        max(case when column_name = 'dimension' then cell end) as dimension,
        max(case when column_name = 'band' then cell end) as band,
        max(case when column_name = 'source' then cell end) as source,
        max(case when column_name = 'name' then cell end) as name,
        max(case when column_name = 'property' then cell end) as property,
        max(case when column_name = 'attribute' then cell end) as attribute,
        max(case when column_name = 'comparison' then cell end) as comparison,
        max(case when column_name = 'operand' then cell end) as operand,
        max(case when column_name = 'and_property' then cell end) as and_property,
        max(case when column_name = 'and_attribute' then cell end) as and_attribute,
        max(case when column_name = 'and_comparison' then cell end) as and_comparison,
        max(case when column_name = 'and_operand' then cell end) as and_operand,
        max(case when column_name = 'audience_attribute' then cell end) as audience_attribute,
        max(case when column_name = 'audience_comparison' then cell end) as audience_comparison,
        max(case when column_name = 'audience_operand' then cell end) as audience_operand,
        {{ read_amount("max(case when column_name = 'lower' then cell end)") }} as lower,
        {{ read_amount("max(case when column_name = 'upper' then cell end)") }} as upper,
        max(case when column_name = 'decay' then cell end) as decay,
        max(case when column_name = 'decay_days' then cell end) as decay_days,
        {{ read_amount("max(case when column_name = 'decay_percent' then cell end)") }} as decay_percent,
        {{ read_amount("max(case when column_name = 'min_points' then cell end)") }} as min_points,
        {{ read_amount("max(case when column_name = 'max_points' then cell end)") }} as max_points,
        {{ read_amount("max(case when column_name = 'min_score' then cell end)") }} as min_score,
        {{ read_amount("max(case when column_name = 'max_score' then cell end)") }} as max_score,
        {{ read_amount("max(case when column_name = 'keep_score' then cell end)") }} as keep_score,
        {{ read_date("max(case when column_name = 'valid_from' then cell end)") }} as valid_from,
        {{ read_date("max(case when column_name = 'valid_to' then cell end)") }} as valid_to,
        max(case when column_name = 'demographic_band' then cell end) as demographic_band,
        max(case when column_name = 'behavioural_band' then cell end) as behavioural_band,
        max(case when column_name = 'eligible' then cell end) as eligible,
        max(case when column_name = 'eligible_event_type' then cell end) as eligible_event_type

    from cells

    group by file, seed_row

)

select * from final
