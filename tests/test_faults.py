"""Faults found by attack (issue 14): what a mistake in the data or an interrupted run must not lose, keep or hide."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from support import erasures
from tests.conftest import PROJECT
from tests.test_crashes import differences

EVENT = "event_id,contact_id,anonymous_id,event_type,occurred_at,received_at,channel,campaign,page_url,object_id,duration_seconds,value"


def append(file: Path, *lines: str) -> None:
    with open(file, "a", encoding="utf-8") as handle:
        handle.write("".join(line + "\n" for line in lines))


def dates(build) -> list[str]:
    return [row[0] for row in build.rows("select distinct as_of_date::varchar from lead_score_history order by 1")]


# 1. A date in the future


def test_an_event_of_the_far_future_moves_no_date_and_deletes_no_history(built, build, raw, rules):
    before = dates(built)
    append(raw / "events.csv", "far,c01,,visit,2199-05-05 08:00:00,2199-05-05 08:00:05,,,,,,")
    done = build("--raw", str(raw), "--rules", str(rules), "--keep-history-days", "400")
    assert done.code == 0, done.errors
    assert dates(done) == before
    assert done.rows("select distinct as_of_date::varchar from lead_scores") == [(max(before),)]
    assert "1 event occurred" in done.output and "2199-05-05" in done.output


@pytest.mark.parametrize("days, is_latest", [(1, True), (2, False)])
def test_a_day_ahead_is_a_date_and_two_days_are_none(built, build, raw, rules, days, is_latest):
    day = date.today() + timedelta(days)
    append(raw / "events.csv", f"ahead,c01,,visit,{day} 08:00:00,{day} 08:00:05,,,,,,")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 0, done.errors
    assert (dates(done)[-1] == str(day)) == is_latest


def test_retention_drops_more_than_half_of_the_history_only_if_told_to(built, build, raw, rules):
    options = ["--raw", str(raw), "--rules", str(rules), "--as-of", "2199-12-31", "--keep-history-days", "400"]
    before = dates(built)
    done = build(*options)
    assert done.code == 0, done.errors
    assert dates(done) == [*before, "2199-12-31"]
    assert f"kept {len(before)} of {len(before) + 1} dates of the history" in done.output
    assert "--drop-history" in done.output
    told = build(*options, "--drop-history")
    assert told.code == 0, told.errors
    assert dates(told) == ["2199-12-31"]


# 2. Rows corrected in place


def test_rows_that_are_corrected_under_the_same_ids_are_read_again(built, build, raw, rules, tmp_path):
    good = (raw / "events.csv").read_text(encoding="utf-8")
    options = ["--raw", str(raw), "--rules", str(rules)]
    row = "fix{0},c01,,order,2024-06-30 08:00:00,2024-06-30 08:00:05,,,,,,{1}"
    (raw / "events.csv").write_text(good + "".join(row.format(number, "10.5 EUR") + "\n" for number in range(120)), encoding="utf-8")
    failed = build(*options, "--max-rejected-percent", "20", tests=True)
    assert failed.code == 1, failed.output
    assert "rows are rejected, more than 20 %: " in failed.errors and "Correct these rows in the source, or raise --max-rejected-percent" in failed.errors
    (raw / "events.csv").write_text(good + "".join(row.format(number, "10.5") + "\n" for number in range(120)), encoding="utf-8")
    mended = build(*options, "--max-rejected-percent", "20", tests=True)
    assert mended.code == 0, mended.errors
    assert mended.rows("select count(*) from rejected_events where event_id like 'fix%'") == [(0,)]
    assert mended.rows("select count(*) > 0 from lead_scores") == [(True,)]


def test_a_cell_that_changes_in_place_gives_what_a_fresh_build_gives(built, build, raw, rules, tmp_path):
    from tests.conftest import HAND_COMPUTED, run_build

    options = ["--raw", str(raw), "--rules", str(rules)]
    every = [option for day in (HAND_COMPUTED / "as_of.txt").read_text().strip().split(",") for option in ("--as-of", day)]
    with open(raw / "events.csv", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for row in rows:
        if row["event_type"] == "visit":
            row["event_type"], row["value"] = "demo_request", "77"
            break
    with open(raw / "events.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    # What was published for earlier dates stays until it is asked for, and is told to be stale.
    history = "from lead_score_history where as_of_date < '2024-06-30' order by all"
    before = built.rows(history)
    latest = build(*options)
    assert latest.code == 0, latest.errors
    assert latest.rows(history) == before
    day = row["received_at"][:10]
    stale = latest.rows("select as_of_date::varchar, min(late_rows), max(late_rows) from scored_dates group by 1 order by 1")
    assert [(date, low > 0, low == high) for date, low, high in stale] == [(date, day <= date < "2024-06-30", True) for date, _, _ in stale]
    assert any(low for _, low, _ in stale)
    done = build(*options, "--ledger", "all", *every)
    assert done.code == 0, done.errors
    assert done.rows("select count(*) from scored_dates where late_rows is distinct from 0") == [(0,)]
    fresh = run_build(tmp_path / "fresh", *options, "--ledger", "all", *every, tests=False)
    assert fresh.code == 0, fresh.errors
    assert differences(done.published, fresh.published) == []


# 3. Persons in the records of runs


def kept_text(warehouse: Path) -> str:
    """All text that a warehouse keeps of its runs."""
    files = [warehouse / "runs.jsonl", *(warehouse / "logs").iterdir()]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.exists())


def test_what_is_kept_of_a_run_holds_no_value_of_a_row(tmp_path):
    for name in ("models", "macros", "contract", "scripts", "seeds", "sample_data", "tests"):
        shutil.copytree(PROJECT / name, tmp_path / "project" / name)
    for name in ("dbt_project.yml", "profiles.yml", "requirements.lock", "requirements-calibrate.lock"):
        shutil.copy(PROJECT / name, tmp_path / "project" / name)
    project, warehouse = tmp_path / "project", tmp_path / "warehouse"
    laws = project / "tests" / "laws"
    (laws / "no_secret_person.sql").write_text("{{ config(tags=['law']) }}\nselect 'ana' || '@example.com' as email, contact_id from {{ ref('lead_scores') }}\n", encoding="utf-8")
    (laws / "no_conversion.sql").write_text("select 1 as n from {{ ref('lead_scores') }} where cast('Ana O''Neil' || left(contact_id, 0) as integer) > 0\n", encoding="utf-8")
    raw, rules = PROJECT / "tests" / "hand_computed" / "raw", PROJECT / "tests" / "hand_computed" / "rules"
    command = [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); import build; sys.exit(build.main(build.parse_arguments()))", str(project / "scripts")]
    done = subprocess.run([*command, "--warehouse", str(warehouse), "--raw", str(raw), "--rules", str(rules), "--json"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    # The person at the terminal sees the row.
    assert "ana@example.com" in done.stderr
    assert "Ana O'Neil" in done.stderr
    kept = kept_text(warehouse) + done.stdout
    assert "no_secret_person" in kept and "no_conversion" in kept and "Conversion Error" in kept
    for value in ("ana@example.com", "O'Neil", "such as"):
        assert value not in kept, [line for line in kept.splitlines() if value in line]


# 4. Erasures that match nobody


@pytest.mark.parametrize(
    ("value", "type_of_ids", "text"),
    [("3.0", "double", "3"), ("12.50", "decimal(8, 2)", "12.5"), ("100", "double", "100"), ("10.00", "decimal(8, 2)", "10"), ("nan", "double", None), ("nan", "varchar", "nan"), ("1.50", "varchar", "1.50")],
)
def test_an_id_to_erase_is_read_as_the_models_read_ids(value, type_of_ids, text):
    assert duckdb.sql(f"select {erasures.id_of('contact')} from (select '{value}'::{type_of_ids} as contact)").fetchall() == [(text,)]


def test_an_erasure_that_matches_nobody_is_told_and_ends_with_1(built, build, raw, rules):
    options = ["--raw", str(raw), "--rules", str(rules)]
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc01,\nC02,\n c 03,\nnobody,\n", encoding="utf-8")
    for _ in range(2):
        # The second run has nothing new, and must not say that all is well.
        done = build(*options)
        assert done.code == 1, done.output
        assert "4 erasures requested, 1 matched, 3 matched nobody" in done.errors
        assert "'C02': matched nobody; did you mean 'c02'?" in done.errors
        assert "' c 03': matched nobody; did you mean 'c03'?" in done.errors
        assert "'nobody': matched nobody" in done.errors
        # The others' scores do not wait.
        assert done.rows("select count(*) from lead_scores where contact_id = 'c01'") == [(0,)]
    (record,) = (done.warehouse / "runs.jsonl").read_text().splitlines()[-1:]
    assert '"outcome": "published, erasures unmatched"' in record and "3 matched nobody" in record and "C02" not in record
    allowed = build(*options, "--allow-unmatched-erasures")
    assert allowed.code == 0, allowed.errors
    assert "'C02': matched nobody" in allowed.output + allowed.errors


def test_a_person_who_was_erased_and_has_left_the_source_matched(built, build, raw, rules):
    options = ["--raw", str(raw), "--rules", str(rules)]
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc01,\n", encoding="utf-8")
    assert build(*options).code == 0
    for name in ("contacts", "events", "identities", "outcomes"):
        file = raw / f"{name}.csv"
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join(line for line in lines if "c01" not in line.split(",")) + "\n", encoding="utf-8")
    done = build(*options)
    assert done.code == 0, done.errors
    kept = "".join(file.read_text(errors="replace") for file in done.warehouse.iterdir() if file.is_file() and file.suffix != ".duckdb")
    # A hash of a run may hold these letters.
    assert not re.search(r"\bc01\b", kept)


# One that no hash or word holds, and that comes last: the least and the greatest value of a column stand in a file by their first eight bytes.
PERSON, ADDRESS = "zqperson-to-erase", "zqaddress@example.org"
TRACES = [PERSON.encode(), PERSON[:8].encode(), ADDRESS.encode(), ADDRESS[:8].encode()]


def traces(file: Path) -> list[bytes]:
    """Which traces of the person any byte of a file holds."""
    data = file.read_bytes()
    return [trace for trace in TRACES if trace in data]


def test_an_erasure_leaves_no_trace_of_the_person_in_any_byte_of_the_published_file(built, build, raw, rules):
    """A copied file would keep deleted rows in blocks that are free. The person is in history, changes, ledger and all rejected tables before."""
    options = ["--raw", str(raw), "--rules", str(rules), "--publish-email", "--ledger", "all"]
    with open(raw / "contacts.csv", encoding="utf-8", newline="") as handle:
        columns = next(csv.reader(handle))
    for name in ("contacts", "events", "identities", "outcomes"):
        file = raw / f"{name}.csv"
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join(",".join(PERSON if cell == "c18" else cell for cell in line.split(",")) for line in lines) + "\n", encoding="utf-8")
    unusable = {"contact_id": PERSON, "created_at": "no day", "email": ADDRESS, "account_id": ADDRESS}
    append(raw / "contacts.csv", ",".join(unusable.get(column, "") for column in columns))
    append(raw / "events.csv", f"no-day,{PERSON},,visit,no day,no day,,,,,,")
    append(raw / "identities.csv", f"no-visitor,{PERSON},no day")
    append(raw / "outcomes.csv", f"no-outcome,{PERSON},won,no day,")
    merges = ["from_contact_id,into_contact_id,merged_at", f"c41,{PERSON},2024-06-30 08:00:00", f"{PERSON},c01,no day", f"c01,{PERSON},no day"]
    (raw / "merges.csv").write_text("\n".join(merges) + "\n", encoding="utf-8")
    changes = ["contact_id,attribute,value,changed_at", f"{PERSON},contact_of,{ADDRESS},2024-06-30 08:00:00", f"{PERSON},contact_of,{ADDRESS},no day"]
    (raw / "contact_attributes.csv").write_text("\n".join(changes) + "\n", encoding="utf-8")
    filters = ["filter_id,event_type,kind,property,comparison,operand,after_event_type,seconds,times,description", "machine,,condition,channel,equals,machine,,,,"]
    (rules / "event_filters.csv").write_text("\n".join(filters) + "\n", encoding="utf-8")
    append(raw / "events.csv", f"by-machine,{PERSON},,visit,2024-06-29 08:00:00,2024-06-29 08:00:00,machine,,,,,")
    overrides = ["contact_id,model_id,points,reason,author,valid_from,valid_to", f"{PERSON},core,5,{ADDRESS},ana,2024-06-01,", f"{PERSON},core,5,{ADDRESS},ana,no day,"]
    (raw / "overrides.csv").write_text("\n".join(overrides) + "\n", encoding="utf-8")
    # The account of the person has one more contact: c24.
    accounts = ["model_id,roll_up,top,breadth_attribute,breadth_min_score,breadth_points,max_breadth_points,status", "core,sum,,contact_of,,1,,active"]
    (rules / "account_models.csv").write_text("\n".join(accounts) + "\n", encoding="utf-8")
    stages = ["stage,position,kind,entered_by,name,comparison,operand,reenter_after_days,description", "lead,1,open,created,,,,,"]
    (rules / "lifecycle_stages.csv").write_text("\n".join(stages) + "\n", encoding="utf-8")
    for day in ("2024-06-29", "2024-06-30", "2024-07-01"):
        done = build(*options, "--as-of", day)
        assert done.code == 0, done.errors
    assert traces(done.published) == TRACES
    places = done.rows("select table_name, column_name from duckdb_columns() where regexp_matches(column_name, 'contact_id$|survivor_id') and not internal order by all")
    held = {table for table, column in places if done.rows(f"select count(*) from {table} where {column} = '{PERSON}'") != [(0,)]}
    assert held >= {"lead_scores", "lead_score_history", "lead_score_changes", "lead_score_contributions", "merged_contacts", "filtered_events"}
    assert held >= {f"rejected_{table}" for table in ("contacts", "events", "identities", "outcomes", "merges", "contact_attributes", "overrides")}
    assert held >= {"account_score_contributions", "lead_stages", "lead_stage_changes"}
    assert done.rows("select count(*) from lead_score_contributions where rule_kind = 'override'") == [(1,)]
    assert done.rows("select breadth_value from account_score_contributions where account_id = 'acc2' and kind = 'breadth'") == [(ADDRESS,)]
    sums = "select as_of_date::varchar, contacts, score::float from account_score_history where account_id = 'acc2' order by all"
    other_sums = "select * from account_score_history where account_id <> 'acc2' and as_of_date < '2024-07-01' order by all"
    assert [row[:2] for row in done.rows(sums)] == [("2024-06-29", 2), ("2024-06-30", 2), ("2024-07-01", 2)]
    sums_before = done.rows(other_sums)
    assert {row[0].isoformat() for row in sums_before} == {"2024-06-29", "2024-06-30"}
    others = f"select * from lead_score_history where contact_id <> '{PERSON}' and as_of_date < '2024-07-01' order by all"
    shape = "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() where not internal order by table_name, column_index"
    before, columns = done.rows(others), done.rows(shape)
    (raw / "erasures.csv").write_text(f"contact_id,requested_at\n{PERSON},\n", encoding="utf-8")
    erased = build(*options, tests=True)
    assert erased.code == 0, erased.errors
    assert traces(erased.published) == []
    assert erased.rows(others) == before
    assert erased.rows(shape) == columns
    # Sums that hold points of the person are gone, until their dates are scored again.
    of_c24 = "select as_of_date::varchar, 1, score::float from lead_score_history where contact_id = 'c24' and model_id = 'core' and as_of_date >= '2024-06-29' order by all"
    assert erased.rows(sums) == [row for row in erased.rows(of_c24) if row[0] == "2024-07-01"]
    assert erased.rows(other_sums) == sums_before
    assert erased.rows("select contact_id, points from account_score_contributions where account_id = 'acc2' and contact_id <> 'c24'") == []
    # Nor does a later build bring any back, from files that stood beside it.
    later = build(*options, "--as-of", "2024-07-02")
    assert later.code == 0, later.errors
    assert traces(later.published) == []
    again = build(*options, "--as-of", "2024-07-02")
    assert again.code == 0 and "nothing new since the last published build" in again.output, again.errors
    assert traces(again.published) == []
    assert later.rows(others) == before
    rescored = build(*options, "--as-of", "2024-06-29", "--as-of", "2024-06-30")
    assert rescored.code == 0, rescored.errors
    assert rescored.rows(sums) == rescored.rows(of_c24)
    assert len(rescored.rows(sums)) == 4


def test_an_erasure_in_a_build_that_fails_erases_with_the_next_that_does_not(built, build, raw, rules):
    options = ["--raw", str(raw), "--rules", str(rules)]
    feed = (raw / "events.csv").read_text(encoding="utf-8")
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc18,\n", encoding="utf-8")
    append(raw / "events.csv", *(f"bad{number},,,,,2024-06-30 09:00:00,,,,,," for number in range(200)))
    failed = build(*options, tests=True)
    assert failed.code == 1, failed.output
    assert failed.rows("select count(*) > 0 from lead_score_history where contact_id = 'c18'") == [(True,)]
    (raw / "events.csv").write_text(feed, encoding="utf-8")
    done = build(*options, tests=True)
    assert done.code == 0, done.errors
    tables = [row[0] for row in done.rows("select table_name from duckdb_columns() where column_name = 'contact_id' and not internal order by 1")]
    assert [table for table in tables if done.rows(f"select count(*) from {table} where contact_id = 'c18'") != [(0,)]] == []


# 5. A broken file, two first runs, plain dbt


def test_tables_that_an_earlier_version_made_with_other_columns_are_made_anew(built, build, raw, rules):
    rows = "select * from lead_score_history where as_of_date = '2024-06-30' order by all"
    before = built.rows(rows)
    with duckdb.connect(str(built.warehouse / "build.duckdb")) as connection:
        connection.execute("alter table main_intermediate.int_signal_days drop column holds_from")
        connection.execute("alter table main_lead_scoring_seeds.event_rules drop column after_event_type")
    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30")
    assert done.code == 0, done.errors
    assert done.rows(rows) == before
    assert len(before) > 50


def damage(file: Path) -> None:
    """Turn over a byte in every 64 KB behind the headers."""
    data = bytearray(file.read_bytes())
    for place in range(20_000, len(data), 65_536):
        data[place] ^= 255
    file.write_bytes(data)


@pytest.mark.parametrize("break_it", [damage, lambda file: file.write_bytes(b"no database" * 2000)], ids=["bad blocks", "no database"])
def test_a_broken_build_file_is_set_aside_and_made_anew_in_the_same_run(built, build, raw, rules, break_it):
    before = dates(built)
    break_it(built.warehouse / "build.duckdb")
    with open(raw / "outcomes.csv", "a", encoding="utf-8") as handle:
        handle.write("new,c18,won,2024-06-30 12:00:00,1\n")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 0, done.errors
    assert "is broken. It was renamed to build.duckdb.broken" in done.errors
    assert (done.warehouse / "build.duckdb.broken").exists()
    assert dates(done) == before
    assert build("--raw", str(raw), "--rules", str(rules)).code == 0


INSTALL = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from support import environment
folder = Path(sys.argv[2])
environment.PROJECT, environment.VENV, environment.LOCK = folder, folder / ".venv", folder / "requirements.lock"
def install(lock, stamp, wanted):
    # As venv and pip: clears, and takes a while.
    with open(folder / "installs", "a") as log:
        log.write("begins\\n")
    time.sleep(1)
    environment.venv_python().parent.mkdir(parents=True, exist_ok=True)
    environment.venv_python().touch()
    stamp.write_text(wanted)
    with open(folder / "installs", "a") as log:
        log.write("ends\\n")
environment._install = install
environment.os.execv = lambda *_: None
environment.enter()
"""


def test_of_two_first_runs_at_once_one_makes_the_environment_and_the_other_waits(tmp_path):
    (tmp_path / "requirements.lock").write_text("x", encoding="utf-8")
    runs = [subprocess.Popen([sys.executable, "-c", INSTALL, str(PROJECT / "scripts"), str(tmp_path)]) for _ in range(2)]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert (tmp_path / "installs").read_text() == "begins\nends\n"


# 6. Ctrl-C and SIGTERM


@pytest.mark.skipif(os.name == "nt", reason="signals as Unix sends them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_a_record(built, raw, rules, number):
    command = [sys.executable, str(PROJECT / "scripts" / "build.py"), "--warehouse", str(built.warehouse), "--raw", str(raw), "--rules", str(rules), "--full-refresh", "--change-raw"]
    log = built.warehouse / "logs" / "dbt.log"
    place = log.stat().st_size
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and " START sql" not in log.read_text(encoding="utf-8")[place:]:
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1, errors
    assert f"Interrupted by {number.name}; nothing was published. Run it again; nothing was lost." in errors
    record = (built.warehouse / "runs.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert '"outcome": "stopped"' in record and number.name in record


def test_plain_dbt_leaves_no_file_that_others_may_read_and_none_in_the_checkout(tmp_path):
    """With the usual umask; a database that an earlier version left readable becomes private too."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "warehouse").mkdir()
    duckdb.connect(str(tmp_path / "warehouse" / "build.duckdb")).close()
    os.chmod(tmp_path / "warehouse" / "build.duckdb", 0o644)
    before = {path.name for path in PROJECT.iterdir()}
    command = [str(Path(sys.executable).parent / "dbt"), "seed", "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    environment = {name: value for name, value in os.environ.items() if name != "DBT_SEND_ANONYMOUS_USAGE_STATS"} | {"HOME": str(home), "LEAD_SCORING_WAREHOUSE": str(tmp_path / "warehouse")}
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, umask=0o022, check=False)
    assert run.returncode == 0, run.stdout
    files = list((tmp_path / "warehouse").rglob("*"))
    assert {str(path.relative_to(tmp_path / "warehouse")) for path in files} == {"build.duckdb", "next", "next/lead_scores.duckdb"}
    assert {oct(path.stat().st_mode & 0o077) for path in files} == {"0o0"}
    assert {path.name for path in PROJECT.iterdir()} == before
    assert not list(home.rglob(".user.yml"))
