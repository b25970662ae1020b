with

rule_explanations as (

    select * from {{ ref('int_rule_explanations') }}

),

group_scores as (

    select * from {{ ref('int_group_scores') }}
    where points <> unbounded_points

),

rule_groups as (

    select * from {{ ref('stg_rule_groups') }}

),

scores as (

    select * from {{ ref('int_scores') }}
    where score <> unbounded_score

),

leads as (

    select * from {{ ref('int_leads') }}
    where status = 'scored'

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest or (is_explicit and '{{ setting("ledger") }}' = 'all')

),

-- Adjustments by the bounds of groups and models.
adjustments as (

    select
        group_scores.as_of_date,
        group_scores.model_id,
        group_scores.contact_key,
        'group' as bounded,
        rule_groups.rule_group,
        group_scores.dimension,
        replace(rule_groups.rule_group, '_', ' ') as label,
        group_scores.points as bound,
        {{ as_points('group_scores.points - group_scores.unbounded_points') }} as points
    from group_scores
    inner join rule_groups on group_scores.group_key = rule_groups.group_key

    union all

    select
        as_of_date,
        model_id,
        contact_key,
        'model' as bounded,
        {{ as_text('null') }} as rule_group,
        'total' as dimension,
        'score' as label,
        score as bound,
        {{ as_points('score - unbounded_score') }} as points
    from scores

),

contributions as (

    select * from rule_explanations
    union all

    select
        as_of_date,
        model_id,
        contact_key,
        bounded || case when points < 0 then '_max' else '_min' end as rule_id,
        'adjustment' as rule_kind,
        rule_group,
        dimension,
        null as matches,
        points,
        label || case when points < 0 then ' counts at most ' else ' counts at least ' end
        || {{ number_text('bound') }} || ': ' || {{ signed_text('points') }} as explanation
    from adjustments

),

final as (

    select
        contributions.as_of_date,
        contributions.model_id,
        leads.contact_id,
        contributions.rule_id,
        contributions.rule_kind,
        contributions.rule_group,
        contributions.dimension,
        contributions.matches,
        contributions.points,
        contributions.explanation
    from contributions
    inner join dates on contributions.as_of_date = dates.as_of_date

    inner join leads
        on
            contributions.as_of_date = leads.as_of_date
            and contributions.model_id = leads.model_id
            and contributions.contact_key = leads.contact_key

)

select * from final
