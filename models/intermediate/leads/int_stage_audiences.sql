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

-- The highest open stage of the latest cycle, or the one that ended it, whatever its position.
ranked as (

    select
        leads.as_of_date,
        leads.contact_key,
        cycles.stage,
        row_number() over (
            partition by leads.as_of_date, leads.contact_id
            order by
                cycles.cycle desc,
                case when cycles.kind = 'open' then 1 else 0 end asc,
                cycles.position desc,
                cycles.entered_on asc
        ) as place

    from leads

    inner join cycles
        on
            leads.contact_id = cycles.contact_id
            and leads.as_of_date >= cycles.entered_on

),

final as (

    select
        ranked.as_of_date,
        models.model_id,
        ranked.contact_key

    from ranked

    cross join models

    where
        ranked.place = 1
        and {{ condition_holds('ranked.stage', 'models.audience_comparison', 'models.audience_operand') }}

)

select * from final
