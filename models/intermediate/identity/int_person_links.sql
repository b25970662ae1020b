-- Who is one person with whom: each contact with every other that merges and shared values lead to, from the first such date.

with recursive

used_merges as (

    select * from {{ ref('int_merges') }}
    where rejected_because is null

),

shared_values as (

    select * from {{ ref('int_shared_values') }}
    where is_used

),

-- Contacts that share a value, and contacts that such a contact is merged into.
sharing as (

    select contact_id from shared_values

    union

    select shared_with_id as contact_id from shared_values

    union

    select used_merges.into_contact_id as contact_id
    from sharing
    inner join used_merges on sharing.contact_id = used_merges.from_contact_id

),

pairs as (

    select
        from_contact_id as contact_id,
        into_contact_id as linked_id,
        merged_date as linked_date,
        {{ as_text('null') }} as attribute,
        from_contact_id in (select sharing.contact_id from sharing) as leads_back
    from used_merges

    union all

    select
        contact_id,
        shared_with_id as linked_id,
        joined_date as linked_date,
        attribute,
        true as leads_back
    from shared_values

),

-- A merge leads back only to contacts by which others are found, so that merges alone stay chains.
links as (

    select contact_id, linked_id, linked_date, attribute -- noqa: LT09
    from pairs

    union all

    select linked_id as contact_id, contact_id as linked_id, linked_date, attribute -- noqa: LT09
    from pairs
    where leads_back

),

-- The first shared value on the way is what joins the contact.
paths as (

    select
        contact_id,
        linked_id,
        contact_id as previous_id,
        linked_date as linked_from,
        attribute,
        case when attribute is not null then linked_id end as shared_with_id,
        case when attribute is not null then linked_date end as shared_from
    from links

    union

    select
        paths.contact_id,
        links.linked_id,
        paths.linked_id as previous_id,
        greatest(paths.linked_from, links.linked_date) as linked_from,
        coalesce(paths.attribute, links.attribute) as attribute,
        coalesce(paths.shared_with_id, case when links.attribute is not null then links.linked_id end) as shared_with_id,
        coalesce(paths.shared_from, case when links.attribute is not null then links.linked_date end) as shared_from
    from paths
    inner join links on paths.linked_id = links.contact_id
    where links.linked_id not in (paths.contact_id, paths.previous_id)

),

numbered as (

    select
        *,
        row_number() over (partition by contact_id, linked_id order by linked_from, shared_from, attribute, shared_with_id) as path_number
    from paths

),

final as (

    select contact_id, linked_id, linked_from, attribute, shared_with_id, shared_from -- noqa: LT09
    from numbered
    where path_number = 1

)

select * from final
