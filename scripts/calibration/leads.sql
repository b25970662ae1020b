-- Past leads with their labels and points (leads.py).

-- part: known: first and last days of the data, and the number of events

with events as (
    select count(*) as events, min(occurred_date) as first_event, max(known_date) as last_event
    from main_intermediate.int_events where contact_id is not null
),
contacts as (
    select min(created_at)::date as first_created, max(created_at)::date as last_created, max(greatest(created_at, updated_at))::date as last_version
    from main_intermediate.int_contact_versions
)
select *, greatest(last_event, last_version, (select max(occurred_date) from main_intermediate.int_outcomes)) as until from events, contacts;

-- part: outcomes: of each outcome the number, days and contacts, and days since the contact's creation

select outcome, count(*) as number, min(occurred_date) as first_date, max(occurred_date) as last_date, count(distinct contact_id) as contacts,
    count(*) filter (occurred_date > created_date) as later, quantile_disc(occurred_date - created_date, 0.9) filter (occurred_date > created_date) as days
from main_intermediate.int_outcomes
inner join (select contact_id, min(created_at)::date as created_date from main_intermediate.int_contact_versions group by contact_id) using (contact_id)
where not is_inherited
group by outcome order by number desc, outcome;

-- part: kept: the contacts of the sample, and how many each stands for: those with the outcome, up to half of the sample, and others. Contacts
-- that were merged stay together.

create temp table kept as
with contacts as (
    select contact_id, coalesce(survivor_id, contact_id) as person_id
    from (select distinct contact_id from main_intermediate.int_contact_versions)
    left join (select contact_id, survivor_id from main_intermediate.int_persons where valid_to is null) using (contact_id)
),
persons as (
    select person_id, count(outcomes.contact_id) > 0 as has_outcome
    from contacts
    left join (select distinct raw_contact_id as contact_id from main_intermediate.int_outcomes where outcome = $outcome) as outcomes
        using (contact_id)
    group by person_id
),
ranked as (
    select *, row_number() over (partition by has_outcome order by md5('sample ' || person_id), person_id) as place,
        count(*) over (partition by has_outcome) as alike, count(*) over () - alike as others, if(has_outcome, $room // 2, $room - $room // 2) as share
    from persons
),
shares as (select *, least(alike, greatest(share, $room - others)) as taken from ranked)
select contact_id, alike / taken as weight from shares inner join contacts using (person_id) where place <= taken;

-- part: labelled: past leads whose label is known

select as_of_date, contact_id, is_converted from main_intermediate.int_lead_outcomes where is_judged and list_contains($dates::date[], as_of_date);

-- part: once: the same without events. All dates of a contact are alike, so it is evaluated on its first as-of date, unless it already has an outcome.

with
contacts as (select contact_id, min(created_at)::date as created_date from main_intermediate.int_contact_versions group by contact_id),
dates as (
    select as_of_date, coalesce(as_of_date - lag(as_of_date) over (order by as_of_date), 999999) as gap
    from (select unnest($dates::date[]) as as_of_date)
),
outcomes as (select * from main_intermediate.int_outcomes where not is_inherited),
closed as (
    select contact_id, min(occurred_date) as closed_date from outcomes
    where outcome in ('won', 'lost', 'disqualified') or outcome = $outcome group by contact_id
),
leads as (
    select as_of_date, contact_id, closed_date
    from contacts asof inner join dates on created_date <= as_of_date
    left join closed using (contact_id)
    where
        (closed_date is null or closed_date > as_of_date)
        and as_of_date - created_date < coalesce($open_days::int, gap)
        and as_of_date + $days::int <= $until::date
)
select
    as_of_date, contact_id,
    exists (
        select 1 from outcomes
        where outcomes.contact_id = leads.contact_id and outcome = $outcome
            and occurred_date > as_of_date and occurred_date <= as_of_date + $days::int
    ) as is_converted
from leads;

-- part: contacts: raw.contacts as of the date of each lead

select versions.contact_id, versions.created_at, null::timestamp as updated_at, attributes.* exclude (version_hash)
from main_intermediate.int_contact_versions as versions
inner join (pivot main_staging.stg_contact_attributes on attribute using any_value(value) group by version_hash) as attributes using (version_hash)
semi join past
    on
        versions.contact_id = past.contact_id
        and (versions.valid_from is null or past.as_of_date >= versions.valid_from)
        and (versions.valid_to is null or past.as_of_date < versions.valid_to)
order by all;

-- part: points: what each rule gives the leads of the table wanted. Activity rules without bounds match every lead, so each known feature value is in a row.

create temp table taken as
select place, as_of_date, contact_key, row_number() over (order by place) - 1 as line
from wanted inner join main_intermediate.int_leads using (as_of_date, contact_id) where status = 'scored';
create temp table given as
select line::int as line, rule_id::int as rule, given.points::double as points, feature_value::double as number
from main_intermediate.int_rule_points as given inner join taken using (as_of_date, contact_key) inner join main_intermediate.int_rules using (rule_key);
