{{ config(tags=['law']) }}

-- On every as-of date of the run, for every lead: a scored lead without contributions has 0; an unscored lead has
-- no score and no contributions; no score is outside its model's bounds.

with

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

group_scores as (

    select * from {{ ref('int_group_scores') }}

),

scores as (

    select * from {{ ref('int_scores') }}

),

-- As in lead_score_contributions on the latest date.
ledger as (

    select
        rule_points.as_of_date,
        rule_points.model_id,
        rule_points.contact_key,
        rules.dimension,
        rule_points.points

    from rule_points

    inner join rules on rule_points.rule_key = rules.rule_key

    union all

    select
        as_of_date,
        model_id,
        contact_key,
        dimension,
        points - unbounded_points as points

    from group_scores

    union all

    select
        as_of_date,
        model_id,
        contact_key,
        'total' as dimension,
        score - unbounded_score as points

    from scores

    union all

    select
        as_of_date,
        model_id,
        contact_key,
        'total' as dimension,
        points

    from {{ ref('int_override_points') }}

),

contributions as (

    select
        as_of_date,
        model_id,
        contact_key,
        sum(points) as score,
        sum(case when dimension = 'behavioural' then points else 0 end) as behavioural_score,
        sum(case when dimension = 'demographic' then points else 0 end) as demographic_score

    from ledger

    group by as_of_date, model_id, contact_key

),

lead_scores as (

    select * from {{ ref('int_lead_scores') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

compared as (

    select
        coalesce(lead_scores.as_of_date, contributions.as_of_date) as as_of_date,
        coalesce(lead_scores.model_id, contributions.model_id) as model_id,
        coalesce(lead_scores.contact_key, contributions.contact_key) as contact_key,
        lead_scores.status,
        lead_scores.score,
        lead_scores.behavioural_score,
        lead_scores.demographic_score,
        case when lead_scores.status = 'scored' then coalesce(contributions.score, 0) else contributions.score end as expected_score,
        case
            when lead_scores.status = 'scored' then coalesce(contributions.behavioural_score, 0)
            else contributions.behavioural_score
        end as expected_behavioural_score,
        case
            when lead_scores.status = 'scored' then coalesce(contributions.demographic_score, 0)
            else contributions.demographic_score
        end as expected_demographic_score

    from lead_scores

    full join contributions
        on
            lead_scores.as_of_date = contributions.as_of_date
            and lead_scores.model_id = contributions.model_id
            and lead_scores.contact_key = contributions.contact_key

),

final as (

    select compared.*

    from compared

    left join models on compared.model_id = models.model_id

    where
        compared.status is null
        or (compared.status <> 'scored' and compared.expected_score is not null)
        or compared.score is distinct from compared.expected_score
        or compared.behavioural_score is distinct from compared.expected_behavioural_score
        or compared.demographic_score is distinct from compared.expected_demographic_score
        or compared.score < models.min_score
        or compared.score > models.max_score

)

select * from final
