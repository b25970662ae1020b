with

leads as (

    select * from {{ ref('int_pair_leads') }}

),

levels as (

    select
        champion_id,
        challenger_id,
        'champion' as side,
        champion_score as score,
        count(*) as leads,
        sum(is_converted) as conversions

    from leads

    group by champion_id, challenger_id, champion_score

    union all

    select
        champion_id,
        challenger_id,
        'challenger' as side,
        challenger_score as score,
        count(*) as leads,
        sum(is_converted) as conversions

    from leads

    group by champion_id, challenger_id, challenger_score

),

final as (

    select
        *,
        sum(leads) over (
            partition by champion_id, challenger_id, side
            order by score desc
            rows between unbounded preceding and current row
        ) as leads_from_here,
        sum(conversions) over (
            partition by champion_id, challenger_id, side
            order by score desc
            rows between unbounded preceding and current row
        ) as conversions_from_here,
        sum(leads) over (partition by champion_id, challenger_id, side) as all_leads,
        sum(conversions) over (partition by champion_id, challenger_id, side) as all_conversions

    from levels

)

select * from final
