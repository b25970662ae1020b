with

graded_leads as (

    select * from {{ ref('int_graded_leads') }}

),

next_actions as (

    select * from {{ ref('int_next_actions') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}
    where dimension = 'total'

),

-- From each band, and from below all of them, the lowest score of the next one.
next_bands as (

    select
        model_id,
        min_score,
        lag(band) over (
            partition by model_id
            order by min_score
        ) as band_before
    from bands

),

final as (

    select
        graded_leads.as_of_date,
        graded_leads.model_id,
        graded_leads.contact_key,
        graded_leads.contact_id,
        graded_leads.account_id,
        graded_leads.status,
        graded_leads.status_reason,
        graded_leads.score,
        graded_leads.behavioural_score,
        graded_leads.demographic_score,
        graded_leads.band,
        graded_leads.behavioural_band,
        graded_leads.demographic_band,
        graded_leads.band_since,
        graded_leads.bands_on,
        {{ as_points('next_bands.min_score - graded_leads.score') }} as points_to_next_band,
        graded_leads.grade,
        case when next_actions.precedence is not null then next_actions.priority else graded_leads.priority end as priority,
        coalesce(next_actions.next_action, graded_leads.next_action) as next_action,
        graded_leads.last_event_at,
        graded_leads.rules_version

    from graded_leads

    left join next_actions
        on
            graded_leads.as_of_date = next_actions.as_of_date
            and graded_leads.model_id = next_actions.model_id
            and graded_leads.contact_key = next_actions.contact_key

    left join next_bands
        on
            graded_leads.model_id = next_bands.model_id
            and graded_leads.band is not distinct from next_bands.band_before

)

select * from final
