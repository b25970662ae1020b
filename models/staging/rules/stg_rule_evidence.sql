with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'rule_evidence') }}

),

final as (

    select
        {{ read_text('rule_id') }} as rule_id,
        {{ read_text('model_id') }} as model_id,
        {{ read_whole('contacts') }} as contacts,
        {{ read_whole('contacts_converted') }} as contacts_converted,
        {{ read_amount('rate_with') }} as rate_with,
        {{ read_amount('rate_without') }} as rate_without,
        {{ read_amount('q_value') }} as q_value,
        {{ read_date('trained_from') }} as trained_from,
        {{ read_date('trained_until') }} as trained_until

    from source

)

select * from final
