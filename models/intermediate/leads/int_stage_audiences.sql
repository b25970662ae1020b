-- Members of audiences by stage, as of each date of the run. Their stage is by the entries other than a band's: scores decide bands,
-- and the audience decides who is scored.

with recursive

contact_columns as (

    select * from {{ ref('stg_raw_columns') }}
    where table_name = 'contacts'

),

-- A column of raw.contacts may have this name. Then the audience tests that column (int_met_conditions).
models as (

    select * from {{ ref('stg_score_models') }}
    where
        audience_attribute = 'stage'
        and audience_attribute not in (select contact_columns.column_name from contact_columns)

),

leads as (

    select * from {{ ref('int_contacts') }}

),

entries as (

    select * from {{ ref('int_stage_entries') }}
    where exists (select 1 from models)

),

{{ stage_cycles() }},

{{ stages_on_dates() }},

final as (

    select
        lead_stages.as_of_date,
        models.model_id,
        lead_stages.contact_key

    from lead_stages

    cross join models

    where {{ condition_holds('lead_stages.stage', 'models.audience_comparison', 'models.audience_operand') }}

)

select * from final
