with

rules as (

    select * from {{ ref('int_rules') }}

),

labels as (

    select * from {{ ref('int_rules') }}

),

counts as (

    select * from {{ ref('int_rule_counts') }}

),

auc_without as (

    select * from {{ ref('int_rule_auc') }}

),

suggestions as (

    select * from {{ ref('int_rule_suggestions') }}

),

joined as (

    select
        rules.rule_kind,
        rules.rule_group,
        rules.points,
        labels.label,
        counts.*,
        auc_without.roc_auc as roc_auc_without,
        suggestions.p_value,
        suggestions.is_certain,
        case when suggestions.is_enough then suggestions.points_suggested end as points_suggested,
        case when suggestions.is_enough then suggestions.points_error end as points_error

    from rules

    inner join labels on rules.rule_id = labels.rule_id

    inner join counts on rules.rule_id = counts.rule_id

    left join auc_without on rules.rule_id = auc_without.rule_id

    left join suggestions on rules.rule_id = suggestions.rule_id

),

final as (

    select
        model_id,
        rule_id,
        rule_kind,
        rule_group,
        label,
        {{ as_count('contacts') }} as leads,
        {{ as_count('contacts_touched') }} as leads_touched,
        {{ as_count('converted_contacts_touched') }} as conversions_touched,
        {{ as_count('converted_contacts_untouched') }} as conversions_untouched,
        {{ as_count('leads') }} as lead_dates,
        {{ as_count('leads_touched') }} as lead_dates_touched,
        {{ as_count('conversions_touched') }} as converted_lead_dates_touched,
        {{ as_amount(divided('conversions_touched', 'nullif(leads_touched, 0)')) }} as rate_with,
        {{ as_amount(divided('conversions - conversions_touched', 'nullif(leads - leads_touched, 0)')) }} as rate_without,
        {{ as_amount(divided(
            'conversions_touched * (leads - leads_touched)',
            'nullif(leads_touched * (conversions - conversions_touched), 0)'
        )) }} as lift,
        {{ as_amount('roc_auc - roc_auc_without') }} as auc_contribution,
        {{ as_points('points_given / nullif(leads_touched, 0)') }} as points_per_lead,
        points,
        points_suggested,
        points_error,
        p_value,
        case
            when points_suggested is null then 'too little data'
            when not is_certain or points_suggested = points then 'keep'
            when points_suggested = 0 or (points_suggested > 0 and points < 0) or (points_suggested < 0 and points > 0) then 'remove'
            when abs(points_suggested) > abs(points) then 'raise'
            else 'lower'
        end as verdict

    from joined

)

select * from final
