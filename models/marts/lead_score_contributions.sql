-- Explained when it is read: publishing does that once.
{{ config(materialized='view') }}

with

explanations as (

    select * from {{ ref('int_explanations') }}

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
        explanation

    from explanations

)

select * from final
