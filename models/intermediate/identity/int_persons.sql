-- Whose a merged contact is, by as-of date: its own until it is merged, then the survivor's of the merges known by then.

with recursive

used_merges as (

    select * from {{ ref('int_merges') }}
    where rejected_because is null

),

-- Merges that were known before the ones that lead to them count from then on too.
chains as (

    select
        from_contact_id as contact_id,
        into_contact_id as survivor_id,
        merged_date as valid_from,
        1 as place
    from used_merges

    union all

    select
        chains.contact_id,
        used_merges.into_contact_id as survivor_id,
        greatest(chains.valid_from, used_merges.merged_date) as valid_from,
        chains.place + 1 as place
    from chains
    inner join used_merges on chains.survivor_id = used_merges.from_contact_id

),

-- Of several survivors from one date, the last of the chain.
periods as (

    select
        contact_id,
        survivor_id,
        valid_from,
        row_number() over (partition by contact_id, valid_from order by place desc) as place_from_the_end
    from chains

),

survivors as (

    select
        contact_id,
        survivor_id,
        valid_from
    from periods
    where place_from_the_end = 1

    union all

    select
        from_contact_id as contact_id,
        from_contact_id as survivor_id,
        {{ as_date('null') }} as valid_from
    from used_merges

),

final as (

    select
        contact_id,
        survivor_id,
        valid_from,
        lead(valid_from) over (
            partition by contact_id
            order by coalesce(valid_from, {{ as_date("'0001-01-01'") }})
        ) as valid_to

    from survivors

)

select * from final
