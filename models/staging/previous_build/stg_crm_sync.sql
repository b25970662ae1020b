with

source as (

    select * from {{ last_built(source('published', 'crm_sync')) }}

),

final as (

    select
        sync_key,
        model_id,
        contact_id,
        is_deleted,
        merged_into,
        row_hash,
        changed_at

    from source

)

select * from final
