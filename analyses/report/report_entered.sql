-- Leads that entered a band on the latest date: the first five of each band by priority.

with

latest as (

    select distinct
        as_of_date,
        model_id

    from {{ ref('lead_scores') }}

    where model_status = 'active'

),

entered as (

    select
        changes.model_id,
        changes.to_band,
        changes.contact_id,
        row_number() over (
            partition by changes.model_id, changes.to_band
            order by changes.priority asc nulls last, changes.contact_id asc
        ) as place

    from {{ ref('lead_score_changes') }} as changes

    inner join latest
        on
            changes.as_of_date = latest.as_of_date
            and changes.model_id = latest.model_id

    where
        changes.to_band is not null
        and changes.from_band is distinct from changes.to_band

),

final as (

    select * from entered
    where place <= 5

)

select * from final
order by
    model_id,
    to_band,
    place
