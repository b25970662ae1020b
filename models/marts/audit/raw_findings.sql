-- Findings about raw tables, one row per item of a finding, with the number of raw rows affected.

with

rejected as (

    select 'contacts' as table_name, rejected_because from {{ ref('rejected_contacts') }} -- noqa: LT09
    union all
    select 'accounts' as table_name, rejected_because from {{ ref('rejected_accounts') }} -- noqa: LT09
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
    union all
    select 'overrides' as table_name, rejected_because from {{ ref('rejected_overrides') }} -- noqa: LT09

),

known_names as (

    select
        case
            when table_name = 'events' then 'property'
            when {{ starts_with_text('column_name', "'account.'") }} then 'account attribute'
            else 'attribute'
        end as kind,
        column_name as name
    from {{ ref('stg_raw_columns') }}

    union

    select
        'attribute' as kind,
        attribute as name
    from {{ ref('int_attribute_changes') }}

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
        'unknown ' || tested.kind as topic,
        tested.name as subject,
        {{ joined('tested.tested_by', "', '", 'tested.tested_by') }} as item,
        0 as rows_concerned

    from (select distinct kind, name, tested_by from {{ ref('int_tested_names') }}) as tested -- noqa

    left join known_names
        on
            tested.kind = known_names.kind
            and tested.name = known_names.name

    where known_names.name is null

    group by tested.kind, tested.name

)

select * from final
