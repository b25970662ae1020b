{{ config(materialized='table') }}

with

contacts as (

    select * from {{ ref('int_value_contacts') }}
    where doublings is not null

),

rule_history as (

    select * from {{ ref('int_rule_history') }}

),

means as (

    select
        goal_key,
        stated_on,
        count(*) as contacts,
        {{ as_amount(quotient('sum(doublings)', 'count(*)')) }} as doublings,
        {{ as_amount(quotient('sum(' ~ product('doublings', 'doublings') ~ ')', 'count(*)')) }} as square

    from contacts

    group by goal_key, stated_on

    having count(*) >= 100

),

touched as (

    select
        contacts.goal_key,
        contacts.stated_on,
        contacts.is_latest,
        rule_history.rule_id,
        count(*) as touched,
        sum(contacts.doublings - means.doublings) as surplus,
        means.contacts,
        {{ as_amount('means.square - ' ~ product('means.doublings', 'means.doublings')) }} as variance

    from contacts

    inner join means
        on
            contacts.goal_key = means.goal_key
            and contacts.stated_on = means.stated_on

    inner join rule_history
        on
            contacts.model_id = rule_history.model_id
            and contacts.as_of_date = rule_history.as_of_date
            and contacts.contact_id = rule_history.contact_id

    group by contacts.goal_key, contacts.stated_on, contacts.is_latest, rule_history.rule_id, means.contacts, means.square, means.doublings

),

-- A score test: surplus squared over its variance if the rule had no effect.
tested as (

    select
        *,
        {{ as_amount(quotient(
            product(as_amount(product('surplus', 'surplus')), 'contacts'),
            product('variance', '(touched * (contacts - touched))')
        )) }} as chi_square

    from touched

    where
        touched >= 20
        and contacts - touched >= 20
        and variance > 0

),

numbered as (

    select
        *,
        row_number() over (partition by goal_key, stated_on order by -chi_square, rule_id) as place

    from tested

),

-- The ten clearest effects, at a significance of 1 %, shrunk toward none (pseudo-count 10).
final as (

    select
        goal_key,
        stated_on,
        is_latest,
        rule_id,
        touched as contacts,
        {{ as_amount(quotient('surplus', 'touched + 10')) }} as effect

    from numbered

    where
        place <= 10
        and chi_square >= 6.635

)

select * from final
