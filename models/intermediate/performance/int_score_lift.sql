with

levels as (

    select * from {{ ref('int_score_levels') }}

),

shares as (

    select 1 as top_percent
    union all
    select 5 as top_percent
    union all
    select 10 as top_percent
    union all
    select 20 as top_percent

),

-- A share is rounded up to whole leads.
sized as (

    select
        levels.*,
        shares.top_percent,
        {{ whole_divided('levels.all_leads * shares.top_percent + 99', '100') }} as leads_in_share

    from levels

    cross join shares

),

-- Of leads with one score at the edge of a share, as many conversions count as there are of its leads in the share.
counted as (

    select
        model_id,
        period,
        segment,
        top_percent,
        all_leads,
        all_conversions,
        leads_in_share,
        {{ as_amount('sum(' ~ fraction(
            'conversions * greatest(least(leads_from_here, leads_in_share) - leads_from_here + leads, 0)',
            'leads'
        ) ~ ')') }} as conversions_in_share

    from sized

    group by model_id, period, segment, top_percent, all_leads, all_conversions, leads_in_share

),

lifts as (

    select
        *,
        {{ divided('conversions_in_share * all_leads', 'nullif(leads_in_share * all_conversions, 0)') }} as lift

    from counted

),

final as (

    select
        model_id,
        period,
        segment,
        max(case when top_percent = 1 then lift end) as lift_top_1_percent,
        max(case when top_percent = 5 then lift end) as lift_top_5_percent,
        max(case when top_percent = 10 then lift end) as lift_top_10_percent,
        max(case when top_percent = 20 then lift end) as lift_top_20_percent,
        max(case when top_percent = 10 then conversions_in_share end) as conversions_in_top_10_percent

    from lifts

    group by model_id, period, segment

)

select * from final
