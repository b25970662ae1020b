-- A trait holds from when Segment received the call.

with

final as (

    select
        contact_id,
        attribute,
        value,
        changed_at

    from {{ long_attributes(
        with_attributes(
            source('segment', 'identifies'),
            {
                'contact_id': source_id('segment', 'user_id'),
                'changed_at': 'greatest(' ~ read_timestamp('timestamp') ~ ', ' ~ read_timestamp('received_at') ~ ')'
            },
            "'false'",
            left_out=['id', 'user_id', 'anonymous_id', 'timestamp', 'original_timestamp', 'sent_at', 'received_at', 'uuid', 'uuid_ts', 'loaded_at'],
            prefixes_left_out=['_', 'context_']
        ),
        ['contact_id', 'changed_at']
    ) }}

    where contact_id is not null

)

select * from final
