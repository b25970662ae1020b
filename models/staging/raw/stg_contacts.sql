with

-- Named so that it cannot collide with a column of the source.
the_whole_row as (

    select * from {{ raw_rows('contacts') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

typed as (

    select
        {{ row_text('the_whole_row') }} as row_text,

        {{ read_text('contact_id') }} as contact_id,
        {{ read_text('account_id') }} as account_id,
        {{ read_text('email') }} as email,

        {{ read_timestamp('created_at') }} as created_at,
        {{ read_timestamp('updated_at') }} as updated_at,
        {{ read_text('created_at') }} as raw_created_at,
        {{ read_text('updated_at') }} as raw_updated_at

    from the_whole_row

),

final as (

    select
        {{ hash_of('row_text') }} as version_hash,
        row_text,
        contact_id,
        account_id,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        email,
        raw_created_at,
        raw_updated_at,
        case
            when contact_id is null then 'contact_id is missing'
            when raw_created_at is null then 'created_at is missing'
            when created_at is null then 'created_at is not a valid timestamp'
            when raw_updated_at is not null and updated_at is null then 'updated_at is not a valid timestamp'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

)

select * from final
