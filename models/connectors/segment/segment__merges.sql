-- An alias of a user who is known; one of a visitor is an identification.

with

people as (

    select {{ read_text('user_id') }} as user_id from {{ source('segment', 'identifies') }}
    union
    select {{ read_text('id') }} as user_id from {{ source('segment', 'users') }}

),

final as (

    select
        'segment:' || people.user_id as from_contact_id,
        {{ source_id('segment', 'aliases.user_id') }} as into_contact_id,
        min(greatest({{ source_time('segment', 'aliases.timestamp') }}, {{ source_time('segment', 'aliases.received_at') }})) as merged_at

    from {{ source('segment', 'aliases') }} as aliases

    inner join people on {{ read_text('aliases.previous_id') }} = people.user_id

    where people.user_id <> {{ read_text('aliases.user_id') }}

    group by people.user_id, {{ source_id('segment', 'aliases.user_id') }}

)

select * from final
