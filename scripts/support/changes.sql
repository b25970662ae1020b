-- Differences between a build (published) and the file published before it (before): changed rules, changed points per lead and rule,
-- changed leads with their three largest differences of points, and changed accounts. rule_labels has the build's label of each rule.

create temp table old_rules as
select model_id, file, rule_id, rule_row from before.rules_versions
where rules_version in (select rules_version from before.lead_scores);

create temp table new_rules as
select model_id, file, rule_id, rule_row from published.rules_versions
where rules_version in (select rules_version from published.lead_scores);

create temp table changed_rules as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.file, new.file) || '.csv' as file,
    coalesce(old.rule_id, new.rule_id) as rule_id,
    old.rule_row as old_row,
    new.rule_row as new_row
from old_rules as old
full join new_rules as new
    on
        old.model_id = new.model_id
        and old.file = new.file
        and coalesce(old.rule_id, old.rule_row) = coalesce(new.rule_id, new.rule_row)
where old.rule_row is distinct from new.rule_row;

create temp table changed_points as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.contact_id, new.contact_id) as contact_id,
    coalesce(old.rule_id, new.rule_id) as rule_id,
    coalesce(labels.label, old.rule_id, new.rule_id) as label,
    coalesce(new.points, 0) - coalesce(old.points, 0) as points
from (from before.lead_score_contributions where as_of_date = (select max(as_of_date) from before.lead_scores)) as old
full join (from published.lead_score_contributions where as_of_date = (select max(as_of_date) from published.lead_scores)) as new
    on
        old.model_id = new.model_id
        and old.contact_id = new.contact_id
        and old.rule_id = new.rule_id
        and old.rule_group is not distinct from new.rule_group
left join rule_labels as labels on coalesce(new.rule_id, old.rule_id) = labels.rule_id
where old.points is distinct from new.points;

create temp table changed_leads as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.contact_id, new.contact_id) as contact_id,
    old.status as old_status, new.status as new_status,
    old.score as old_score, new.score as new_score,
    old.band as old_band, new.band as new_band,
    old.grade as old_grade, new.grade as new_grade,
    old.rank_in_model as old_rank, new.rank_in_model as new_rank,
    old.stage as old_stage, new.stage as new_stage,
    old.priority as old_priority, new.priority as new_priority,
    old.next_action as old_next_action, new.next_action as new_next_action,
    differences.why
from before.lead_scores as old
full join published.lead_scores as new on old.model_id = new.model_id and old.contact_id = new.contact_id
left join (
    select model_id, contact_id, string_agg(format('{:+.1f} {}', points, label), '; ' order by abs(points) desc, rule_id) as why
    from (from changed_points qualify row_number() over (partition by model_id, contact_id order by abs(points) desc, rule_id) <= 3)
    group by model_id, contact_id
) as differences
    on coalesce(old.model_id, new.model_id) = differences.model_id and coalesce(old.contact_id, new.contact_id) = differences.contact_id
where
    old.status is distinct from new.status
    or old.score is distinct from new.score
    or old.band is distinct from new.band
    or old.grade is distinct from new.grade
    or old.stage is distinct from new.stage
    or old.priority is distinct from new.priority
    or old.next_action is distinct from new.next_action;

create temp table changed_accounts as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.account_id, new.account_id) as account_id,
    old.score as old_score, new.score as new_score,
    old.band as old_band, new.band as new_band
from before.account_scores as old
full join published.account_scores as new on old.model_id = new.model_id and old.account_id = new.account_id
where old.score is distinct from new.score or old.band is distinct from new.band;
