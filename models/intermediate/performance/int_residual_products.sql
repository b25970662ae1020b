{{ config(materialized='table') }}

with

contacts as (

    select * from {{ ref('int_contact_residuals') }}

),

final as (

    select
        ones.model_id,
        ones.score_bin as one_bin,
        pairs.score_bin as other_bin,
        sum({{ as_amount('ones.residual * pairs.residual') }}) as residual_by_residual

    from contacts as ones

    inner join contacts as pairs
        on
            ones.model_id = pairs.model_id
            and ones.contact_id = pairs.contact_id

    group by ones.model_id, ones.score_bin, pairs.score_bin

)

select * from final
