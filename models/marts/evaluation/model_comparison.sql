with

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

leads as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

standings as (

    select * from {{ ref('int_standings') }}

),

differences as (

    select * from {{ ref('int_rule_differences') }}

),

final as (

    select
        champions.as_of_date,
        pairs.champion_id,
        pairs.challenger_id,
        champions.contact_id,
        champions.status as champion_status,
        challengers.status as challenger_status,
        champions.score as champion_score,
        challengers.score as challenger_score,
        champions.band as champion_band,
        challengers.band as challenger_band,
        champion_standings.rank_in_model as champion_rank,
        challenger_standings.rank_in_model as challenger_rank,
        champion_standings.rank_in_model - challenger_standings.rank_in_model as rank_shift,
        differences.difference_1,
        differences.difference_2,
        differences.difference_3

    from pairs

    inner join leads as champions on pairs.champion_id = champions.model_id

    inner join dates on champions.as_of_date = dates.as_of_date

    inner join leads as challengers
        on
            pairs.challenger_id = challengers.model_id
            and champions.as_of_date = challengers.as_of_date
            and champions.contact_id = challengers.contact_id

    left join standings as champion_standings
        on
            champions.model_id = champion_standings.model_id
            and champions.contact_id = champion_standings.contact_id

    left join standings as challenger_standings
        on
            challengers.model_id = challenger_standings.model_id
            and challengers.contact_id = challenger_standings.contact_id

    left join differences
        on
            pairs.champion_id = differences.champion_id
            and pairs.challenger_id = differences.challenger_id
            and champions.contact_key = differences.contact_key

)

select * from final
