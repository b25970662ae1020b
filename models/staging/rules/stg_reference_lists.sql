with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'reference_lists') }}

),

items as (

    select
        {{ read_text('list') }} as list, -- noqa: RF04
        lower({{ read_text('item') }}) as item

    from source

    where {{ read_text('list') }} is not null

),

item_hashes as (

    select
        list,
        {{ joined(hash_of('item'), "'|'", 'item') }} as items_hash

    from items

    group by list

),

final as (

    select
        items.list,
        items.item,
        {{ hash_of('item_hashes.items_hash') }} as items_hash

    from items

    inner join item_hashes on items.list = item_hashes.list

)

select * from final
