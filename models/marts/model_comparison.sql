with

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

leads as (

    select * from {{ ref('int_latest_leads') }}

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
        champions.rank_in_model as champion_rank,
        challengers.rank_in_model as challenger_rank,
        champions.rank_in_model - challengers.rank_in_model as rank_shift,
        differences.difference_1,
        differences.difference_2,
        differences.difference_3

    from pairs

    inner join leads as champions on pairs.champion_id = champions.model_id

    inner join leads as challengers
        on
            pairs.challenger_id = challengers.model_id
            and champions.contact_id = challengers.contact_id

    left join differences
        on
            pairs.champion_id = differences.champion_id
            and pairs.challenger_id = differences.challenger_id
            and champions.contact_id = differences.contact_id

)

select * from final
