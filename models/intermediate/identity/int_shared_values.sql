-- Contacts that share a value by identity_rules: each is linked to the one that had the value first, from the date on which both have it.

with

holders as (

    select * from {{ ref('int_identity_values') }}

),

shared_values as (

    select attribute, value -- noqa: LT09
    from holders
    group by attribute, value
    having min(contact_id) <> max(contact_id)

),

-- A contact that takes a value while another contact holds it is one person with that contact, and so with all since.
numbered as (

    select
        holders.*,
        max(holders.until_date) over (
            partition by holders.attribute, holders.value
            order by holders.from_date, holders.contact_id
            rows between unbounded preceding and 1 preceding
        ) as held_until
    from holders
    inner join shared_values on holders.attribute = shared_values.attribute and holders.value = shared_values.value

),

runs as (

    select
        *,
        sum(case when from_date < held_until then 0 else 1 end) over (
            partition by attribute, value
            order by from_date, contact_id
            rows between unbounded preceding and current row
        ) as run_number
    from numbered

),

linked as (

    select
        *,
        first_value(contact_id) over (
            partition by attribute, value, run_number
            order by from_date, contact_id
        ) as shared_with_id
    from runs

),

pairs as (

    select
        attribute,
        value,
        run_number,
        contact_id,
        shared_with_id,
        min(from_date) as joined_date
    from linked
    where contact_id <> shared_with_id
    group by attribute, value, run_number, contact_id, shared_with_id

),

final as (

    select
        contact_id,
        shared_with_id,
        attribute,
        joined_date,
        row_number() over (partition by attribute, value, run_number order by joined_date, contact_id) < 100 as is_used
    from pairs

)

select * from final
