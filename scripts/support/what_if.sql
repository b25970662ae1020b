-- Copies of one lead (what_if.py). The variable contact names the lead.

-- part: person: the rows of the person in the raw tables (raw_*, of which the ids are text), and the kinds of events (event_kinds)

create temp table kinds as select row_number() over (order by event_type, rules, event_id) as kind, * from event_kinds;

create temp table members as
select getvariable('contact') as contact_id
union
select contact_id from published.merged_contacts where survivor_id = getvariable('contact');

create temp table identities as
from raw_identities where anonymous_id in (select anonymous_id from raw_identities where contact_id in (from members));

-- With the other contacts that its visitors were identified as.
create temp table contacts as
from raw_contacts where contact_id in (from members union select contact_id from identities);

create temp table events as
from raw_events where contact_id in (from members) or (contact_id is null and anonymous_id in (select anonymous_id from identities));

create temp table outcomes as from raw_outcomes where contact_id in (from members);
create temp table contact_attributes as from raw_contact_attributes where contact_id in (from members);
create temp table overrides as from raw_overrides where contact_id in (from members);
create temp table accounts as from raw_accounts where account_id in (select account_id from contacts);

create temp table examples as
select distinct on (event_id) * from raw_events where event_id in (select event_id from kinds) order by event_id, received_at;

-- For the timeline.
insert into lead_events
select cast(try_cast(occurred_at as timestamp) as date) as occurred_on, lower(event_type) as event_type
from (select distinct on (event_id) * from events order by event_id, received_at)
where
    event_id not in (select event_id from published.rejected_events where event_id is not null)
    and event_id not in (select event_id from published.filtered_events)
    and (contact_id is not null or anonymous_id in (select anonymous_id from identities group by all having min_by(contact_id, (identified_at, contact_id)) in (from members)));

-- part: copies: the copies: the lead as it is (copy 0), and the lead with each set of up to largest_set events at the end of the as-of date

create table sets as
with
singles as (select [kind] as kinds from kinds),
pairs as (select list_append(singles.kinds, kinds.kind) as kinds from singles inner join kinds on kinds.kind >= singles.kinds[1] where getvariable('largest_set') >= 2),
triples as (select list_append(pairs.kinds, kinds.kind) as kinds from pairs inner join kinds on kinds.kind >= pairs.kinds[2] where getvariable('largest_set') >= 3)
select row_number() over (order by len(kinds), kinds) - 1 as copy, kinds
from (select [] as kinds union all from singles union all from pairs union all from triples);

create table copies as
select copy, kinds, '!' || copy as suffix, getvariable('contact') || '!' || copy as contact_id from sets;

create temp table placed_events as
select
    suffix,
    contact_id,
    unnest(kinds) as kind,
    generate_subscripts(kinds, 1) as place,
    (select max(as_of_date) from published.lead_scores) + interval 24 hour - to_minutes(60 * (len(kinds) - generate_subscripts(kinds, 1)) + 1) as happened_at
from copies;

-- An hour apart, so that they are several sessions and no burst.
create temp table further_events as
select
    examples.* replace (
        'further ' || placed_events.place || placed_events.suffix as event_id,
        placed_events.contact_id as contact_id,
        null as anonymous_id,
        placed_events.happened_at as occurred_at,
        placed_events.happened_at as received_at
    )
from placed_events inner join kinds using (kind) inner join examples using (event_id);

-- Each copy has ids of its own.
create temp view copied_contacts as
select rows.* replace (rows.contact_id || suffix as contact_id) from contacts as rows cross join copies;

create temp view copied_identities as
select rows.* replace (rows.contact_id || suffix as contact_id, rows.anonymous_id || suffix as anonymous_id) from identities as rows cross join copies;

create temp view copied_events as
select rows.* replace (rows.event_id || suffix as event_id, rows.contact_id || suffix as contact_id, rows.anonymous_id || suffix as anonymous_id)
from events as rows cross join copies
union all by name
from further_events;

create temp view copied_outcomes as
select rows.* replace (rows.outcome_id || suffix as outcome_id, rows.contact_id || suffix as contact_id) from outcomes as rows cross join copies;

create temp view copied_contact_attributes as
select rows.* replace (rows.contact_id || suffix as contact_id) from contact_attributes as rows cross join copies;

create temp view copied_overrides as
select rows.* replace (rows.contact_id || suffix as contact_id) from overrides as rows cross join copies;

create temp view copied_accounts as from accounts;

create temp view copied_merges as
select merged.contact_id || suffix as from_contact_id, copies.contact_id as into_contact_id, merged.merged_at
from published.merged_contacts as merged cross join copies
where merged.survivor_id = getvariable('contact');

-- Bands and stages remember earlier dates.
create table next.scored_dates as from published.scored_dates;

create table next.lead_score_history as
select history.* replace (copies.contact_id as contact_id)
from published.lead_score_history as history cross join copies
where history.contact_id = getvariable('contact');
