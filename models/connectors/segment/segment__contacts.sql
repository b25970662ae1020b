-- Current traits; segment__contact_attributes has the earlier ones. A contact exists from when Segment received its first call.

with

first_calls as (

    select
        {{ read_text('user_id') }} as known_user_id,
        min(greatest({{ read_timestamp('timestamp') }}, {{ read_timestamp('received_at') }})) as first_seen_at

    from {{ source('segment', 'identifies') }}

    where {{ read_text('user_id') }} is not null

    group by {{ read_text('user_id') }}

),

user_groups as (

    select
        {{ read_text('user_id') }} as grouped_user_id,
        {{ read_text('group_id') }} as last_group_id,
        row_number() over (
            partition by {{ read_text('user_id') }}
            order by {{ read_timestamp('timestamp') }} desc, {{ read_text('group_id') }}
        ) as place

    from {{ source('segment', 'groups') }}

),

-- Read by its name below.
people as ( -- noqa: ST03

    select
        known_users.*,
        coalesce(first_calls.known_user_id, {{ read_text('known_users.id') }}) as person_id,
        coalesce(first_calls.first_seen_at, {{ read_timestamp('known_users.received_at') }}) as first_seen_at,
        user_groups.last_group_id

    from {{ source('segment', 'users') }} as known_users

    full outer join first_calls on {{ read_text('known_users.id') }} = first_calls.known_user_id

    left join user_groups
        on
            coalesce(first_calls.known_user_id, {{ read_text('known_users.id') }}) = user_groups.grouped_user_id
            and user_groups.place = 1

),

final as (

    select *

    from {{ with_attributes(
        'people',
        {
            'contact_id': source_id('segment', 'person_id'),
            'created_at': 'first_seen_at',
            'updated_at': read_timestamp('null'),
            'email': read_text('email'),
            'account_id': source_id('segment', 'last_group_id')
        },
        "'false'",
        left_out=['id', 'person_id', 'first_seen_at', 'last_group_id', 'received_at', 'uuid', 'uuid_ts', 'loaded_at'],
        prefixes_left_out=['_', 'context_']
    ) }}

)

select * from final -- noqa: AM04
