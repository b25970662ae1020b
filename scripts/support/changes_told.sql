-- The sentences of preview.py, from the tables of changes.sql. judged_dates has the evaluated past dates, new_performance their evaluation,
-- old_performance the published one, main_goals the main goal of each model. told_warnings names four more.

-- The compared date, and the first date whose raw rows have changed since it was scored.
create temp view compared_dates as
select
    (select max(as_of_date)::varchar from before.lead_scores) as as_of_date,
    (
        select min(now.as_of_date)::varchar
        from published.scored_dates as now inner join before.scored_dates as old using (as_of_date, model_id)
        where now.known_version <> old.known_version or now.late_rows <> old.late_rows or now.rows_known <> old.rows_known
    ) as changed_from;

-- A number with its sign, one decimal and commas.
create temp macro signed(number) as
if(number < 0, '-', '+') || format('{:,}.{}', round_even(10 * abs(number), 0)::bigint // 10, round_even(10 * abs(number), 0)::bigint % 10);

create temp view told_rules as
with
cells as (
    select
        *,
        string_split(old_row, ', ') as old_cells, string_split(new_row, ', ') as new_cells,
        row_number() over (order by model_id, file, rule_id, old_row, new_row) as place,
        count(*) over () as changed
    from changed_rules
),
differences as (
    select
        *,
        coalesce(nullif(array_to_string(list_filter(old_cells, lambda cell: not list_contains(new_cells, cell)), ', '), ''), '(nothing)') as old_part,
        coalesce(nullif(array_to_string(list_filter(new_cells, lambda cell: not list_contains(old_cells, cell)), ', '), ''), '(nothing)') as new_part
    from cells
)
select 0 as place, case count(*)
    when 0 then 'The rules are the published ones.'
    when 1 then '1 rule differs from the published ones:'
    else format('{:,} rules differ from the published ones:', count(*))
end as line
from changed_rules
union all
select
    place,
    format('  {} {}: ', file, coalesce(rule_id, '')) || case
        when old_row is null then 'new: ' || new_row
        when new_row is null then 'removed: ' || old_row
        else old_part || ' -> ' || new_part
    end
from differences
where place <= 10
union all
select 11, format('  and {:,} more', count(*) - 10) from changed_rules having count(*) > 10;

-- What the changed rules name and nobody has. changed_cells has the cells of their new rows, event_types the types of the usable events,
-- attribute_values the values of contacts and accounts, findings_before the published findings.
create temp view told_warnings as
with
unknown_types as (
    select rule, rule_id, column_name, cell from changed_cells
    where
        (column_name in ('event_type', 'after_event_type') or (column_name = 'name' and 'event' in (source, entered_by)))
        and lower(cell) not in (select event_type from event_types)
),
conditions as (
    select
        rule, place, starts_with(column_name, 'and_') as is_second,
        lower(max(cell) filter (column_name in ('attribute', 'and_attribute', 'audience_attribute') or (column_name = 'name' and 'attribute' in (source, entered_by)))) as attribute,
        max(cell) filter (ends_with(column_name, 'comparison')) as comparison,
        max(cell) filter (ends_with(column_name, 'operand')) as operand
    from changed_cells group by all
),
items as (
    select rule, attribute, unnest(if(comparison in ('in', 'not_in'), string_split(operand, '|'), [operand])) as item
    from conditions where comparison in ('equals', 'not_equals', 'in', 'not_in')
)
select format('{}: no event has the type "{}" ({})', rule, cell, column_name) as line from unknown_types
union
select format('{}: matches nobody as of {}', rule, (select as_of_date from compared_dates))
from changed_cells
where
    rule_id in (select name from published.scoring_coverage where topic = 'rule without match')
    and rule_id not in (select rule_id from unknown_types where rule_id is not null)
union
select format('{}: nobody has the {} "{}"', rule, attribute, item) from items
where
    attribute in (select attribute from attribute_values)
    and not exists (select 1 from attribute_values as known where known.attribute = items.attribute and known.value = lower(items.item))
union
select finding from published.scoring_findings
where topic in ('unknown attribute', 'unknown account attribute', 'unknown property', 'list without rule') and finding not in (select finding from findings_before);

-- One row per model with changed leads. New and removed leads are changed leads.
create temp view changed_models as
with
leads as (
    select model_id, contact_id, true as was_scored, false as is_scored from before.lead_scores
    union all
    select model_id, contact_id, false, true from published.lead_scores
),
counted as (
    select
        model_id,
        count(distinct contact_id) filter (was_scored) as leads_before,
        count(distinct contact_id) filter (is_scored) as leads_now,
        count(distinct contact_id) as leads
    from leads
    group by model_id
),
changed as (
    select
        model_id,
        count(*) filter (old_score is distinct from new_score) as other_score, count(*) filter (old_band is distinct from new_band) as other_band,
        count(*) filter (new_rank < old_rank) as up, count(*) filter (new_rank > old_rank) as down,
        count(*) filter (old_next_action is distinct from new_next_action or old_priority is distinct from new_priority) as other_action,
        count(*) filter (old_stage is distinct from new_stage) as other_stage
    from changed_leads
    group by model_id
)
select
    model_id,
    coalesce(leads_before, 0) > 0 as was_scored,
    model_id || ': ' || case
        when leads_now = 0 then format('is no longer scored; its {:,} leads leave lead_scores', leads_before)
        when leads_before = 0 then format('is scored now; {:,} leads enter lead_scores', leads_now)
        else format('{:,} of {:,} leads change score, {:,} change band; {:,} rise in rank, {:,} fall', other_score, leads, other_band, up, down)
            || if(other_action > 0, format('; {:,} change next action or priority', other_action), '')
            || if(other_stage > 0, format('; {:,} change stage', other_stage), '')
    end as line
from changed inner join counted using (model_id);

create temp view told_bands as
with
named as (
    select
        model_id,
        coalesce(old_band, case when old_status = 'scored' then 'below all bands' else replace(old_status, '_', ' ') end, 'no row') as from_band,
        coalesce(new_band, case when new_status = 'scored' then 'below all bands' else replace(new_status, '_', ' ') end, 'no row') as to_band
    from changed_leads
    where old_band is distinct from new_band or old_status is distinct from new_status
)
select model_id, row_number() over (order by count(*) desc, from_band, to_band) as place, from_band, to_band, format('{:,}', count(*)) as leads
from named
group by model_id, from_band, to_band;

create temp view told_actions as
with
named as (
    select
        model_id,
        coalesce(old_next_action, 'none') || coalesce(format(' ({})', old_priority), '') as from_action,
        coalesce(new_next_action, 'none') || coalesce(format(' ({})', new_priority), '') as to_action
    from changed_leads
    where
        old_status is not null and new_status is not null
        and (old_next_action is distinct from new_next_action or old_priority is distinct from new_priority)
)
select model_id, row_number() over (partition by model_id order by count(*) desc, from_action, to_action) as place, from_action, to_action, format('{:,}', count(*)) as leads
from named
group by model_id, from_action, to_action
qualify place <= 5;

create temp view told_stages as
select
    model_id,
    row_number() over (partition by model_id order by count(*) desc, old_stage, new_stage) as place,
    coalesce(old_stage, 'none') as from_stage,
    coalesce(new_stage, 'none') as to_stage,
    format('{:,}', count(*)) as leads
from changed_leads
where old_status is not null and new_status is not null and old_stage is distinct from new_stage
group by model_id, old_stage, new_stage
qualify place <= 5;

create temp view told_accounts as
select model_id, format(
    '{}: {:,} of {:,} accounts change score, {:,} change band',
    model_id,
    count(*) filter (old_score is distinct from new_score),
    (
        select count(distinct account_id)
        from (select model_id, account_id from before.account_scores union all select model_id, account_id from published.account_scores) as accounts
        where accounts.model_id = changed_accounts.model_id
    ),
    count(*) filter (old_band is distinct from new_band)
) as line
from changed_accounts
group by model_id;

create temp view told_points as
select
    model_id,
    row_number() over (partition by model_id order by sum(abs(points)) desc, rule_id) as place,
    format('  {} points by {}, on {:,} leads', signed(sum(points)), label, count(*)) as line
from changed_points
group by model_id, rule_id, label
qualify place <= 5;

-- By the main goal of the edited rules. For a model that is not published: its evaluation on past dates. For other models: the evaluation with
-- the edited and with the published rules.
-- The published rules are compared only if they scored all these dates.
create temp view told_outcomes as
with
old as (
    select model_id, roc_auc, round_even(conversions_in_top_10_percent, 0)::bigint as in_top
    from old_performance inner join main_goals using (model_id)
    where old_performance.goal_id is not distinct from main_goals.goal_id and period = 'all' and segment is null and conversions > 0 and roc_auc is not null
),
new as (
    select model_id, leads, conversions, roc_auc, lift_top_10_percent, round_even(conversions_in_top_10_percent, 0)::bigint as in_top
    from new_performance inner join main_goals using (model_id)
    where new_performance.goal_id is not distinct from main_goals.goal_id and period = 'all' and segment is null and conversions > 0 and roc_auc is not null
),
dates as (
    select
        models.model_id,
        count(distinct as_of_date) as dates,
        count(distinct as_of_date) filter (scored.rules_version in (select lead_scores.rules_version from before.lead_scores)) as by_published
    from changed_models as models cross join judged_dates left join before.scored_dates as scored using (model_id, as_of_date)
    group by models.model_id
)
select model_id, case
    when not models.was_scored and new.model_id is null
        then 'No evaluation: the history has no scores of this model on dates that are old enough, or no conversions'
    when not models.was_scored
        then format('{:,} of {:,} contacts converted on past dates; ROC AUC {:.3f}, top-decile lift {:.1f}', new.conversions, new.leads, new.roc_auc, new.lift_top_10_percent)
    when new.model_id is null then 'No evaluation: the history has no dates that are old enough, or no conversions'
    else format('Of {:,} converted contacts ({:,} evaluated), {:,} would have been in the top decile', new.conversions, new.leads, new.in_top)
        || case when old.model_id is not null and coalesce(by_published, 0) = coalesce(dates, 0)
            then format(', now {:,}; ROC AUC {:.3f}, now {:.3f}', old.in_top, new.roc_auc, old.roc_auc)
            else format('; ROC AUC {:.3f}', new.roc_auc)
        end
        || case when by_published < dates
            then format('. The published rules scored only {:,} of these {:,} dates, so they are not compared; build.py --evaluate scores past weeks by them', by_published, dates)
            else ''
        end
end as line
from changed_models as models left join new using (model_id) left join old using (model_id) left join dates using (model_id);

create temp view best_leads as
select model_id, row_number() over (partition by model_id order by new_rank, contact_id) as place, contact_id, format('{:.1f}', new_score) as score, new_band as band, why
from changed_leads
where new_score is not null
qualify place <= 10;

create temp view furthest_leads as
select
    model_id,
    row_number() over (partition by model_id order by abs(coalesce(new_rank, 0) - coalesce(old_rank, 0)) desc, contact_id) as place,
    contact_id,
    coalesce(format('{:.1f}', old_score), 'none') || ' -> ' || coalesce(format('{:.1f}', new_score), 'none') as score,
    case when old_band is distinct from new_band then coalesce(old_band, 'none') || ' -> ' || coalesce(new_band, 'none') else old_band end as band,
    coalesce(old_rank::varchar, 'none') || ' -> ' || coalesce(new_rank::varchar, 'none') as rank,
    why
from changed_leads
where old_rank is distinct from new_rank or old_score is distinct from new_score or old_band is distinct from new_band
qualify place <= 10;
