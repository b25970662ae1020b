with

source as (

    select * from {{ attributes_of(source('raw', 'contacts'), 'contact_id, created_at, updated_at') }}

),

final as (

    select
        version_hash,
        attribute,
        value

    from source

)

select * from final
