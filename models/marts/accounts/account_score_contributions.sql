with

contributions as (

    select * from {{ ref('int_account_contributions') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest or (is_explicit and '{{ setting("ledger") }}' = 'all')

),

final as (

    select
        contributions.as_of_date,
        contributions.model_id,
        contributions.account_id,
        contributions.kind,
        contributions.contact_id,
        contributions.breadth_value,
        {{ as_count('contributions.contacts') }} as contacts,
        contributions.points,
        contributions.explanation

    from contributions

    inner join dates on contributions.as_of_date = dates.as_of_date

)

select * from final
