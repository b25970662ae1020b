-- What each source gave: contacts, events of known contacts and of visitors, outcomes. The prefix of an id names its source; ids of the raw
-- files have none. For the summary of a build (scripts/support/findings.py), which names the sources.

with

ids as (

    select distinct
        contact_id as id,
        'contact' as kind
    from {{ ref('int_contact_versions') }}

    union all

    select
        event_id as id,
        'event' as kind
    from {{ ref('int_events') }}
    where not is_inherited

    union all

    select
        outcome_id as id,
        'outcome' as kind
    from {{ ref('int_outcomes') }}
    where not is_inherited

),

sources as (

    select 'files' as source
    {%- for name in var('sources', []) %}
    union all
    select '{{ name }}' as source
    {%- endfor %}

),

-- A source that gave nothing is a row too.
given as (

    select
        ids.kind,
        coalesce(sources.source, 'files') as source
    from ids
    left join sources on split_part(ids.id, ':', 1) = sources.source

    union all

    select
        null as kind,
        source
    from sources
    where source <> 'files'

),

final as (

    select
        source,
        count(case when kind = 'contact' then 1 end) as contacts,
        count(case when kind = 'event' then 1 end) as events,
        count(case when kind = 'outcome' then 1 end) as outcomes
    from given
    group by source

)

select * from final
