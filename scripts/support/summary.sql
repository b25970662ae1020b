-- The summary of a published file, per model.

create temp view told_history as
select
    format(
        'The history has {:,} as-of dates since {}; {:,} changes of band, grade or status since the previous date.',
        count(distinct as_of_date), min(as_of_date), any_value(changes)
    ) as line
from scored_dates cross join (select count(*) as changes from lead_score_changes where as_of_date = (select max(as_of_date) from scored_dates)) as latest
having count(distinct as_of_date) > 1;

create temp view told_bands as
with
bands as (
    select
        model_id,
        case when status = 'scored' then coalesce(band, 'below all bands') else replace(status, '_', ' ') end as name,
        count(*) as leads,
        min(score) as lowest
    from lead_scores
    group by all
)
select
    model_id,
    row_number() over (partition by model_id order by lowest desc nulls last, name) as place,
    name,
    repeat('█', greatest(1, round(32 * leads / max(leads) over (partition by model_id))::integer)) as bar,
    format('{:,}', leads) as leads,
    format('{:.1f} %', 100 * leads / sum(leads) over (partition by model_id)) as share,
    lowest is not null as is_scored
from bands;

create temp view told_calls as
select
    model_id,
    place,
    place as shown_place,
    contact_id,
    format('{:.1f}', score) as score,
    band,
    grade,
    concat_ws(chr(10), next_action, concat_ws('; ', reason_1, reason_2)) as action_and_reasons
from call_list
where place <= 10;
