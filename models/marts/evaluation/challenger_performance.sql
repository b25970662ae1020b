with

ranking as (

    select * from {{ ref('int_score_ranking') }}
    where challenger_id is not null

),

goals as (

    select * from {{ ref('int_conversion_goals') }}

),

-- Two rows per pair and goal of the champion: the scores of both models on the same leads.
final as (

    select
        champions.model_id as champion_id,
        champions.challenger_id,
        goals.goal_id,
        {{ as_count('champions.contacts') }} as leads,
        {{ as_count('champions.converted_contacts') }} as conversions,
        {{ as_count('champions.leads') }} as lead_dates,
        {{ as_count('champions.conversions') }} as converted_lead_dates,
        {{ as_amount('champions.roc_auc') }} as champion_roc_auc,
        {{ as_amount('challengers.roc_auc') }} as challenger_roc_auc,
        -- As in score_performance.
        {{ as_amount(divided(
            'champions.conversions_in_top_10_percent * champions.converted_contacts',
            'nullif(champions.conversions, 0)'
        )) }} as champion_conversions_in_top_10_percent,
        {{ as_amount(divided(
            'challengers.conversions_in_top_10_percent * challengers.converted_contacts',
            'nullif(challengers.conversions, 0)'
        )) }} as challenger_conversions_in_top_10_percent

    from ranking as champions

    inner join ranking as challengers
        on
            champions.goal_key = challengers.goal_key
            and champions.challenger_id = challengers.challenger_id
            and challengers.model_id = challengers.challenger_id

    inner join goals on champions.goal_key = goals.goal_key

    where champions.model_id <> champions.challenger_id

)

select * from final
