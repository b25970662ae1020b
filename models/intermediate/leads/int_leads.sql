with

contacts as (

    select * from {{ ref('int_contacts') }}

),

models as (

    select * from {{ ref('int_scored_models') }}

),

audience as (

    select * from {{ ref('int_contact_attributes') }}

),

described_versions as (

    select distinct version_hash from {{ ref('int_contact_attributes') }}
    where
        value is not null
        and attribute not in ('email', 'account_id')

),

activity as (

    select * from {{ ref('int_contact_activity') }}

),

disqualifications as (

    select * from {{ ref('int_disqualifications') }}

),

checked as (

    select
        contacts.*,
        models.model_id,
        models.audience_attribute,
        activity.last_event_at,
        disqualifications.reason as disqualified_because,
        (
            models.audience_attribute is null
            or {{ condition_holds('audience.value', 'models.audience_comparison', 'models.audience_operand') }}
        ) as is_in_audience,
        (activity.contact_id is not null or described_versions.version_hash is not null) as has_data

    from contacts

    cross join models

    left join audience
        on
            contacts.version_hash = audience.version_hash
            and models.audience_attribute = audience.attribute

    left join disqualifications
        on
            contacts.as_of_date = disqualifications.as_of_date
            and contacts.contact_id = disqualifications.contact_id
            and models.model_id = disqualifications.model_id

    left join activity
        on
            contacts.as_of_date = activity.as_of_date
            and contacts.contact_id = activity.contact_id

    left join described_versions on contacts.version_hash = described_versions.version_hash

),

final as (

    select
        as_of_date,
        model_id,
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
            when not has_data then 'neither events nor attributes are known'
        end as status_reason

    from checked

)

select * from final
