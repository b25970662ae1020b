"""A warehouse that version 1 of the project built: its history goes on as it was published, and the next build makes the rest anew."""

import os
import shutil
import signal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, Build, run_build
from tests.test_crashes import differences

OPTIONS = ["--raw", str(HAND_COMPUTED / "raw"), "--rules", str(HAND_COMPUTED / "rules"), "--ledger", "all"]
BEFORE, NOW = ["--as-of", "2024-06-23", "--as-of", "2024-06-29"], ["--as-of", "2024-06-30"]
SAID = "was built by an earlier version. Its published history stays; build.duckdb is rebuilt from the raw tables."

# What the published marts of version 1 did not have.
NEW_COLUMNS = {"lead_score_history": ["conversion_probability", "bands_on", "next_action"], "lead_score_changes": ["priority", "next_action", "run_at"], "scored_dates": ["rows_known", "known_version", "late_rows"], "raw_row_counts": ["rows_filtered"]}
NEW_COLUMNS |= {mart: ["goal_id"] for mart in ["score_performance", "score_calibration", "rule_performance", "campaign_performance", "challenger_performance", "score_drift"]}
NEW_MARTS = ["scoring_findings", "history_findings", "evaluation_findings", "raw_findings", "outcome_findings", "challenger_findings", "run_facts"]
NEW_MARTS += ["value_scorecard", "merged_contacts", "rejected_merges", "rejected_contact_attributes", "filtered_events", "rejected_accounts", "rejected_overrides"]
NEW_MARTS += ["account_scores", "account_score_contributions", "account_score_history", "account_score_changes", "lead_stages", "lead_stage_changes", "funnel", "call_list", "crm_sync"]


def make_old(warehouse: Path) -> None:
    """Turn a warehouse into what version 1 would have left of the same builds."""
    published, build = warehouse / "lead_scores.duckdb", warehouse / "build.duckdb"
    build.unlink()
    shutil.rmtree(warehouse / "next")
    with duckdb.connect(str(build)) as connection:
        connection.execute(f"create schema main_marts; create schema main_intermediate; attach '{published}' as published (read_only)")
        tables = [row[0] for row in connection.execute("select table_name from duckdb_tables() where database_name = 'published'").fetchall()]
        assert set(NEW_MARTS) < set(tables)
        for table in set(tables) - set(NEW_MARTS):
            left_out = f"exclude ({', '.join(NEW_COLUMNS[table])})" if table in NEW_COLUMNS else ""
            connection.execute(f"create table main_marts.{table} as select * {left_out} from published.{table}")
        # Bands that are on, of each date; and kept tables by names that are in use now, of other columns.
        connection.execute("create table main_intermediate.int_score_history as select * exclude (conversion_probability) from published.lead_score_history")
        connection.execute("create table main_intermediate.int_received_events as select 'e1' as event_id, date '2024-06-01' as received_date, '5' as day_version")
        connection.execute("create table main_intermediate.int_signal_days as select 'contact:c01' as actor_id, date '2024-06-01' as received_date, 's' as signal_id, '5' as day_version, 3 as matches")
        connection.execute("create table main_intermediate.int_rule_history as select date '2024-06-29' as as_of_date, 'core' as model_id")
        connection.execute("create view main_intermediate.int_history_models as from main_marts.scored_dates")
    new = warehouse / "new.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build}' as build (read_only); attach '{new}' as new (storage_version 'v1.0.0')")
        for (table,) in connection.execute("select table_name from duckdb_tables() where database_name = 'build' and schema_name = 'main_marts'").fetchall():
            connection.execute(f"create table new.{table} as from build.main_marts.{table}")
    os.replace(new, published.resolve())


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The warehouse as version 1 left it ("old"), and as the present one left it, which scored the next date undisturbed ("whole")."""
    folder = tmp_path_factory.mktemp("version_1")
    first = run_build(folder / "whole", *OPTIONS, *BEFORE, tests=False)
    assert first.code == 0, first.errors
    shutil.copytree(folder / "whole", folder / "old", symlinks=True)
    make_old(folder / "old")
    whole = run_build(folder / "whole", *OPTIONS, *NOW, tests=False)
    assert whole.code == 0, whole.errors
    return folder


@pytest.fixture
def old(worlds, tmp_path):
    """A copy of the warehouse of version 1, in the place where `build` builds."""
    return Path(shutil.copytree(worlds / "old", tmp_path / "warehouse", symlinks=True))


def history(file: Path, columns: str = "* exclude (bands_on, conversion_probability, next_action)", where: str = "true") -> list[tuple]:
    """The history of a published file, in columns that version 1 had."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(f"select {columns} from lead_score_history where as_of_date < '2024-06-30' and {where} order by as_of_date, model_id, contact_id").fetchall()


def check_taken_over(done: Build, worlds: Path) -> None:
    """A build took the history over whole, and all that is not about how an earlier date was scored is as if version 1 had never been."""
    assert done.code == 0, done.errors
    before = history(worlds / "old" / "lead_scores.duckdb", "*")
    assert before
    assert history(done.published) == before
    keys = "as_of_date, model_id, contact_id, bands_on"
    assert history(done.published, keys) == history(worlds / "whole" / "lead_scores.duckdb", keys)
    scored = done.rows("select as_of_date::varchar, rows_known, known_version, late_rows from scored_dates where as_of_date < '2024-06-30' order by all")
    assert scored == [(day, None, None, None) for day in ("2024-06-23", "2024-06-29") for _ in ("core", "trial")]
    # What version 1 did not keep stays empty; apart from it every row of every mart is the same.
    even = done.warehouse / "even.duckdb"
    shutil.copy(worlds / "whole" / "lead_scores.duckdb", even)
    with duckdb.connect(str(even)) as connection:
        connection.execute("update lead_score_history set conversion_probability = null, next_action = null where as_of_date < '2024-06-30'")
        connection.execute("update lead_score_changes set priority = null, next_action = null where as_of_date < '2024-06-30'")
        connection.execute("update scored_dates set rows_known = null, known_version = null, late_rows = null where as_of_date < '2024-06-30'")
    assert differences(done.published, even) == []
    even.unlink()
    shape = "select table_name, column_name, data_type, comment from duckdb_columns() where not internal order by table_name, column_index"
    with duckdb.connect(str(worlds / "whole" / "lead_scores.duckdb"), read_only=True) as connection:
        assert done.rows(shape) == connection.execute(shape).fetchall()
    assert sorted(path.name for path in done.warehouse.glob("build*")) == ["build.duckdb"]
    assert list((done.warehouse / "next").iterdir()) == []


def told(done: Build) -> bool:
    """Whether a build says that it took a warehouse over."""
    return SAID in " ".join(done.output.split())


def test_a_warehouse_of_version_1_keeps_its_history_row_for_row_and_its_bands(old, worlds, build):
    done = build(*OPTIONS, *NOW, tests=True)
    assert told(done)
    check_taken_over(done, worlds)
    # From then on it is as any other.
    again = build(*OPTIONS, *NOW)
    assert again.code == 0, again.errors
    assert "nothing new since the last published build" in again.output and not told(again)
    rescored = build(*OPTIONS, *BEFORE, *NOW, "--ledger", "latest")
    assert rescored.code == 0 and not told(rescored), rescored.errors
    assert differences(rescored.published, worlds / "whole" / "lead_scores.duckdb") == []


@pytest.mark.parametrize("fault", ["wrong rules", "too many rows are rejected", "killed as it begins", "killed half-way", "killed at the publishing"])
def test_a_first_build_that_fails_or_is_killed_leaves_all_that_the_next_one_takes_over(fault, old, worlds, build, tmp_path):
    before = (old / "lead_scores.duckdb").read_bytes()
    raw, rules = (Path(shutil.copytree(HAND_COMPUTED / name, tmp_path / name)) for name in ("raw", "rules"))
    options = ["--raw", str(raw), "--rules", str(rules), "--ledger", "all"]
    if fault == "wrong rules":
        text = (rules / "score_bands.csv").read_text(encoding="utf-8")
        (rules / "score_bands.csv").write_text(text.replace("total", "totall"), encoding="utf-8")
        assert build(*options, *NOW).code == 2
    elif fault == "too many rows are rejected":
        with open(raw / "events.csv", "a", encoding="utf-8") as handle:
            handle.writelines(f"bad{number},,,,,2024-06-30 09:00:00,,,,,,\n" for number in range(1000))
        assert build(*options, *NOW, tests=True).code == 1
    else:
        stop = {"killed as it begins": 1, "killed half-way": 120, "killed at the publishing": "publish"}[fault]
        assert run_build(old, *OPTIONS, *NOW, tests=False, stop=stop).code == -signal.SIGKILL
    assert (old / "lead_scores.duckdb").read_bytes() == before
    done = build(*OPTIONS, *NOW)
    assert told(done)
    check_taken_over(done, worlds)


@pytest.mark.parametrize("build_file", ["lost", "broken"])
def test_without_the_build_file_of_version_1_the_history_stays_and_its_bands_begin_anew(build_file, old, worlds, build):
    if build_file == "lost":
        (old / "build.duckdb").unlink()
    else:
        (old / "build.duckdb").write_bytes(b"no database" * 2000)
    done = build(*OPTIONS, *NOW)
    assert done.code == 0, done.errors
    assert told(done)
    assert history(done.published) == history(worlds / "old" / "lead_scores.duckdb", "*")
    assert set(history(done.published, "bands_on")) == {(None,)}


def test_an_erasure_at_once_takes_the_person_out_of_a_history_of_version_1(old, worlds, build, raw):
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc18,\n", encoding="utf-8")
    others = history(old / "lead_scores.duckdb", "*", "contact_id <> 'c18'")
    assert len(others) < len(history(old / "lead_scores.duckdb", "*"))
    done = build("--raw", str(raw), *OPTIONS[2:], *NOW, tests=True)
    assert done.code == 0, done.errors
    assert told(done)
    assert history(done.published) == others
    keys = "as_of_date, model_id, contact_id, bands_on"
    assert history(done.published, keys) == history(worlds / "whole" / "lead_scores.duckdb", keys, "contact_id <> 'c18'")
    # The file of version 1 is about the person too.
    assert sorted(path.name for path in done.warehouse.glob("build*")) == ["build.duckdb"]
