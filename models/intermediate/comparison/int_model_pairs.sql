{{ config(materialized='table') }}

with

models as (

    select * from {{ ref('int_scored_models') }}

),

-- Models for other leads than the challenger's are no champion of it.
final as (

    select
        champions.model_id as champion_id,
        challengers.model_id as challenger_id

    from models as champions

    inner join models as challengers
        on
            champions.audience_attribute is not distinct from challengers.audience_attribute
            and champions.audience_comparison is not distinct from challengers.audience_comparison
            and champions.audience_operand is not distinct from challengers.audience_operand

    where
        champions.status = 'active'
        and challengers.status = 'challenger'

)

select * from final
