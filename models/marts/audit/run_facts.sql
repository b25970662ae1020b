-- Figures for the run's record and the first lines of its summary: one row.

with

dates as (

    select
        max(as_of_date) as as_of_date,
        count(*) as dates_scored

    from {{ ref('int_as_of_dates') }}

),

versions as (

    select {{ joined("model_id || ' ' || rules_version", "', '", 'model_id') }} as rules_versions from {{ ref('int_rules_versions') }}

),

raw_rows as (

    select
        sum(rows_in) as rows_in,
        sum(rows_rejected) as rows_rejected,
        sum(case when table_name = 'events' then rows_used + rows_waiting else 0 end) as events

    from {{ ref('raw_row_counts') }}

),

leads as (

    select count(*) as leads from {{ ref('lead_scores') }}

),

changes as (

    select count(*) as changes

    from {{ ref('lead_score_changes') }} as changes

    inner join dates on changes.as_of_date = dates.as_of_date

),

contacts as (

    select count(distinct contact_id) as contacts from {{ ref('int_contact_versions') }}

),

rules as (

    select count(*) as rules
    from (
        select rule_id from {{ ref('stg_event_rules') }}
        union all
        select rule_id from {{ ref('stg_activity_rules') }}
        union all
        select rule_id from {{ ref('stg_attribute_rules') }}
    ) as all_rules

),

final as (

    select
        dates.as_of_date,
        dates.dates_scored,
        versions.rules_versions,
        {{ as_count('raw_rows.rows_in') }} as rows_in,
        {{ as_count('raw_rows.rows_rejected') }} as rows_rejected,
        leads.leads,
        changes.changes,
        contacts.contacts,
        {{ as_count('coalesce(raw_rows.events, 0)') }} as events,
        rules.rules

    from dates

    cross join versions

    cross join raw_rows

    cross join leads

    cross join changes

    cross join contacts

    cross join rules

)

select * from final
