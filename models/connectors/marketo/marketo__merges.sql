-- The surviving lead lists the merged leads: [1286861, 1286862]

with

merged as (

    select
        {{ read_text('lead_id') }} as into_id,
        replace(replace({{ read_text('merge_ids') }}, '[', ''), ']', '') as from_ids,
        {{ read_timestamp('activity_date') }} as merged_at

    from {{ source('marketo', 'activity_merge_leads') }}

),

pairs as (

    select
        'marketo:' || items.item as from_contact_id,
        'marketo:' || merged.into_id as into_contact_id,
        min(merged.merged_at) as merged_at

    from merged
    cross join lateral {{ list_items('merged.from_ids', "','") }} as items

    where
        items.item <> ''
        and items.item <> merged.into_id

    group by items.item, merged.into_id

),

final as (

    select * from {{ merges_of_contacts('marketo', 'pairs') }}

)

select * from final
