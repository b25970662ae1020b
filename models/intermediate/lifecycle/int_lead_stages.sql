-- Stage of each lead as of each date of the run.

with

cycles as (

    select * from {{ ref('int_stage_cycles') }}

),

leads as (

    select * from {{ ref('int_contacts') }}

),

{{ stages_on_dates() }},

final as (

    select * from lead_stages

)

select * from final
