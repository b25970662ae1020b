with

contacts as (

    select distinct contact_id from {{ ref('int_contact_versions') }}

),

visitors as (

    select * from {{ ref('int_visitor_contacts') }}

),

final as (

    select
        'contact:' || contact_id as actor_id,
        contact_id,
        {{ as_date('null') }} as identified_date

    from contacts

    union all

    select
        'visitor:' || anonymous_id as actor_id,
        contact_id,
        {{ as_date('identified_at') }} as identified_date

    from visitors

)

select * from final
