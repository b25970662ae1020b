{{ config(materialized='view') }}

with

final as (

    select {{ add_days(as_date("'2000-01-01'"), 'days.number') }} as date_day

    from {{ whole_numbers(36525) }} as days

)

select * from final
