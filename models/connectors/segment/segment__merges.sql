-- An alias of a known user is a merge; an alias of a visitor is an identification.

with

people as (

    select {{ read_text('user_id') }} as user_id from {{ source('segment', 'identifies') }}
    union
    select {{ read_text('id') }} as user_id from {{ source('segment', 'users') }}

),

pairs as (

    select
        'segment:' || people.user_id as from_contact_id,
        {{ source_id('segment', 'aliases.user_id') }} as into_contact_id,
        min(greatest({{ read_timestamp('aliases.timestamp') }}, {{ read_timestamp('aliases.received_at') }})) as merged_at

    from {{ source('segment', 'aliases') }} as aliases

    inner join people on {{ read_text('aliases.previous_id') }} = people.user_id

    where people.user_id <> {{ read_text('aliases.user_id') }}

    group by people.user_id, {{ source_id('segment', 'aliases.user_id') }}

),

final as (

    select * from {{ merges_of_contacts('segment', 'pairs') }}

)

select * from final
