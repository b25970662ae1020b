with

source as (

    select * from {{ raw_table('erasures') }}

),

final as (

    select
        {{ read_text('contact_id') }} as erased_contact_id,
        {{ read_timestamp('requested_at') }} as requested_at

    from source

)

select * from final
