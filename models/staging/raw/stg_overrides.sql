with

source as (

    select * from {{ raw_rows('overrides') }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

-- A model that is not scored is known too.
models as (

    select cell as model_id from {{ ref('stg_rule_cells') }}
    where
        file = 'score_models'
        and column_name = 'model_id'
        and cell is not null

),

typed as (

    select
        {{ read_text('contact_id') }} as contact_id,
        {{ read_text('model_id') }} as model_id,
        case when {{ read_amount('points') }} is not null then {{ read_points('points') }} end as points,
        {{ read_text('points') }} as raw_points,
        {{ read_text('reason') }} as reason,
        {{ read_text('author') }} as author,
        {{ as_date(read_timestamp('valid_from')) }} as valid_from,
        {{ as_date(read_timestamp('valid_to')) }} as valid_to,
        {{ read_text('valid_from') }} as raw_valid_from,
        {{ read_text('valid_to') }} as raw_valid_to

    from source

),

final as (

    select
        contact_id,
        model_id,
        points,
        reason,
        author,
        valid_from,
        valid_to,
        raw_points,
        raw_valid_from,
        raw_valid_to,
        case
            when contact_id is null then 'contact_id is missing'
            when model_id is null then 'model_id is missing'
            when model_id not in (select models.model_id from models) then 'model_id is unknown'
            when raw_points is null then 'points is missing'
            when points is null then 'points is not a number below 100000000'
            when reason is null then 'reason is missing'
            when author is null then 'author is missing'
            when raw_valid_from is null then 'valid_from is missing'
            when valid_from is null then 'valid_from is not a valid timestamp'
            when raw_valid_to is not null and valid_to is null then 'valid_to is not a valid timestamp'
        end as rejected_because

    from typed

    where contact_id is null or contact_id not in (select erasures.contact_id from erasures)

)

select * from final
