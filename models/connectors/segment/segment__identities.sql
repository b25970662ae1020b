-- A call is known from when Segment received it.

with

contacts as (

    select distinct contact_id from {{ ref('segment__contacts') }}

),

calls as (

    select
        {{ read_text('anonymous_id') }} as visitor_id,
        {{ read_text('user_id') }} as user_id,
        {{ read_timestamp('timestamp') }} as called_at,
        {{ read_timestamp('received_at') }} as received_at

    from {{ source('segment', 'identifies') }}

    union all

    select
        {{ read_text('aliases.previous_id') }} as visitor_id,
        {{ read_text('aliases.user_id') }} as user_id,
        {{ read_timestamp('aliases.timestamp') }} as called_at,
        {{ read_timestamp('aliases.received_at') }} as received_at

    from {{ source('segment', 'aliases') }} as aliases

    left join contacts on {{ source_id('segment', 'aliases.previous_id') }} = contacts.contact_id

    where contacts.contact_id is null

),

final as (

    select
        'segment:' || visitor_id as anonymous_id,
        'segment:' || user_id as contact_id,
        min(greatest(called_at, received_at)) as identified_at

    from calls

    where
        visitor_id is not null
        and user_id is not null

    group by visitor_id, user_id

)

select * from final
