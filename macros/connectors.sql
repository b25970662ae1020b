{#-
    Which raw tables each source gives. `files` are the raw tables of the contract themselves (models/staging/raw/_sources.yml); the models of the
    others are models/connectors/<source>/<source>__<table>.
-#}
{%- macro raw_tables_of_sources() -%}
{{ return({
    'files': ['contacts', 'events', 'identities', 'outcomes', 'accounts', 'merges', 'contact_attributes', 'overrides'],
    'hubspot': ['contacts', 'events', 'outcomes', 'accounts', 'merges', 'contact_attributes'],
    'segment': ['contacts', 'events', 'identities', 'outcomes', 'accounts', 'merges', 'contact_attributes'],
    'ga4': ['contacts', 'events', 'identities', 'outcomes'],
    'salesforce': ['contacts', 'events', 'outcomes', 'accounts', 'merges', 'contact_attributes'],
    'pardot': ['contacts', 'events', 'identities', 'outcomes', 'merges'],
    'marketo': ['contacts', 'events', 'outcomes', 'merges', 'contact_attributes'],
    'web_events': ['contacts', 'events', 'identities', 'outcomes'],
    'shopify': ['contacts', 'events', 'outcomes', 'merges'],
    'woocommerce': ['contacts', 'events', 'outcomes', 'merges']
}) }}
{%- endmacro -%}

{#- The sources that are on, by the list `connectors`; without a list the raw files alone. -#}
{%- macro connectors() -%}
{%- set listed = var('connectors', env_var('LEAD_SCORING_CONNECTORS', '')) -%}
{%- set names = [] -%}
{%- for name in (listed.split(',') if listed is string else listed) if name | trim -%}
    {%- if name | trim not in raw_tables_of_sources() -%}
        {{ exceptions.raise_compiler_error("The variable connectors names " ~ name | trim ~ "; it must name sources among " ~ raw_tables_of_sources() | join(', ')) }}
    {%- endif -%}
    {%- if name | trim in names -%}
        {{ exceptions.raise_compiler_error("The variable connectors names " ~ name | trim ~ " twice; both would have the same ids") }}
    {%- endif -%}
    {%- do names.append(name | trim) -%}
{%- endfor -%}
{{ return(names or ['files']) }}
{%- endmacro -%}

{#- The rows of a raw table from all sources that are on. Columns come together by name; a column that a source does not have is null in its rows. -#}
{%- macro raw_rows(table) -%}
{%- set relations = [] -%}
{%- for name in connectors() if table in raw_tables_of_sources()[name] -%}
    {%- do relations.append(raw_table(table) if name == 'files' else ref(name ~ '__' ~ table)) -%}
{%- endfor -%}
{{ return(relations[0] if relations | length == 1 else union_by_name(relations) if relations else no_rows_of(table)) }}
{%- endmacro -%}

{#- A raw table that no source gives. -#}
{%- macro no_rows_of(table) -%}
{%- set columns = {
    'identities': ['anonymous_id', 'contact_id', 'identified_at'],
    'outcomes': ['outcome_id', 'contact_id', 'outcome', 'occurred_at', 'value'],
    'accounts': ['account_id', 'created_at', 'updated_at', 'name'],
    'merges': ['from_contact_id', 'into_contact_id', 'merged_at'],
    'contact_attributes': ['contact_id', 'attribute', 'value', 'changed_at'],
    'overrides': ['contact_id', 'model_id', 'points', 'reason', 'author', 'valid_from', 'valid_to'],
    'erasures': ['contact_id', 'requested_at']
}[table] -%}
(select {% for column in columns %}{{ as_text('null') }} as {{ column }}{{ ', ' if not loop.last }}{% endfor %} where 1 = 0) as no_rows
{%- endmacro -%}

{#- An id with the name of its source, so that two sources may use the same number. Ids keep their case: some differ in nothing else. -#}
{%- macro source_id(prefix, id) -%}
'{{ prefix }}:' || {{ read_text(id) }}
{%- endmacro -%}

{#- The time zone of a source, from `source_time_zones`, such as salesforce=Europe/Warsaw,pardot=Europe/Warsaw; UTC by default. -#}
{%- macro time_zone_of(name) -%}
{%- set listed = var('source_time_zones', env_var('LEAD_SCORING_SOURCE_TIME_ZONES', '')) -%}
{%- for pair in listed.split(',') if pair.split('=')[0] | trim == name -%}
    {{ return(pair.split('=')[1] | trim) }}
{%- endfor -%}
{{ return('UTC') }}
{%- endmacro -%}

{#-
    A time of pardot or web_events, which write local times, as UTC; null if unreadable. The other sources write UTC: use read_timestamp there, and
    source_day_end for their dates.
-#}
{%- macro source_time(name, value) -%}
{{ read_timestamp(value) if time_zone_of(name) == 'UTC' else read_local_timestamp(value, time_zone_of(name)) }}
{%- endmacro -%}

{#- A date without a time counts at the end of its day in the source's time zone, as UTC; earlier it may not have happened yet. -#}
{%- macro source_day_end(name, value, times_are_local=false) -%}
{{ local_day_end(value, time_zone_of(name), times_are_local) }}
{%- endmacro -%}

{#- Whether a flag of a source is set, be it a boolean, a number or text. -#}
{%- macro is_set(value) -%}
coalesce(lower({{ read_text(value) }}) in ('true', 't', '1', 'yes'), false)
{%- endmacro -%}

{#- Whether a row is the current version, by Fivetran's flag of the history mode. Without history mode every row is. -#}
{%- macro is_current(flag) -%}
({{ read_text(flag) }} is null or {{ is_set(flag) }})
{%- endmacro -%}

{#-
    Outcomes from events: each event of a contact whose type has an outcome in event_names. The outcome is known from the receipt of the event.
    activity: event_id, contact_id, source_type, occurred_at, received_at, value.
-#}
{%- macro outcomes_of_events(name, activity) -%}
(
    select
        events.event_id || ':' || event_names.outcome as outcome_id,
        events.contact_id,
        event_names.outcome,
        greatest(events.occurred_at, events.received_at) as occurred_at,
        {{ as_amount('events.value') }} as value
    from {{ activity }} as events
    inner join {{ ref('stg_event_names') }} as event_names on events.source_type = event_names.source_type
    where
        event_names.source = '{{ name }}'
        and event_names.outcome is not null
        and events.contact_id is not null
) as outcomes_of_events
{%- endmacro -%}

{#- The events of a source's activity, by the names of event_names; a type without a row keeps its own name. -#}
{%- macro events_of_activity(name, activity) -%}
(
    select
        activity.event_id,
        activity.contact_id,
        activity.anonymous_id,
        coalesce(event_names.event_type, activity.source_type) as event_type,
        activity.occurred_at,
        activity.received_at,
        activity.channel,
        activity.campaign,
        activity.page_url,
        activity.object_id,
        {{ as_amount('activity.duration_seconds') }} as duration_seconds,
        {{ as_amount('activity.value') }} as value
    from {{ activity }} as activity
    left join {{ ref('stg_event_names') }} as event_names
        on event_names.source = '{{ name }}' and activity.source_type = event_names.source_type
) as events_of_activity
{%- endmacro -%}

{#- The steps of the orders of a shop (placed, paid, cancelled), each from its time. -#}
{%- macro order_steps(shop, orders, steps) -%}
(
    {% for step in steps -%}
    select
        '{{ shop }}:{{ step }}:' || order_id as event_id,
        contact_id,
        'order {{ step }}' as source_type,
        {{ step }}_at as occurred_at,
        {{ step }}_at as received_at,
        order_id as object_id,
        value
    from {{ orders }}
    {{ 'where ' ~ step ~ '_at is not null' if step != 'placed' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
) as order_steps
{%- endmacro -%}

{#- Outcomes from attributes: event_names maps a new value, such as "lifecyclestage salesqualifiedlead", to an outcome. The first time counts. -#}
{%- macro outcomes_of_attributes(name) -%}
(
    select
        changes.contact_id || ':' || event_names.outcome as outcome_id,
        changes.contact_id,
        event_names.outcome,
        min(changes.changed_at) as occurred_at,
        {{ as_amount('null') }} as value
    from {{ ref(name ~ '__contact_attributes') }} as changes
    inner join {{ ref('stg_event_names') }} as event_names on lower(changes.attribute || ' ' || changes.value) = event_names.source_type
    where
        event_names.source = '{{ name }}'
        and event_names.outcome is not null
    group by changes.contact_id, event_names.outcome
) as outcomes_of_attributes
{%- endmacro -%}

{#- When each contact of a source was created. -#}
{%- macro contact_creations(name) -%}
(
    select
        contact_id,
        min(created_at) as created_at
    from {{ ref(name ~ '__contacts') }}
    group by contact_id
)
{%- endmacro -%}

{#-
    Attributes over time: each new value from its change on; before the first change, the old value of that change from the contact's creation on.
    changes: contact_id, attribute, old_value, new_value, changed_at, change_id.
-#}
{%- macro attribute_history(name, changes) -%}
(
    select
        contact_id,
        attribute,
        new_value as value,
        changed_at
    from {{ changes }}

    union all

    select
        placed.contact_id,
        placed.attribute,
        placed.old_value as value,
        contacts.created_at as changed_at
    from (
        select
            *,
            row_number() over (
                partition by contact_id, attribute
                order by changed_at, change_id
            ) as place
        from {{ changes }}
    ) as placed
    inner join {{ contact_creations(name) }} as contacts on placed.contact_id = contacts.contact_id
    where
        placed.place = 1
        and contacts.created_at < placed.changed_at
) as attribute_history
{%- endmacro -%}

{#- Merges, which count from when both contacts exist. pairs: from_contact_id, into_contact_id, merged_at. -#}
{%- macro merges_of_contacts(name, pairs, survivors_of=none) -%}
(
    select
        pairs.from_contact_id,
        pairs.into_contact_id,
        case
            when pairs.merged_at is not null then greatest(pairs.merged_at, merged.created_at, survivors.created_at)
        end as merged_at
    from {{ pairs }} as pairs
    left join {{ contact_creations(name) }} as merged on pairs.from_contact_id = merged.contact_id
    left join {{ contact_creations(survivors_of or name) }} as survivors on pairs.into_contact_id = survivors.contact_id
) as merges_of_contacts
{%- endmacro -%}

{#-
    Guests of a shop who became customers: the guest of an e-mail address is merged into the first customer with that address. created_at is the column
    of customers with their creation.
-#}
{%- macro guest_merges(shop, orders, customers, created_at) -%}
with

guests as (

    select
        contact_id,
        email,
        min(placed_at) as first_order_at

    from {{ orders }}

    where
        is_guest
        and email is not null

    group by contact_id, email

),

customers as (

    select
        lower({{ read_text('email') }}) as email,
        {{ source_id(shop, 'id') }} as contact_id,
        row_number() over (
            partition by lower({{ read_text('email') }})
            order by {{ read_timestamp(created_at) }} nulls last, {{ read_text('id') }}
        ) as place

    from {{ customers }}

    where {{ read_text('id') }} is not null

),

pairs as (

    select
        guests.contact_id as from_contact_id,
        customers.contact_id as into_contact_id,
        guests.first_order_at as merged_at

    from guests

    inner join customers on guests.email = customers.email

    where customers.place = 1

),

final as (

    select * from {{ merges_of_contacts(shop, 'pairs') }}

)

select * from final
{%- endmacro -%}
