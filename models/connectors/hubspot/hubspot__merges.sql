-- The contact that stays names those that were merged into it, as a;b. The time is in the first of these places that has it.

with

survivors as (

    select
        {{ read_text('id') }} as into_id,
        {{ read_text('property_hs_merged_object_ids') }} as from_ids,
        {{ read_text('property_hs_calculated_merged_vids') }} as timed_from_ids,
        {{ source_time('hubspot', 'property_createdate') }} as created_at

    from {{ source('hubspot', 'contact') }}

    where {{ read_text('property_hs_merged_object_ids') }} is not null

),

merged as (

    select
        survivors.into_id,
        items.item as from_id,
        survivors.timed_from_ids,
        survivors.created_at

    from survivors
    cross join lateral {{ list_items('survivors.from_ids', "';'") }} as items

    where
        items.item <> ''
        and items.item <> survivors.into_id

),

-- 601:1615834000123;602:1615834100456, in milliseconds
vids as (

    select
        merged.into_id,
        merged.from_id,
        {{ epoch_time(part_after('items.item', "':'"), 1000) }} as merged_at

    from merged
    cross join lateral {{ list_items('merged.timed_from_ids', "';'") }} as items

    where items.item like merged.from_id || ':%'

),

audit as (

    select
        {{ read_text('canonical_vid') }} as into_id,
        {{ read_text('vid_to_merge') }} as from_id,
        min({{ source_time('hubspot', 'timestamp') }}) as merged_at

    from {{ source('hubspot', 'contact_merge_audit') }}

    group by {{ read_text('canonical_vid') }}, {{ read_text('vid_to_merge') }}

),

history as (

    select
        merged.into_id,
        merged.from_id,
        min({{ source_time('hubspot', 'changes.timestamp') }}) as merged_at

    from merged

    inner join {{ source('hubspot', 'contact_property_history') }} as changes
        on
            merged.into_id = {{ read_text('changes.contact_id') }}
            and changes.name = 'hs_merged_object_ids'
            and ';' || changes.value || ';' like '%;' || merged.from_id || ';%'

    group by merged.into_id, merged.from_id

),

pairs as (

    select
        into_id,
        from_id
    from merged

    union

    select
        into_id,
        from_id
    from audit

),

final as (

    select
        'hubspot:' || pairs.from_id as from_contact_id,
        'hubspot:' || pairs.into_id as into_contact_id,
        coalesce(audit.merged_at, vids.merged_at, history.merged_at, merged.created_at) as merged_at

    from pairs

    left join merged on pairs.into_id = merged.into_id and pairs.from_id = merged.from_id
    left join audit on pairs.into_id = audit.into_id and pairs.from_id = audit.from_id
    left join vids on pairs.into_id = vids.into_id and pairs.from_id = vids.from_id
    left join history on pairs.into_id = history.into_id and pairs.from_id = history.from_id

)

select * from final
