"""A preview shows what publishing does, and publishes nothing."""

import csv
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from support import changes, inputs
from tests.conftest import HAND_COMPUTED, PROJECT, run_build, run_script

AS_OF = "2024-06-30"


def preview(warehouse, rules, raw, *options):
    """Run scripts/preview.py."""
    return run_script("preview", warehouse.parent, ["--warehouse", warehouse, "--rules", rules, "--raw", raw, "--threads", "1", *options])


def edited(rules):
    """Other points for one rule, one rule less, one band that begins elsewhere."""
    text = (rules / "event_rules.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(text))
    raised, removed = rows[0], rows[3]
    raised["points"] = str(float(raised["points"]) + 7)
    with open(rules / "event_rules.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row is not removed)
    return raised["rule_id"], removed["rule_id"]


TOLD = ("status", "score", "band", "grade", "stage", "priority", "next_action", "rank")
STAGES = "select contact_id, stage from lead_scores where model_id = 'core' order by all"
LEADS = "select model_id, contact_id, status, score::varchar, band, grade, stage, priority::varchar, next_action, rank_in_model::varchar from lead_scores"


def test_publishing_does_exactly_what_the_preview_said(built, build, raw, rules, tmp_path):
    raised, removed = edited(rules)
    columns = inputs.columns_of_contract("rule_columns.csv", "file")
    for file, row in (
        ("next_actions", {"model_id": "core", "precedence": "1", "event_type": "visit", "within_days": "7", "priority": "1", "next_action": "thank for the visit"}),
        ("lifecycle_stages", {"stage": "known", "position": "1", "kind": "open", "entered_by": "created"}),
    ):
        with open(rules / f"{file}.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns[file], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerow(row)
    before, bytes_before = {row[:2]: row[2:] for row in built.rows(LEADS)}, built.published.read_bytes()
    shown = preview(built.warehouse, rules, raw, "--csv", tmp_path / "csv")
    assert shown.returncode == 0, shown.stderr
    assert built.published.read_bytes() == bytes_before
    left = [path.name for path in (built.warehouse / "preview").rglob("*.duckdb*")]
    assert left == []

    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", AS_OF)
    assert done.code == 0, done.errors
    after = {row[:2]: row[2:] for row in done.rows(LEADS)}
    # Ranks move for others as well; who has another score, band, grade, status, stage or action is told.
    changed = {lead for lead in before.keys() | after.keys() if before[lead][:-1] != after[lead][:-1]}
    with open(tmp_path / "csv" / "changed_leads.csv", encoding="utf-8", newline="") as handle:
        told = {(row["model_id"], row["contact_id"]): row for row in csv.DictReader(handle)}
    assert len(changed) > 5
    assert told.keys() == changed
    for lead, row in told.items():
        assert tuple(row[f"old_{name}"] or None for name in TOLD) == before[lead]
        assert tuple(row[f"new_{name}"] or None for name in TOLD) == after[lead]
    assert f"event_rules.csv {raised}: points" in shown.stdout
    actions = [lead for lead in changed if lead[0] == "core" and before[lead][5:7] != after[lead][5:7]]
    assert len([lead for lead in actions if after[lead][5:7] == ("1", "thank for the visit")]) > 1
    assert f"; {len(actions)} change next action or priority; " in " ".join(shown.stdout.split())
    assert re.search(r"none  +known  +\d+", shown.stdout)
    assert f"event_rules.csv {removed}: removed" in shown.stdout

    again = preview(built.warehouse, rules, raw)
    assert again.returncode == 0, again.stderr
    assert "The rules are the published ones." in again.stdout
    assert "No lead changes." in again.stdout


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    """A warehouse of five Sundays: who buys within a week is known of the first four, and the fourth is the date before the latest."""
    folder = tmp_path_factory.mktemp("weekly")
    raw, rules = (Path(shutil.copytree(HAND_COMPUTED / name, folder / name)) for name in ("raw", "rules"))
    contacts = [f"c{number:02}" for number in range(1, 31)]
    with open(raw / "outcomes.csv", "a", encoding="utf-8") as handle:
        for number, contact in enumerate(contacts):
            handle.write(f"w{number},{contact},won,2024-06-{3 + number % 26:02} 12:00:00,10\n")
    goal = {"model_id": "core", "outcome": "won", "within_days": "7", "eligible": "all"}
    with open(rules / "conversion_goals.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, inputs.columns_of_contract("rule_columns.csv", "file")["conversion_goals"], restval="", lineterminator="\n")
        writer.writeheader()
        # The main goal is shown, whatever the outcomes of another are.
        writer.writerows([goal | {"goal_id": "in three weeks", "within_days": "21"}, goal])
    done = run_build(folder / "warehouse", "--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-02..2024-06-30/7")
    assert done.code == 0, done.errors
    return done


@pytest.mark.parametrize("published_later", [False, True], ids=["all dates by the published rules", "the latest alone by the published rules"])
def test_past_outcomes_judge_the_edited_rules_on_the_dates_of_the_history(weekly, published_later, tmp_path):
    """What is shown of the latest date is what publishing does; what outcomes say is what a build that scores all dates by the edited rules says."""
    folder = tmp_path / "world"
    shutil.copytree(weekly.warehouse.parent, folder, symlinks=True)
    raw, rules, warehouse = folder / "raw", folder / "rules", folder / "warehouse"
    if published_later:
        with open(rules / "rule_groups.csv", "a", encoding="utf-8") as handle:
            handle.write("core,unused,behavioural,,,\n")
        assert run_build(warehouse, "--rules", str(rules), "--raw", str(raw), tests=False).code == 0
    before = weekly_rows(warehouse)
    edited(rules)
    shown = preview(warehouse, rules, raw, "--csv", tmp_path / "csv")
    assert shown.returncode == 0, shown.stderr
    assert weekly_rows(warehouse) == before

    all_dates = run_build(folder / "all", "--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-02..2024-06-30/7", tests=False)
    figures = "select leads, conversions, conversions_in_top_10_percent, roc_auc from score_performance where period = 'all' and segment is null and model_id = 'core' and goal_id is null"
    ((leads, conversions, top, auc),) = all_dates.rows(figures)
    assert conversions > 10
    assert shown.stdout.count("would have been in the top decile") == 1
    told = f"Of {conversions:,} converted contacts ({leads:,} evaluated), {top:,.0f} would have been in the top decile"
    if published_later:
        # Which rules were there on these dates is no matter: theirs say nothing of those published now.
        assert f"{told}; ROC AUC {auc:.3f}. The published rules scored only 0 of these 4 dates" in shown.stdout
    else:
        ((_, _, top_before, auc_before),) = weekly.rows(figures)
        assert f"{told}, now {top_before:,.0f}; ROC AUC {auc:.3f}, now {auc_before:.3f}" in shown.stdout
        assert auc != auc_before
    # Bands remember the 23rd as it is published, though it was scored for the outcomes.
    done = run_build(warehouse, "--raw", str(raw), "--rules", str(rules), tests=False)
    assert done.code == 0, done.errors
    after = dict(done.rows("select contact_id, band from lead_scores where model_id = 'core'"))
    with open(tmp_path / "csv" / "changed_leads.csv", encoding="utf-8", newline="") as handle:
        told_bands = {row["contact_id"]: row["new_band"] or None for row in csv.DictReader(handle)}
    assert len(told_bands) > 5
    assert {contact: after[contact] for contact in told_bands} == told_bands


def test_stages_entered_by_a_band_are_those_that_publishing_gives(tmp_path):
    """The date before the latest is of the same week, so outcomes say nothing of it; the edited rules are tried on the Sundays before."""
    raw, rules, warehouse = (tmp_path / name for name in ("raw", "rules", "warehouse"))
    for folder in (raw, rules):
        shutil.copytree(HAND_COMPUTED / folder.name, folder)
    columns = inputs.columns_of_contract("rule_columns.csv", "file")
    stages = [{"stage": "lead", "position": "1", "kind": "open", "entered_by": "created"}, {"stage": "warmed", "position": "2", "kind": "open", "entered_by": "band", "name": "core", "operand": "warm"}]
    goal = {"model_id": "core", "outcome": "won", "within_days": "7", "eligible": "all"}
    for file, rows in (("lifecycle_stages", stages), ("conversion_goals", [goal])):
        with open(rules / f"{file}.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns[file], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    dates = ("2024-06-02", "2024-06-09", "2024-06-16", "2024-06-29", "2024-06-30")
    done = run_build(warehouse, "--raw", str(raw), "--rules", str(rules), *(option for date in dates for option in ("--as-of", date)), tests=False)
    assert done.code == 0, done.errors
    before = dict(done.rows(STAGES))
    # By these rules c20 and c24 would have been warm on a past Sunday, but are not now.
    bands = rules / "score_bands.csv"
    bands.write_text(bands.read_text(encoding="utf-8").replace("core,total,warm,15,12,", "core,total,warm,9,,"), encoding="utf-8")
    # The warehouse's own folder of rules is the default.
    command = [sys.executable, str(PROJECT / "scripts" / "preview.py"), "--warehouse", warehouse, "--csv", tmp_path / "csv"]
    shown = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    done = run_build(warehouse, tests=False)
    assert done.code == 0, done.errors
    with open(tmp_path / "csv" / "changed_leads.csv", encoding="utf-8", newline="") as handle:
        told = {row["contact_id"]: (row["old_stage"], row["new_stage"]) for row in csv.DictReader(handle) if row["model_id"] == "core"}
    after = dict(done.rows(STAGES))
    assert after["c20"] == after["c24"] == "lead"
    assert len(told) > 3
    assert told == {contact: (before[contact], after[contact]) for contact in before if before[contact] != after[contact]}


def weekly_rows(warehouse):
    """What is published, but for the record of runs."""
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        tables = [row[0] for row in connection.execute("select table_name from duckdb_tables() where table_name <> 'scoring_runs'").fetchall()]
        return {table: connection.execute(f"from {table} order by all").fetchall() for table in tables}


def test_raw_rows_that_came_since_are_told(built, raw, rules):
    with open(raw / "events.csv", "a", encoding="utf-8") as handle:
        handle.write("late1,c03,,visit,2024-06-29 10:00:00,2024-06-29 10:00:00,,,,,,\n")
    shown = preview(built.warehouse, rules, raw)
    assert shown.returncode == 0, shown.stderr
    assert "The raw tables have changed since the last build, for dates from 2024-06-29 on" in shown.stdout
    assert "The rules are the published ones." in shown.stdout


def test_what_an_earlier_version_published_is_not_compared(built, raw, rules):
    with duckdb.connect(str(built.published)) as connection:
        connection.execute("alter table lead_score_history drop bands_on")
    refused = preview(built.warehouse, rules, raw)
    assert refused.returncode == 2
    assert "was published by an earlier version of the project; run build.py first" in refused.stderr


def test_wrong_rules_are_named_and_nothing_is_shown(built, raw, rules):
    (rules / "event_rules.csv").write_text((rules / "event_rules.csv").read_text(encoding="utf-8").replace("core", "kore", 1), encoding="utf-8")
    wrong = preview(built.warehouse, rules, raw)
    assert wrong.returncode == 2
    assert "kore: must be a model_id of score_models.csv" in wrong.stderr
    assert "What would change" not in wrong.stdout


def test_what_a_changed_rule_names_and_nobody_has_is_told(built, raw, rules):
    """A typo builds and gives no points. Rules that are as published are not told, although some match nobody."""
    columns = inputs.columns_of_contract("rule_columns.csv", "file")
    rows = {
        "event_rules": [
            {"rule_id": "typo", "model_id": "core", "rule_group": "site", "event_type": "Vist", "points": "5", "description": "visit, or so"},
            {"rule_id": "after", "model_id": "core", "rule_group": "site", "event_type": "visit", "after_event_type": "Offer_View", "points": "5"},
            {"rule_id": "blank", "model_id": "core", "rule_group": "site", "event_type": "visit ", "points": "5"},
            {"rule_id": "nobody", "model_id": "core", "rule_group": "site", "event_type": "visit", "min_times": "999", "points": "5"},
        ],
        "attribute_rules": [
            {"rule_id": "lands", "model_id": "core", "rule_group": "fit", "attribute": "Country", "comparison": "in", "operand": "poland|Poland| Romania|France, Italy", "points": "1"},
            {"rule_id": "column", "model_id": "core", "rule_group": "fit", "attribute": "no_such_column", "comparison": "equals", "operand": "x", "points": "1"},
        ],
        "next_actions": [{"model_id": "core", "precedence": "1", "stage": "known", "event_type": "unsubscribed", "next_action": "send nothing"}],
        "lifecycle_stages": [{"stage": "known", "position": "1", "kind": "open", "entered_by": "event", "name": "newsleter"}],
        "reference_lists": [{"list": "role_adresses", "item": "info"}],
    }
    for seed, added in rows.items():
        path = rules / f"{seed}.csv"
        there = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.exists() else []
        with open(path, "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns[seed], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows([*there, *added])
    shown = preview(built.warehouse, rules, raw)
    assert shown.returncode == 0, shown.stderr
    warnings = [line for line in shown.stdout.splitlines() if line.startswith("Warning")]
    blanks = [line for line in warnings if "has a blank at an end" in line]
    assert ["column event_type: 'visit '" in blanks[0], "column operand: 'poland|Poland| Romania" in blanks[1], len(blanks)] == [True, True, 2]
    assert [line for line in warnings if line not in blanks] == [
        "Warning attribute_rules.csv column: matches nobody as of 2024-06-30",
        'Warning attribute_rules.csv lands: nobody has the country " Romania"',
        'Warning attribute_rules.csv lands: nobody has the country "France, Italy"',
        # There are such events, but none after the other.
        "Warning event_rules.csv after: matches nobody as of 2024-06-30",
        'Warning event_rules.csv blank: no event has the type "visit " (event_type)',
        "Warning event_rules.csv nobody: matches nobody as of 2024-06-30",
        'Warning event_rules.csv typo: no event has the type "Vist" (event_type)',
        'Warning lifecycle_stages.csv: no event has the type "newsleter" (name)',
        "Warning lists of reference_lists.csv that no rule names (1): role_adresses",
        'Warning next_actions.csv: no event has the type "unsubscribed" (event_type)',
        "Warning raw.contacts has no column no_such_column; rules that test it see a missing value: column",
    ]


def test_without_anything_published_there_is_nothing_to_compare_with(tmp_path, raw, rules):
    missing = preview(tmp_path / "nowhere", rules, raw)
    assert missing.returncode == 2
    assert "has no published scores to compare with" in missing.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_new_model_is_told_by_bands_and_best_leads_and_not_as_a_list_of_changes(built, raw, rules):
    """The draft beside the active model becomes active: nobody had a score by it before."""
    for file in rules.glob("*.csv"):
        with open(file, encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows, columns = list(reader), reader.fieldnames
        new = [row | {"model_id": "fresh"} | ({"rule_id": f"fresh_{row['rule_id']}"} if "rule_id" in row else {}) for row in rows if row.get("model_id") == "core"]
        with open(file, "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows + new)
    shown = preview(built.warehouse, rules, raw)
    assert shown.returncode == 0, shown.stderr
    told = shown.stdout[shown.stdout.index("fresh: is scored now") :]
    assert "Best leads" in told and "Largest moves" not in told
    assert "none -> " not in told
    best, score = built.rows("select contact_id, score from lead_scores where model_id = 'core' and rank_in_model = 1 order by 1 limit 1")[0]
    assert f"{best} " in told and f"{score:.1f}" in told


def test_a_preview_leaves_the_database_of_another_that_is_running(built, raw, rules):
    from support.warehouse import held

    running = built.warehouse / "preview"
    with held(running, 0):
        (running / "build.duckdb").write_text("another preview's")
        refused = preview(built.warehouse, rules, raw)
        assert refused.returncode == 2
        assert (running / "build.duckdb").read_text() == "another preview's"


@pytest.mark.parametrize(
    ("published", "built", "said"),
    [
        (["a", "b"], [], "m: is no longer scored; its 2 leads leave lead_scores"),
        ([], ["a", "b"], "m: is scored now; 2 leads enter lead_scores"),
        (["a", "b"], ["a", "b"], "m: 2 of 2 leads change score"),
        # One leaves and one comes: three leads have to do with it.
        (["a", "b"], ["b", "c"], "m: 3 of 3 leads change score"),
    ],
)
def test_a_model_that_is_promoted_or_archived_is_told_as_such(published, built, said):
    output = io.StringIO()
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as before; attach ':memory:' as published")
        for place, leads in (("before", published), ("published", built)):
            connection.execute(f"create table {place}.lead_scores as select date '2024-06-30' as as_of_date, 'm' as model_id, unnest(?::varchar[]) as contact_id", [leads])
            connection.execute(f"create table {place}.scored_dates (model_id text, as_of_date date, rules_version text, known_version text, late_rows bigint, rows_known bigint)")
        ends = "'scored' as {0}_status, {1}.0 as {0}_score, 'hot' as {0}_band, 1 as {0}_rank, 'lead' as {0}_stage, 1 as {0}_priority, 'call' as {0}_next_action"
        connection.execute(f"create temp table changed_leads as select 'm' as model_id, 'c' as contact_id, '' as why, {ends.format('old', 1)}, {ends.format('new', 2)} from range({len({*published, *built})})")
        connection.execute("create temp table changed_points (model_id text, contact_id text, rule_id text, label text, points decimal(18, 4))")
        connection.execute("create temp table changed_accounts (model_id text, account_id text, old_score decimal(18, 4), new_score decimal(18, 4), old_band text, new_band text)")
        for place in ("before", "published"):
            connection.execute(f"create table {place}.account_scores (model_id text, account_id text)")
        connection.execute("create temp table changed_rules (model_id text, file text, rule_id text, old_row text, new_row text)")
        connection.execute("create temp table changed_cells (rule text, rule_id text, place integer, column_name text, cell text, source text, entered_by text)")
        connection.execute("create table event_types (event_type text); create table attribute_values (attribute text, value text); create table findings_before (finding text)")
        connection.execute("create table published.scoring_coverage (topic text, name text); create table published.scoring_findings (topic text, finding text)")
        connection.execute("create temp table judged_dates (as_of_date date)")
        connection.execute("alter table before.lead_scores add column rules_version text")
        connection.execute("create temp table main_goals as select 'm' as model_id, null as goal_id")
        for performance in ("old_performance", "new_performance"):
            figures = "leads, 0 as conversions, 0.5 as roc_auc, 1 as lift_top_10_percent, 0.0 as conversions_in_top_10_percent"
            connection.execute(f"create table {performance} as select 'm' as model_id, null as goal_id, 'all' as period, null as segment, 0 as {figures}")
        connection.execute((PROJECT / "scripts" / "support" / "changes_told.sql").read_text(encoding="utf-8"))
        ((model, was_scored, line),) = connection.execute("from changed_models").fetchall()
        changes.show_model(Console(file=output, width=200), connection, model, was_scored, line)
    assert output.getvalue().strip().startswith(said)
