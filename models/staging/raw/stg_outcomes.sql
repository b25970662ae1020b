with

source as (

    select * from {{ raw_rows('outcomes') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

typed as (

    select
        {{ read_text('outcome_id') }} as outcome_id,
        {{ read_text('contact_id') }} as contact_id,
        lower({{ read_text('outcome') }}) as outcome,
        {{ read_amount('value') }} as value,
        {{ read_text('value') }} as raw_value,
        {{ read_timestamp('occurred_at') }} as occurred_at,
        {{ read_text('occurred_at') }} as raw_occurred_at

    from source

),

final as (

    select
        outcome_id,
        contact_id,
        outcome,
        value,
        occurred_at,
        raw_value,
        raw_occurred_at,
        case
            when outcome_id is null then 'outcome_id is missing'
            when contact_id is null then 'contact_id is missing'
            when outcome is null then 'outcome is missing'
            when raw_occurred_at is null then 'occurred_at is missing'
            when occurred_at is null then 'occurred_at is not a valid timestamp'
            when raw_value is not null and value is null then 'value is not a number'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

)

select * from final
