-- Findings about raw tables, one row per item of a finding, with the number of raw rows affected.

with

rejected as (

    select 'contacts' as table_name, rejected_because from {{ ref('rejected_contacts') }} -- noqa: LT09
    union all
    select 'events' as table_name, rejected_because from {{ ref('rejected_events') }} -- noqa: LT09
    union all
    select 'identities' as table_name, rejected_because from {{ ref('rejected_identities') }} -- noqa: LT09
    union all
    select 'outcomes' as table_name, rejected_because from {{ ref('rejected_outcomes') }} -- noqa: LT09
    union all
    select 'merges' as table_name, rejected_because from {{ ref('rejected_merges') }} -- noqa: LT09
    union all
    select 'contact_attributes' as table_name, rejected_because from {{ ref('rejected_contact_attributes') }} -- noqa: LT09

),

named_attributes as (

    select rule_id, attribute from {{ ref('stg_attribute_rules') }} -- noqa: LT09
    union all
    select rule_id, and_attribute as attribute from {{ ref('stg_attribute_rules') }} -- noqa: LT09
    union all
    select 'identity_rules' as rule_id, attribute from {{ ref('stg_identity_rules') }} where attribute <> 'email' -- noqa: LT09

),

-- One day ahead, for sources with fast clocks or other time zones. Without the date of the run nothing is in the future.
run_date as (

    select {{ add_days(read_date("'" ~ setting('run_date') ~ "'"), 1) }} as latest_date

),

dated as (

    select
        'events in the future' as topic,
        occurred_date as dated_on
    from {{ ref('int_received_events') }}

    union all

    select
        'contact versions in the future' as topic,
        {{ as_date('updated_at') }} as dated_on
    from {{ ref('int_contact_versions') }}

),

final as (

    select
        'lost rows' as topic,
        table_name as subject,
        finding as item,
        {{ as_count('rows_lost') }} as rows_concerned
    from {{ ref('int_lost_rows') }}

    union all

    select
        'columns not read' as topic,
        'events' as subject,
        column_name as item,
        0 as rows_concerned
    from {{ ref('stg_raw_columns') }}
    where
        table_name = 'events'
        and column_name not in (
            select contract.column_name from {{ ref('raw_columns') }} as contract
            where contract.table_name = 'events'
        )

    union all

    select
        'rejected rows' as topic,
        table_name as subject,
        {{ count_text('count(*)') }} || ' ' || rejected_because as item,
        count(*) as rows_concerned
    from rejected
    group by table_name, rejected_because

    union all

    select
        dated.topic,
        '' as subject,
        {{ as_text('max(dated.dated_on)') }} as item,
        count(*) as rows_concerned
    from dated
    inner join run_date on dated.dated_on > run_date.latest_date
    group by dated.topic

    union all

    select
        'unknown attribute' as topic,
        attribute as subject,
        {{ joined('rule_id', "', '", 'rule_id') }} as item,
        0 as rows_concerned
    from named_attributes
    where
        attribute not in (
            select known.column_name from {{ ref('stg_raw_columns') }} as known
            where known.table_name = 'contacts'
        )
        and attribute not in (select changes.attribute from {{ ref('int_attribute_changes') }} as changes)
    group by attribute

)

select * from final
