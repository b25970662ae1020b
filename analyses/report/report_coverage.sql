-- Event types, attributes and rules that do not meet: at most twenty per topic.

with

gaps as (

    select
        topic,
        name,
        rows_concerned,
        row_number() over (
            partition by topic
            order by rows_concerned desc, name asc
        ) as place,
        count(*) over (partition by topic) as gaps_in_topic

    from {{ ref('scoring_coverage') }}

),

final as (

    select * from gaps
    where place <= 20

)

select * from final
order by
    topic,
    place
