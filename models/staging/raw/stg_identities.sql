with

source as (

    select * from {{ raw_rows('identities') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

typed as (

    select
        {{ read_text('anonymous_id') }} as anonymous_id,
        {{ read_text('contact_id') }} as contact_id,
        {{ read_timestamp('identified_at') }} as identified_at,
        {{ read_text('identified_at') }} as raw_identified_at

    from source

),

final as (

    select
        anonymous_id,
        contact_id,
        identified_at,
        raw_identified_at,
        case
            when anonymous_id is null then 'anonymous_id is missing'
            when contact_id is null then 'contact_id is missing'
            when raw_identified_at is null then 'identified_at is missing'
            when identified_at is null then 'identified_at is not a valid timestamp'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

)

select * from final
