-- The surviving contact lists the merged contacts, as a;b. The merge time comes from the audit, else the vids, else the history,
-- else createdate.

with

survivors as (

    select
        {{ read_text('id') }} as into_id,
        {{ read_text('property_hs_merged_object_ids') }} as from_ids,
        {{ read_text('property_hs_calculated_merged_vids') }} as timed_from_ids,
        {{ read_timestamp('property_createdate') }} as created_at

    from {{ source('hubspot', 'contact') }}

    where {{ read_text('property_hs_merged_object_ids') }} is not null

),

merged as (

    select distinct
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
        min({{ read_timestamp('timestamp') }}) as merged_at

    from {{ source('hubspot', 'contact_merge_audit') }}

    group by {{ read_text('canonical_vid') }}, {{ read_text('vid_to_merge') }}

),

history as (

    select
        merged.into_id,
        merged.from_id,
        min({{ read_timestamp('changes.timestamp') }}) as merged_at

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
        'hubspot:' || coalesce(merged.from_id, audit.from_id) as from_contact_id,
        'hubspot:' || coalesce(merged.into_id, audit.into_id) as into_contact_id,
        coalesce(audit.merged_at, vids.merged_at, history.merged_at, merged.created_at) as merged_at

    from merged

    full outer join audit on merged.into_id = audit.into_id and merged.from_id = audit.from_id
    left join vids on merged.into_id = vids.into_id and merged.from_id = vids.from_id
    left join history on merged.into_id = history.into_id and merged.from_id = history.from_id

),

final as (

    select * from {{ merges_of_contacts('hubspot', 'pairs') }}

)

select * from final
