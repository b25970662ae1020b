-- What candidate rules are made of (candidates.py). Reads the table training: as_of_date, contact_id, weight, is_converted.

-- part: seen: the events that were known on the training dates (seen)

create temp table seen as
select events.*, occurred_date > (select quantile_disc(as_of_date, 0.5) from training) as is_late,
    regexp_extract(page_url, '^(?:[a-zA-Z]+://[^/]*)?(/[^/?#]+)', 1) as page
from main_intermediate.int_events as events semi join training using (contact_id)
where filtered_date is null and known_date <= (select max(as_of_date) from training);

-- part: types: the event types of at least 20 contacts and 0.2 % of them; the amounts by which to tell their events apart, if a fifth have any

select event_type, count(distinct contact_id) as contacts, count(distinct object_id) as objects,
    case when count(*) filter (value > 0) > 0.2 * count(*) then quantile_cont(value::double, [0.5, 0.75, 0.9, 0.97]) filter (value > 0) end as value,
    case
        when count(*) filter (duration_seconds > 0) > 0.2 * count(*)
            then quantile_cont(duration_seconds::double, [0.5, 0.75, 0.9, 0.97]) filter (duration_seconds > 0)
    end as duration_seconds
from seen
where event_type not in (select unnest($leave_out::varchar[]))
group by event_type having contacts >= greatest(20, (select count(distinct contact_id) from training) // 500)
order by contacts desc, event_type limit $most;

-- part: values: frequent values of a property. A past campaign says nothing about the next one, so a value must occur early and late.

select min({column}) as value, count(distinct contact_id) as contacts
from seen where event_type = $event_type and {column} <> '' group by lower({column})
having
    contacts >= greatest(30, (select count(distinct contact_id) from training) // 100)
    and count(distinct contact_id) filter (is_late) >= 10 and count(distinct contact_id) filter (not is_late) >= 10
order by contacts desc, value limit $most;

-- part: described: attributes of the training leads. Contacts are counted, not dates: the dates of a contact before a conversion share its
-- weight, and so do its other dates.

create temp table described as
select training.contact_id, training.weight / training.dates as weight, training.is_converted, training.as_of_date, versions.created_at,
    versions.updated_at::date > training.as_of_date as is_later, attributes.attribute, attributes.value
from (select *, count(*) over (partition by contact_id, is_converted) as dates from training) as training
inner join main_intermediate.int_contact_versions as versions
    on
        training.contact_id = versions.contact_id
        and (versions.valid_from is null or training.as_of_date >= versions.valid_from)
        and (versions.valid_to is null or training.as_of_date < versions.valid_to)
inner join main_staging.stg_contact_attributes as attributes using (version_hash)
where attributes.attribute not in ('email', 'account_id');

-- part: growing: a nearly unique number that grows with time is an id or a date, and predicts nothing for later contacts

with numbered as (
    select attribute, try_cast(value as double) as number, min(created_at) as created_at, count(distinct contact_id) as contacts
    from described group by attribute, number
),
ranked as (
    select *, rank() over (partition by attribute order by number) as place, rank() over (partition by attribute order by created_at) as time_place
    from numbered
)
select attribute from ranked group by attribute
having count(number) > 0.95 * sum(contacts) and count(*) >= 100 and abs(corr(place, time_place)) > 0.95 order by attribute;

-- part: calendar: the share of the variance of the dates that the values explain (adjusted R squared), if at least half: months and rates of
-- interest have their own dates

with of_value as (
    select attribute, value, sum(weight) as leads, count(*) as number, sum(weight * epoch(as_of_date) / 86400) / sum(weight) as day,
        sum(weight * (epoch(as_of_date) / 86400) ** 2) as square
    from described where value is not null group by attribute, value
),
of_attribute as (
    select attribute, sum(leads) as leads, sum(number) as number, count(*) as kinds, sum(leads * day) / sum(leads) as day, sum(square) as square,
        sum(leads * day ** 2) as explained
    from of_value group by attribute
)
select attribute, round(1 - (square - explained) / (square - leads * day ** 2) * (number - 1) / (number - kinds), 6) as share from of_attribute
where number > 2 * kinds and square - leads * day ** 2 > 0.001 * leads and share >= 0.5 order by attribute;

-- part: attributes: contacts by value

select attribute, lower(value) as value, round(sum(weight), 6) as leads
from described group by attribute, lower(value) order by attribute, value;
