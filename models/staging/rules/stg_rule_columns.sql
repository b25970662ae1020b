with

source as (

    select * from {{ ref('rule_columns') }}

),

final as (

    select
        file,
        column_name,
        kind,
        required = 'yes' as is_required,
        {{ read_amount('lowest') }} as lowest,
        {{ read_text('choices') }} as choices

    from source

)

select * from final
