-- Leads by score and band, in at most 26 classes of equal width, which is a whole number of points.

with

leads as (

    select * from {{ ref('lead_scores') }}
    where
        model_status = 'active'
        and status = 'scored'

),

widths as (

    select
        model_id,
        greatest(1, ceil((max(score) - min(score)) / 25)) as width

    from leads

    group by model_id

),

classes as (

    select
        leads.model_id,
        leads.band,
        cast(widths.width as integer) as width,
        cast(floor(leads.score / widths.width) as integer) as class_number

    from leads

    inner join widths on leads.model_id = widths.model_id

),

final as (

    select
        model_id,
        class_number,
        width,
        class_number * width as from_score,
        (class_number + 1) * width as to_score,
        band,
        count(*) as leads

    from classes

    group by
        model_id,
        class_number,
        width,
        band

)

select * from final
order by
    model_id,
    class_number,
    band
