-- What edited rules change: scripts/preview.py runs this in a copy of build.duckdb that was built by them, beside the published file.
-- Each statement makes a temporary table; it reads what was built now by ref, and what is published from the attached database `published`.

create temp view new_lead_scores as from {{ ref('lead_scores') }};

create temp table changed_rules as

with

old_rules as (

    select * from published.rules_versions
    where rules_version in (select lead_scores.rules_version from published.lead_scores)

),

new_rules as (

    select * from {{ ref('rules_versions') }}
    where rules_version in (select new_lead_scores.rules_version from new_lead_scores)

)

select
    coalesce(earlier.model_id, edited.model_id) as model_id,
    coalesce(earlier.file, edited.file) || '.csv' as file,
    coalesce(earlier.rule_id, edited.rule_id) as rule_id,
    earlier.rule_row as old_row,
    edited.rule_row as new_row

from old_rules as earlier

full join new_rules as edited
    on
        earlier.model_id = edited.model_id
        and earlier.file = edited.file
        and coalesce(earlier.rule_id, earlier.rule_row) = coalesce(edited.rule_id, edited.rule_row)

where earlier.rule_row is distinct from edited.rule_row;

create temp table changed_points as

with

old_points as (

    select * from published.lead_score_contributions
    where as_of_date = (select max(lead_scores.as_of_date) from published.lead_scores)

),

new_points as (

    select * from {{ ref('lead_score_contributions') }}
    where as_of_date = (select max(new_lead_scores.as_of_date) from new_lead_scores)

)

select
    coalesce(earlier.model_id, edited.model_id) as model_id,
    coalesce(earlier.contact_id, edited.contact_id) as contact_id,
    coalesce(earlier.rule_id, edited.rule_id) as rule_id,
    coalesce(labels.label, earlier.rule_id, edited.rule_id) as label,
    coalesce(edited.points, 0) - coalesce(earlier.points, 0) as points

from old_points as earlier

full join new_points as edited
    on
        earlier.model_id = edited.model_id
        and earlier.contact_id = edited.contact_id
        and earlier.rule_id = edited.rule_id
        and earlier.rule_group is not distinct from edited.rule_group

left join {{ ref('int_rule_labels') }} as labels on coalesce(edited.rule_id, earlier.rule_id) = labels.rule_id

where earlier.points is distinct from edited.points;

create temp table changed_leads as

with

-- The three rules that make most of the difference.
numbered as (

    select
        *,
        row_number() over (partition by model_id, contact_id order by abs(points) desc, rule_id asc) as place

    from changed_points

),

differences as (

    select
        model_id,
        contact_id,
        string_agg(format('{:+.1f} {}', points, label), '; ' order by place) as why

    from numbered

    where place <= 3

    group by
        model_id,
        contact_id

)

select
    coalesce(earlier.model_id, edited.model_id) as model_id,
    coalesce(earlier.contact_id, edited.contact_id) as contact_id,
    earlier.status as old_status,
    edited.status as new_status,
    earlier.score as old_score,
    edited.score as new_score,
    earlier.band as old_band,
    edited.band as new_band,
    earlier.grade as old_grade,
    edited.grade as new_grade,
    earlier.rank_in_model as old_rank,
    edited.rank_in_model as new_rank,
    differences.why

from published.lead_scores as earlier

full join new_lead_scores as edited
    on
        earlier.model_id = edited.model_id
        and earlier.contact_id = edited.contact_id

left join differences
    on
        coalesce(earlier.model_id, edited.model_id) = differences.model_id
        and coalesce(earlier.contact_id, edited.contact_id) = differences.contact_id

where
    earlier.status is distinct from edited.status
    or earlier.score is distinct from edited.score
    or earlier.band is distinct from edited.band
    or earlier.grade is distinct from edited.grade;

-- Of each model whose leads change: how many leads come, go and change, and what past outcomes say of the scores.
create temp table changed_models as

with

leads as (

    select
        coalesce(earlier.model_id, edited.model_id) as model_id,
        count(earlier.contact_id) as old_leads,
        count(edited.contact_id) as new_leads,
        count(*) as leads

    from published.lead_scores as earlier

    full join new_lead_scores as edited
        on
            earlier.model_id = edited.model_id
            and earlier.contact_id = edited.contact_id

    group by all

),

changes as (

    select
        model_id,
        count(*) filter (where old_score is distinct from new_score) as scores,
        count(*) filter (where old_band is distinct from new_band) as bands,
        count(*) filter (where new_rank < old_rank) as up,
        count(*) filter (where new_rank > old_rank) as down

    from changed_leads

    group by model_id

),

old_performance as (

    select * from published.score_performance
    where
        period = 'all'
        and segment is null

),

new_performance as (

    select * from {{ ref('score_performance') }}
    where
        period = 'all'
        and segment is null

)

select
    leads.model_id,
    leads.old_leads > 0 as is_old,
    case
        when leads.new_leads = 0 then format('is not scored any more; its {:,} leads leave lead_scores', leads.old_leads)
        when leads.old_leads = 0 then format('is scored now; {:,} leads come into lead_scores', leads.new_leads)
        else
            format('{:,} of {:,} leads get another score, {:,} another band; ', changes.scores, leads.leads, changes.bands)
            || format('{:,} rise in rank, {:,} fall', changes.up, changes.down)
    end as what_changes,
    case
        when leads.old_leads > 0 and earlier.conversions > 0 and earlier.roc_auc is not null and edited.roc_auc is not null
            then
                format('Of {:,} contacts that converted, of {:,} on past dates, ', earlier.conversions, earlier.leads)
                || format('{:,} would have been in the best tenth ', round(edited.conversions_in_top_10_percent)::bigint)
                || format('instead of {:,}; ', round(earlier.conversions_in_top_10_percent)::bigint)
                || format('ROC AUC {:.3f} instead of {:.3f}', edited.roc_auc, earlier.roc_auc)
        when leads.old_leads > 0
            then
                'What past outcomes say of it is not known: the history holds no dates that are old enough, or no conversions'
        when edited.conversions > 0 and edited.roc_auc is not null
            then
                format('On past dates {:,} of {:,} contacts converted; ', edited.conversions, edited.leads)
                || format('ROC AUC {:.3f}, top-decile lift {:.1f}', edited.roc_auc, edited.lift_top_10_percent)
        else
            'Nothing is known of how it would have done: the history holds no scores of this model on dates that are old enough,'
            || ' or no conversions'
    end as evaluation

from leads

inner join changes on leads.model_id = changes.model_id

left join old_performance as earlier on leads.model_id = earlier.model_id

left join new_performance as edited on leads.model_id = edited.model_id
