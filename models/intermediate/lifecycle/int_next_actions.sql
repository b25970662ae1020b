-- The row of next_actions.csv that decides what to do with a scored lead: the first one whose given cells all hold.

with

contact_columns as (

    select * from {{ ref('stg_raw_columns') }}
    where table_name = 'contacts'

),

actions as (

    select
        *,
        {{ hash_number(['event_type']) }} as signal_key,
        {{ hash_number(['attribute', 'comparison', 'operand']) }} as condition_key,
        -- Unless raw.contacts has a column of this name.
        coalesce(attribute = 'last_event_at', false)
        and 'last_event_at' not in (select contact_columns.column_name from contact_columns) as is_of_last_event
    from {{ ref('stg_next_actions') }}

),

leads as (

    select * from {{ ref('int_graded_leads') }}
    where
        status = 'scored'
        and model_id in (select actions.model_id from actions)

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

stages as (

    select * from {{ ref('int_stage_changes') }}

),

action_events as (

    select * from {{ ref('int_action_events') }}

),

met_conditions as (

    select * from {{ ref('int_met_conditions') }}

),

held as (

    select
        leads.as_of_date,
        leads.model_id,
        leads.contact_key,
        actions.precedence,
        actions.priority,
        actions.next_action,
        row_number() over (partition by leads.as_of_date, leads.model_id, leads.contact_key order by actions.precedence) as place
    from leads
    inner join contacts
        on
            leads.as_of_date = contacts.as_of_date
            and leads.contact_key = contacts.contact_key
    left join stages
        on
            leads.contact_id = stages.contact_id
            and leads.as_of_date >= stages.entered_on
            and (stages.left_on is null or leads.as_of_date < stages.left_on)
    inner join actions
        on
            leads.model_id = actions.model_id
            and (actions.stage is null or stages.stage = actions.stage)
            and (actions.kind is null or stages.kind = actions.kind)
            and (actions.grade is null or leads.grade = actions.grade)
            and (actions.band is null or leads.band = actions.band)
    left join action_events
        on
            leads.as_of_date = action_events.as_of_date
            and leads.contact_key = action_events.contact_key
            and actions.signal_key = action_events.signal_key
            and (actions.within_days is null or actions.within_days > action_events.age)
    left join met_conditions
        on
            contacts.version_hash = met_conditions.version_hash
            and actions.condition_key = met_conditions.condition_key
            and {{ holds_on('met_conditions', 'leads.as_of_date') }}
    where
        (actions.event_type is null or action_events.contact_key is not null)
        and case
            when actions.is_of_last_event
                then {{ condition_holds_on('leads.as_of_date', as_text('leads.last_event_at'), 'actions.comparison', 'actions.operand') }}
            else actions.attribute is null or met_conditions.version_hash is not null
        end

),

final as (

    select
        as_of_date,
        model_id,
        contact_key,
        precedence,
        priority,
        next_action
    from held
    where place = 1

)

select * from final
