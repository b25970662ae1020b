with

ranking as (

    select * from {{ ref('int_pair_ranking') }}

),

leads as (

    select * from {{ ref('int_pair_leads') }}

),

people as (

    select
        champion_id,
        challenger_id,
        count(distinct contact_id) as leads,
        count(distinct case when is_converted = 1 then contact_id end) as conversions

    from leads

    group by champion_id, challenger_id

),

final as (

    select
        people.champion_id,
        people.challenger_id,
        {{ as_count('people.leads') }} as leads,
        {{ as_count('people.conversions') }} as conversions,
        {{ as_count('champions.leads') }} as lead_dates,
        {{ as_count('champions.conversions') }} as converted_lead_dates,
        {{ as_amount('champions.roc_auc') }} as champion_roc_auc,
        {{ as_amount('challengers.roc_auc') }} as challenger_roc_auc,
        {{ as_amount('champions.share_in_tenth * people.conversions') }} as champion_conversions_in_top_10_percent,
        {{ as_amount('challengers.share_in_tenth * people.conversions') }} as challenger_conversions_in_top_10_percent

    from people

    inner join ranking as champions
        on
            people.champion_id = champions.champion_id
            and people.challenger_id = champions.challenger_id
            and champions.side = 'champion'

    inner join ranking as challengers
        on
            people.champion_id = challengers.champion_id
            and people.challenger_id = challengers.challenger_id
            and challengers.side = 'challenger'

)

select * from final
