{{ config(materialized='table') }}

with

sums as (

    select * from {{ ref('int_value_sums') }}

),

means as (

    select
        goal_key,
        stated_on,
        min(effects) as least_effects,
        max(effects) as most_effects,
        {{ as_amount(quotient(
            'sum(case when doublings is not null then effects else 0 end)',
            'count(doublings)'
        )) }} as effects

    from sums

    group by goal_key, stated_on

),

distances as (

    select
        sums.goal_key,
        sums.stated_on,
        sums.doublings,
        {{ as_amount('sums.effects - means.effects') }} as distance

    from sums

    inner join means
        on
            sums.goal_key = means.goal_key
            and sums.stated_on = means.stated_on

    where sums.doublings is not null

),

-- Least squares: rules that hold together share what they say of the value.
slopes as (

    select
        goal_key,
        stated_on,
        {{ as_amount(quotient(
            'sum(' ~ product('distance', 'doublings') ~ ')',
            'sum(' ~ product('distance', 'distance') ~ ')'
        )) }} as slope

    from distances

    group by goal_key, stated_on

    having sum({{ product('distance', 'distance') }}) > 0

),

lines as (

    select
        means.goal_key,
        means.stated_on,
        means.least_effects,
        means.most_effects,
        slopes.slope

    from means

    inner join slopes
        on
            means.goal_key = slopes.goal_key
            and means.stated_on = slopes.stated_on

),

-- Powers of a mean logarithm are below the mean. This ratio gives past conversions the value that they had (Snowdon 1991).
final as (

    select
        lines.goal_key,
        lines.stated_on,
        lines.least_effects,
        lines.most_effects,
        lines.slope,
        {{ as_amount(divided('sum(sums.value)', 'sum(' ~ value_factor('sums.effects', 'lines') ~ ')')) }} as least_value

    from lines

    inner join sums
        on
            lines.goal_key = sums.goal_key
            and lines.stated_on = sums.stated_on

    group by lines.goal_key, lines.stated_on, lines.least_effects, lines.most_effects, lines.slope

    having sum(sums.value) > 0

)

select * from final
