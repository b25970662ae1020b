with

leads as (

    select * from {{ ref('int_lead_scores') }}
    where status = 'scored'

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

group_scores as (

    select * from {{ ref('int_group_scores') }}

),

-- Every scored lead in every group of its model, with 0 points if no rule matched.
criteria as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_id,
        rule_groups.rule_group,
        rule_groups.dimension,
        rule_groups.min_points,
        rule_groups.max_points,
        coalesce(group_scores.points, 0) as points

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    inner join rule_groups on leads.model_id = rule_groups.model_id

    left join group_scores
        on
            leads.as_of_date = group_scores.as_of_date
            and leads.model_id = group_scores.model_id
            and leads.contact_key = group_scores.contact_key
            and rule_groups.group_key = group_scores.group_key

),

placed as (

    select
        *,
        rank() over (
            partition by as_of_date, model_id, rule_group
            order by points
        ) - 1 as leads_below,
        count(*) over (partition by as_of_date, model_id, rule_group) as leads_scored

    from criteria

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        rule_group,
        dimension,
        {{ as_points('points') }} as points,
        case
            when max_points > min_points
                -- Rounded once: twice the ninths and one half more, over two.
                then 1 + {{ floor_divided(
                    product('points - min_points', 18) ~ ' + max_points - min_points', '2 * (max_points - min_points)'
                ) }}
            else 1 + {{ floor_divided('10 * leads_below', 'leads_scored') }}
        end as scale_1_to_10,
        case when max_points > min_points then 'bounds' else 'distribution' end as scale_basis

    from placed

)

select * from final
