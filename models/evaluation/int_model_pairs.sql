{{ config(materialized='table') }}

with

models as (

    select * from {{ ref('stg_score_models') }}

),

-- Models for other leads than the challenger's are no champion of it.
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

-- Its name begins with that of the active model: b2b_learnt is b2b's. The longest counts, for b2b_eu_learnt is b2b_eu's.
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

-- Where it names none of several, nothing says which of them it challenges.
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
