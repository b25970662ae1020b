{{ config(materialized='view') }}

-- Conditions on attributes, each once, whichever rule, audience, disqualification or stage has it.

with

final as (

    select distinct
        name as attribute,
        comparison,
        operand
    from {{ ref('int_tested_names') }}
    where
        kind <> 'property'
        and comparison is not null

)

select * from final
