with

leads as (

    select * from {{ ref('int_lead_scores') }}
    where account_id is not null

),

models as (

    select * from {{ ref('stg_account_models') }}

),

contributions as (

    select * from {{ ref('int_account_contributions') }}

),

rules_versions as (

    select * from {{ ref('int_rules_versions') }}

),

-- Leads that are not scored give nothing, and do not take out their account.
counted as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.account_id,
        count(*) as contacts,
        count(leads.score) as scored_contacts

    from leads

    group by leads.as_of_date, leads.model_id, leads.account_id

),

added_up as (

    select
        as_of_date,
        model_id,
        account_id,
        count(case when kind = 'breadth' then 1 end) as breadth, -- noqa: RF04
        {{ as_points('sum(points)') }} as score

    from contributions

    group by as_of_date, model_id, account_id

),

final as (

    select
        counted.as_of_date,
        counted.model_id,
        counted.account_id,
        counted.contacts,
        counted.scored_contacts,
        case when models.breadth_attribute is not null then coalesce(added_up.breadth, 0) end as breadth, -- noqa: RF04
        added_up.score,
        rules_versions.account_rules_version as rules_version

    from counted

    inner join models on counted.model_id = models.model_id

    inner join rules_versions on counted.model_id = rules_versions.model_id

    left join added_up
        on
            counted.as_of_date = added_up.as_of_date
            and counted.model_id = added_up.model_id
            and counted.account_id = added_up.account_id

)

select * from final
