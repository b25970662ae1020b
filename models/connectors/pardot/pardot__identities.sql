-- Pardot has no time of identification: the first activity with both ids gives it, else the visitor's last change.

with

seen_together as (

    select
        {{ read_text('visitor_id') }} as visitor_id,
        {{ read_text('prospect_id') }} as prospect_id,
        {{ source_time('pardot', 'created_at') }} as seen_at

    from {{ source('pardot', 'visitor_activity') }}

),

first_seen as (

    select
        visitor_id,
        prospect_id,
        min(seen_at) as seen_at

    from seen_together

    where
        visitor_id is not null
        and prospect_id is not null

    group by visitor_id, prospect_id

),

visitors as (

    select
        {{ read_text('id') }} as visitor_id,
        {{ read_text('prospect_id') }} as prospect_id,
        {{ source_time('pardot', 'updated_at') }} as updated_at

    from {{ source('pardot', 'visitor') }}

    where {{ read_text('prospect_id') }} is not null

),

final as (

    select
        'pardot:visitor:' || coalesce(first_seen.visitor_id, visitors.visitor_id) as anonymous_id,
        'pardot:' || coalesce(first_seen.prospect_id, visitors.prospect_id) as contact_id,
        coalesce(first_seen.seen_at, visitors.updated_at) as identified_at

    from visitors

    full outer join first_seen on visitors.visitor_id = first_seen.visitor_id and visitors.prospect_id = first_seen.prospect_id

)

select * from final
