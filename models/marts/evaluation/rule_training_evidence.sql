with

evidence as (

    select * from {{ ref('stg_rule_evidence') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

-- A row stays in the seed when a person deletes its rule.
final as (

    select
        rules.model_id,
        rules.rule_id,
        rules.label,
        rules.points,
        {{ as_count('evidence.contacts') }} as contacts,
        {{ as_count('evidence.contacts_converted') }} as contacts_converted,
        {{ as_amount('evidence.rate_with') }} as rate_with,
        {{ as_amount('evidence.rate_without') }} as rate_without,
        {{ as_amount('evidence.q_value') }} as q_value,
        evidence.trained_from,
        evidence.trained_until

    from evidence

    inner join rules
        on
            evidence.model_id = rules.model_id
            and evidence.rule_id = rules.rule_id

)

select * from final
