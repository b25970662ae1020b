"""The laws of the design that need more than one build. Those that one build can show stand in tests/laws."""

import csv
import random
import shutil
from datetime import datetime, timedelta

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, run_build
from tests.refresh import OF_THE_RUN

DATES = ["--as-of", "2024-06-23", "--as-of", "2024-06-29", "--as-of", "2024-06-30", "--ledger", "all"]


# What tells of the raw tables themselves, and not of scores.
ABOUT_RAW = {"rejected_contacts", "rejected_accounts", "rejected_events", "rejected_identities", "rejected_outcomes", "rejected_merges", "rejected_contact_attributes", "rejected_overrides", "raw_row_counts", "scoring_coverage", "scoring_findings", "raw_findings", "run_facts"}


def marts(build, without=frozenset()):
    """Every row of every published mart but what tells of runs and those of `without`, as sorted text."""
    assert build.code == 0, build.errors
    names = [row[0] for row in build.rows("select table_name from duckdb_tables() where table_name <> 'scoring_runs' order by 1")]
    assert {"lead_scores", "lead_score_contributions", "lead_score_criteria"} <= set(names)
    return {name: sorted(map(str, build.rows(f"select {OF_THE_RUN.get(name, '*')} from {name}"))) for name in names if name not in without}


def shuffled(folder, seed):
    """Put the rows of every csv file of a folder into another order."""
    for path in folder.glob("*.csv"):
        with open(path, encoding="utf-8", newline="") as handle:
            header, *rows = csv.reader(handle)
        random.Random(seed).shuffle(rows)
        with open(path, "w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([header, *rows])


def keep_rows(path, keep):
    """Keep the rows of a csv file for which keep(row) holds."""
    with open(path, encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = [row for row in reader if keep(row)]
    with open(path, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def as_parquet(folder, destination):
    """The same raw tables as parquet files with types, as a warehouse export would write them."""
    destination.mkdir()
    types = {"created_at": "TIMESTAMP", "updated_at": "TIMESTAMP", "occurred_at": "TIMESTAMP", "received_at": "TIMESTAMP"}
    for path in folder.glob("*.csv"):
        with duckdb.connect() as connection:
            # A table in between: DuckDB 2.0 moves a bare try_cast into its csv reader, where it fails instead of giving null.
            connection.execute(f"create table raw as from read_csv('{path}', all_varchar = true)")
            columns = [row[0] for row in connection.execute("describe raw").fetchall()]
            casts = ", ".join(f"try_cast({name} as {types[name]}) as {name}" if name in types else name for name in columns)
            connection.execute(f"copy (select {casts} from raw) to '{destination / path.stem}.parquet'")


def test_law_3_other_row_order_other_threads_and_parquet_give_the_same_rows(hand_computed_build, raw, rules, tmp_path):
    wanted = marts(hand_computed_build)
    shuffled(raw, 1)
    shuffled(rules, 2)
    one_thread = run_build(tmp_path / "shuffled", "--raw", str(raw), "--rules", str(rules), "--threads", "1", *DATES, tests=False)
    assert marts(one_thread) == wanted
    as_parquet(raw, tmp_path / "parquet")
    typed = run_build(tmp_path / "typed", "--raw", str(tmp_path / "parquet"), "--rules", str(rules), "--threads", "8", *DATES, tests=False)
    # What cannot be read is null there, and so rejected for another reason; and cells are written otherwise, by which known_version tells them.
    assert marts(typed, ABOUT_RAW | {"scored_dates"}) == marts(hand_computed_build, ABOUT_RAW | {"scored_dates"})
    dates = "select * exclude (known_version) from scored_dates order by all"
    assert typed.rows(dates) == hand_computed_build.rows(dates)


# What a date has also without the dates after it: its ledger, and its scores but for the bands, which remember earlier dates.
OF_A_DATE = (
    "select * from lead_score_contributions where as_of_date = '{}'",
    "select model_id, contact_id, account_id, status, status_reason, score, behavioural_score, demographic_score from lead_score_history where as_of_date = '{}'",
)


@pytest.mark.parametrize("as_of", ["2024-06-23", "2024-06-29"])
def test_law_4_a_date_in_the_past_scores_as_if_later_data_did_not_exist(as_of, hand_computed_build, raw, rules, tmp_path):
    """Cut off what was received, identified or changed after the date, and score the latest date of what is left."""
    end = datetime.fromisoformat(as_of) + timedelta(days=1)

    def by_then(column):
        def keep(row):
            try:
                return datetime.fromisoformat(row[column]) < end
            except ValueError:
                return True

        return keep

    before = sum(1 for _ in open(raw / "events.csv", encoding="utf-8"))
    keep_rows(raw / "events.csv", by_then("received_at"))
    keep_rows(raw / "identities.csv", by_then("identified_at"))
    # A source that overwrites has one row per contact, whose attributes past dates see: the earliest version stays.
    with open(raw / "contacts.csv", encoding="utf-8") as handle:
        earliest = {}
        for row in csv.DictReader(handle):
            version = row["updated_at"] or row["created_at"]
            earliest[row["contact_id"]] = min(version, earliest.get(row["contact_id"], version))
    keep_rows(
        raw / "contacts.csv",
        lambda row: by_then("created_at")(row)
        and (by_then("updated_at")(row) or row["updated_at"] == earliest[row["contact_id"]]),
    )
    assert sum(1 for _ in open(raw / "events.csv", encoding="utf-8")) < before
    cut = run_build(tmp_path / "cut", "--raw", str(raw), "--rules", str(rules), "--as-of", as_of, tests=False)
    assert cut.code == 0, cut.errors
    for query in (query.format(as_of) for query in OF_A_DATE):
        rows = sorted(map(str, cut.rows(query)))
        assert len(rows) > 50
        assert rows == sorted(map(str, hand_computed_build.rows(query)))


def test_law_7_a_build_that_fails_leaves_the_published_file_as_it_was(built, build, raw, rules):
    options = ["--raw", str(raw), "--rules", str(rules)]
    first = built
    published = first.published.read_bytes()

    (rules / "event_rules.csv").write_text((rules / "event_rules.csv").read_text().replace("core", "kore", 1))
    assert build(*options).code == 2
    assert first.published.read_bytes() == published

    shutil.copy(HAND_COMPUTED / "rules" / "event_rules.csv", rules)
    (raw / "outcomes.csv").unlink()
    assert build(*options).code == 2
    assert first.published.read_bytes() == published

    # More rejected rows than a build publishes: it fails while models are built and tested.
    shutil.copy(HAND_COMPUTED / "raw" / "outcomes.csv", raw)
    with open(raw / "events.csv", "a", encoding="utf-8") as handle:
        for number in range(200):
            handle.write(f"bad{number},c18,,quote_request,2024-06-20 10:00:00,2024-06-20 10:00:00,,,,,,no number\n")
    failed = build(*options, tests=True)
    assert failed.code == 1, failed.output
    assert "Nothing was published" in failed.errors
    assert "Traceback" not in failed.errors
    assert first.published.read_bytes() == published

    shutil.copy(HAND_COMPUTED / "raw" / "events.csv", raw)
    assert build(*options).code == 0


def test_law_1_holds_for_amounts_of_twelve_digits_and_many_points(build, raw, rules):
    """Forty amounts of 999,999,999,999 at 300 points each: one rule gives 999,999,999,999.9999 points at most."""
    with open(rules / "event_rules.csv", encoding="utf-8", newline="") as handle:
        columns = next(csv.reader(handle))
    row = {"rule_id": "dear", "model_id": "core", "rule_group": "intent", "event_type": "dear", "measure": "value", "points": "300"}
    with open(rules / "event_rules.csv", "a", encoding="utf-8") as handle:
        handle.write(",".join(row.get(column, "") for column in columns) + "\n")
        handle.write(",".join((row | {"rule_id": "dearer", "points": "299"}).get(column, "") for column in columns) + "\n")
    with open(raw / "events.csv", "a", encoding="utf-8") as handle:
        for number in range(40):
            handle.write(f"dear{number},c18,,dear,2024-06-30 10:00:00,2024-06-30 10:00:00,,,,,,999999999999\n")
    done = build("--raw", str(raw), "--rules", str(rules), tests=True)
    assert done.code == 0, done.errors
    points = "select points from lead_score_contributions where contact_id = 'c18' and rule_id in ('dear', 'dearer') and model_id = 'core'"
    assert [str(row[0]) for row in done.rows(points)] == ["999999999999.9999"] * 2


def test_law_8_a_rule_is_one_row_in_a_seed(hand_computed_build, raw, rules, tmp_path):
    """A new row in a seed gives ledger rows of its own, and leaves all other rows as they were."""
    query = "select as_of_date, model_id, contact_id, rule_id, points from lead_score_contributions where rule_kind <> 'adjustment'"
    before = set(hand_computed_build.rows(query))
    with open(rules / "attribute_rules.csv", encoding="utf-8", newline="") as handle:
        columns = next(csv.reader(handle))
    row = {"rule_id": "new_rule", "model_id": "core", "rule_group": "fit", "attribute": "country", "comparison": "is_present", "points": "1"}
    with open(rules / "attribute_rules.csv", "a", encoding="utf-8") as handle:
        handle.write(",".join(row.get(column, "") for column in columns) + "\n")
    after = run_build(tmp_path / "warehouse", "--raw", str(raw), "--rules", str(rules), *DATES)
    assert after.code == 0, after.errors
    added = set(after.rows(query)) - before
    assert before <= set(after.rows(query))
    assert {row[3] for row in added} == {"new_rule"}
    assert len(added) > 10
