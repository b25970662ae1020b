with

pairs as (

    select * from {{ ref('int_model_pairs') }}

),

leads as (

    select * from {{ ref('int_latest_leads') }}

),

final as (

    select
        champions.as_of_date,
        pairs.champion_id,
        pairs.challenger_id,
        champions.band as champion_band,
        challengers.band as challenger_band,
        count(*) as leads

    from pairs

    inner join leads as champions on pairs.champion_id = champions.model_id

    inner join leads as challengers
        on
            pairs.challenger_id = challengers.model_id
            and champions.contact_id = challengers.contact_id

    group by champions.as_of_date, pairs.champion_id, pairs.challenger_id, champions.band, challengers.band

)

select * from final
