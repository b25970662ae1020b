with

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

group_scores as (

    select * from {{ ref('int_group_scores') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

added_up as (

    select
        as_of_date,
        model_id,
        contact_key,
        sum(case when dimension = 'behavioural' then points else 0 end) as behavioural_score,
        sum(case when dimension = 'demographic' then points else 0 end) as demographic_score

    from group_scores

    group by as_of_date, model_id, contact_key

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        {{ as_points('coalesce(added_up.behavioural_score, 0)') }} as behavioural_score,
        {{ as_points('coalesce(added_up.demographic_score, 0)') }} as demographic_score,
        {{ as_points('coalesce(added_up.behavioural_score + added_up.demographic_score, 0)') }} as unbounded_score,
        {{ as_points(
            'greatest(least(coalesce(added_up.behavioural_score + added_up.demographic_score, 0), models.max_score), models.min_score)'
        ) }} as score

    from leads

    inner join models on leads.model_id = models.model_id

    left join added_up
        on
            leads.as_of_date = added_up.as_of_date
            and leads.model_id = added_up.model_id
            and leads.contact_key = added_up.contact_key

)

select * from final
