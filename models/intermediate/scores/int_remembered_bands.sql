{{ config(materialized='view') }}

with

band_scores as (

    select * from {{ ref('int_band_scores') }}

),

ranked as (

    {{ bands_on('band_scores', 'contact_key, dimension') }}

),

keyed as (

    select
        *,
        {{ band_key('dimension', 'min_score') }} as band_key
    from ranked

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        max(case when dimension = 'behavioural' and place = 1 then band end) as behavioural_band,
        max(case when dimension = 'demographic' and place = 1 then band end) as demographic_band,
        max(case when dimension = 'total' and place = 1 then band end) as total_band,
        {{ joined("case when dimension = 'behavioural' then band_key end", "''", 'min_score') }} as behavioural_on,
        {{ joined("case when dimension = 'demographic' then band_key end", "''", 'min_score') }} as demographic_on,
        {{ joined("case when dimension = 'total' then band_key end", "''", 'min_score') }} as total_on

    from keyed

    group by as_of_date, model_id, contact_key

)

select * from final
