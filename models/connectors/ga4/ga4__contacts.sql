-- Google knows of a person no more than the id that the site gives to who is logged in: another source tells who that is.

with

final as (

    select
        'ga4:' || user_id as contact_id,
        min(occurred_at) as created_at,
        {{ source_time('ga4', 'null') }} as updated_at,
        {{ as_text('null') }} as email,
        {{ as_text('null') }} as account_id,
        user_id

    from {{ ref('ga4_all_events') }}

    where user_id is not null

    group by user_id

)

select * from final
