with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'identity_rules') }}

),

final as (

    select
        lower({{ read_text('attribute') }}) as attribute,
        {{ read_text('normalise') }} as normalise,
        {{ read_text('except_list') }} as except_list

    from source

)

select * from final
