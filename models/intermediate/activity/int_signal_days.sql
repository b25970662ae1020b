{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['received_date', 'signal_id'],
        on_schema_change='fail',
        post_hook="
            delete from {{ this }}
            where
                received_date not in (select received_date from {{ ref('int_received_days') }})
                or signal_id not in (select signal_id from {{ ref('int_signals') }})
        "
    )
}}

with

matches as (

    select * from {{ ref('int_signal_matches') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

days as (

    select * from {{ ref('int_received_days') }}

),

days_added_up as (

    {% if is_incremental() %}
    select
        received_date,
        signal_id,
        day_version

    from {{ this }}

    where day_version is not null
    {% else %}
    select
        days.received_date,
        signals.signal_id,
        days.day_version

    from days

    cross join signals

    where false
    {% endif %}

),

-- Each day of a new signal, and each day whose events have changed.
days_to_add_up as (

    select
        days.received_date,
        signals.signal_id,
        days.day_version

    from days

    cross join signals

    left join days_added_up
        on
            days.received_date = days_added_up.received_date
            and signals.signal_id = days_added_up.signal_id

    where days.day_version is distinct from days_added_up.day_version

),

added_up as (

    select
        matches.actor_id,
        matches.signal_id,
        matches.occurred_date,
        matches.received_date,
        count(*) as matches,
        sum(matches.amount) as amount

    from matches

    inner join days_to_add_up
        on
            matches.received_date = days_to_add_up.received_date
            and matches.signal_id = days_to_add_up.signal_id

    group by matches.actor_id, matches.signal_id, matches.occurred_date, matches.received_date

),

-- One more row a day and signal says which events of the day were looked at.
final as (

    select
        actor_id,
        signal_id,
        occurred_date,
        received_date,
        matches,
        amount,
        {{ as_text('null') }} as day_version

    from added_up

    union all

    select
        {{ as_text('null') }} as actor_id,
        signal_id,
        {{ as_date('null') }} as occurred_date,
        received_date,
        0 as matches,
        0 as amount,
        day_version

    from days_to_add_up

)

select * from final
