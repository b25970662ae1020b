{{ config(materialized='table') }}

with

models as (

    select * from {{ ref('stg_score_models') }}

),

-- A champion has the same audience as the challenger.
beside as (

    select
        champions.model_id as champion_id,
        challengers.model_id as challenger_id,
        {{ starts_with_text('challengers.model_id', "champions.model_id || '_'") }} as is_named

    from models as champions

    inner join models as challengers
        on
            champions.audience_attribute is not distinct from challengers.audience_attribute
            and champions.audience_comparison is not distinct from challengers.audience_comparison
            and champions.audience_operand is not distinct from challengers.audience_operand

    where
        champions.status = 'active'
        and challengers.status = 'challenger'

),

-- The challenger's name begins with the active model's: b2b_learnt belongs to b2b. The longest match counts (b2b_eu_learnt: b2b_eu).
ordered as (

    select
        *,
        row_number() over (
            partition by challenger_id
            order by case when is_named then 0 else 1 end, length(champion_id) desc, champion_id
        ) as place,
        count(*) over (partition by challenger_id) as champions

    from beside

),

-- If it names none of several active models, it has no champion.
final as (

    select
        champion_id,
        challenger_id

    from ordered

    where
        place = 1
        and (is_named or champions = 1)

)

select * from final
