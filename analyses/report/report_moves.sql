-- Leads that changed band or status between the two latest dates.

with

latest as (

    select distinct
        as_of_date,
        model_id

    from {{ ref('lead_scores') }}

    where model_status = 'active'

),

moves as (

    select
        changes.model_id,
        changes.previous_as_of_date,
        case
            when changes.from_status is null then 'new'
            when changes.from_status <> 'scored' then replace(changes.from_status, '_', ' ')
            else coalesce(changes.from_band, 'no band')
        end as moved_from,
        case
            when changes.to_status <> 'scored' then replace(changes.to_status, '_', ' ')
            else coalesce(changes.to_band, 'no band')
        end as moved_to

    from {{ ref('lead_score_changes') }} as changes

    inner join latest
        on
            changes.as_of_date = latest.as_of_date
            and changes.model_id = latest.model_id

),

final as (

    select
        model_id,
        previous_as_of_date,
        moved_from,
        moved_to,
        count(*) as leads

    from moves

    where moved_from <> moved_to

    group by
        model_id,
        previous_as_of_date,
        moved_from,
        moved_to

)

select * from final
order by
    model_id asc,
    leads desc,
    moved_from asc,
    moved_to asc
