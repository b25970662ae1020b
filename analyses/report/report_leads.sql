-- The call list: the first leads of each active model by priority and rank, without those won, lost or disqualified.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where
        model_status = 'active'
        and status = 'scored'

),

stages as (

    select * from {{ ref('lead_stages') }}

),

accounts as (

    select * from {{ ref('account_scores') }}

),

open_leads as (

    select
        leads.*,
        row_number() over (
            partition by leads.model_id
            order by leads.priority asc nulls last, leads.rank_in_model asc, leads.contact_id asc
        ) as place

    from leads

    left join stages on leads.contact_id = stages.contact_id

    where coalesce(stages.kind, 'open') = 'open'

),

final as (

    select
        open_leads.place,
        open_leads.model_id,
        open_leads.contact_id,
        open_leads.account_id,
        open_leads.score,
        open_leads.band,
        open_leads.grade,
        open_leads.next_action,
        open_leads.stage,
        open_leads.stage_since,
        open_leads.score_change_7d,
        open_leads.trend,
        open_leads.days_in_band,
        open_leads.last_event_at,
        open_leads.reason_1,
        open_leads.reason_2,
        open_leads.reason_3,
        open_leads.conversion_probability,
        accounts.account_name,
        accounts.score as account_score,
        accounts.band as account_band

    from open_leads

    left join accounts
        on
            open_leads.model_id = accounts.model_id
            and open_leads.account_id = accounts.account_id

    where open_leads.place <= {{ var('report_leads', 200) }}

)

select * from final
order by
    model_id,
    place
