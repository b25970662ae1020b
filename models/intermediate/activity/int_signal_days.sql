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
                or signal_id not in (select signal_id from {{ ref('int_signals') }} where not is_plain)
        "
    )
}}

-- depends_on: {{ ref('int_received_days') }}
-- depends_on: {{ ref('int_signals') }}

with

matches as (

    select * from {{ ref('int_signal_matches') }}

),

signals_to_add_up as (

    select * from {{ ref('int_signals_to_add_up') }}

),

added_up as (

    select
        actor_id,
        signal_id,
        occurred_date,
        received_date,
        count(*) as matches,
        sum(amount) as amount

    from matches

    group by actor_id, signal_id, occurred_date, received_date

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

    from signals_to_add_up

)

select * from final
