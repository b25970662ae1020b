with

levels as (

    select * from {{ ref('int_pair_levels') }}

),

sized as (

    select
        *,
        {{ whole_divided('all_leads * 10 + 99', '100') }} as leads_in_tenth

    from levels

),

-- As in int_score_ranking and int_score_lift.
counted as (

    select
        champion_id,
        challenger_id,
        side,
        sum(leads) as leads,
        sum(conversions) as conversions,
        sum(
            conversions
            * (2 * (all_leads - all_conversions - leads_from_here + conversions_from_here) + leads - conversions)
        ) as twice_ordered_pairs,
        {{ as_amount('sum(' ~ fraction(
            'conversions * greatest(least(leads_from_here, leads_in_tenth) - leads_from_here + leads, 0)',
            'leads'
        ) ~ ')') }} as conversions_in_tenth

    from sized

    group by champion_id, challenger_id, side

),

final as (

    select
        champion_id,
        challenger_id,
        side,
        leads,
        conversions,
        {{ divided('twice_ordered_pairs', 'nullif(2 * conversions * (leads - conversions), 0)') }} as roc_auc,
        {{ divided('conversions_in_tenth', 'nullif(conversions, 0)') }} as share_in_tenth

    from counted

)

select * from final
