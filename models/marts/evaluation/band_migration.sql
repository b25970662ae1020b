with

leads as (

    select * from {{ ref('model_comparison') }}

),

final as (

    select
        as_of_date,
        champion_id,
        challenger_id,
        champion_band,
        challenger_band,
        count(*) as leads

    from leads

    group by as_of_date, champion_id, challenger_id, champion_band, challenger_band

)

select * from final
