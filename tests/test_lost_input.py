"""Law 10: no build replaces the scores of one set of raw tables by those of another, or of a shrunken one, unless it was told to."""

import csv
import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, PROJECT
from tests.test_crashes import differences

RULES = ["--rules", str(HAND_COMPUTED / "rules")]
DAYS = ["2024-06-28", "2024-06-29", "2024-06-30"]
SCORES = "select as_of_date, model_id, contact_id, status, score, band from lead_score_history order by all"


def write(file: Path, columns: list[str], rows: list[tuple]) -> None:
    with open(file, "w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([columns, *rows])


def keep_rows(file: Path, keep) -> None:
    """Keep the rows of a csv file for which keep(row) holds."""
    with open(file, encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = [row for row in reader if keep(row)]
    write(file, reader.fieldnames, [tuple(row.values()) for row in rows])


def land(raw: Path) -> Path:
    """Sixty contacts with an event each on each of forty days, an identity and an outcome: every table loses rows that count."""
    raw.mkdir(exist_ok=True)
    contacts = [f"c{number:02d}" for number in range(60)]
    days = [date(2024, 5, 22) + timedelta(number) for number in range(40)]
    write(raw / "contacts.csv", ["contact_id", "created_at", "updated_at", "email", "account_id", "country", "segment"], [(c, f"{days[number % 20]} 08:00:00", "", "", "", "PL", "B2B") for number, c in enumerate(contacts)])
    columns = ["event_id", "contact_id", "anonymous_id", "event_type", "occurred_at", "received_at", "channel", "campaign", "page_url", "object_id", "duration_seconds", "value"]
    write(raw / "events.csv", columns, [(f"{c}-{day}", c, "", "consultant_contact" if (c, day) == ("c00", days[-1]) else "email_opened", f"{day} 09:00:00", f"{day} 09:00:01", "", "", "", "", "", "") for day in days for c in contacts])
    write(raw / "identities.csv", ["anonymous_id", "contact_id", "identified_at"], [(f"v{c}", c, f"{days[number % 20]} 10:00:00") for number, c in enumerate(contacts)])
    write(raw / "outcomes.csv", ["outcome_id", "contact_id", "outcome", "occurred_at", "value"], [(f"o{c}", c, "won", f"{days[20 + number % 20]} 10:00:00", "5") for number, c in enumerate(contacts)])
    return raw


@pytest.fixture(scope="module")
def three_days(tmp_path_factory):
    """Three daily builds of such tables, and what the first of them left."""
    from tests.conftest import run_build

    folder = tmp_path_factory.mktemp("three_days")
    land(folder / "raw")
    for day in DAYS:
        built = run_build(folder / "warehouse", "--raw", str(folder / "raw"), *RULES, "--as-of", day, tests=False, guards=True)
        assert built.code == 0, built.errors
        if day == DAYS[0]:
            shutil.copytree(folder / "warehouse", folder / "first_day", symlinks=True)
    return folder


def left_by(builds: Path, tmp_path: Path, build):
    """A copy of a warehouse of `three_days`, to change and build again: (the raw folder, a function that builds with the guards and data tests)."""
    shutil.copytree(builds, tmp_path / "warehouse", symlinks=True)
    raw = Path(shutil.copytree(builds.parent / "raw", tmp_path / "raw"))
    # The copy is at another place than the tables that it was built from.
    (tmp_path / "warehouse" / "remembered.json").write_text(json.dumps({"raw": str(raw), "rules": str(HAND_COMPUTED / "rules")}))
    return raw, lambda *options, tests=True: build(*options, tests=tests, guards=True)


@pytest.fixture
def fed(three_days, tmp_path, build):
    """What the three builds left (left_by)."""
    return left_by(three_days / "warehouse", tmp_path, build)


def published(warehouse: Path) -> list[tuple]:
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        return connection.execute(SCORES).fetchall()


LOSSES = {
    "an empty file of events": ("events", lambda row: False, "2,400 of 2,400 rows are gone (0 now): 40 days from 2024-05-22 to 2024-06-30"),
    "days in the middle": ("events", lambda row: row["received_at"][:10] not in ("2024-06-10", "2024-06-11"), "120 of 2,400 rows are gone (2,280 now): 2024-06-10 (60 rows, now 0), 2024-06-11 (60 rows, now 0)"),
    "the file of the day before": ("events", lambda row: row["received_at"] < "2024-06-30", "60 of 2,400 rows are gone (2,340 now): 2024-06-30 (60 rows, now 0)"),
    "a tenth of each day": ("events", lambda row: row["contact_id"][2] != "7", "240 of 2,400 rows are gone"),
    "half the contacts": ("contacts", lambda row: int(row["contact_id"][1:]) % 2, "30 of 60 rows are gone (30 now)"),
    "an empty file of contacts": ("contacts", lambda row: False, "60 of 60 rows are gone (0 now)"),
    "an empty file of identities": ("identities", lambda row: False, "60 of 60 rows are gone (0 now)"),
    "outcomes of a week": ("outcomes", lambda row: row["occurred_at"] < "2024-06-24", "21 of 60 rows are gone (39 now)"),
}


def test_law_10_a_feed_that_lost_its_rows_publishes_nothing_and_the_repaired_feed_is_as_before(fed, tmp_path):
    raw, build = fed
    before = published(tmp_path / "warehouse")
    for loss, (table, keep, said) in LOSSES.items():
        whole = (raw / f"{table}.csv").read_text()
        keep_rows(raw / f"{table}.csv", keep)
        broken = build()
        assert broken.code == 1, (loss, broken.output)
        assert f"raw.{table}: {said}" in broken.errors and "--allow-lost-rows" in broken.errors, (loss, broken.errors)
        assert broken.errors.count("rows are gone") == 1, (loss, broken.errors)
        assert published(tmp_path / "warehouse") == before, loss
        (raw / f"{table}.csv").write_text(whole)
    # What all these builds left unpublished changes nothing.
    assert build().code == 0
    assert published(tmp_path / "warehouse") == before


def test_law_10_contacts_whose_ids_are_written_otherwise_are_not_other_leads(fed, tmp_path):
    """As by a tool that reads ids as floating-point numbers: 1.0 for 1. As many rows are there on each day, and all would be deleted in the CRM."""
    raw, build = fed
    whole = shutil.copytree(raw, tmp_path / "whole")

    def rewritten(number):
        """As many contacts have their ids written otherwise, in all tables."""
        with open(whole / "contacts.csv", encoding="utf-8", newline="") as handle:
            others = {row["contact_id"] for row in list(csv.DictReader(handle))[:number]}
        for table in ("contacts", "events", "identities", "outcomes"):
            with open(whole / f"{table}.csv", encoding="utf-8", newline="") as handle:
                reader = csv.DictReader(handle)
                rows = [tuple((row | ({"contact_id": f"{row['contact_id']}.0"} if row["contact_id"] in others else {})).values()) for row in reader]
            write(raw / f"{table}.csv", reader.fieldnames, rows)

    before = published(tmp_path / "warehouse")
    # 5 % of 60 are 3.
    for number in (60, 4):
        rewritten(number)
        broken = build()
        assert broken.code == 1, broken.output
        assert f"raw.contacts: {number} of 60 contacts of the last published build are in no row now. If their ids are written otherwise than before, such as 1.0 for 1" in broken.errors, broken.errors
        assert published(tmp_path / "warehouse") == before
    rewritten(3)
    assert build().code == 0
    rewritten(60)
    assert build("--allow-lost-rows").code == 0
    assert build("--as-of", "2024-06-30").code == 0


def test_a_loss_that_is_allowed_is_published_and_noted(fed):
    raw, build = fed
    keep_rows(raw / "events.csv", lambda row: row["received_at"][:10] != "2024-06-10")
    told = build("--allow-lost-rows")
    assert told.code == 0, told.errors
    assert told.rows("select message from scoring_runs where outcome = 'published' and message is not null") == [("raw.events: 60 of 2,400 rows are gone (2,340 now)",)]
    assert "Warning raw.events: 60 of 2,400 rows are gone" in told.output.replace("\n", " ")
    # It is known now.
    assert build("--as-of", "2024-06-30").code == 0


def test_a_loss_that_was_allowed_but_not_published_is_refused_by_the_next_build(fed):
    raw, build = fed
    keep_rows(raw / "events.csv", lambda row: row["received_at"][:10] != "2024-06-10")
    with open(raw / "events.csv", "a") as handle:
        handle.writelines(f"bad{number},,,,,2024-06-30 09:00:00,,,,,,\n" for number in range(1000))
    assert build("--allow-lost-rows").code == 1  # Too many rows are rejected.
    keep_rows(raw / "events.csv", lambda row: row["event_type"])
    assert "60 of 2,400 rows are gone" in build().errors


def test_a_few_rows_that_go_are_told_and_built(fed):
    raw, build = fed
    keep_rows(raw / "events.csv", lambda row: row["event_id"] != "c07-2024-06-10")
    done = build()
    assert done.code == 0, done.errors
    assert "raw.events: 1 of 2,400 rows are gone" in done.output


def test_the_share_that_may_go_is_a_setting(fed):
    raw, build = fed
    keep_rows(raw / "events.csv", lambda row: row["event_id"] != "c07-2024-06-10")
    assert build("--max-lost-percent", "0").code == 1
    assert build("--max-lost-percent", "0.1").code == 0


def test_people_who_are_erased_are_no_loss(fed):
    """A tenth of the contacts is erased, in the source and by request."""
    raw, build = fed
    gone = {f"c{number:02d}" for number in range(0, 60, 10)}
    for table in ("contacts", "events", "identities", "outcomes"):
        keep_rows(raw / f"{table}.csv", lambda row: row["contact_id"] not in gone)
    write(raw / "erasures.csv", ["contact_id", "requested_at"], [(contact, "2024-06-30 08:00:00") for contact in sorted(gone)])
    # Outcomes and identities are told by number, not by person.
    done = build("--max-lost-percent", "10")
    assert done.code == 0, done.errors
    assert not [line for line in done.output.splitlines() if "rows are gone" in line and ("raw.events" in line or "raw.contacts" in line)]


def test_what_a_source_keeps_no_longer_is_no_loss(fed):
    raw, build = fed
    for table, time in (("events", "received_at"), ("identities", "identified_at"), ("outcomes", "occurred_at")):
        keep_rows(raw / f"{table}.csv", lambda row, table=table, time=time: row[time] >= "2024-06-10" or table != "events")
    assert build().code == 1
    done = build("--raw-keeps-days", "20")
    assert done.code == 0, done.errors


def test_plain_dbt_stops_before_anything_kept_is_touched(fed, tmp_path):
    raw, _build = fed
    keep_rows(raw / "events.csv", lambda row: False)
    environment = os.environ | {
        "LEAD_SCORING_WAREHOUSE": str(tmp_path / "warehouse"),
        **{f"LEAD_SCORING_RAW_{table.upper()}": f"read_csv('{raw / table}.csv', all_varchar = true)" for table in ("contacts", "events", "identities", "outcomes")},
    }

    def kept() -> list[list[tuple]]:
        """The kept tables of both files; those of the marts in the next file where there is one, else in the published one."""
        warehouse = tmp_path / "warehouse"
        marts = warehouse / "next" / "lead_scores.duckdb"
        with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
            connection.execute(f"attach '{marts if marts.exists() else warehouse / 'lead_scores.duckdb'}' as marts (read_only)")
            # int_received_events follows the raw tables, also there and back; nothing that scores rest on does.
            tables = ["main_intermediate.int_signal_days", "main_intermediate.int_rule_history"]
            tables += [f"marts.{table}" for table in ("lead_score_history", "lead_score_changes", "scored_dates", "rules_versions", "raw_table_days")]
            return [sorted(connection.execute(f"from {table}").fetchall(), key=str) for table in tables]

    before, published_bytes = kept(), (tmp_path / "warehouse" / "lead_scores.duckdb").read_bytes()
    assert all(before)
    command = [str(Path(sys.executable).parent / "dbt"), "build", "--exclude-resource-type", "unit_test", "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "law_10_raw_tables_have_not_lost_their_rows" in run.stdout
    assert kept() == before
    assert (tmp_path / "warehouse" / "lead_scores.duckdb").read_bytes() == published_bytes
    with duckdb.connect(str(tmp_path / "warehouse" / "build.duckdb"), read_only=True) as connection:
        # The runs of build.py are recorded by build.py alone.
        logged = connection.execute("select outcome, exit_code, message, seconds > 0 from main_intermediate.run_log").fetchall()
    assert logged == [("failed", 1, "law_10_raw_tables_have_not_lost_their_rows: fail", True)]


def test_law_10_a_warehouse_remembers_its_raw_tables_and_rules(fed, tmp_path):
    """Without --raw and --rules the sample would take the place of what is published."""
    _raw, build = fed
    before = published(tmp_path / "warehouse")
    again = build("--as-of", "2024-06-30")
    assert again.code == 0, again.errors
    assert published(tmp_path / "warehouse") == before
    # Who has edited other rules since sees why they change nothing.
    told = f"Rules {HAND_COMPUTED / 'rules'}, as in the last build; --rules DIR names others\n"
    assert told in again.output and told not in build(*RULES, "--as-of", "2024-06-30").output


def test_another_folder_of_raw_tables_is_refused_unless_it_is_asked_for(fed, tmp_path):
    raw, build = fed
    before = published(tmp_path / "warehouse")
    other = Path(shutil.copytree(HAND_COMPUTED / "raw", tmp_path / "other"))
    refused = build("--raw", str(other))
    assert refused.code == 2
    assert str(raw) in refused.errors and str(other) in refused.errors and "--change-raw" in refused.errors
    assert published(tmp_path / "warehouse") == before
    done = build("--raw", str(other), "--change-raw")
    assert done.code == 0, done.errors
    assert build("--as-of", "2024-06-30").code == 0
    assert build("--raw", str(raw)).code == 2


def test_a_published_warehouse_that_does_not_say_what_it_was_built_from_asks_for_it(fed, tmp_path):
    raw, build = fed
    (tmp_path / "warehouse" / "remembered.json").unlink()
    asked = build()
    assert asked.code == 2 and "--raw DIR" in asked.errors
    assert build("--raw", str(raw), "--rules", str(HAND_COMPUTED / "rules")).code == 0


def test_a_raw_file_that_is_replaced_while_a_build_reads_it_publishes_nothing(fed, tmp_path):
    """A new export of contacts.csv, renamed into place as contacts' attributes are about to be read."""
    from tests.conftest import run_build

    raw, build = fed
    before = published(tmp_path / "warehouse")
    new = tmp_path / "contacts.csv"
    new.write_text((raw / "contacts.csv").read_text().replace("PL", "DE"))
    with open(raw / "events.csv", "a") as handle:
        handle.write("late,c07,,email_opened,2024-06-30 10:00:00,2024-06-30 10:00:00,,,,,,\n")
    mixed = run_build(tmp_path / "warehouse", stop=["stg_contact_attributes", str(new), str(raw / "contacts.csv")], guards=True)
    assert mixed.code == 1, mixed.output
    assert "contacts.csv changed during the build" in mixed.errors
    assert published(tmp_path / "warehouse") == before
    assert build().code == 0


def test_another_file_of_the_raw_folder_may_change_while_a_build_runs(fed, tmp_path):
    """An export that is being written beside the raw tables, under another name."""
    from tests.conftest import run_build

    raw, _build = fed
    new = tmp_path / "notes"
    new.write_text("half an export")
    with open(raw / "events.csv", "a") as handle:
        handle.write("late,c07,,email_opened,2024-06-30 10:00:00,2024-06-30 10:00:00,,,,,,\n")
    done = run_build(tmp_path / "warehouse", stop=["stg_contact_attributes", str(new), str(raw / "events.csv.part")], guards=True)
    assert done.code == 0, done.errors
    assert (raw / "events.csv.part").exists()


def test_dates_that_retention_drops_in_a_build_that_fails_stay(fed, tmp_path):
    """It has dropped them from what comes next, which is thrown away."""
    raw, build = fed
    before, feed = published(tmp_path / "warehouse"), (raw / "events.csv").read_text()
    with open(raw / "events.csv", "a") as handle:
        handle.writelines(f"bad{number},,,,,2024-06-30 09:00:00,,,,,,\n" for number in range(1000))
    failed = build("--keep-history-days", "0", "--drop-history")
    assert failed.code == 1, failed.output
    with duckdb.connect(str(tmp_path / "warehouse" / "next" / "lead_scores.duckdb"), read_only=True) as connection:
        assert connection.execute("select distinct as_of_date::varchar from scored_dates").fetchall() == [(DAYS[2],)]
    assert published(tmp_path / "warehouse") == before
    (raw / "events.csv").write_text(feed)
    done = build("--as-of", DAYS[2])
    assert done.code == 0, done.errors
    assert published(tmp_path / "warehouse") == before
    # Without a failure they go.
    dropped = build("--keep-history-days", "0", "--drop-history")
    assert dropped.code == 0, dropped.errors
    assert {str(row[0]) for row in published(tmp_path / "warehouse")} == {DAYS[2]}


def correct(raw: Path) -> None:
    """Rows that came on all days, changed in place: every tenth event is another, and every other contact lives elsewhere."""
    events = (raw / "events.csv").read_text().splitlines(keepends=True)
    (raw / "events.csv").write_text("".join(line.replace("email_opened", "demo_request") if number % 10 == 3 else line for number, line in enumerate(events)))
    contacts = (raw / "contacts.csv").read_text().splitlines(keepends=True)
    (raw / "contacts.csv").write_text("".join(line.replace("PL", "DE") if number % 2 else line for number, line in enumerate(contacts)))


@pytest.mark.parametrize("since", ["nothing", "rows changed in place"])
def test_an_older_build_file_that_is_put_back_changes_nothing(since, three_days, tmp_path, build):
    """Its kept parts are compared with the raw tables of now, and the history stands in the published file."""
    if since == "nothing":
        _raw, build = left_by(three_days / "warehouse", tmp_path, build)
    else:
        raw, build = left_by(three_days / "first_day", tmp_path, build)
        correct(raw)
        for day in DAYS[1:]:
            assert build("--as-of", day, tests=False).code == 0
    before = published(tmp_path / "warehouse")
    shutil.copy(tmp_path / "warehouse" / "lead_scores.duckdb", tmp_path / "before.duckdb")
    shutil.copy(three_days / "first_day" / "build.duckdb", tmp_path / "warehouse" / "build.duckdb")
    # Not the options of the build before: with those there would be nothing new.
    done = build("--as-of", f"{DAYS[1]}..{DAYS[2]}")
    assert done.code == 0, done.errors
    assert done.rows("select outcome from scoring_runs order by finished_at desc limit 1") == [("published",)]
    assert published(tmp_path / "warehouse") == before
    assert differences(done.published, tmp_path / "before.duckdb") == []


def test_an_older_published_file_that_is_put_back_is_the_history_from_then_on(three_days, fed, tmp_path):
    """As from a backup: dates that were published since are gone until they are asked for, and build.duckdb, which is newer, takes none away."""
    _raw, build = fed
    first, whole = published(three_days / "first_day"), published(tmp_path / "warehouse")
    shutil.copy(tmp_path / "warehouse" / "lead_scores.duckdb", tmp_path / "before.duckdb")
    (tmp_path / "warehouse" / "lead_scores.duckdb").unlink()
    shutil.copy(three_days / "first_day" / "lead_scores.duckdb", tmp_path / "warehouse" / "lead_scores.duckdb")
    done = build("--as-of", DAYS[2])
    assert done.code == 0, done.errors
    assert published(tmp_path / "warehouse") == [row for row in whole if str(row[0]) != DAYS[1]]
    assert [row for row in published(tmp_path / "warehouse") if str(row[0]) == DAYS[0]] == first
    asked = build("--as-of", f"{DAYS[1]}..{DAYS[2]}")
    assert asked.code == 0, asked.errors
    assert differences(asked.published, tmp_path / "before.duckdb") == []


@pytest.mark.parametrize("since", ["nothing", "rows changed in place"])
def test_a_lost_build_file_is_made_anew_and_the_history_comes_from_the_published_file(since, fed, tmp_path):
    """It equals what a build that kept its file publishes."""
    from tests.conftest import run_build

    raw, build = fed
    shutil.copytree(tmp_path / "warehouse", tmp_path / "kept", symlinks=True)
    (tmp_path / "warehouse" / "build.duckdb").unlink()
    if since == "rows changed in place":
        correct(raw)
    before = published(tmp_path / "warehouse")
    kept = run_build(tmp_path / "kept", "--as-of", "2024-07-01", tests=False, guards=True)
    assert kept.code == 0, kept.errors
    done = build("--as-of", "2024-07-01")
    assert done.code == 0, done.errors
    assert [row for row in published(tmp_path / "warehouse") if str(row[0]) in DAYS] == before
    # What rules gave on past dates is lost with the file, and so what is told of its drift, until --evaluate scores them.
    lost = ("rule_performance", "score_drift", "evaluation_findings")
    assert [text for text in differences(done.published, kept.published) if not text.startswith(lost)] == []


def test_a_new_build_file_knows_what_was_published(fed, tmp_path):
    raw, build = fed
    (tmp_path / "warehouse" / "build.duckdb").unlink()
    keep_rows(raw / "events.csv", lambda row: False)
    assert "2,400 of 2,400 rows are gone" in build().errors


def test_a_copy_of_a_warehouse_without_its_links_is_refused_and_loses_nothing(fed, tmp_path):
    """As by rsync without -l. A build would begin a new history, and remove the old file a minute later."""
    _raw, build = fed
    before, link = published(tmp_path / "warehouse"), tmp_path / "warehouse" / "lead_scores.duckdb"
    target = os.readlink(link)
    for folder in (tmp_path / "warehouse" / "published").iterdir():
        os.utime(folder, (1, 1))
    for is_left_dangling in (False, True):
        if is_left_dangling:
            os.rename(tmp_path / "warehouse" / target, tmp_path / "elsewhere")
            link.symlink_to(target)
        else:
            link.unlink()
        refused = build("--as-of", DAYS[2])
        assert refused.code == 2 and "the history" in refused.errors and "restore" in refused.errors, refused.errors
    os.rename(tmp_path / "elsewhere", tmp_path / "warehouse" / target)
    assert build("--as-of", DAYS[2]).code == 0
    assert published(tmp_path / "warehouse") == before


def test_a_next_file_that_another_process_replaces_is_not_published(fed, tmp_path):
    """As a scheduler that begins a build of its own meanwhile."""
    from tests.conftest import run_build

    raw, build = fed
    before = published(tmp_path / "warehouse")
    shutil.copy(tmp_path / "warehouse" / "lead_scores.duckdb", tmp_path / "other.duckdb")
    with open(raw / "events.csv", "a") as handle:
        handle.write("late,c07,,consultant_contact,2024-06-30 10:00:00,2024-06-30 10:00:00,,,,,,\n")
    place = tmp_path / "warehouse" / "next" / "lead_scores.duckdb"
    replaced = run_build(tmp_path / "warehouse", stop=["int_known_days", str(tmp_path / "other.duckdb"), str(place)], guards=True, tests=False)
    assert replaced.code == 1 and "another process has begun a build" in replaced.errors, replaced.errors
    assert published(tmp_path / "warehouse") == before
    assert build().code == 0
    assert published(tmp_path / "warehouse") != before


def test_a_selection_after_a_publication_that_failed_is_refused(fed, tmp_path):
    """The published file is of the build before, build.duckdb of the one that failed."""
    from tests.conftest import run_build

    raw, build = fed
    assert run_build(tmp_path / "warehouse", stop="publish", guards=True, tests=False).code == -9
    refused = build("--select", "call_list")
    assert refused.code == 2 and "since the last complete build" in refused.errors
    write(raw / "erasures.csv", ["contact_id", "requested_at"], [("c07", "2024-06-30 08:00:00")])
    assert build("--max-lost-percent", "10").code == 0
    refused = build("--max-lost-percent", "10", "--select", "call_list")
    assert refused.code == 2 and "raw.erasures has rows" in refused.errors, refused.errors


def test_people_who_are_erased_while_the_source_still_has_them_are_no_loss_and_excuse_none_later(fed):
    """A fifth of the contacts; later a tenth of the others is lost."""
    raw, build = fed
    write(raw / "erasures.csv", ["contact_id", "requested_at"], [(f"c{number:02d}", "2024-06-30 08:00:00") for number in range(0, 60, 5)])
    done = build()
    assert done.code == 0, done.errors
    assert "rows are gone" not in done.output
    keep_rows(raw / "contacts.csv", lambda row: row["contact_id"] not in ("c01", "c02", "c03", "c04", "c06"))
    refused = build()
    assert refused.code == 1 and "raw.contacts: 5 of 48 rows are gone (43 now)" in refused.errors, refused.errors


def test_an_erasure_deletes_what_scripts_that_were_killed_left(fed, tmp_path):
    raw, build = fed
    for name in ("calibrate", "preview/published", "explain/copies"):
        (tmp_path / "warehouse" / name).mkdir(parents=True)
        (tmp_path / "warehouse" / name / "rows.parquet").write_text("c07")
    (tmp_path / "warehouse" / "build.duckdb.broken").write_text("c07")
    write(raw / "erasures.csv", ["contact_id", "requested_at"], [("c07", "2024-06-30 08:00:00")])
    assert build(tests=False).code == 0
    assert not (tmp_path / "warehouse" / "build.duckdb.broken").exists()
    assert [path.name for name in ("calibrate", "preview", "explain") for path in (tmp_path / "warehouse" / name).rglob("*") if path.name != ".lock"] == []
