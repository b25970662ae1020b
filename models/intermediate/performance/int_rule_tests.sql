{{ config(materialized='table') }}

with

effects as (

    select * from {{ ref('int_rule_effects') }}

),

people as (

    select * from {{ ref('int_rule_people') }}

),

evaluated as (

    select * from {{ ref('int_evaluated_contacts') }}
    where
        period = 'all'
        and segment is null

),

-- Under ten converted contacts on either side, the normal distribution is no measure of chance.
measured as (

    select
        effects.model_id,
        effects.rule_id,
        people.converted_contacts_touched >= 10
        and evaluated.converted_contacts - people.converted_only_touched >= 10 as is_enough,
        {{ two_sided_tail('abs(effects.surplus) / nullif(' ~ root_of('effects.variance') ~ ', 0)') }} as p_value

    from effects

    inner join people on effects.rule_id = people.rule_id

    inner join evaluated on effects.model_id = evaluated.model_id

),

numbered as (

    select
        *,
        row_number() over (partition by model_id order by p_value, rule_id) as place,
        count(*) over (partition by model_id) as tests

    from measured

    where
        is_enough
        and p_value is not null

),

-- Benjamini and Hochberg (1995): the greatest p of which no more than 10 % of the findings up to it are to be expected by chance.
limits as (

    select
        model_id,
        max(p_value) as greatest_p

    from numbered

    where p_value * tests * 10 <= place

    group by model_id

),

final as (

    select
        measured.rule_id,
        measured.is_enough,
        measured.p_value,
        measured.is_enough and coalesce(measured.p_value <= limits.greatest_p, false) as is_certain

    from measured

    left join limits on measured.model_id = limits.model_id

)

select * from final
