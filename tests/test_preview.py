"""A preview shows what publishing does, and publishes nothing."""

import csv
import io
import subprocess
import sys

import duckdb
import pytest
from rich.console import Console

from support import changes
from tests.conftest import PROJECT

AS_OF = "2024-06-30"


def preview(warehouse, rules, raw, *options):
    """Run scripts/preview.py."""
    command = [sys.executable, str(PROJECT / "scripts" / "preview.py"), "--warehouse", warehouse, "--rules", rules, "--raw", raw, *options]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


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


LEADS = "select model_id, contact_id, status, score::varchar, band, grade, rank_in_model::varchar from lead_scores"


def test_publishing_does_exactly_what_the_preview_said(built, build, raw, rules, tmp_path):
    raised, removed = edited(rules)
    before, bytes_before = {row[:2]: row[2:] for row in built.rows(LEADS)}, built.published.read_bytes()
    shown = preview(built.warehouse, rules, raw, "--csv", tmp_path / "csv")
    assert shown.returncode == 0, shown.stderr
    assert built.published.read_bytes() == bytes_before
    assert not (built.warehouse / "preview" / "build.duckdb").exists()

    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", AS_OF)
    assert done.code == 0, done.errors
    after = {row[:2]: row[2:] for row in done.rows(LEADS)}
    # Ranks move for others as well; who has another score, band, grade or status is told.
    changed = {lead for lead in before.keys() | after.keys() if before[lead][:4] != after[lead][:4]}
    with open(tmp_path / "csv" / "changed_leads.csv", encoding="utf-8", newline="") as handle:
        told = {(row["model_id"], row["contact_id"]): row for row in csv.DictReader(handle)}
    assert len(changed) > 5
    assert told.keys() == changed
    for lead, row in told.items():
        assert tuple(row[f"old_{name}"] or None for name in ("status", "score", "band", "grade", "rank")) == before[lead]
        assert tuple(row[f"new_{name}"] or None for name in ("status", "score", "band", "grade", "rank")) == after[lead]
    assert f"event_rules.csv {raised}: points" in shown.stdout
    assert f"event_rules.csv {removed}: removed" in shown.stdout

    again = preview(built.warehouse, rules, raw)
    assert again.returncode == 0, again.stderr
    assert "The rules are those that are published." in again.stdout
    assert "No score, band, grade or status changes." in again.stdout


def test_wrong_rules_are_named_and_nothing_is_shown(built, raw, rules):
    (rules / "event_rules.csv").write_text((rules / "event_rules.csv").read_text(encoding="utf-8").replace("core", "kore", 1), encoding="utf-8")
    wrong = preview(built.warehouse, rules, raw)
    assert wrong.returncode == 2
    assert "kore: must be a model_id of score_models.csv" in wrong.stderr
    assert "What would change" not in wrong.stdout


def test_without_anything_published_there_is_nothing_to_compare_with(tmp_path, raw, rules):
    missing = preview(tmp_path / "nowhere", rules, raw)
    assert missing.returncode == 2
    assert "nothing is published there to compare with" in missing.stderr
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
    assert "Best leads" in told and "Who moves furthest" not in told
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
        (["a", "b"], [], "m: is not scored any more; its 2 leads leave lead_scores"),
        ([], ["a", "b"], "m: is scored now; 2 leads come into lead_scores"),
        (["a", "b"], ["a", "b"], "m: 2 of 2 leads get another score"),
        # One leaves and one comes: three leads have to do with it.
        (["a", "b"], ["b", "c"], "m: 3 of 3 leads get another score"),
    ],
)
def test_a_model_that_is_promoted_or_archived_is_told_as_such(published, built, said, monkeypatch, tmp_path):
    output = io.StringIO()
    old, new = tmp_path / "old.duckdb", tmp_path / "new.duckdb"
    for file, leads, score in ((old, published, 1), (new, built, 2)):
        with duckdb.connect(str(file)) as connection:
            connection.execute(
                f"""
                create table lead_scores as
                select
                    'm' as model_id, unnest(?::varchar[]) as contact_id, date '2024-06-30' as as_of_date, 'v' as rules_version,
                    'scored' as status, {score}.0 as score, 'hot' as band, 'A1' as grade, 1 as rank_in_model;
                """,
                [leads],
            )
            connection.execute(
                """
                create table rules_versions (model_id text, file text, rule_id text, rule_row text, rules_version text);
                create table lead_score_contributions (as_of_date date, model_id text, contact_id text, rule_id text, rule_group text, points decimal(18, 4));
                create table int_rule_labels (rule_id text, label text);
                create table int_changed_from as select null::date as changed_from;
                create table score_performance (
                    model_id text, period text, segment text, leads bigint, conversions bigint, roc_auc decimal(18, 6),
                    lift_top_10_percent decimal(18, 6), conversions_in_top_10_percent decimal(18, 6)
                );
                """
            )
    names = ["lead_scores", "rules_versions", "lead_score_contributions", "int_rule_labels", "int_changed_from", "score_performance"]
    monkeypatch.setattr(changes, "relations", lambda _: {name: f"new.{name}" for name in names})
    with duckdb.connect(str(new)) as connection:
        changes.compare(connection, old)
        changes.show(Console(file=output, width=200), connection)
    assert f"\n{said}" in output.getvalue()
