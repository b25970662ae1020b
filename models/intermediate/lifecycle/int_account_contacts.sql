-- Scored leads of each account, the best first, with the breadth value that each adds.

with

leads as (

    select * from {{ ref('int_lead_scores') }}
    where
        status = 'scored'
        and account_id is not null

),

models as (

    select * from {{ ref('stg_account_models') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

attributes as (

    select * from {{ ref('int_attributes') }}
    where attribute in (select account_models.breadth_attribute from {{ ref('stg_account_models') }} as account_models)

),

final as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.account_id,
        leads.contact_id,
        leads.score,
        leads.band,
        case when leads.score >= coalesce(models.breadth_min_score, leads.score) then lower(attributes.value) end as breadth_value,
        row_number() over (
            partition by leads.as_of_date, leads.model_id, leads.account_id
            order by leads.score desc, leads.contact_id asc
        ) as place,
        count(*) over (partition by leads.as_of_date, leads.model_id, leads.account_id) as scored_contacts,
        sum(leads.score) over (
            partition by leads.as_of_date, leads.model_id, leads.account_id
            order by leads.score desc, leads.contact_id asc
            rows between unbounded preceding and current row
        ) as running_score

    from leads

    inner join models on leads.model_id = models.model_id

    inner join contacts
        on
            leads.as_of_date = contacts.as_of_date
            and leads.contact_key = contacts.contact_key

    left join attributes
        on
            contacts.version_hash = attributes.version_hash
            and models.breadth_attribute = attributes.attribute
            and {{ holds_on('attributes', 'contacts.as_of_date') }}

)

select * from final
