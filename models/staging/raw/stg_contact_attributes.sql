with

source as (

    select
        {{ row_hash('contacts') }} as version_hash,
        *

    from {{ source('raw', 'contacts') }} as contacts

),

final as (

    {{ attributes_of('source', 'version_hash', 'version_hash, contact_id, created_at, updated_at') }}

)

select * from final
