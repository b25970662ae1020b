-- Rejected and filtered rows by reason: the thirty most frequent.

with

excluded as (

    select
        'contacts' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_contacts') }}
    union all
    select
        'events' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_events') }}
    union all
    select
        'identities' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_identities') }}
    union all
    select
        'outcomes' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_outcomes') }}
    union all
    select
        'merges' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_merges') }}
    union all
    select
        'accounts' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_accounts') }}
    union all
    select
        'overrides' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_overrides') }}
    union all
    select
        'contact_attributes' as table_name,
        'rejected' as excluded_as,
        rejected_because as reason
    from {{ ref('rejected_contact_attributes') }}
    union all
    select
        'events' as table_name,
        'filtered' as excluded_as,
        filtered_because as reason
    from {{ ref('filtered_events') }}

),

counted as (

    select
        table_name,
        excluded_as,
        reason,
        count(*) as excluded_rows

    from excluded

    group by
        table_name,
        excluded_as,
        reason

),

final as (

    select
        *,
        row_number() over (order by excluded_rows desc, table_name asc, excluded_as asc, reason asc) as place

    from counted

)

select * from final
where place <= 30
order by place
