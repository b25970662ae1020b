with

source as (

    select * from {{ ref(var('rules_project', 'lead_scoring'), 'lifecycle_stages') }}

),

typed as (

    select
        {{ read_text('stage') }} as stage,
        {{ read_whole('position') }} as position,
        {{ read_text('kind') }} as kind,
        {{ read_text('entered_by') }} as entered_by,
        {{ read_text('name') }} as name,
        {{ read_text('comparison') }} as comparison,
        {{ read_text('operand') }} as operand,
        {{ read_whole('reenter_after_days') }} as reenter_after_days,
        {{ read_text('description') }} as description

    from source

),

-- The name of a model keeps its case.
final as (

    select
        stage,
        position,
        kind,
        entered_by,
        case when entered_by = 'band' then name else lower(name) end as name,
        case when entered_by = 'band' then coalesce(comparison, 'equals') else comparison end as comparison,
        operand,
        reenter_after_days,
        description

    from typed

)

select * from final
