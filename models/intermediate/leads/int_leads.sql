with

contacts as (

    select * from {{ ref('int_contacts') }}

),

models as (

    select * from {{ ref('stg_score_models') }}

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

stage_audiences as (

    select * from {{ ref('int_stage_audiences') }}

),

described_versions as (

    select distinct version_hash from {{ ref('int_person_attributes') }}
    where value is not null and attribute not in ('contact_id', 'created_at', 'updated_at', 'email', 'account_id')

),

contact_days as (

    select * from {{ ref('int_contact_days') }}

),

disqualifications as (

    select * from {{ ref('int_disqualifications') }}

),

last_events as (

    select contacts.as_of_date, contacts.contact_key, max(contact_days.last_event_at) as last_event_at -- noqa: LT09
    from contacts
    inner join contact_days
        on
            contacts.contact_key = contact_days.contact_key
            and contacts.as_of_date >= contact_days.occurred_date
            and contacts.as_of_date >= contact_days.known_date
            and (contact_days.filtered_date is null or contacts.as_of_date < contact_days.filtered_date)
    group by contacts.as_of_date, contacts.contact_key

),

checked as (

    select
        contacts.*,
        models.model_id,
        models.audience_attribute,
        last_events.last_event_at,
        disqualifications.reason as disqualified_because,
        models.audience_attribute is null or coalesce(met_conditions.version_hash, stage_audiences.model_id) is not null as is_in_audience,
        last_events.contact_key is not null or described_versions.version_hash is not null as has_data
    from contacts cross join models
    left join met_conditions
        on
            contacts.version_hash = met_conditions.version_hash
            and models.audience_key = met_conditions.condition_key
            and {{ holds_on('met_conditions', 'contacts.as_of_date') }}
    left join stage_audiences
        on
            contacts.as_of_date = stage_audiences.as_of_date
            and contacts.contact_key = stage_audiences.contact_key
            and models.model_id = stage_audiences.model_id
    left join disqualifications
        on
            contacts.as_of_date = disqualifications.as_of_date
            and contacts.contact_key = disqualifications.contact_key
            and models.model_id = disqualifications.model_id
    left join last_events
        on
            contacts.as_of_date = last_events.as_of_date
            and contacts.contact_key = last_events.contact_key
    left join described_versions on contacts.version_hash = described_versions.version_hash

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        contact_id,
        account_id,
        version_hash,
        last_event_at,
        case
            when not is_in_audience then 'not_in_audience'
            when disqualified_because is not null then 'disqualified'
            when not has_data then 'no_data'
            else 'scored'
        end as status,
        case
            when not is_in_audience then audience_attribute || ' is outside the audience of the model'
            when disqualified_because is not null then disqualified_because
            when not has_data then 'no event and no attribute is known'
        end as status_reason
    from checked

)

select * from final
