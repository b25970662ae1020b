-- Entries of each cycle of a contact.

with recursive

all_entries as (

    select * from {{ ref('int_stage_entries') }}

    union all

    select * from {{ ref('int_band_entries') }}

),

entries as (

    select
        contact_id,
        entered_on,
        stage,
        {{ as_amount('sum(value)') }} as value

    from all_entries

    group by contact_id, entered_on, stage

),

{{ stage_cycles() }},

final as (

    select * from cycles

)

select * from final
