with

-- Read by its name below.
accounts as ( -- noqa: ST03

    select * from {{ raw_rows('accounts') }}

),

attributes as (

    select * from {{ attributes_of('accounts', 'account_id') }}

),

final as (

    select
        version_hash,
        'account.' || attribute as attribute,
        value

    from attributes

)

select * from final
