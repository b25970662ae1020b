{{ config(materialized='view') }}

-- What each source gave: contacts, events of known contacts and of visitors, outcomes. The prefix of an id names its source; ids of the raw
-- files have none.

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

-- A source that gave nothing is a row too.
sources as (

    {% for name in connectors() -%}
    select '{{ name }}' as source -- noqa: RF04
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

given as (

    select
        ids.kind,
        coalesce(sources.source, 'files') as source -- noqa: RF04
    from ids
    left join sources on {{ part_before('ids.id', "':'") }} = sources.source

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
        {{ as_count("count(case when kind = 'contact' then 1 end)") }} as contacts,
        {{ as_count("count(case when kind = 'event' then 1 end)") }} as events,
        {{ as_count("count(case when kind = 'outcome' then 1 end)") }} as outcomes
    from given
    group by source

)

select * from final
