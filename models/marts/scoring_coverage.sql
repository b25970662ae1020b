with

unscored_names as (

    select * from {{ ref('int_unscored_names') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

rule_points as (

    select * from {{ ref('int_rule_points') }}

),

leads as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

),

matched_rules as (

    select distinct rule_points.rule_key

    from rule_points

    inner join dates on rule_points.as_of_date = dates.as_of_date

),

rules_without_match as (

    select
        rules.rule_id,
        rules.model_id

    from rules

    inner join dates
        on
            (rules.valid_from is null or rules.valid_from <= dates.as_of_date)
            and (rules.valid_to is null or rules.valid_to > dates.as_of_date)

    left join matched_rules on rules.rule_key = matched_rules.rule_key

    where matched_rules.rule_key is null

),

contacts as (

    select leads.contact_id

    from leads

    inner join dates on leads.as_of_date = dates.as_of_date

    group by leads.contact_id

    having max(case when leads.status = 'not_in_audience' then 0 else 1 end) = 0

),

final as (

    select
        case when source = 'event' then 'event type without rule' else 'attribute without rule' end as topic,
        name,
        {{ as_text('null') }} as model_id,
        {{ as_count('rows_concerned') }} as rows_concerned
    from unscored_names

    union all

    select
        'rule without match' as topic,
        rule_id as name,
        model_id,
        {{ as_count('0') }} as rows_concerned
    from rules_without_match

    union all

    select
        'contacts outside every audience' as topic,
        {{ as_text('null') }} as name,
        {{ as_text('null') }} as model_id,
        count(*) as rows_concerned
    from contacts
    having count(*) > 0

)

select * from final
