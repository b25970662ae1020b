with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'published_attributes') }}

),

final as (

    select lower({{ read_text('attribute') }}) as attribute from source

)

select * from final
