with

activity as (

    select * from {{ ref('hubspot_email_activity') }}

    union all

    select * from {{ ref('hubspot_web_activity') }}

),

final as (

    select * from {{ events_of_activity('hubspot', 'activity') }}

)

select * from final
