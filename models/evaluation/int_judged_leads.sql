with

outcomes as (

    select * from {{ ref('int_lead_outcomes') }}
    where is_judged

),

segments as (

    select * from {{ ref('int_contact_segments') }}

),

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

score_history as (

    select * from {{ ref('int_score_history') }}
    where status = 'scored'

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

-- Leads, dates and outcomes of the active model, limited to those that the challenger's current rules scored too.
of_pairs as (

    select
        outcomes.goal_key,
        pairs.champion_id,
        pairs.challenger_id,
        outcomes.contact_id,
        outcomes.is_converted,
        outcomes.score as champion_score,
        challengers.score as challenger_score

    from pairs

    inner join outcomes on pairs.champion_id = outcomes.model_id

    inner join score_history as challengers
        on
            pairs.challenger_id = challengers.model_id
            and outcomes.as_of_date = challengers.as_of_date
            and outcomes.contact_id = challengers.contact_id

    inner join rules_versions
        on
            challengers.model_id = rules_versions.model_id
            and challengers.rules_version = rules_versions.rules_version

),

final as (

    select
        outcomes.goal_key,
        outcomes.model_id,
        {{ as_text('null') }} as challenger_id,
        outcomes.period,
        segments.segment,
        outcomes.contact_id,
        outcomes.score,
        outcomes.is_converted

    from outcomes

    left join segments
        on
            outcomes.goal_key = segments.goal_key
            and outcomes.contact_id = segments.contact_id
            and outcomes.as_of_date >= segments.from_date
            and outcomes.as_of_date < segments.until_date

    union all

    select
        goal_key,
        champion_id as model_id,
        challenger_id,
        {{ as_text('null') }} as period,
        {{ as_text('null') }} as segment,
        contact_id,
        champion_score as score,
        is_converted

    from of_pairs

    union all

    select
        goal_key,
        challenger_id as model_id,
        challenger_id,
        {{ as_text('null') }} as period,
        {{ as_text('null') }} as segment,
        contact_id,
        challenger_score as score,
        is_converted

    from of_pairs

)

select * from final
