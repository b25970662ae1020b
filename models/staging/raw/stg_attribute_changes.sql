with

source as (

    select * from {{ raw_rows('contact_attributes') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

typed as (

    select
        {{ read_text('contact_id') }} as contact_id,
        lower({{ read_text('attribute') }}) as attribute,
        {{ read_text('value') }} as value,
        {{ read_timestamp('changed_at') }} as changed_at,
        {{ read_text('changed_at') }} as raw_changed_at

    from source

),

final as (

    select
        contact_id,
        attribute,
        value,
        changed_at,
        raw_changed_at,
        case
            when contact_id is null then 'contact_id is missing'
            when attribute is null then 'attribute is missing'
            when attribute in ('contact_id', 'created_at', 'updated_at') then 'attribute must not be contact_id, created_at or updated_at'
            when raw_changed_at is null then 'changed_at is missing'
            when changed_at is null then 'changed_at is not a valid timestamp'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

)

select * from final
