with

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

rule_groups as (

    select * from {{ ref('int_rule_groups') }}

),

-- A lead without contributions in a group has 0 there, which counts where the group's bounds do not let 0 be.
given as (

    select
        as_of_date,
        model_id,
        contact_id,
        rule_group,
        points

    from rule_points

    union all

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        rule_groups.rule_group,
        0 as points

    from leads

    inner join rule_groups on leads.model_id = rule_groups.model_id

    where rule_groups.min_points > 0 or rule_groups.max_points < 0

),

added_up as (

    select
        as_of_date,
        model_id,
        contact_id,
        rule_group,
        sum(points) as points

    from given

    group by as_of_date, model_id, contact_id, rule_group

),

final as (

    select
        added_up.as_of_date,
        added_up.model_id,
        added_up.contact_id,
        added_up.rule_group,
        rule_groups.dimension,
        {{ as_points('added_up.points') }} as unbounded_points,
        {{ as_points('greatest(least(added_up.points, rule_groups.max_points), rule_groups.min_points)') }} as points

    from added_up

    inner join rule_groups
        on
            added_up.model_id = rule_groups.model_id
            and added_up.rule_group = rule_groups.rule_group

)

select * from final
