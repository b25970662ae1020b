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

override_points as (

    select
        as_of_date,
        model_id,
        contact_key,
        sum(points) as points

    from {{ ref('int_override_points') }}

    group by as_of_date, model_id, contact_key

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

totals as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        coalesce(added_up.behavioural_score, 0) as behavioural_score,
        coalesce(added_up.demographic_score, 0) as demographic_score,
        coalesce(override_points.points, 0) as override_points

    from leads

    left join added_up
        on
            leads.as_of_date = added_up.as_of_date
            and leads.model_id = added_up.model_id
            and leads.contact_key = added_up.contact_key

    left join override_points
        on
            leads.as_of_date = override_points.as_of_date
            and leads.model_id = override_points.model_id
            and leads.contact_key = override_points.contact_key

),

summed as (

    select
        *,
        behavioural_score + demographic_score + override_points as unbounded_score
    from totals

),

final as (

    select
        summed.as_of_date,
        summed.model_id,
        summed.contact_key,
        {{ as_points('summed.behavioural_score') }} as behavioural_score,
        {{ as_points('summed.demographic_score') }} as demographic_score,
        {{ as_points('summed.unbounded_score') }} as unbounded_score,
        {{ as_points('greatest(least(summed.unbounded_score, models.max_score), models.min_score)') }} as score

    from summed

    inner join models on summed.model_id = models.model_id

)

select * from final
