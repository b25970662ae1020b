with

final as (

    select *

    from {{ with_attributes(
        source('segment', 'accounts'),
        {
            'account_id': source_id('segment', 'id'),
            'created_at': read_timestamp('received_at'),
            'updated_at': read_timestamp('null'),
            'name': read_text('name')
        },
        "'false'",
        left_out=['id', 'received_at', 'uuid', 'uuid_ts', 'loaded_at'],
        prefixes_left_out=['_', 'context_']
    ) }}

)

select * from final -- noqa: AM04
