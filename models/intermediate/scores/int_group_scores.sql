with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

-- A lead without contributions in a group has 0 points there, which matters if the group's bounds exclude 0.
given as (

    select
        rule_points.as_of_date,
        rule_points.contact_key,
        rules.group_key,
        rule_points.points

    from rule_points

    inner join rules on rule_points.rule_key = rules.rule_key

    union all

    select
        leads.as_of_date,
        leads.contact_key,
        rule_groups.group_key,
        0 as points

    from leads

    inner join rule_groups on leads.model_id = rule_groups.model_id

    where rule_groups.min_points > 0 or rule_groups.max_points < 0

),

added_up as (

    select
        as_of_date,
        contact_key,
        group_key,
        sum(points) as points

    from given

    group by as_of_date, contact_key, group_key

),

final as (

    select
        added_up.as_of_date,
        rule_groups.model_id,
        added_up.contact_key,
        added_up.group_key,
        rule_groups.dimension,
        {{ as_points('added_up.points') }} as unbounded_points,
        {{ as_points('greatest(least(added_up.points, rule_groups.max_points), rule_groups.min_points)') }} as points

    from added_up

    inner join rule_groups on added_up.group_key = rule_groups.group_key

)

select * from final
