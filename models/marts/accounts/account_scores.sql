with

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

scores as (

    select account_scores.* from {{ ref('int_account_scores') }} as account_scores
    inner join dates on account_scores.as_of_date = dates.as_of_date

),

bands as (

    select * from {{ ref('int_account_bands') }}

),

versions as (

    select * from {{ ref('int_account_versions') }}

),

people as (

    select * from {{ ref('int_account_people') }}

),

contributions as (

    select
        *,
        row_number() over (
            partition by as_of_date, model_id, account_id
            order by abs(points) desc, kind desc, coalesce(contact_id, breadth_value)
        ) as reason_number
    from {{ ref('int_account_contributions') }}
    -- Smaller contributions would show as 0.0, which is no reason.
    where abs(points) >= 0.05

),

reasons as (

    select
        as_of_date,
        model_id,
        account_id,
        max(case when reason_number = 1 then explanation end) as reason_1,
        max(case when reason_number = 2 then explanation end) as reason_2,
        max(case when reason_number = 3 then explanation end) as reason_3
    from contributions
    group by as_of_date, model_id, account_id

),

final as (

    select
        scores.as_of_date,
        scores.model_id,
        scores.account_id,
        versions.name as account_name,
        scores.score,
        bands.band,
        bands.band_since,
        case
            when scores.score is not null then rank() over (partition by scores.model_id order by scores.score desc nulls last)
        end as rank_in_model,
        scores.contacts,
        scores.scored_contacts,
        people.contacts_by_band,
        scores.breadth,
        people.best_contact_1,
        people.best_contact_2,
        people.best_contact_3,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        scores.rules_version

    from scores

    left join bands
        on
            scores.as_of_date = bands.as_of_date
            and scores.model_id = bands.model_id
            and scores.account_id = bands.account_id

    left join versions
        on
            scores.account_id = versions.account_id
            and scores.as_of_date >= {{ as_date('versions.created_at') }}
            and (versions.valid_from is null or scores.as_of_date >= versions.valid_from)
            and (versions.valid_to is null or scores.as_of_date < versions.valid_to)

    left join people
        on
            scores.as_of_date = people.as_of_date
            and scores.model_id = people.model_id
            and scores.account_id = people.account_id

    left join reasons
        on
            scores.as_of_date = reasons.as_of_date
            and scores.model_id = reasons.model_id
            and scores.account_id = reasons.account_id

)

select * from final
