-- Overrides in force on the as-of dates, as rows of the ledger. An override goes to the survivor of a merged contact.

with

overrides as (

    select * from {{ ref('int_overrides') }}

),

persons as (

    select * from {{ ref('int_persons') }}

),

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

-- greatest() and least() ignore nulls.
owned as (

    select
        overrides.*,
        coalesce(persons.survivor_id, overrides.contact_id) as owner_id,
        greatest(overrides.valid_from, persons.valid_from) as owned_from,
        least(overrides.valid_to, persons.valid_to) as owned_to

    from overrides

    left join persons on overrides.contact_id = persons.contact_id

),

numbered as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        owned.points,
        owned.reason,
        owned.author,
        row_number() over (
            partition by leads.as_of_date, leads.model_id, leads.contact_key
            order by owned.valid_from, owned.valid_to nulls last, owned.author, owned.reason, owned.points, owned.contact_id
        ) as place

    from owned

    inner join leads
        on
            owned.model_id = leads.model_id
            and owned.owner_id = leads.contact_id
            and owned.owned_from <= leads.as_of_date
            and (owned.owned_to is null or owned.owned_to > leads.as_of_date)

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        case when place = 1 then 'override' else 'override_' || place end as rule_id,
        {{ as_contribution('points') }} as points,
        reason || ' (' || author || '): ' || {{ signed_text('points') }} as explanation

    from numbered

)

select * from final
