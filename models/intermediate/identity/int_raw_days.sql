with

events as (

    select * from {{ ref('stg_events') }}

),

erased_visitors as (

    select * from {{ ref('stg_erased_visitors') }}

),

by_day as (

    select
        received_date,
        count(*) as rows_in,
        {{ rows_hash(event_cells()) }} as rows_hash

    from events

    where
        contact_id is not null
        or anonymous_id is null
        or anonymous_id not in (select erased_visitors.anonymous_id from erased_visitors)

    group by received_date

),

-- Rows without a valid received_at count on 0001-01-01; they are rejected.
final as (

    select
        coalesce(received_date, {{ as_date("'0001-01-01'") }}) as received_date,
        rows_in,
        rows_hash,
        {{ hash_number(['rows_in', 'rows_hash']) }} as part_version

    from by_day

)

select * from final
