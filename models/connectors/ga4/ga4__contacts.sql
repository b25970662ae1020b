-- GA4 knows only the user_id of logged-in users; attributes come from other sources.

with

final as (

    select
        contact_id,
        min(occurred_at) as created_at,
        {{ read_timestamp('null') }} as updated_at,
        {{ as_text('null') }} as email,
        {{ as_text('null') }} as account_id,
        user_id

    from {{ ref('ga4_all_events') }}

    where user_id is not null

    group by contact_id, user_id

)

select * from final
