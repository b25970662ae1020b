with

calibration as (

    select distinct
        goal_key,
        stated_on,
        value_per_conversion
    from {{ ref('int_calibration') }}
    where is_latest and value_per_conversion is not null

),

goals as (

    select * from {{ ref('int_conversion_goals') }}
    where is_main

),

known as (

    select
        goal_key,
        count(*) as contacts
    from {{ ref('int_value_contacts') }}
    where is_latest
    group by goal_key

),

effects as (

    select * from {{ ref('int_value_effects') }}
    where is_latest

),

lines as (

    select * from {{ ref('int_value_lines') }}

),

rules as (

    select * from {{ ref('int_rules') }}

),

methods as (

    select
        goals.goal_key,
        goals.model_id,
        goals.goal_id,
        calibration.stated_on as as_of_date,
        case when lines.goal_key is null then 'mean' else 'scorecard' end as method, -- noqa: RF04
        known.contacts,
        case
            when lines.goal_key is null then calibration.value_per_conversion
            else {{ as_amount(product('lines.least_value', value_factor('0', 'lines'))) }}
        end as value, -- noqa: RF04
        lines.slope

    from calibration

    inner join goals on calibration.goal_key = goals.goal_key

    inner join known on calibration.goal_key = known.goal_key

    left join lines
        on
            calibration.goal_key = lines.goal_key
            and calibration.stated_on = lines.stated_on

),

final as (

    select
        model_id,
        goal_id,
        as_of_date,
        method,
        {{ as_text('null') }} as rule_id,
        {{ as_text('null') }} as label,
        {{ as_count('contacts') }} as contacts,
        {{ as_amount('value') }} as value, -- noqa: RF04
        {{ as_amount('null') }} as factor
    from methods

    union all

    select
        methods.model_id,
        methods.goal_id,
        methods.as_of_date,
        methods.method,
        effects.rule_id,
        rules.label,
        {{ as_count('effects.contacts') }} as contacts,
        {{ as_amount('null') }} as value, -- noqa: RF04
        {{ as_amount(halved_by_age('-' ~ product('methods.slope', 'effects.effect'), 1)) }} as factor

    from methods

    inner join effects on methods.goal_key = effects.goal_key

    inner join rules on effects.rule_id = rules.rule_id

    where methods.method = 'scorecard'

)

select * from final
