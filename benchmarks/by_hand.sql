-- The same lead_scores and lead_score_contributions as the project gives, as one would write them by hand for one date,
-- on raw tables as synthetic.py makes them: no quarantine, no history, no bands remembered, no other marts, nothing kept
-- for the next day. What an option needs that synthetic.py's rules do not use (lists of conditions, objects, validity) is
-- left out. speed.py sets the variables raw, rules and as_of, attaches the result as `result`, and compares.

set preserve_insertion_order = false;

create temp macro amount_of(text) as try_cast(text as decimal(18, 6));
create temp macro points_of(text) as try_cast(text as decimal(12, 4));
create temp macro rounded_4(x) as cast(round(x, 4) as decimal(18, 4));
create temp macro rounded_6(x) as cast(round(x, 6) as decimal(18, 6));
create temp macro shortest(x) as regexp_replace(cast(cast(x as decimal(38, 6)) as varchar), '\.?0+$', '');
create temp macro signed(x) as case when round(x, 1) < 0 then '-' else '+' end || cast(cast(abs(round(x, 1)) as decimal(18, 1)) as varchar);
-- numerator / denominator to 6 decimals, half away from zero.
create temp macro divided(numerator, denominator) as cast(
    (2 * 1000000 * cast(numerator * 1000000 as hugeint) + cast(denominator * 1000000 as hugeint)) // (2 * cast(denominator * 1000000 as hugeint)) as decimal(24, 0)
) * cast(0.000001 as decimal(6, 6));
create temp macro holds(value, comparison, operand) as coalesce(
    case comparison
        when 'is_missing' then value is null
        when 'is_present' then value is not null
        when 'equals' then lower(value) = lower(operand)
        when 'in' then list_contains(string_split(lower(operand), '|'), lower(value))
        when 'contains' then contains(lower(value), lower(operand))
        when 'matches' then regexp_matches(value, operand, 'i')
        when 'between' then
            amount_of(value) >= amount_of(split_part(operand, '|', 1)) and amount_of(value) <= amount_of(split_part(operand, '|', 2))
    end,
    false
);

-- Rules

create temp table models as
select * replace (points_of(behavioural_weight) as behavioural_weight, points_of(demographic_weight) as demographic_weight, points_of(min_score) as min_score, points_of(max_score) as max_score)
from read_csv(getvariable('rules') || '/score_models.csv', all_varchar = true)
where status in ('active', 'challenger');

create temp table rule_groups as
select
    models.model_id, rule_group, dimension,
    case dimension when 'behavioural' then behavioural_weight else demographic_weight end as weight,
    points_of(min_points) as min_points, points_of(max_points) as max_points
from read_csv(getvariable('rules') || '/rule_groups.csv', all_varchar = true) as rule_groups
join models using (model_id);

create temp table event_rules as
select
    rule_id, model_id, rule_group, dimension, weight, event_type, property, comparison, operand,
    coalesce(measure, 'events') as measure, coalesce(amount_of(unit), 1) as unit, points_of(points) as points,
    amount_of(max_per_period) as max_per_period, coalesce(try_cast(period_days as integer), 1) as period_days,
    try_cast(min_times as integer) as min_times, amount_of(max_times) as max_times, try_cast(within_days as integer) as within_days,
    coalesce(decay, 'none') as decay, amount_of(decay_days) as decay_days, points_of(decay_percent) as decay_percent,
    coalesce(scale, 'none') as scale, points_of(rules.min_points) as min_points, points_of(rules.max_points) as max_points,
    coalesce(description, replace(event_type, '_', ' ')) as label,
    dense_rank() over (order by event_type, property, comparison, operand, measure, unit) as signal
from read_csv(getvariable('rules') || '/event_rules.csv', all_varchar = true) as rules
join rule_groups using (model_id, rule_group);

create temp table activity_rules as
select
    rule_id, model_id, rule_group, dimension, weight, feature, event_type, try_cast(within_days as integer) as within_days,
    amount_of(lower) as lower, amount_of(upper) as upper, points_of(points) as points,
    coalesce(description, replace(event_type, '_', ' '), 'activity') as label,
    dense_rank() over (order by event_type, within_days) as activity_window
from read_csv(getvariable('rules') || '/activity_rules.csv', all_varchar = true)
join rule_groups using (model_id, rule_group);

create temp table attribute_rules as
select
    rule_id, model_id, rule_group, dimension, weight, attribute, comparison, operand, points_of(points) as points,
    coalesce(description, replace(attribute, '_', ' ')) as label
from read_csv(getvariable('rules') || '/attribute_rules.csv', all_varchar = true)
join rule_groups using (model_id, rule_group);

-- Contacts: the latest version by then, else the earliest

create temp table contacts as
select
    row_number() over () as contact, contact_id, account_id, country, industry, job_title, cast(employees as varchar) as employees, lead_source
from read_parquet(getvariable('raw') || '/contacts.parquet')
where cast(created_at as date) <= getvariable('as_of')
qualify row_number() over (
    partition by contact_id
    order by
        cast(updated_at as date) > getvariable('as_of'),
        case when cast(updated_at as date) > getvariable('as_of') then updated_at end,
        updated_at desc
) = 1;

-- Events: whose they are, each once, with what the rules look at

create temp table visitors as
select anonymous_id, arg_min(contacts.contact, identified_at) as contact, cast(min(identified_at) as date) as identified_date
from read_parquet(getvariable('raw') || '/identities.parquet')
join contacts using (contact_id)
group by anonymous_id;

create temp table events as
with
raw_events as (
    select
        event_id, contact_id, anonymous_id, lower(event_type) as event_type, channel, page_url,
        cast(duration_seconds as decimal(18, 6)) as duration_seconds, cast(value as decimal(18, 6)) as value, occurred_at, received_at
    from read_parquet(getvariable('raw') || '/events.parquet')
    where
        received_at < getvariable('as_of') + interval 1 day and occurred_at < getvariable('as_of') + interval 1 day
        and received_at >= occurred_at - interval 1 day and coalesce(duration_seconds, 0) >= 0
),
repeated as (
    select event_id from raw_events group by event_id having count(*) > 1
),
once as (
    select * from raw_events where event_id not in (from repeated)
    union all
    (select * from raw_events where event_id in (from repeated) qualify row_number() over (partition by event_id order by received_at, occurred_at) = 1)
)
select
    coalesce(contacts.contact, visitors.contact) as contact, event_type, channel, page_url, duration_seconds, value, occurred_at,
    cast(getvariable('as_of') - cast(occurred_at as date) as integer) as age
from once
left join contacts on once.contact_id = contacts.contact_id
left join visitors on once.contact_id is null and once.anonymous_id = visitors.anonymous_id and visitors.identified_date <= getvariable('as_of')
where coalesce(contacts.contact, visitors.contact) is not null;

create temp table daily as
select
    contact, event_type, age, count(*) as events, coalesce(sum(duration_seconds), 0) as seconds, coalesce(sum(value), 0) as value,
    max(occurred_at) as last_event_at
from events
group by all;

-- Event rules: signals by day, limits, decay, scale

create temp table signals as select distinct signal, event_type, property, comparison, operand, measure, unit from event_rules;

create temp table signal_days as
select signal, contact, age, events as matches, cast(events as decimal(18, 6)) as amount
from daily join signals using (event_type)
where comparison is null and measure = 'events'
union all
select signal, contact, age, count(*) as matches, sum(
    case
        when measure = 'events' then 1
        when measure = 'value' then divided(greatest(coalesce(value, 0), 0), unit)
        else divided(greatest(coalesce(duration_seconds, 0), 0), unit)
    end
) as amount
from events join signals using (event_type)
where
    (comparison is not null or measure <> 'events')
    and (
        comparison is null
        or holds(case property when 'channel' then channel when 'page_url' then page_url end, comparison, operand)
    )
group by all;

create temp table weights as
select rule_id, age, rounded_6(
    case decay
        when 'none' then 1
        when 'exponential' then round(pow(0.5, cast(age as double) / cast(decay_days as double)), 6)
        when 'linear' then divided(greatest(decay_days - age, 0), decay_days)
        when 'step' then round(pow(1 - cast(decay_percent as double) / 100, floor(age / cast(decay_days as double))), 6)
    end
) as weight
from event_rules cross join (select distinct age from daily);

create temp table event_points as
with
limited as (
    select
        rule_id, contact, age, matches, amount, max_per_period, max_times,
        sum(amount) over (
            partition by rule_id, contact, age // period_days order by age rows between unbounded preceding and current row
        ) as running
    from signal_days join event_rules using (signal)
    where (max_per_period is not null or max_times is not null) and (within_days is null or age < within_days)
),
cut as (
    select *, case when max_per_period is null then amount else least(running, max_per_period) - least(running - amount, max_per_period) end as kept
    from limited
),
cut_over_all as (
    select *, sum(kept) over (partition by rule_id, contact order by age rows between unbounded preceding and current row) as running_over_all
    from cut
),
counted as (
    select rule_id, contact, age, matches, amount,
        case when max_times is null then kept else least(running_over_all, max_times) - least(running_over_all - kept, max_times) end as counted
    from cut_over_all
    union all
    select rule_id, contact, age, matches, amount, amount as counted
    from signal_days join event_rules using (signal)
    where max_per_period is null and max_times is null and (within_days is null or age < within_days)
),
added_up as (
    select
        rule_id, contact, sum(matches) as matches, min(age) as newest_age,
        rounded_6(sum(cast(counted as decimal(28, 6)) * weight)) as x, rounded_6(sum(amount)) as undiminished_x
    from counted join weights using (rule_id, age)
    group by rule_id, contact
)
select
    model_id, contact, rule_id, rule_group, dimension, matches, newest_age, label, within_days,
    rounded_4(greatest(least(points * cast(case scale when 'log2' then rounded_6(log2(cast(1 + x as double))) else x end as decimal(28, 6)), max_points), min_points) * weight) as points,
    rounded_4(points * cast(case scale when 'log2' then rounded_6(log2(cast(1 + undiminished_x as double))) else undiminished_x end as decimal(28, 6)) * weight) as undiminished_points
from added_up join event_rules using (rule_id)
where min_times is null or matches >= min_times;

-- Leads

create temp table leads as
select
    models.model_id, contacts.contact, contacts.contact_id, contacts.account_id, last_events.last_event_at,
    case
        when models.audience_attribute is not null and not holds(contacts.country, models.audience_comparison, models.audience_operand) then 'not_in_audience'
        when models.model_id = 'large' and lower(contacts.job_title) = 'student' then 'disqualified'
        else 'scored'
    end as status
from contacts
cross join models
left join (select contact, max(last_event_at) as last_event_at from daily group by contact) as last_events on contacts.contact = last_events.contact;

-- Activity rules

create temp table windows as
select activity_window, event_type, within_days, bool_or(feature = 'sessions') as counts_sessions
from activity_rules group by all;

create temp table features as
select
    activity_window, contact, sum(events) as events, count(distinct age) as active_days, sum(value) as value, min(age) as days_since_last
from daily join windows on (windows.event_type is null or daily.event_type = windows.event_type) and (within_days is null or age < within_days)
group by all;

create temp table sessions as
with
visible as (
    select activity_window, contact, occurred_at, lag(occurred_at) over (partition by activity_window, contact order by occurred_at) as previous
    from events
    join windows on counts_sessions and (windows.event_type is null or events.event_type = windows.event_type) and (within_days is null or age < within_days)
)
select activity_window, contact, count(*) as sessions
from visible
where previous is null or occurred_at - previous > interval 30 minutes
group by all;

create temp table activity_points as
with
observed as (
    select
        leads.contact, activity_rules.*, coalesce(features.events, 0) as matches,
        case feature
            when 'events' then coalesce(features.events, 0)
            when 'active_days' then coalesce(features.active_days, 0)
            when 'sessions' then coalesce(sessions.sessions, 0)
            when 'value' then coalesce(features.value, 0)
            when 'days_since_last' then features.days_since_last
        end as observed
    from leads
    join activity_rules on leads.model_id = activity_rules.model_id
    left join features on leads.contact = features.contact and activity_rules.activity_window = features.activity_window
    left join sessions on leads.contact = sessions.contact and activity_rules.activity_window = sessions.activity_window
    where leads.status = 'scored'
)
select model_id, contact, rule_id, rule_group, dimension, matches, label, feature, within_days, rounded_4(points * weight) as points, shortest(observed) as observed
from observed
where observed is not null and (lower is null or observed >= lower) and (upper is null or observed < upper);

-- Attribute rules: the condition on each value once

create temp table attributes as
select contact, attribute, value
from (select contact, country, industry, job_title, employees, lead_source from contacts)
unpivot include nulls (value for attribute in (country, industry, job_title, employees, lead_source));

create temp table attribute_points as
with
matching as (
    select distinct rule_id, value
    from (select distinct attribute, value from attributes) join attribute_rules using (attribute)
    where holds(value, comparison, operand)
)
select
    leads.model_id, leads.contact, attribute_rules.rule_id, rule_group, dimension, label, attribute, comparison, attributes.value as observed,
    rounded_4(points * weight) as points
from leads
join attribute_rules using (model_id)
join attributes using (contact, attribute)
join matching on attribute_rules.rule_id = matching.rule_id and attributes.value is not distinct from matching.value
where leads.status = 'scored';

-- Groups, scores, adjustments, sentences

create temp table given as
select model_id, contact, rule_id, 'event' as rule_kind, rule_group, dimension, matches, points, signed(points) as given,
    label || ': ' || matches || case when matches = 1 then ' time' else ' times' end
    || case when within_days = 1 then ' in the last day' else coalesce(' in the last ' || within_days || ' days', '') end || ', '
    || case newest_age when 0 then 'newest today' when 1 then 'newest 1 day ago' else 'newest ' || newest_age || ' days ago' end
    || ': ' || signed(points)
    || case
        when signed(points) = signed(undiminished_points) then ''
        when abs(points) > abs(undiminished_points) then ' instead of ' || replace(signed(undiminished_points), '+', '')
        else ' of ' || replace(signed(undiminished_points), '+', '')
    end as explanation,
    signed(points) || ' ' || label || ', ' || coalesce(
        matches || case when within_days = 1 then ' in 1 day' else ' in ' || within_days || ' days' end,
        matches || case when matches = 1 then ' time' else ' times' end
    ) as reason
from event_points
where (model_id, contact) in (select (model_id, contact) from leads where status = 'scored')
union all
select model_id, contact, rule_id, 'activity', rule_group, dimension, matches, points, signed(points),
    label || ': ' || observed || ' ' || asked || case when within_days = 1 then ' in the last day' else coalesce(' in the last ' || within_days || ' days', '') end || ': ' || signed(points),
    signed(points) || ' ' || label || ', ' || observed || ' ' || asked || case when within_days = 1 then ' in 1 day' else coalesce(' in ' || within_days || ' days', '') end
from (
    select *, case when observed = '1' then replace(trim(trailing 's' from plural), 'days since', 'day since') else plural end as asked
    from (select *, case feature when 'value' then 'in value' else replace(feature, '_', ' ') end as plural from activity_points)
)
union all
select model_id, contact, rule_id, 'attribute', rule_group, dimension, 1, points, signed(points),
    label
    || case when comparison in ('equals', 'in', 'less_than', 'at_least', 'between', 'is_missing') then ': ' || replace(attribute, '_', ' ') || ' ' || coalesce(observed, 'missing') else '' end
    || ': ' || signed(points),
    signed(points) || ' ' || label
from attribute_points;

create temp table group_scores as
select model_id, contact, rule_group, dimension, unbounded, rounded_4(greatest(least(unbounded, max_points), min_points)) as points
from (select model_id, contact, rule_group, sum(points) as unbounded from given group by all)
join rule_groups using (model_id, rule_group);

create temp table scores as
select
    leads.model_id, leads.contact, rounded_4(coalesce(behavioural, 0)) as behavioural_score, rounded_4(coalesce(demographic, 0)) as demographic_score,
    rounded_4(coalesce(behavioural + demographic, 0)) as unbounded,
    rounded_4(greatest(least(coalesce(behavioural + demographic, 0), max_score), min_score)) as score
from leads
join models using (model_id)
left join (
    select model_id, contact, sum(case dimension when 'behavioural' then points else 0 end) as behavioural, sum(case dimension when 'demographic' then points else 0 end) as demographic
    from group_scores group by all
) using (model_id, contact)
where leads.status = 'scored';

create table result.lead_score_contributions as
select cast(getvariable('as_of') as date) as as_of_date, model_id, contact_id, rule_id, rule_kind, rule_group, dimension, matches, points, explanation
from (
    select model_id, contact, rule_id, rule_kind, rule_group, dimension, matches, points, explanation from given
    union all
    select model_id, contact, case when points < unbounded then 'group_max' else 'group_min' end, 'adjustment', rule_group, dimension, null, points - unbounded,
        replace(rule_group, '_', ' ') || case when points < unbounded then ' counts at most ' else ' counts at least ' end || shortest(points) || ': ' || signed(points - unbounded)
    from group_scores where points <> unbounded
    union all
    select model_id, contact, case when score < unbounded then 'model_max' else 'model_min' end, 'adjustment', null, 'total', null, score - unbounded,
        'score' || case when score < unbounded then ' counts at most ' else ' counts at least ' end || shortest(score) || ': ' || signed(score - unbounded)
    from scores where score <> unbounded
)
join contacts using (contact);

create table result.lead_scores as
with
reasons as (
    select
        model_id, contact,
        list(reason order by abs(points) desc, rule_id) filter (place <= 3) as reasons
    from (select *, row_number() over (partition by model_id, contact order by abs(points) desc, rule_id) as place from given where abs(points) >= 0.05)
    where place <= 3
    group by all
),
bands as (
    select scores.model_id, contact, dimension, arg_max(band, points_of(bands.min_score)) as band
    from scores
    join read_csv(getvariable('rules') || '/score_bands.csv', all_varchar = true) as bands
        on
            scores.model_id = bands.model_id
            and case dimension when 'behavioural' then behavioural_score when 'demographic' then demographic_score else score end >= points_of(bands.min_score)
    group by all
),
banded as (
    select
        model_id, contact, any_value(band) filter (dimension = 'total') as band, any_value(band) filter (dimension = 'behavioural') as behavioural_band,
        any_value(band) filter (dimension = 'demographic') as demographic_band
    from bands group by all
)
select
    cast(getvariable('as_of') as date) as as_of_date, leads.model_id, leads.contact_id, leads.account_id, leads.status,
    case leads.status when 'not_in_audience' then audience_attribute || ' is outside the audience of the model' when 'disqualified' then 'student' end as status_reason,
    score, behavioural_score, demographic_score, banded.band, banded.behavioural_band, banded.demographic_band,
    matrix.grade, cast(matrix.priority as integer) as priority, matrix.next_action,
    case when score is not null then rank() over (partition by leads.model_id order by score desc nulls last) end as rank_in_model,
    case when score is not null then cast(
        (2 * 10000 * cast(count(score) over (partition by leads.model_id order by score nulls first range between unbounded preceding and current row) as hugeint) + count(score) over (partition by leads.model_id))
        // (2 * count(score) over (partition by leads.model_id)) as decimal(18, 0)
    ) * cast(0.01 as decimal(3, 2)) end as percentile_in_model,
    case when banded.band is not null then cast(getvariable('as_of') as date) end as band_since,
    leads.last_event_at, reasons.reasons[1] as reason_1, reasons.reasons[2] as reason_2, reasons.reasons[3] as reason_3
from leads
join models using (model_id)
left join scores using (model_id, contact)
left join banded using (model_id, contact)
left join read_csv(getvariable('rules') || '/score_matrix.csv', all_varchar = true) as matrix
    on leads.model_id = matrix.model_id and banded.demographic_band = matrix.demographic_band and banded.behavioural_band = matrix.behavioural_band
left join reasons using (model_id, contact);
