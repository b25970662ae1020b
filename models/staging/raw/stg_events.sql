with

source as (

    select * from {{ source('raw', 'events') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ source('raw', 'erasures') }}
    where {{ read_text('contact_id') }} is not null

),

typed as (

    select
        {{ read_text('event_id') }} as event_id,
        {{ read_text('contact_id') }} as contact_id,
        {{ read_text('anonymous_id') }} as anonymous_id,

        lower({{ read_text('event_type') }}) as event_type,
        {{ read_text('channel') }} as channel,
        {{ read_text('campaign') }} as campaign,
        {{ read_text('page_url') }} as page_url,
        {{ read_text('object_id') }} as object_id,

        {{ read_amount('duration_seconds') }} as duration_seconds,
        {{ read_amount('value') }} as value,
        {{ read_text('duration_seconds') }} as raw_duration_seconds,
        {{ read_text('value') }} as raw_value,

        {{ read_timestamp('occurred_at') }} as occurred_at,
        {{ read_timestamp('received_at') }} as received_at,
        {{ read_text('occurred_at') }} as raw_occurred_at,
        {{ read_text('received_at') }} as raw_received_at

    from source

),

final as (

    select
        event_id,
        contact_id,
        anonymous_id,
        event_type,
        channel,
        campaign,
        page_url,
        object_id,
        duration_seconds,
        value,
        occurred_at,
        received_at,
        {{ as_date('received_at') }} as received_date,
        raw_duration_seconds,
        raw_value,
        raw_occurred_at,
        raw_received_at,
        case
            when event_id is null then 'event_id is missing'
            when contact_id is null and anonymous_id is null then 'contact_id and anonymous_id are missing'
            when event_type is null then 'event_type is missing'
            when raw_occurred_at is null then 'occurred_at is missing'
            when occurred_at is null then 'occurred_at is no time'
            when raw_received_at is null then 'received_at is missing'
            when received_at is null then 'received_at is no time'
            when received_at < {{ add_time('occurred_at', -1, 'day') }} then 'received more than a day before it occurred'
            when raw_duration_seconds is not null and duration_seconds is null then 'duration_seconds is no number'
            when duration_seconds < 0 then 'duration_seconds is negative'
            when raw_value is not null and value is null then 'value is no number'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

)

select * from final
