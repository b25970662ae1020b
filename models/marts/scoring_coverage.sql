with

event_types as (

    select * from {{ ref('int_unscored_event_types') }}

),

attributes as (

    select * from {{ ref('int_unscored_attributes') }}

),

rules as (

    select * from {{ ref('int_rules_without_match') }}

),

leads as (

    select * from {{ ref('int_lead_scores') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}
    where is_latest

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
        'event type without rule' as topic,
        event_type as name,
        {{ as_text('null') }} as model_id,
        {{ as_count('events') }} as rows_concerned

    from event_types

    union all

    select
        'attribute without rule' as topic,
        attribute as name,
        {{ as_text('null') }} as model_id,
        {{ as_count('versions') }} as rows_concerned

    from attributes

    union all

    select
        'rule without match' as topic,
        rule_id as name,
        model_id,
        {{ as_count('0') }} as rows_concerned

    from rules

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
