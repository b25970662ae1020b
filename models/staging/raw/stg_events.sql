with

source as (

    select * from {{ raw_rows('events') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
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
        {{ further_columns([
            'event_id', 'contact_id', 'anonymous_id', 'event_type', 'channel', 'campaign', 'page_url', 'object_id', 'duration_seconds', 'value',
            'occurred_at', 'received_at'
        ], 'source') }} as properties,
        {{ read_timestamp('occurred_at') }} as occurred_at,
        {{ read_timestamp('received_at') }} as received_at,
        duration_seconds as source_duration_seconds,
        value as source_value,
        occurred_at as source_occurred_at,
        received_at as source_received_at

    from source

),

-- Cells are read as text only if they have no valid typed value, which is rare.
judged as (

    select
        *,
        case
            when event_id is null then 'event_id is missing'
            when contact_id is null and anonymous_id is null then 'contact_id and anonymous_id are missing'
            when event_type is null then 'event_type is missing'
            when occurred_at is null and {{ read_text('source_occurred_at') }} is null then 'occurred_at is missing'
            when occurred_at is null then 'occurred_at is not a valid timestamp'
            when received_at is null and {{ read_text('source_received_at') }} is null then 'received_at is missing'
            when received_at is null then 'received_at is not a valid timestamp'
            when received_at < {{ add_time('occurred_at', -1, 'day') }} then 'received more than a day before it occurred'
            when duration_seconds is null and source_duration_seconds is not null and {{ read_text('source_duration_seconds') }} is not null
                then 'duration_seconds is not a number'
            when duration_seconds < 0 then 'duration_seconds is negative'
            when value is null and source_value is not null and {{ read_text('source_value') }} is not null then 'value is not a number'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

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
        properties,
        occurred_at,
        received_at,
        {{ as_date('received_at') }} as received_date,
        rejected_because,
        case when rejected_because is not null then {{ read_text('source_duration_seconds') }} end as raw_duration_seconds,
        case when rejected_because is not null then {{ read_text('source_value') }} end as raw_value,
        case when rejected_because is not null then {{ read_text('source_occurred_at') }} end as raw_occurred_at,
        case when rejected_because is not null then {{ read_text('source_received_at') }} end as raw_received_at

    from judged

)

select * from final
