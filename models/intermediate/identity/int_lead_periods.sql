{{ config(materialized='view') }}

-- When a contact is a lead: from its creation on, and not while it is part of another.

with

versions as (

    select * from {{ ref('int_person_versions') }}

),

final as (

    select
        contact_id,
        {{ hash_number(['contact_id']) }} as contact_key,
        {{ as_date('created_at') }} as created_date,
        greatest(valid_from, {{ as_date('created_at') }}) as from_date,
        coalesce(valid_to, {{ as_date("'9999-12-31'") }}) as until_date

    from versions

    where coalesce(valid_to > {{ as_date('created_at') }}, true)

)

select * from final
