-- The summary of published marts, on DuckDB and Postgres. Names in braces are tables.

-- part: history: the scored dates
select
    count(distinct as_of_date) as dates,
    min(as_of_date) as first_date,
    (select count(*) from {lead_score_changes} where as_of_date = (select max(as_of_date) from {scored_dates})) as changes
from {scored_dates};

-- part: bands: leads by band, the highest first, then those without a score
select
    model_id,
    as_of_date,
    case when status = 'scored' then coalesce(band, 'below all bands') else replace(status, '_', ' ') end as band,
    count(*) as leads,
    min(score) as lowest
from {lead_scores}
group by 1, 2, 3
order by model_id, lowest desc nulls last, band;

-- part: calls: the first leads to call
select
    model_id,
    place,
    contact_id,
    round(score, 1) as score,
    band,
    grade,
    concat_ws(chr(10), next_action, concat_ws('; ', reason_1, reason_2)) as action_and_reasons
from {call_list}
where place <= 10
order by model_id, place;
