with

rule_contacts as (

    select * from {{ ref('int_rule_contacts') }}
    where score_bin is not null

),

rule_bins as (

    select * from {{ ref('int_rule_bins') }}

),

calibration as (

    select * from {{ ref('int_calibration') }}
    where is_latest

),

contacts as (

    select
        contacts.goal_key,
        contacts.contact_id,
        contacts.score_bin,
        contacts.conversions - contacts.leads * calibration.probability as residual
    from {{ ref('int_calibration_contacts') }} as contacts

    inner join calibration on contacts.goal_key = calibration.goal_key and contacts.score_bin = calibration.score_bin
    where contacts.is_latest

),

-- A contact's share a - b in a rule's score statistic: a from x, b from the mean x of its bins. The variance is the sum of (a - b)^2 over
-- contacts (Liang and Zeger 1986), computed as a^2 - 2 a b + b^2, because a is 0 for most contacts.
given as (

    select
        goal_key,
        rule_id,
        contact_id,
        {{ as_amount('sum(x_by_residual)') }} as a
    from rule_contacts
    group by goal_key, rule_id, contact_id

),

-- Products of a contact's residuals in two bins; the sum of b^2 needs only these.
products as (

    select
        ones.goal_key,
        ones.score_bin as one_bin,
        pairs.score_bin as other_bin,
        sum({{ as_amount('ones.residual * pairs.residual') }}) as residual_by_residual
    from contacts as ones

    inner join contacts as pairs on ones.goal_key = pairs.goal_key and ones.contact_id = pairs.contact_id
    group by ones.goal_key, ones.score_bin, pairs.score_bin

),

parts as (

    select
        goal_key,
        rule_id,
        sum({{ as_amount(product('a', 'a')) }}) as variance
    from given
    group by goal_key, rule_id

    union all

    select
        given.goal_key,
        given.rule_id,
        -2 * sum({{ as_amount(product('given.a', as_amount('contacts.residual * rule_bins.mean_x'))) }}) as variance
    from given
    inner join contacts on given.goal_key = contacts.goal_key and given.contact_id = contacts.contact_id
    inner join rule_bins
        on
            given.goal_key = rule_bins.goal_key
            and given.rule_id = rule_bins.rule_id
            and contacts.score_bin = rule_bins.score_bin
    group by given.goal_key, given.rule_id

    union all

    select
        ones.goal_key,
        ones.rule_id,
        sum({{ as_amount(product('products.residual_by_residual', as_amount(product('ones.mean_x', 'pairs.mean_x')))) }}) as variance
    from products
    inner join rule_bins as ones on products.goal_key = ones.goal_key and products.one_bin = ones.score_bin
    inner join rule_bins as pairs
        on
            ones.goal_key = pairs.goal_key
            and ones.rule_id = pairs.rule_id
            and products.other_bin = pairs.score_bin
    group by ones.goal_key, ones.rule_id

),

final as (

    select
        goal_key,
        rule_id,
        {{ as_amount('greatest(sum(variance), 0)') }} as variance
    from parts
    group by goal_key, rule_id

)

select * from final
