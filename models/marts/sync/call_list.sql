{{ config(contract={'enforced': false}) }}

-- The columns that published_attributes.csv names come last. No contract can list them; data tests hold the others.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where
        status = 'scored'
        and model_status = 'active'

),

lead_stages as (

    select * from {{ ref('lead_stages') }}

),

stages as (

    select * from {{ ref('stg_lifecycle_stages') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

accounts as (

    select * from {{ ref('account_scores') }}

),

published_columns as (

    select * from {{ ref('int_published_columns') }}

),

-- Without lifecycle stages every lead is open. A model whose audience names stages, such as customers, lists leads of these stages.
open_leads as (

    select leads.*

    from leads

    inner join models on leads.model_id = models.model_id

    left join lead_stages on leads.contact_id = lead_stages.contact_id

    where
        lead_stages.kind = 'open'
        or (models.audience_attribute = 'stage' and models.audience_comparison in ('equals', 'in'))
        or not exists (select 1 from stages)

),

final as (

    select
        open_leads.as_of_date,
        open_leads.model_id,
        {{ as_count(
            'row_number() over (partition by open_leads.model_id '
            ~ 'order by open_leads.priority nulls last, open_leads.score desc, open_leads.contact_id)'
        ) }} as place,
        open_leads.contact_id,
        open_leads.account_id,
        accounts.account_name,
        open_leads.priority,
        open_leads.next_action,
        open_leads.score,
        open_leads.band,
        open_leads.days_in_band,
        open_leads.grade,
        open_leads.trend,
        open_leads.score_change_7d,
        open_leads.stage,
        open_leads.stage_since,
        open_leads.reason_1,
        open_leads.reason_2,
        open_leads.reason_3,
        open_leads.last_event_at,
        accounts.score as account_score,
        accounts.band as account_band,
        {{ all_but('published_columns', 'contact_id') }}

    from open_leads

    left join accounts
        on
            open_leads.model_id = accounts.model_id
            and open_leads.account_id = accounts.account_id

    left join published_columns on open_leads.contact_id = published_columns.contact_id

)

select * from final
