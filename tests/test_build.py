"""build.py as its users meet it: the summary, the options, the published file, plain dbt, wrong input."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, PROJECT, run_build


def test_the_summary_tells_what_a_person_wants_to_know(sample_build):
    assert sample_build.code == 0, sample_build.errors
    text = sample_build.output
    assert "Lead scores as of 2017-12-31" in text
    assert "2,469 contacts, 164,539 events, 34 rules in 1 model" in text
    assert "Call list of retail_coupons, the first ten" in text
    for band in ("hot", "warm", "cold", "neglected"):
        assert band in text
    assert "█" in text
    assert str(sample_build.published) in text
    best = sample_build.rows("select contact_id, reason_1 from call_list where place = 1")
    assert best[0][0] in text
    assert best[0][1].startswith("+")


def test_the_query_of_the_summary_runs(sample_build):
    lines = sample_build.output.splitlines()
    command = lines[next(number for number, line in enumerate(lines) if line.startswith("Try it")) + 1].strip()
    done = subprocess.run(command, cwd=PROJECT, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "reason_1" in done.stdout


def test_every_household_and_every_published_column_has_its_place(sample_build):
    assert sample_build.rows("select count(*), count(distinct contact_id), count(score) from lead_scores") == [(2469, 2469, 2469)]
    undescribed = sample_build.rows("select table_name, column_name from duckdb_columns() where not internal and comment is null")
    assert undescribed == []


def test_the_date_is_that_of_the_latest_event_unless_given(build):
    done = build()
    assert done.code == 0, done.errors
    # 86 baskets of the sample are after midnight UTC of the last day.
    assert done.rows("select distinct as_of_date::varchar from lead_scores") == [("2018-01-01",)]


def test_as_of_takes_dates_and_ranges_and_the_ledger_may_hold_them_all(build):
    done = build("--as-of", "2017-06-29..2017-07-01", "--as-of", "2017-06-24", "--ledger", "all", "--threads", "2")
    assert done.code == 0, done.errors
    assert done.rows("select distinct as_of_date::varchar from lead_scores") == [("2017-07-01",)]
    dates = done.rows("select distinct as_of_date::varchar from lead_score_contributions order by 1")
    assert dates == [("2017-06-24",), ("2017-06-29",), ("2017-06-30",), ("2017-07-01",)]
    # A change of seven days needs the score of seven days before, which is one of the dates.
    assert done.rows("select count(score_change_7d) > 2000 from lead_scores") == [(True,)]


def test_a_date_that_is_forgotten_leaves_every_table_and_the_next_latest_is_shown(built, build, raw, rules):
    dates = [row[0] for row in built.rows("select distinct as_of_date::varchar from scored_dates order by 1")]
    assert len(dates) > 2
    options = ["--raw", str(raw), "--rules", str(rules)]
    future = build(*options, "--as-of", "2199-12-31")
    assert future.code == 0, future.errors
    assert "the as-of date 2199-12-31 is in the future; --forget 2199-12-31 removes it from the history" in future.output
    assert future.rows("select distinct as_of_date::varchar from lead_scores") == [("2199-12-31",)]
    done = build(*options, "--as-of", dates[-1], "--forget", "2199-12-31")
    assert done.code == 0, done.errors
    assert done.rows("select distinct as_of_date::varchar from lead_scores") == [(dates[-1],)]
    for table in ("scored_dates", "lead_score_history", "lead_score_changes", "lead_score_contributions"):
        assert done.rows(f"select max(as_of_date)::varchar from {table}") == [(dates[-1],)]
    assert done.rows("select count(*) from main_intermediate.int_rule_history where as_of_date > '2024-12-31'", "build.duckdb") == [(0,)]


def test_a_selection_is_built_and_published_after_the_laws_were_tested(sample_build, build, tmp_path):
    published = shutil.copytree(sample_build.warehouse, tmp_path / "warehouse") / sample_build.published.name
    before = published.stat().st_mtime_ns
    done = build("--as-of", "2017-12-31", "--select", "lead_scores+", tests=True)
    assert done.code == 0, done.errors
    assert published.stat().st_mtime_ns > before
    for nodes, problem in {"lead_scorez": "names no model, seed or test", "foo:bar": "'foo' is not a valid method name"}.items():
        wrong = build("--as-of", "2017-12-31", "--select", nodes)
        assert (wrong.code, f"--select {nodes}: " in wrong.errors, problem in wrong.errors) == (2, True, True), wrong.errors
    # Another date in a part of the marts only would be a mixture.
    mixed = build("--as-of", "2017-11-30", "--select", "int_as_of_dates")
    assert mixed.code == 2, mixed.output
    assert "raw tables, rules or options changed since the last complete build" in mixed.errors


def test_a_law_that_is_broken_is_told_with_a_row_that_breaks_it(built, build):
    options = ["--raw", str(HAND_COMPUTED / "raw"), "--rules", str(HAND_COMPUTED / "rules"), "--ledger", "all"]
    # A build that does not make lead_scores anew takes it over from what is published.
    with duckdb.connect(str(built.published)) as connection:
        connection.execute("update lead_scores set score = score + 7 where contact_id = 'c03' and score is not null")
    before = built.published.read_bytes()
    dates = [option for date in (HAND_COMPUTED / "as_of.txt").read_text().strip().split(",") for option in ("--as-of", date)]
    done = build(*options, *dates, "--select", "law_1_published_contributions_add_up_to_the_published_score", tests=True)
    assert done.code == 1, done.output
    assert "law_1_published_contributions_add_up_to_the_published_score: Got " in done.errors
    assert "contact_id c03" in done.errors
    assert built.published.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--as-of", "yesterday"], "--as-of yesterday: must be a date such as 2017-12-31"),
        (["--raw", ""], "argument --raw: must name a folder"),
        (["--memory-limit", "200%"], "--memory-limit must be a size such as 8GB"),
        (["--memory-limit", "much"], "--memory-limit must be a size such as 8GB"),
        (["--as-of", "2017-02-30"], "--as-of 2017-02-30: must be a date"),
        (["--as-of", "2017-12-31..2017-01-01"], "must be FROM..TO, with FROM not after TO"),
        (["--raw", "nowhere"], "nowhere: is not a folder; --raw must be the folder with"),
        (["--as-of", "2017-01-01..2107-12-31"], "2017-01-01..2107-12-31: has 33,236 dates; a range may have at most 3,660"),
        (["--rules", "nowhere"], "nowhere: is not a folder; --rules must be the folder with"),
        (["--ledger", "some"], "invalid choice"),
        (["--threads", "0"], "--threads must be at least 1"),
        (["--colour"], "unrecognized arguments"),
        (["--select", "lead_scores"], "build without --select first"),
        (["--select", ""], "--select must name something"),
        (["--wait", "-1"], "--wait must be a number of seconds"),
        (["--as-of", "20171231"], "--as-of 20171231: must be a date"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_ends_with_2_and_a_message(options, message, build):
    done = build(*options)
    assert done.code == 2, done.output
    assert message in done.errors
    assert "Traceback" not in done.errors
    assert not done.published.exists()


def without_column(path, column):
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[0] = lines[0].replace(column, "other")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: (raw / "outcomes.csv").unlink(), "outcomes.parquet: is missing (or outcomes.csv, or a folder outcomes of parquet or csv files)"),
        (lambda raw: without_column(raw / "events.csv", "received_at"), "events.csv: row 1, column received_at: is missing"),
        (lambda raw: without_column(raw / "contacts.csv", "created_at"), "contacts.csv: row 1, column created_at: is missing"),
        (lambda raw: (raw / "identities.csv").write_text(""), "identities.csv: row 1: is empty; must be the header"),
        (lambda raw: (raw / "outcomes.csv").rename(raw / "outcomes.parquet"), "outcomes.parquet: cannot be read"),
        (lambda raw: (raw / "outcomes.parquet").mkdir(), "outcomes.parquet: duplicates outcomes.csv; keep one of them"),
    ],
    ids=["missing table", "missing column", "missing contact column", "empty file", "no parquet", "two files"],
)
def test_raw_tables_that_cannot_be_used_are_named_and_the_published_file_stays(damage, message, built, build, raw, rules):
    published = built.published.read_bytes()
    damage(raw)
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 2, done.output
    assert message in done.errors
    assert "Traceback" not in done.errors
    assert done.published.read_bytes() == published


def test_all_that_is_wrong_is_told_at_once(build, raw, rules):
    (raw / "outcomes.csv").unlink()
    (rules / "score_bands.csv").unlink()
    without_column(raw / "events.csv", "received_at")
    without_column(raw / "contacts.csv", "created_at")
    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", "soon")
    assert done.code == 2
    assert len([line for line in done.errors.splitlines() if ": is missing" in line]) == 4
    assert "--as-of soon: must be a date" in done.errors


def test_paths_with_spaces_quotes_braces_and_patterns_work(tmp_path, raw, rules):
    # A pattern finds the folder beside, whose tables are others.
    shutil.copytree(raw, tmp_path / "it's {odd} & spaced 1" / "raw")
    for path in (tmp_path / "it's {odd} & spaced 1" / "raw").iterdir():
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    folder = tmp_path / "it's {odd} & spaced [12]"
    folder.mkdir()
    raw.rename(folder / "raw")
    rules.rename(folder / "rules")
    done = run_build(folder / "warehouse", "--raw", str(folder / "raw"), "--rules", str(folder / "rules"))
    assert done.code == 0, done.errors
    assert done.rows("select count(*) > 20 from lead_scores where status = 'scored'") == [(True,)]


def test_names_of_columns_cells_and_models_are_only_names(build, tmp_path):
    """Column names that SQL or the project uses itself, cells that look like comments, models that look like markup."""
    raw, rules = tmp_path / "raw", tmp_path / "rules"
    raw.mkdir()
    rules.mkdir()
    names = ["source", "wide", "version_hash", "the_value", "value", "attribute", "order", "select", "cell"]
    contacts = ["contact_id,created_at,updated_at,email,account_id," + ",".join(names)]
    contacts += [f"#c{number},2024-01-01,,,," + ",".join(["x"] * len(names)) for number in range(3)]
    (raw / "contacts.csv").write_text("\n".join(contacts) + "\n")
    headers = {
        "events": "event_id,contact_id,anonymous_id,event_type,occurred_at,received_at,channel,campaign,page_url,object_id,duration_seconds,value",
        "identities": "anonymous_id,contact_id,identified_at",
        "outcomes": "outcome_id,contact_id,outcome,occurred_at,value",
    }
    for name, header in headers.items():
        (raw / f"{name}.csv").write_text(header + "\n")
    for path in (PROJECT / "seeds").glob("*.csv"):
        (rules / path.name).write_text(path.read_text().splitlines()[0] + "\n")
    with open(rules / "score_models.csv", "a") as handle:
        handle.write("[/red],active,,,,1,1,,,\n")
    with open(rules / "rule_groups.csv", "a") as handle:
        handle.write("[/red],fit,demographic,,,\n")
    with open(rules / "attribute_rules.csv", "a") as handle:
        for name in names:
            handle.write(f"r_{name},[/red],fit,{name},equals,x,,,,1,,,\n")
        handle.write("r_none,[/red],fit,no_such,is_missing,,,,,1,,,\n")
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 0, done.errors
    assert done.rows("select contact_id, score from lead_scores order by 1") == [(f"#c{number}", len(names) + 1) for number in range(3)]
    assert "raw.contacts has no column no_such; rules that test it see a missing value: r_none" in done.output


def test_ids_and_numbers_from_columns_of_floats_are_those_of_whole_numbers(build, raw, rules, tmp_path):
    """pandas turns a column of whole numbers with gaps into floats: 1.0 is the contact 1."""

    folder = tmp_path / "floats"
    folder.mkdir()
    with duckdb.connect() as connection:
        for name, query in {
            "contacts": "select 1 as contact_id, timestamp '2024-01-01' as created_at, null::timestamp as updated_at,"
            " null as email, 7.0::double as account_id, 'nan'::double as employees, null as segment",
            "events": "select 1 as event_id, 1.0::double as contact_id, null::varchar as anonymous_id, 'visit' as event_type,"
            " timestamptz '2024-06-01 12:00:00+02' as occurred_at, timestamp_ns '2024-06-01 10:00:00' as received_at, null as channel,"
            " null as campaign, null as page_url, 2.0::float as object_id, 3::integer as duration_seconds, 'nan'::double as value",
            "identities": "select 'a' as anonymous_id, 1 as contact_id, date '2024-01-01' as identified_at",
            "outcomes": "select 1 as outcome_id, 1 as contact_id, 'won' as outcome, date '2024-06-02' as occurred_at, 5 as value",
        }.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet'")
    done = build("--raw", str(folder), "--rules", str(rules))
    assert done.code == 0, done.errors
    events = done.rows("select contact_id, object_id, occurred_at::varchar, value from main_intermediate.int_events", "build.duckdb")
    assert events == [("1", "2", "2024-06-01 10:00:00", None)]
    assert done.rows("select contact_id, account_id from lead_scores limit 1") == [("1", "7")]
    attributes = done.rows("select value from main_staging.stg_contact_attributes where attribute = 'employees'", "build.duckdb")
    assert attributes == [(None,)]


def test_a_second_build_of_the_same_warehouse_is_told_who_holds_it(built, build, raw, rules):
    from support.warehouse import held

    with held(built.warehouse, 0):
        done = build("--raw", str(raw), "--rules", str(rules), "--json")
    assert done.code == 2
    record = json.loads(done.output)
    assert (record["exit_code"], record["message"] in done.errors) == (2, True)
    assert f"is being built by process {os.getpid()}" in done.errors


def test_a_run_with_nothing_new_leaves_what_is_published_but_for_its_record(sample_build):
    marts = [row[0] for row in sample_build.rows("select table_name from duckdb_tables() where table_name <> 'scoring_runs'")]
    before = {mart: sorted(map(str, sample_build.rows(f"from {mart}"))) for mart in marts}
    runs = sample_build.rows("select count(*) from scoring_runs")[0][0]
    wrong = run_build(sample_build.warehouse, "--as-of", "2017-12-32")
    assert wrong.code == 2
    again = run_build(sample_build.warehouse, "--as-of", "2017-12-31", "--json")
    assert again.code == 0, again.errors
    record = json.loads(again.output)
    assert (record["outcome"], record["as_of_date"], record["leads"]) == ("nothing new", "2017-12-31", 2469)
    assert "nothing new since the last published build" in again.errors
    assert "Building and testing" not in again.errors
    assert {mart: sorted(map(str, sample_build.rows(f"from {mart}"))) for mart in marts} == before
    assert sample_build.rows("select outcome from scoring_runs order by started_at")[runs:] == [("wrong input",), ("nothing new",)]
    assert sample_build.rows("select count(*) from duckdb_columns() where not internal and comment is null") == [(0,)]
    # And the next is told the same.
    assert "nothing new since the last published build" in run_build(sample_build.warehouse, "--as-of", "2017-12-31").output


def test_what_is_published_is_not_taken_for_new_when_anything_was_changed(tmp_path):
    from support import inputs, warehouse

    raw, rules = tmp_path / "raw", tmp_path / "rules"
    for file in (raw / "events.csv", rules / "event_rules.csv", tmp_path / warehouse.PUBLISHED, tmp_path / "build.duckdb"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("1")
    first = inputs.fingerprint(raw, rules, {"as_of": ""})
    assert not warehouse.is_published_from(tmp_path, first)
    warehouse.remember_published_from(tmp_path, first)
    # Not while a build has begun and not ended: its tables are no longer those of what is published.
    assert not warehouse.is_published_from(tmp_path, first)
    warehouse.note(tmp_path, warehouse.BUILT_FROM, first)
    assert warehouse.is_published_from(tmp_path, inputs.fingerprint(raw, rules, {"as_of": ""}))
    assert not warehouse.is_published_from(tmp_path, inputs.fingerprint(raw, rules, {"as_of": "2024-06-30"}))
    (rules / "event_rules.csv").write_text("2")
    assert not warehouse.is_published_from(tmp_path, inputs.fingerprint(raw, rules, {"as_of": ""}))
    (rules / "event_rules.csv").write_text("1")
    os.utime(raw / "events.csv", ns=(1, 1))
    assert not warehouse.is_published_from(tmp_path, inputs.fingerprint(raw, rules, {"as_of": ""}))
    # Another published file, or none, or no build: nothing to stand on.
    for name in (warehouse.PUBLISHED, "build.duckdb"):
        (tmp_path / name).rename(tmp_path / "away")
        assert not warehouse.is_published_from(tmp_path, first)
        (tmp_path / name).write_text("1")
        assert not warehouse.is_published_from(tmp_path, first)
        (tmp_path / "away").replace(tmp_path / name)
        assert warehouse.is_published_from(tmp_path, first)
    (tmp_path / "build.duckdb").unlink()
    with warehouse.held(tmp_path, 0):
        assert warehouse.noted(tmp_path, warehouse.BUILT_FROM) is None


def test_a_refresh_makes_views_and_rules_anew_only_where_somebody_else_wrote_to_the_warehouse(built, build, raw, rules):
    def made(as_of):
        done = build("--raw", str(raw), "--rules", str(rules), "--as-of", as_of)
        assert done.code == 0, done.errors
        assert done.rows("select max(as_of_date) from lead_scores") == [(date.fromisoformat(as_of),)]
        log = max((done.warehouse / "logs").glob("run-*.jsonl"), key=os.path.getmtime)
        models = {model for line in log.read_text().splitlines() for model in json.loads(line).get("models", {})}
        assert {"int_received_events", "int_rule_points", "lead_scores"} <= models
        return {"int_rule_problems", "stg_events", "int_unique_events", "int_events"} & models

    assert len(made("2024-07-11")) == 4
    assert made("2024-07-12") == set()
    # Such as dbt run by hand, with other raw tables.
    with duckdb.connect(str(built.warehouse / "build.duckdb")) as connection:
        connection.execute("create or replace view main_intermediate.int_unique_events as from main_intermediate.int_received_events where false")
    assert len(made("2024-07-13")) == 4


def test_a_refresh_tests_every_law_reads_every_raw_table_and_leaves_the_tables_of_the_rules(built, build, raw, rules):
    laws = {file.stem for file in (PROJECT / "tests" / "laws").glob("*.sql")}
    views = {"stg_events", "stg_erasures", "stg_erased_visitors"}
    read = {file.stem for file in (PROJECT / "models" / "staging" / "raw").glob("*.sql")} - views
    for as_of, standing in (("2024-07-11", {"stg_event_rules", "int_rules"}), ("2024-07-12", set())):
        done = build("--raw", str(raw), "--rules", str(rules), "--as-of", as_of, tests=True)
        assert done.code == 0, done.errors
        phases = json.loads((done.warehouse / "timings.json").read_text())
        nodes = phases["Building and testing"]["nodes"].keys()
        assert laws <= nodes
        # Where rules stand as they were, no phase checks them.
        assert read <= (nodes | phases["Checking the rules"]["nodes"].keys() if standing else nodes)
        assert {"stg_event_rules", "int_rules"} & nodes == standing


def test_definitions_are_those_of_rules_settings_project_and_columns_but_not_of_rows_and_dates(tmp_path):
    from support import inputs

    def definitions(columns="1 as a", place="one", cell="1", settings={"as_of": "2024-06-30", "ledger": "latest"}, is_full_refresh=False):  # noqa: B006
        (tmp_path / "event_rules.csv").write_text(cell)
        return inputs.definitions({"events": f"(select {columns}) as {place}"}, tmp_path, settings, is_full_refresh)

    assert definitions() == definitions() == definitions(settings={"as_of": "2024-07-01", "ledger": "latest"})
    others = [
        definitions(columns="1 as a, 2 as b"),
        definitions(columns="'1' as a"),
        definitions(place="other"),
        definitions(cell="2"),
        definitions(settings={"as_of": "2024-06-30", "ledger": "all"}),
        definitions(is_full_refresh=True),
    ]
    assert len({definitions(), *others}) == 7


def test_no_view_reads_the_as_of_dates_or_today():
    readers = set()
    for file in (PROJECT / "models").rglob("*.sql"):
        text = file.read_text(encoding="utf-8")
        # It would keep the dates of the build that made it. Intermediate models and marts are tables unless they say otherwise.
        settings = set(re.findall(r"setting\([\"'](\w+)[\"']\)", text))
        if settings & {"as_of", "run_date"}:
            readers.add(file.stem)
            assert {"intermediate", "marts"} & set(file.parts) and "materialized" not in text, file
        assert "as_of" not in settings or file.parent.name == "dates"
        # Every setting is read by the macro, and so is found here.
        assert "LEAD_SCORING_" not in text, file
    assert "int_asked_dates" in readers


@pytest.mark.parametrize(("threads", "code"), [("2", 0), ("1", 1)])
def test_what_has_no_room_side_by_side_is_built_one_at_a_time(threads, code, tmp_path, hand_computed_build):
    as_of = (HAND_COMPUTED / "as_of.txt").read_text().strip().split(",")[-1]
    options = ["--raw", str(HAND_COMPUTED / "raw"), "--rules", str(HAND_COMPUTED / "rules"), "--as-of", as_of, "--threads", threads]
    done = run_build(tmp_path / "warehouse", *options, tests=False, stop="memory")
    assert done.code == code, done.output + done.errors
    assert ("The rest one at a time" in done.output) == (code == 0)
    if code:
        assert "Out of Memory" in done.errors
    else:
        query = f"from lead_score_contributions where as_of_date = '{as_of}' order by all"
        assert done.rows(query) == hand_computed_build.rows(query) != []


def test_the_time_that_is_left_is_told_from_the_last_builds_timings(tmp_path):
    from support.warehouse import Timings

    first = Timings(tmp_path)
    assert first.left("Building")("a") == ""
    # Three models of 100, 60 and 40 seconds side by side took 120 seconds.
    first.keep("Building", 120, {"a": 100.0, "b": 60.0, "c": 40.0})
    first.keep("Checking", 9, {"a": 9.0})
    left = Timings(tmp_path).left("Building")
    assert [left("a"), left("new"), left("b")] == ["about 2:00 left  ", "about 1:00 left  ", "about 1:00 left  "]
    assert Timings(tmp_path).left("Checking")("a") == ""
    (tmp_path / "timings.json").write_text("{")
    assert Timings(tmp_path).left("Building")("a") == ""


def test_a_broken_or_foreign_build_file_is_set_aside(built, build, raw, rules):
    before = built.rows("from lead_score_history order by all")
    (built.warehouse / "build.duckdb").write_bytes(b"this is no database" * 1000)
    done = build("--raw", str(raw), "--rules", str(rules))
    assert done.code == 0, done.errors
    assert done.rows("from lead_score_history order by all") == before != []
    assert (built.warehouse / "build.duckdb.broken").read_bytes() == b"this is no database" * 1000


def test_the_published_file_opens_while_a_reader_holds_the_old_one(built, build, raw, rules):

    with duckdb.connect(str(built.published), read_only=True) as reader:
        second = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-07-01")
        assert second.code == 0, second.errors
        assert str(reader.execute("select max(as_of_date) from lead_scores").fetchone()[0]) == "2024-06-30"
    assert second.rows("select max(as_of_date)::varchar from lead_scores") == [("2024-07-01",)]


@pytest.mark.parametrize(
    "command",
    [
        ["build", "--select", "lead_scores+", "--exclude-resource-type", "unit_test"],
        ["build", "--empty", "--exclude-resource-type", "unit_test"],
        ["docs", "generate"],
        ["show", "--select", "lead_scores", "--limit", "3"],
        ["source", "freshness"],
    ],
    ids=" ".join,
)
def test_plain_dbt_commands_work(command, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "plain"
    environment = os.environ | {"LEAD_SCORING_WAREHOUSE": str(folder), "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder)}
    dbt = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]
    if not folder.exists():
        folder.mkdir()
        subprocess.run([*dbt, "build", "--exclude-resource-type", "unit_test", "test"], cwd=PROJECT, env=environment, check=True, capture_output=True)
    done = subprocess.run([*dbt, *command], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_second_run_does_not_install_again():
    done = subprocess.run(["python3", str(PROJECT / "scripts" / "build.py"), "--as-of", "never"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Setting up" not in done.stdout + done.stderr


def test_too_many_rejected_rows_fail_the_build_and_the_reason_that_grew_is_told(built, build, raw, rules):
    published = built.published.read_bytes()
    earlier = "from lead_score_history where as_of_date < '2024-06-30' order by all"
    before = built.rows(earlier)
    contacts = (raw / "contacts.csv").read_text(encoding="utf-8")
    (raw / "contacts.csv").write_text(contacts.replace("c01,", "x01,"), encoding="utf-8")
    with open(raw / "events.csv", "a", encoding="utf-8") as handle:
        for number in range(300):
            handle.write(f"broken{number},c1,,visit,yesterday,2024-06-20 10:00:00,,,,,,\n")
    folders = ["--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30"]
    done = build(*folders, tests=True)
    assert done.code == 1
    assert "raw.events: " in done.errors and "more than 25 %: occurred_at is not a valid timestamp: 30" in done.errors
    assert built.published.read_bytes() == published
    # What failed can be looked at, until the next run throws it away.
    assert done.rows("select count(*) from rejected_events where event_id like 'broken%'", "next/lead_scores.duckdb") == [(300,)]
    # Earlier dates keep the scores by the rules of then, and not by what the build that failed read.
    (raw / "contacts.csv").write_text(contacts, encoding="utf-8")
    groups = (rules / "rule_groups.csv").read_text(encoding="utf-8")
    (rules / "rule_groups.csv").write_text(groups.replace("core,site,behavioural,,25,", "core,site,behavioural,,24,"), encoding="utf-8")
    allowed = build(*folders, "--max-rejected-percent", "100", "--json", "--export-csv", str(raw.parent / "csv"), tests=True)
    assert allowed.code == 0, allowed.errors
    assert not list((allowed.warehouse / "next").iterdir())
    assert allowed.rows(earlier) == before
    assert allowed.rows("select count(*) from rejected_events where event_id like 'broken%' and occurred_at = 'yesterday'") == [(300,)]

    record = json.loads(allowed.output)
    assert (record["outcome"], record["exit_code"], record["as_of_date"], record["rows_rejected"] >= 300) == ("published", 0, "2024-06-30", True)
    runs = allowed.rows("select run_id, outcome, message from scoring_runs order by started_at")
    assert [outcome for _, outcome, _ in runs] == ["published", "failed", "published"]
    assert runs[-1][0] == record["run_id"] and "occurred_at is not a valid timestamp" in runs[1][2]
    steps = [json.loads(line)["event"] for line in next((allowed.warehouse / "logs").glob(f"run-*{record['run_id'][:8]}.jsonl")).open()]
    assert steps[0] == "started" and steps[-1] == "finished"

    # A reason begins with its sign, which a spreadsheet would take for a formula.
    with open(raw.parent / "csv" / "lead_scores.csv", encoding="utf-8", newline="") as handle:
        told = [row["reason_1"] for row in csv.DictReader(handle) if row["reason_1"]]
    assert told and all(reason[:2] in ("'+", "'-") for reason in told)


def test_the_files_of_the_warehouse_are_private(sample_build):
    private = [path for path in sample_build.warehouse.rglob("*") if path.is_file()]
    assert len(private) > 5
    assert [path for path in private if path.stat().st_mode & 0o077] == []
    assert sample_build.warehouse.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("late", [False, True], ids=["the same rows", "a row that came late"])
def test_the_history_comes_from_the_published_file_where_build_duckdb_is_lost(late, built, build, raw, rules):
    """The latest date is scored anew, by what is known; others stay, and the rows that came for them since are counted."""
    tables = "lead_score_history", "lead_score_changes", "scored_dates", "rules_versions"
    only = "where as_of_date < '2024-06-30'" if late else ""
    asked = [f"select {'* exclude (late_rows)' if table == 'scored_dates' else '*'} from {table} {only if table != 'rules_versions' else ''}" for table in tables]
    before = [sorted(map(str, built.rows(query))) for query in asked]
    (built.warehouse / "build.duckdb").unlink()
    if late:
        with open(raw / "events.csv", "a", encoding="utf-8") as handle:
            handle.write("late1,c03,,visit,2024-06-20 10:00:00,2024-06-20 10:00:00,,,,,,\n")
    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30")
    assert done.code == 0, done.errors
    assert [sorted(map(str, done.rows(query))) for query in asked] == before
    dates = built.rows("select as_of_date::varchar, late_rows from scored_dates group by all order by 1")
    assert dates == [("2024-06-23", int(late)), ("2024-06-29", int(late)), ("2024-06-30", 0)]
    # As a build from nothing scores it, but for what bands remember of the dates before.
    fresh = run_build(built.warehouse.parent / "fresh", "--raw", str(raw), "--rules", str(rules), *[option for one, _ in dates for option in ("--as-of", one)], tests=False)
    latest = "select model_id, contact_id, status, score, behavioural_score, demographic_score, rank_in_model, last_event_at from lead_scores order by all"
    assert done.rows(latest) == fresh.rows(latest) != []


def test_what_a_run_that_failed_has_made_is_not_gone_on_from(built, build, raw, rules):
    (built.warehouse / "next").mkdir(exist_ok=True)
    with duckdb.connect(str(built.warehouse / "next" / "lead_scores.duckdb")) as connection:
        connection.execute("create table lead_score_history as select date '2024-01-01' as as_of_date")
    before = built.rows("from lead_score_history where as_of_date < '2024-06-30' order by all")
    done = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30", "--full-refresh")
    assert done.code == 0, done.errors
    assert done.rows("from lead_score_history where as_of_date < '2024-06-30' order by all") == before
    assert not list((done.warehouse / "next").iterdir())


def test_a_raw_folder_is_remembered_by_the_path_that_was_given(tmp_path):
    """A link that leads to another folder each day is one raw folder."""
    from support import warehouse
    from support.endings import WrongInput

    for day in ("monday", "tuesday", "other"):
        (tmp_path / day).mkdir()
    current = tmp_path / "current"
    current.symlink_to("monday")
    warehouse.note(tmp_path, "remembered.json", warehouse.facts_of(current, tmp_path))
    current.unlink()
    current.symlink_to("tuesday")
    assert warehouse.raw_folder(tmp_path, None).resolve() == tmp_path / "tuesday"
    assert warehouse.raw_folder(tmp_path, current) == current
    with pytest.raises(WrongInput, match="--change-raw"):
        warehouse.raw_folder(tmp_path, tmp_path / "other")


def test_a_list_of_sources_moves_with_its_warehouse(tmp_path):
    """Also while the warehouse that it was copied from is still there."""
    from support import sources, warehouse

    (tmp_path / "export").mkdir()
    before, after = tmp_path / "before", tmp_path / "after"
    given = [f"hubspot={tmp_path / 'export'}"]
    warehouse_list = sources.folder_of(before, None, given, [])
    warehouse.note(before, "remembered.json", warehouse.facts_of(warehouse_list, tmp_path))
    shutil.copytree(before, after)
    for is_gone in (False, True):
        if is_gone:
            shutil.rmtree(before)
        assert warehouse.raw_folder(after, None) == after / warehouse_list.name
        assert warehouse.raw_folder(after, sources.folder_of(after, None, given, [])) == after / warehouse_list.name


def test_only_lists_of_sources_that_a_build_made_are_deleted(tmp_path):
    from support import warehouse

    for name, file in (("sources-0123abcd", "sources.csv"), ("sources-0123abce", "sources.csv"), ("sources-0123abcf", "contacts.csv"), ("sources-hubspot", "sources.csv")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).touch()
    warehouse.forget_sources(tmp_path, tmp_path / "sources-0123abce")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sources-0123abce", "sources-0123abcf", "sources-hubspot"]


def test_csv_files_have_columns_of_any_name_and_are_written_whole(tmp_path):
    from support import warehouse

    with duckdb.connect() as connection:
        connection.execute("create table call_list as select '=1+1' as \"account.industry\", 2 as \"the size\"")
        warehouse.write_csv(connection, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"call_list.csv": "account.industry,the size\n'=1+1,2\n"}


def test_raw_tables_of_the_environment_are_not_those_of_a_build(tmp_path, monkeypatch):
    """They would be parsed into the project that is kept for other warehouses."""
    from support import dbt_project

    with monkeypatch.context() as context:
        for table in ("ACCOUNTS", "MERGES", "CONTACT_ATTRIBUTES", "OVERRIDES", "ERASURES"):
            context.setenv(f"LEAD_SCORING_RAW_{table}", "another person's")
        dbt_project.Dbt(tmp_path, {"contacts": "contacts.csv"}, PROJECT / "seeds", {}, 1)
        assert not [name for name, value in os.environ.items() if value == "another person's"]


def test_a_build_whose_output_is_read_no_further_ends_as_if_it_were(tmp_path, raw, rules):
    command = [sys.executable, str(PROJECT / "scripts" / "build.py"), "--raw", str(raw), "--rules", str(rules), "--warehouse", str(tmp_path / "w"), "--no-report"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
    assert '"published"' in (tmp_path / "w" / "runs.jsonl").read_text()


def test_raw_tables_that_change_during_a_build_cost_what_it_read_and_no_points_of_other_dates(tmp_path):
    from support import warehouse

    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        connection.execute("create schema inside; use inside; create table int_signal_days as select 1; create view int_received_events as select 1")
        connection.execute("create table int_as_of_dates as select date '2024-06-30' as as_of_date")
        connection.execute("create table int_rule_history as select unnest([date '2024-06-23', '2024-06-30']) as as_of_date")
    warehouse.drop_what_was_read(tmp_path)
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        assert connection.execute("select table_name from information_schema.tables order by 1").fetchall() == [("int_as_of_dates",), ("int_rule_history",)]
        assert connection.execute("select cast(as_of_date as varchar) from inside.int_rule_history").fetchall() == [("2024-06-23",)]
