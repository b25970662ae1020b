with

scores as (

    select * from {{ ref('int_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

placed as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.contact_key,
        rank() over (
            partition by scores.model_id
            order by scores.score desc
        ) as rank_in_model,
        count(*) over (
            partition by scores.model_id
            order by scores.score
            range between unbounded preceding and current row
        ) as leads_at_or_below,
        count(*) over (partition by scores.model_id) as leads_scored

    from scores

    inner join dates on scores.as_of_date = dates.as_of_date

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        rank_in_model,
        {{ as_percent('leads_at_or_below', 'leads_scored') }} as percentile_in_model

    from placed

)

select * from final
