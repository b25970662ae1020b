-- An alias of a known user is a merge; an alias of a visitor is an identification.

with

contacts as (

    select distinct contact_id from {{ ref('segment__contacts') }}

),

pairs as (

    select
        contacts.contact_id as from_contact_id,
        {{ source_id('segment', 'aliases.user_id') }} as into_contact_id,
        min(greatest({{ read_timestamp('aliases.timestamp') }}, {{ read_timestamp('aliases.received_at') }})) as merged_at

    from {{ source('segment', 'aliases') }} as aliases

    inner join contacts on {{ source_id('segment', 'aliases.previous_id') }} = contacts.contact_id

    where contacts.contact_id <> {{ source_id('segment', 'aliases.user_id') }}

    group by contacts.contact_id, {{ source_id('segment', 'aliases.user_id') }}

),

final as (

    select * from {{ merges_of_contacts('segment', 'pairs') }}

)

select * from final
