with

identities as (

    select
        {{ read_text('anonymous_id') }} as anonymous_id,
        {{ read_text('contact_id') }} as contact_id,
        {{ read_timestamp('identified_at') }} as identified_at

    from {{ raw_rows('identities') }}

),

erasures as (

    select distinct {{ read_text('contact_id') }} as contact_id from {{ source('raw', 'erasures') }}

),

final as (

    select
        identities.anonymous_id,
        min(identities.identified_at) as identified_at

    from identities

    inner join erasures on identities.contact_id = erasures.contact_id

    where
        identities.anonymous_id is not null
        and identities.identified_at is not null

    group by identities.anonymous_id

)

select * from final
