"""Postgres gives the same marts as DuckDB, after one build and after days of refreshes; publishing, roles and faults there."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import duckdb
import pytest

from support.environment import VENV
from tests.conftest import HAND_COMPUTED, PROJECT, run_build
from tests.engines import compare, server, tables
from tests.engines.equality import Equality
from tests.engines.texts import NUMBERS, TIMES, Dispatched

if os.environ.get("CI"):
    import psycopg2
else:
    psycopg2 = pytest.importorskip("psycopg2")

pytestmark = pytest.mark.skipif(server.programs() is None and not os.environ.get("CI"), reason="the programs of a Postgres server are not installed")


@pytest.fixture(scope="module")
def postgres():
    with server.started() as running:
        yield running


class Both:
    """A database and a warehouse that are built from the same raw tables and rules, in the folder of a test."""

    # One name for all tests: dbt parses the project anew for another.
    database = "scores"

    def __init__(self, postgres, folder: Path):
        self.postgres, self.folder = postgres, folder
        postgres.query(f"drop database if exists {self.database} with (force)", "postgres")
        postgres.query(f"create database {self.database}", "postgres")
        self.environment = postgres.environment | {"PGDATABASE": self.database}

    def query(self, text: str) -> list[tuple]:
        return self.postgres.query(text, self.database)

    def load(self, raw: Path) -> None:
        connection = self.postgres.connect(self.database)
        tables.load(raw, connection)
        connection.close()

    def build(self, *options: str, **how):
        """Build on Postgres."""
        return run_build(self.folder / "postgres", "--target", "postgres", *options, environment=self.environment, **({"tests": False} | how))

    def both(self, raw: Path, rules: Path, *options: str, tests: bool = False) -> list[str]:
        """Build on both engines. What differs."""
        self.load(raw)
        one = run_build(self.folder / "duckdb", "--raw", str(raw), "--rules", str(rules), *options, tests=False)
        other = self.build("--rules", str(rules), *options, tests=tests)
        assert (one.code, other.code) == (0, 0), one.errors + other.errors
        connection = self.postgres.connect(self.database)
        file = self.folder / "marts.duckdb"
        tables.marts(connection, file)
        connection.close()
        return compare.differences(self.folder / "duckdb" / "lead_scores.duckdb", file)


@pytest.fixture
def both(postgres, tmp_path):
    return Both(postgres, tmp_path)


class TestEquality(Equality):
    pass


# Reading text

@pytest.mark.parametrize("macro", ["read_timestamp", "read_date", "read_amount", "read_points", "read_factor", "read_whole"])
def test_text_is_read_as_on_duckdb(macro, published):
    """Except for times with the name of a zone or an empty fraction, `epoch`, hexadecimal numbers and exponents over 999 (docs/engines.md)."""
    texts = TIMES if macro in ("read_timestamp", "read_date") else NUMBERS
    query = "select number, cast({} as {}) as value from (values {}) as texts (number, x) order by number"
    rows = ", ".join(f"({number}, '{text}')" for number, text in enumerate(texts))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        wanted = connection.execute(query.format(Dispatched("duckdb").dispatch(macro)("x"), "varchar", rows)).fetchall()
    found = published.query(query.format(Dispatched("postgres").dispatch(macro)("x"), "text", rows))
    assert [(texts[number], value) for number, value in found] == [(texts[number], value) for number, value in wanted]


# Plain dbt


def test_plain_dbt_builds_and_tests_the_marts_in_place(postgres, tmp_path):
    """As docs/engines.md says, without the one shipped cell that dbt reads as missing."""
    both, project = Both(postgres, tmp_path), tmp_path / "project"
    both.load(PROJECT / "sample_data")
    for folder in ("analyses", "contract", "macros", "models", "seeds", "tests", "scripts"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for file in PROJECT.glob("*.yml"):
        shutil.copy(file, project)
    lists = project / "seeds" / "reference_lists.csv"
    lists.write_text(lists.read_text(encoding="utf-8").replace("test_names,null\n", ""), encoding="utf-8")
    settings = {"PGTZ": "UTC", "PGOPTIONS": "-c enable_nestloop=off -c jit=off", "LEAD_SCORING_AS_OF": "2017-12-31"}
    command = [VENV / "bin" / "dbt", "--quiet", "build", "--target", "postgres", "--threads", "1", "--profiles-dir", "."]
    done = subprocess.run(command, cwd=project, env=os.environ | both.environment | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert both.query("select count(*) from lead_scoring.lead_scores") == [(2469,)]


# Publishing, roles, faults


def dates_and_runs(connection) -> tuple[int, int]:
    """Scored dates and published runs, which one statement reads from one build."""
    cursor = connection.cursor()
    cursor.execute("select (select count(distinct as_of_date) from lead_scoring.lead_score_history), (select count(*) from lead_scoring.scoring_runs where outcome = 'published')")
    return cursor.fetchone()


class Published(Both):
    """The hand-computed set, built for a date."""

    database = "published"

    def __init__(self, postgres, folder: Path):
        super().__init__(postgres, folder)
        self.load(HAND_COMPUTED / "raw")
        self.query("create role bi login password 'bi'")
        self.options = ["--rules", str(HAND_COMPUTED / "rules"), "--threads", "2"]
        built = self.build(*self.options, "--as-of", "2024-06-29", "--reader", "bi")
        assert built.code == 0, built.errors
        self.first = built

    def connect(self, **other):
        return self.postgres.connect(self.database, **other)

    def refused(self, *options: str, **environment: str):
        """A run that ends with exit code 2: its errors."""
        found = run_build(self.folder / "other", "--target", "postgres", *self.options, *options, environment=self.environment | environment)
        assert found.code == 2, found.errors
        return found.errors


@pytest.fixture(scope="module")
def published(postgres, tmp_path_factory):
    return Published(postgres, tmp_path_factory.mktemp("published"))


def test_the_summary_has_the_call_list_and_names_schema_and_database(published):
    assert f"Published schema lead_scoring of database {published.database}" in published.first.output
    cursor = published.connect(user="bi", password="bi").cursor()
    cursor.execute("select model_id, contact_id, next_action from lead_scoring.call_list where place = 1")
    for model, contact, action in cursor.fetchall():
        called = published.first.output.split(f"Call list of {model}")[1].splitlines()[2]
        assert contact in called and action in called


def test_a_reader_role_sees_the_marts_alone(published):
    reader = published.connect(user="bi", password="bi")
    assert dates_and_runs(reader) == (1, 1)
    for table in ("lead_scoring_intermediate.int_leads", "lead_scoring_staging.stg_contacts", "raw.contacts"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            reader.cursor().execute(f"select * from {table}")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        reader.cursor().execute("delete from lead_scoring.lead_scores")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PGPORT": "1"}, "cannot be reached; start the server, or set PGHOST and PGPORT"),
        ({"PGPASSWORD": "wrong"}, "user builder is refused; set PGUSER and PGPASSWORD"),
        ({"PGDATABASE": "nowhere"}, "has no database nowhere; set PGDATABASE, or create it"),
        ({"PGUSER": "bi", "PGPASSWORD": "bi"}, "user bi may not create schemas: grant create on database"),
    ],
)
def test_without_server_database_or_rights_a_run_says_what_to_do(environment, message, published):
    assert message in published.refused(**environment)


def test_a_database_that_orders_text_otherwise_is_refused(postgres, published):
    postgres.query("create database other template template0 locale_provider icu icu_locale 'en' lc_collate 'C' lc_ctype 'C.UTF-8'", "postgres")
    assert "database other: must be of Postgres 15 or later, with the encoding UTF8, the collation C" in published.refused(PGDATABASE="other")


def test_wrong_raw_tables_roles_and_options_are_named_together(published):
    published.query("create schema wrong; create table wrong.contacts (contact_id text, created_at json, updated_at timestamp); create table wrong.events (event_id text)")
    errors = published.refused("--raw-schema", "wrong", "--reader", "nobody")
    assert "wrong.contacts: column created_at: is of type json; must be one of character, character varying, date, text, timestamp with" in errors
    assert "wrong.events: column event_type: is missing; the columns found are event_id" in errors
    assert "wrong.identities: is missing; columns: anonymous_id, contact_id, identified_at" in errors
    assert "--reader nobody: there is no such role; create role nobody" in errors
    assert "schema nothing: does not exist" in published.refused("--raw-schema", "nothing")
    assert "--export-csv does not work with --target postgres: use psql" in published.refused("--export-csv", "out")


def test_a_wrong_rule_is_named_by_file_row_and_column(published, rules):
    (rules / "score_models.csv").write_text((rules / "score_models.csv").read_text().replace("active", "aktive", 1))
    errors = published.refused("--rules", str(rules))
    assert "score_models.csv: row 2, column status: aktive: must be one of" in errors
    assert dates_and_runs(published.connect()) == (1, 1)


@pytest.mark.parametrize(
    ("damage", "messages"),
    [
        (
            "update raw.events set event_type = '' where event_id <> 'e001'",
            ["raw.events: ", " % of 196 rows are rejected, more than 25 %: event_type is missing: ", " rows (published: 1)", "lead_scoring_next.rejected_events lists them"],
        ),
        ("delete from raw.events", ["The raw tables have lost rows since the last published build:\nraw.events: ", " rows are gone (0 now): ", "--allow-lost-rows once"]),
    ],
    ids=["rejected", "lost"],
)
def test_rejected_and_lost_rows_are_told_as_on_duckdb(damage, messages, published):
    published.query(damage)
    built = published.build(*published.options, "--as-of", "2024-06-29", tests=True, guards=True)
    published.load(HAND_COMPUTED / "raw")
    assert built.code == 1, built.output
    assert [message for message in messages if message not in built.errors] == [], built.errors
    assert dates_and_runs(published.connect()) == (1, 1)


def test_readers_see_the_old_marts_or_the_new_ones_and_block_nothing(published):
    seen, problems, is_over = set(), [], threading.Event()

    def read():
        reader = published.connect(user="bi", password="bi")
        while not is_over.is_set():
            try:
                seen.add(dates_and_runs(reader))
            except psycopg2.Error as error:
                problems.append(str(error))

    # A reader that keeps the old marts locked.
    slow = published.connect()
    slow.autocommit = False
    slow.cursor().execute("select * from lead_scoring.lead_scores")
    thread = threading.Thread(target=read)
    thread.start()
    built = published.build(*published.options, "--as-of", "2024-06-30")
    is_over.set()
    thread.join()
    assert built.code == 0, built.errors
    assert problems == []
    assert seen >= {(1, 1)}
    assert seen <= {(1, 1), (2, 2)}
    assert dates_and_runs(published.connect(user="bi", password="bi")) == (2, 2)
    assert published.query("select count(*) from pg_namespace where nspname like 'lead_scoring_replaced%'") == [(1,)]
    slow.close()


def cut(published, blocker, query: str) -> None:
    """Wait until a statement of a build waits for a transaction, end the connection of the build, then the transaction."""
    find = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and wait_event_type = 'Lock' and strpos(query, %s) > 0"
    cursor = published.connect().cursor()
    for _ in range(6000):
        cursor.execute(find, [published.database, query])
        if cursor.fetchall():
            break
        time.sleep(0.1)
    blocker.rollback()


@pytest.mark.parametrize(
    ("lock", "query", "message"),
    [
        ("lock table lead_scoring_intermediate.int_leads in access share mode", "model.lead_scoring.int_leads", "int_leads: "),
        # The swap changes the schema's row, which is being changed here.
        ("grant usage on schema lead_scoring to bi", 'alter schema "lead_scoring" rename', "schema lead_scoring is unchanged"),
    ],
    ids=["building", "publishing"],
)
def test_a_cut_connection_leaves_the_published_marts_unchanged(lock, query, message, published):
    before = dates_and_runs(published.connect())
    blocker = published.connect()
    blocker.autocommit = False
    blocker.cursor().execute(lock)
    cutter = threading.Thread(target=cut, args=(published, blocker, query))
    cutter.start()
    built = published.build(*published.options, "--as-of", "2024-06-23")
    cutter.join()
    blocker.close()
    assert built.code == 1, built.output
    assert message in built.errors
    assert dates_and_runs(published.connect()) == before


def test_two_builds_of_a_schema_do_not_run_at_once(published):
    other = published.connect()
    other.cursor().execute("select pg_advisory_lock(hashtextextended('lead_scoring lead_scoring', 0))")
    assert "schema lead_scoring: is being built by another process; --wait SECONDS waits for it" in published.refused()
    other.close()
