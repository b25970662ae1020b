-- What explain.py prints of one lead and model, from a published file (published). The variables contact and model name them.

-- part: published: from the published file

create temp macro exact(number) as rtrim(rtrim(cast(number as varchar), '0'), '.');
create temp macro signed(number) as if(number > 0, '+', '') || exact(number);
create temp macro counted(number, noun) as format('{:,} {}', number, noun || if(number = 1, '', 's'));

-- Times without a zone are UTC.
set TimeZone = 'UTC';

-- The known events of the lead, if the raw tables can be read (what_if.sql).
create temp table lead_events (occurred_on date, event_type varchar);

-- What is known of an id that is not a lead.
create temp view told_absent as
with
contacts as (select distinct as_of_date, contact_id from published.lead_scores),
alike as (
    select as_of_date, contact_id, levenshtein(lower(trim(contact_id)), lower(trim(getvariable('contact')))) as distance
    from contacts where distance <= greatest(1, len(getvariable('contact')) // 3) order by distance, contact_id limit 5
)
select 1 as place, format('is part of {} since {} ({}); explain {}', survivor_id, merged_at::date, joined_by, survivor_id) as line
from published.merged_contacts where contact_id = getvariable('contact')
union all
select 2, 'was rejected: ' || string_agg(distinct rejected_because, '; ') || '; correct the row in raw.contacts'
from published.rejected_contacts where contact_id = getvariable('contact') having count(*) > 0
union all
select 3, format('is no contact as of {}; similar: {}', any_value(as_of_date), string_agg(contact_id, ', ' order by distance, contact_id))
from alike having count(*) > 0
union all
select 4, 'is no contact' || coalesce(' as of ' || max(as_of_date), '') from contacts;

create temp view lead as
select * from published.lead_scores where contact_id = getvariable('contact') and model_id = getvariable('model');

create temp view told_lead as
select 1 as place, 'Score' as name, if(
    status = 'scored',
    format('{}: behaviour {}, fit {}', exact(score), exact(behavioural_score), exact(demographic_score)),
    format('none: {}{}', replace(status, '_', ' '), coalesce(', ' || status_reason, ''))
) as text
from lead
union all
select 2, 'Band', coalesce(format('{} since {} ({})', band, band_since, counted(days_in_band, 'day')), 'below all bands') || coalesce(format('; {} points to the next band', exact(points_to_next_band)), '')
from lead where status = 'scored'
union all
select 3, 'Parts', concat_ws(', ', 'behaviour ' || behavioural_band, 'fit ' || demographic_band)
from lead where coalesce(behavioural_band, demographic_band) is not null
union all
select 4, 'Grade', concat_ws(', ', grade, 'priority ' || priority)
from lead where coalesce(grade, priority::varchar) is not null
union all
select 5, 'Next action', next_action from lead where next_action is not null
union all
select 6, 'Stage', format('{} since {}', stage, stage_since) from lead where stage is not null
union all
select 7, 'Rank', format('{:,} of {}', rank_in_model, (select counted(count(*), 'scored lead') from published.lead_scores where model_id = getvariable('model') and status = 'scored'))
|| coalesce(format('; {} points in 7 days', signed(score_change_7d)), '')
from lead where rank_in_model is not null
union all
select 8, 'Conversion', format('{:.1f} %, predicted from past leads', 100 * conversion_probability) from lead where conversion_probability is not null
union all
select 9, 'Account', account_id from lead where account_id is not null
union all
select 10, 'Merged', string_agg(format('{} ({})', contact_id, joined_by), ', ' order by contact_id)
from published.merged_contacts where survivor_id = getvariable('contact') having count(*) > 0
union all
select 11, 'Not counted', string_agg(format('{}: {}', counted(events, 'event'), filtered_because), '; ' order by events desc, filtered_because)
from (select filtered_because, count(*) as events from published.filtered_events where contact_id = getvariable('contact') group by all)
having count(*) > 0;

create temp view told_ledger as
select signed(points) as points, coalesce(rule_group, 'score') as rule_group, explanation, row_number() over (order by rule_kind = 'adjustment', points desc, rule_id, rule_group) as place
from published.lead_score_contributions
where contact_id = getvariable('contact') and model_id = getvariable('model') and as_of_date = (select max(as_of_date) from lead);

-- The twelve latest dates. The events of a date are those since the date before; the table lead_events has them by day and type.
create temp view told_timeline as
with
history as (
    select *, lag(as_of_date, 1, '0001-01-01') over (order by as_of_date) as date_before
    from published.lead_score_history where contact_id = getvariable('contact') and model_id = getvariable('model')
),
stages as (
    select history.as_of_date, arg_max(changes.stage, (changes.entered_on, changes.cycle)) as stage
    from history inner join published.lead_stage_changes as changes on changes.contact_id = history.contact_id and changes.entered_on <= history.as_of_date
    group by all
),
counts as (
    select history.as_of_date, events.event_type, count(*) as events
    from history inner join lead_events as events on events.occurred_on > history.date_before and events.occurred_on <= history.as_of_date
    group by all
),
listed as (
    select as_of_date, string_agg(format('{:,} {}', events, event_type), ', ' order by events desc, event_type) as events from counts group by all
)
select as_of_date, exact(history.score) as score, coalesce(history.band, if(history.status = 'scored', '', replace(history.status, '_', ' '))) as band, stages.stage, listed.events
from history left join stages using (as_of_date) left join listed using (as_of_date)
order by as_of_date desc limit 12;

-- Rules version of each model now, and of the last date that had others.
create temp view versions as
with now as (select distinct model_id, rules_version from published.lead_scores),
earlier as (
    select now.model_id, max(dates.as_of_date) as as_of_date, max_by(dates.rules_version, dates.as_of_date) as rules_version
    from now inner join published.scored_dates as dates on now.model_id = dates.model_id and now.rules_version <> dates.rules_version
    where dates.rules_version in (select rules_version from published.rules_versions)
    group by now.model_id
)
select model_id, now.rules_version, earlier.rules_version as version_before, earlier.as_of_date
from now left join earlier using (model_id);

create temp view told_rules as
with
rules as (
    select rows.file, rows.rule_id, string_split(rows.rule_row, ', ') as cells, rows.rules_version = versions.rules_version as is_new
    from published.rules_versions as rows
    inner join versions on rows.model_id = versions.model_id and rows.rules_version in (versions.rules_version, versions.version_before)
    where rows.model_id = getvariable('model') and versions.version_before is not null
),
changed as (
    select file, rule_id, coalesce(max(cells) filter (not is_new), []) as old, coalesce(max(cells) filter (is_new), []) as new
    from rules group by file, rule_id, if(rule_id is null, cells, null)
)
select format('  {}.csv{}: {} -> {}', file, coalesce(' ' || rule_id, ''),
    coalesce(nullif(array_to_string(list_filter(old, lambda cell: not list_contains(new, cell)), ', '), ''), '(nothing)'),
    coalesce(nullif(array_to_string(list_filter(new, lambda cell: not list_contains(old, cell)), ', '), ''), '(nothing)')
) as line
from changed where old <> new order by line limit 10;

-- part: scored: from the scored copies: now and now_bands, and before, by the earlier rules

create temp view scored_copies as
select copies.copy, copies.kinds, scored.*, bands.min_score
from now as scored inner join copies using (contact_id)
left join now_bands as bands on scored.model_id = bands.model_id and scored.band = bands.band
where scored.model_id = getvariable('model');

-- Whether the copy without further events is the published lead.
create temp view is_same as
select (select (status, score, band, grade, next_action) from scored_copies where copy = 0) is not distinct from (select (status, score, band, grade, next_action) from lead) as is_same;

create temp view higher_bands as
select band, min_score from now_bands
where model_id = getvariable('model') and min_score > coalesce((select min_score from scored_copies where copy = 0), -1e9);

-- Sets that reach a higher band, of which no part does.
create temp view told_sets as
with
reaching as (
    select * from scored_copies where min_score in (select min_score from higher_bands) and (from is_same)
),
smallest as (
    select * from reaching
    where not exists (
        select 1 from reaching as part
        where
            len(part.kinds) < len(reaching.kinds)
            and len(list_filter(part.kinds, lambda one: len(list_filter(part.kinds, lambda other: other = one)) > len(list_filter(reaching.kinds, lambda other: other = one)))) = 0
    )
),
counted_kinds as (
    select copy, kind, count(*) as times from (select copy, unnest(kinds) as kind from smallest) group by all
),
described as (
    select
        copy,
        string_agg(if(times > 1, times || ' x ', '') || event_type || coalesce(format(' ({})', rules), ''), ' + ' order by event_type, kind) as what,
        min(events) as seen
    from counted_kinds inner join kinds using (kind) group by copy
)
select what, exact(score) as score, band, grade, next_action, row_number() over (order by len(kinds), seen desc, what) as place
from smallest inner join described using (copy);

create temp view told_next_band as
with facts as (
    select
        (select min_by(band, min_score) from higher_bands) as next_band,
        (select as_of_date from lead) as as_of_date,
        (select count(*) from told_sets) as sets
)
select case
    when not (from is_same) then 'Next band: not shown. The raw tables have changed since the scores were published; run build.py.'
    when next_band is null then 'No band is higher.'
    when sets = 0 then format('No set of up to {} events on {}, like those of the last 90 days, reaches {}.', getvariable('largest_set'), as_of_date, next_band)
    else format('Would reach {}: events on {}, each like the latest of its kind ({} of up to {} events{})', next_band, as_of_date,
        counted(sets, 'set'), getvariable('largest_set'), if(sets > 8, ', the first 8', ''))
end as line
from facts;

create temp macro result(status, score, band, grade, next_action) as
coalesce('score ' || exact(score), replace(status, '_', ' ')) || coalesce(' (' || nullif(concat_ws(', ', band, grade, next_action), '') || ')', '');

create temp view told_before as
select coalesce(
    (
        select format('By the rules of {}: {}. By the rules of today: {}.', versions.as_of_date,
            result(old.status, old.score, old.band, old.grade, old.next_action), result(new.status, new.score, new.band, new.grade, new.next_action))
        from versions inner join before as old on old.model_id = versions.model_id
        inner join scored_copies as new on new.copy = 0 and new.contact_id = old.contact_id
        where versions.model_id = getvariable('model') and versions.version_before is not null
    ),
    'The rules were the same on all dates of the history.'
) as line;
