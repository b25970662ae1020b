with

source as (

    select * from {{ raw_rows('merges') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

typed as (

    select
        {{ read_text('from_contact_id') }} as from_contact_id,
        {{ read_text('into_contact_id') }} as into_contact_id,
        {{ read_timestamp('merged_at') }} as merged_at,
        {{ read_text('merged_at') }} as raw_merged_at

    from source

),

-- A merge names two contacts: it is removed if either is erased.
final as (

    select
        from_contact_id,
        into_contact_id,
        merged_at,
        raw_merged_at,
        case
            when from_contact_id is null then 'from_contact_id is missing'
            when into_contact_id is null then 'into_contact_id is missing'
            when from_contact_id = into_contact_id then 'from_contact_id and into_contact_id are the same contact'
            when raw_merged_at is null then 'merged_at is missing'
            when merged_at is null then 'merged_at is not a valid timestamp'
        end as rejected_because

    from typed

    where
        (from_contact_id is null or from_contact_id not in (select erasures.contact_id from erasures))
        and (into_contact_id is null or into_contact_id not in (select erasures.contact_id from erasures))

)

select * from final
