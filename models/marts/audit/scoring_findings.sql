-- contract/finding_topics.csv has the wording of each topic.

with

items as (

    select * from {{ ref('raw_findings') }}

    union all

    select * from {{ ref('history_findings') }}

    union all

    select
        topic,
        '' as subject,
        coalesce(name, '') || case topic
            when 'event type without rule' then ' (' || {{ count_text('rows_concerned') }} || ' events)'
            else ''
        end as item,
        rows_concerned
    from {{ ref('scoring_coverage') }}

    union all

    select
        'filtered events' as topic,
        '' as subject,
        {{ count_text('count(*)') }} || ' ' || filter_id as item,
        count(*) as rows_concerned
    from {{ ref('filtered_events') }}
    group by filter_id

    union all

    select
        'value of too many' as topic,
        attribute as subject,
        '' as item,
        count(distinct contact_id) as rows_concerned
    from {{ ref('int_shared_values') }}
    where not is_used
    group by attribute

    union all

    select distinct
        'list without rule' as topic,
        '' as subject,
        list as item,
        0 as rows_concerned
    from {{ ref('stg_reference_lists') }}
    where list not in (select coalesce(cells.cell, '') from {{ ref('stg_rule_cells') }} as cells where cells.file <> 'reference_lists') -- noqa

),

topics as (

    select * from {{ ref('finding_topics') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by topic, subject
            order by rows_concerned desc, item asc
        ) as place

    from items

),

-- A long list shows its first five items, ordered by rows affected.
listed as (

    select
        topic,
        subject,
        count(*) as items,
        sum(rows_concerned) as rows_concerned,
        {{ joined("case when place <= 5 then item end", "'; '", 'place') }}
        || case when count(*) > 5 then '; and ' || {{ count_text('count(*) - 5') }} || ' more' else '' end as item_list

    from numbered

    group by
        topic,
        subject

),

final as (

    select
        {{ as_whole('row_number() over (order by topics.place_told, listed.subject, listed.topic)') }} as finding_number,
        listed.topic,
        listed.subject,
        {{ worded('topics.wording', {
            'number': count_text('listed.items'),
            'rows': count_text('listed.rows_concerned'),
            's': "case when listed.rows_concerned = 1 then '' else 's' end",
            'subject': 'listed.subject',
            'items': 'listed.item_list'
        }) }} as finding

    from listed

    inner join topics on listed.topic = topics.topic

)

select * from final
