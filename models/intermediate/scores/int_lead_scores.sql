with

leads as (

    select * from {{ ref('int_leads') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

bands as (

    select * from {{ ref('int_bands') }}

),

matrix as (

    select * from {{ ref('stg_score_matrix') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

ranked as (

    select
        *,
        rank() over (
            partition by as_of_date, model_id
            order by score desc
        ) as rank_in_model,
        count(*) over (
            partition by as_of_date, model_id
            order by score
            range between unbounded preceding and current row
        ) as leads_at_or_below,
        count(*) over (partition by as_of_date, model_id) as leads_scored

    from scores

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        leads.account_id,
        leads.status,
        leads.status_reason,
        ranked.score,
        ranked.behavioural_score,
        ranked.demographic_score,
        bands.band,
        bands.behavioural_band,
        bands.demographic_band,
        matrix.grade,
        matrix.priority,
        matrix.next_action,
        ranked.rank_in_model,
        {{ as_percent('ranked.leads_at_or_below', 'ranked.leads_scored') }} as percentile_in_model,
        leads.last_event_at,
        rules_versions.rules_version

    from leads

    inner join rules_versions on leads.model_id = rules_versions.model_id

    left join ranked
        on
            leads.as_of_date = ranked.as_of_date
            and leads.model_id = ranked.model_id
            and leads.contact_id = ranked.contact_id

    left join bands
        on
            leads.as_of_date = bands.as_of_date
            and leads.model_id = bands.model_id
            and leads.contact_id = bands.contact_id

    left join matrix
        on
            leads.model_id = matrix.model_id
            and bands.demographic_band = matrix.demographic_band
            and bands.behavioural_band = matrix.behavioural_band

)

select * from final
