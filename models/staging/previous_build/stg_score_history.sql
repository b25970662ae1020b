with

source as (

    select * from {{ last_built(source('published', 'lead_score_history')) }}

),

erasures as (

    select {{ read_text('contact_id') }} as contact_id from {{ raw_table('erasures') }}
    where {{ read_text('contact_id') }} is not null

),

final as (

    select
        as_of_date,
        model_id,
        contact_id,
        {{ hash_number(['contact_id']) }} as contact_key,
        account_id,
        status,
        status_reason,
        score,
        behavioural_score,
        demographic_score,
        band,
        behavioural_band,
        demographic_band,
        band_since,
        bands_on,
        grade,
        priority,
        next_action,
        rules_version

    from source

    where contact_id not in (select erasures.contact_id from erasures)

)

select * from final
