-- When the marts were published.

with

runs as (

    select * from {{ ref('scoring_runs') }}
    where exit_code = 0

),

final as (

    select max(finished_at) as published_at from runs

)

select * from final
