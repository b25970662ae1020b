-- Findings about the data and about the evaluation of each model, as build.py prints them. model_id is empty for the data. Findings about
-- a further goal have another subject and are on no model's part of the page.

with

final as (

    select
        finding_number,
        topic,
        '' as model_id,
        finding
    from {{ ref('scoring_findings') }}

    union all

    select
        finding_number,
        topic,
        subject as model_id,
        finding
    from {{ ref('evaluation_findings') }}

)

select * from final
order by
    model_id,
    finding_number
