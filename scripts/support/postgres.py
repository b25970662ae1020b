"""A build on Postgres (build.py --target postgres): checks, dbt, publishing by a swap of schemas.

The raw tables are tables of one schema. The marts are built in SCHEMA_next and become SCHEMA in one transaction.
"""

import contextlib
import functools
import json
import os
import re
import shutil
import time
from pathlib import Path

import psycopg2
from dbt_common.clients import agate_helper
from psycopg2 import errors, sql

from support import findings, inputs
from support.building import Build
from support.dbt_project import Dbt
from support.endings import BuildFailed, WrongInput
from support.environment import OK, PROJECT
from support.queries import identifier, named, statements
from support.warehouse import KEPT, RUN_COLUMNS, note, noted

# Options that name files of DuckDB or are not built yet on Postgres, with what to use instead.
NOT_HERE = {
    "raw": "raw tables are tables of a schema; use --raw-schema",
    "source": "connectors read files, on DuckDB",
    "time_zone": "connectors read files, on DuckDB",
    "export_csv": "use psql's \\copy",
    "select": "use dbt with --target postgres",
    "memory_limit": "the server's settings limit memory",
}

# Types that the staging models read, by kind of column (contract/raw_columns.csv, macros/engine/postgres/session.sql).
TEXTS = {"text", "character varying", "character"}
TIMES = {"timestamp without time zone", "timestamp with time zone", "date"}
AMOUNTS = {"numeric", "double precision", "real", "bigint", "integer", "smallint"}
READABLE = {"timestamp": TEXTS | TIMES, "amount": TEXTS | AMOUNTS, "text": TEXTS | TIMES | AMOUNTS | {"boolean", "uuid"}}

# Seconds that the drop of the previous marts waits for their readers. The next build drops what is left.
LOCK_SECONDS = 5

# dbt reads a seed's cell `null` as a missing one, where its adapter does not load the file itself. A list of fake names has that text.
agate_helper.build_type_tester = functools.partial(agate_helper.build_type_tester, string_null_values=("",))

# Queries over several views are estimated at one row, and a nested loop of 50,000 such rows took minutes. Compiling many small queries takes
# longer than running them.
PLANS = "-c enable_nestloop=off -c jit=off"


def connect(application: str = "lead_scoring"):
    """A connection by the variables of psql (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE). Each statement is committed. Raises WrongInput."""
    # For dbt's connections too. Times are UTC.
    os.environ |= {"PGTZ": "UTC", "PGDATESTYLE": "ISO", "PGCLIENTENCODING": "UTF8", "PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} {PLANS}"}
    place = f"{os.environ.get('PGHOST', 'localhost')}:{os.environ.get('PGPORT', '5432')}"
    user, database = os.environ.get("PGUSER", "postgres"), os.environ.get("PGDATABASE", "postgres")
    try:
        connection = psycopg2.connect(
            host=os.environ.get("PGHOST", "localhost"), user=user, dbname=database, connect_timeout=10, application_name=application, keepalives_idle=60
        )
    except psycopg2.OperationalError as error:
        text = " ".join(str(error).split())
        if "authentication failed" in text or "no password supplied" in text:
            raise WrongInput(f"Postgres at {place}: user {user} is refused; set PGUSER and PGPASSWORD") from None
        if re.search(r'database ".*" does not exist', text):
            raise WrongInput(f"Postgres at {place}: has no database {database}; set PGDATABASE, or create it (docs/engines.md)") from None
        raise WrongInput(f"Postgres at {place}: cannot be reached; start the server, or set PGHOST and PGPORT ({text})") from None
    connection.autocommit = True
    return connection


class PostgresDbt(Dbt):
    """dbt on Postgres. What it made is read by the connection of the build."""

    errors = psycopg2.Error

    def __init__(self, build):
        self.build = build
        os.environ |= {"LEAD_SCORING_SCHEMA": build.schema, "LEAD_SCORING_RAW_SCHEMA": build.raw, "LEAD_SCORING_MARTS_SCHEMA": "next"}
        super().__init__(build.folder, {}, build.rules.folder, build.settings | build.today(), build.options.threads, "postgres")

    def made(self):
        """A context with what was made so far."""
        return contextlib.nullcontext(self.build)


class PostgresBuild(Build):
    """One build on Postgres. `marts` is the schema of the marts: the next one, and the published one after publishing."""

    def __init__(self, options, run, console):
        super().__init__(options, run, console)
        self.schema, self.raw = options.schema, options.raw_schema
        self.next, self.inner = f"{self.schema}_next", f"{self.schema}_intermediate"
        self.marts = self.next

    def make(self) -> None:
        """Check, build and test with dbt, publish, print the summary. Raises Ending."""
        for name, instead in NOT_HERE.items():
            if getattr(self.options, name):
                raise WrongInput(f"--{name.replace('_', '-')} does not work with --target postgres: {instead}")
        self.connection = connect()
        try:
            self.lock()
            self.check_files()
            self.prepare_next()
            with self.progress() as progress:
                self.run_dbt(PostgresDbt(self), progress)
            self.publish("published")
            self.show(self.said())
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise BuildFailed(f"the connection to Postgres was lost: {' '.join(str(error).split())}; run again when the server is up") from None
        except errors.InsufficientPrivilege as error:
            raise BuildFailed(f"{' '.join(str(error).split())}; grant the right to {os.environ.get('PGUSER', 'postgres')}, or let the owner of schema {self.schema} run the build") from None
        finally:
            shutil.rmtree(inputs.place_of_rules(self.folder), ignore_errors=True)
            self.connection.close()

    def rows(self, query: str, parameters=None) -> list[dict]:
        """The rows of a query, by column name."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return named(cursor)

    def table(self, model: str) -> str:
        """The table or view of a model of the marts or of intermediate."""
        return f'"{self.inner if model.startswith("int_") else self.marts}"."{model}"'

    def table_before(self, mart: str) -> str | None:
        """The table of a published mart, if there is one."""
        return f'"{self.schema}"."{mart}"' if mart in self.answers("tables", schema=self.schema) else None

    def lock(self) -> None:
        """Keep other builds of this schema out, on any machine, until the connection ends. Raises WrongInput."""
        deadline = time.monotonic() + self.options.wait
        while not self.rows("select pg_try_advisory_lock(hashtextextended('lead_scoring ' || %s, 0)) as is_held", [self.schema])[0]["is_held"]:
            if time.monotonic() >= deadline:
                raise WrongInput(f"schema {self.schema}: is being built by another process; --wait SECONDS waits for it")
            time.sleep(0.2)

    def check_files(self) -> None:
        """Check options, rights, raw tables, rules and dates, and copy the rules. Raises WrongInput."""
        self.options.rules = self.options.rules or Path(noted(self.folder, f"{self.schema}.rules") or PROJECT / "seeds")
        found = self.checked(rights=self.check_rights, raw=self.check_raw)
        self.settings |= self.allowing_lost_rows(is_changed=found["raw"])

    def check_rights(self) -> None:
        """Raises WrongInput if the user may not create schemas, or another user owns one of the build's."""
        self.refuse(self.answers("rights", schema=self.schema, readers=self.options.reader))

    def check_raw(self) -> bool:
        """Check schema, tables, columns and rights of the raw tables. Returns whether they are others than those of the published scores. Raises WrongInput."""
        contract = inputs.contract("raw_columns.csv")
        types = [", ".join(sorted(READABLE[row["kind"]])) for row in contract]
        tables, columns = ([row[name] for row in contract] for name in ("table_name", "column_name"))
        problems = self.answers("raw_tables", raw=self.raw, tables=tables, columns=columns, types=types, optional=list(inputs.OPTIONAL))
        before = self.answers("raw_schema", schema=self.schema)
        is_changed = before not in ([], [None], [self.raw])
        if is_changed and not self.options.change_raw:
            problems.append(
                f"schema {self.schema}: was built from schema {before[0]}, not from {self.raw}."
                " Use another --schema, or add --change-raw to replace the scores"
            )
        self.refuse(problems)
        return is_changed

    def refuse(self, problems: list[str]) -> None:
        """Raises WrongInput if there are problems."""
        if problems:
            raise WrongInput("\n".join(problems))

    def answers(self, part: str, **parameters) -> list[str]:
        """The rows of a query of postgres.sql, which has one column."""
        return [value for row in self.rows(statements("postgres.sql", part), parameters) for value in row.values()]

    def execute(self, text: str, parameters=(), **names) -> None:
        """Run statements; {names} are identifiers."""
        self.rows(sql.SQL(text).format(**{name: sql.Identifier(*value.split(".")) for name, value in names.items()}), parameters)

    def prepare_next(self) -> None:
        """Create the schema of the next marts, with a copy of the published history, and drop what earlier builds left."""
        self.drop_replaced()
        self.execute("drop schema if exists {next} cascade; create schema {next}", next=self.next)
        for table in sorted({*self.answers("tables", schema=self.schema)} & {*KEPT}):
            self.execute("create table {new} (like {old} including all); insert into {new} select * from {old}; analyze {new}", new=f"{self.next}.{table}", old=f"{self.schema}.{table}")

    def stands_as_defined(self) -> bool:
        """All models are built in each build."""
        return False

    def failures(self, dbt) -> list[str]:
        """The text for each failed model or test."""
        return findings.failures(dbt.failures(), dbt.made, self.options.max_rejected_percent, self.raw, f"{self.next}.{{}}")

    def publish(self, outcome: str) -> None:
        """Replace the published schema by the next one, in one transaction, with the run's record and the rights of its readers. Raises BuildFailed."""
        self.run.tell("began", phase="Publishing")
        self.keep_findings(self, [])
        record = self.run.finish(OK, outcome)
        self.connection.autocommit = False
        try:
            for one in [*self.unpublished_runs(), record]:
                for table in (f"{self.next}.scoring_runs", f"{self.inner}.runs"):
                    self.execute("insert into {table} select * from json_populate_record(cast(null as {table}), %s)", [json.dumps(one, default=str)], table=table)
            # Roles of --reader, and all that may use the schema to be replaced.
            for role in sorted({*self.answers("readers", schema=self.schema), *self.options.reader}):
                self.execute("grant usage on schema {next} to {role}; grant select on all tables in schema {next} to {role}", next=self.next, role=role)
            if self.answers("raw_schema", schema=self.schema):
                self.execute("alter schema {old} rename to {replaced}", old=self.schema, replaced=f"{self.schema}_replaced_{record['run_id'][:8]}")
            self.execute("alter schema {next} rename to {new}", next=self.next, new=self.schema)
            self.execute("comment on schema {schema} is %s", [f"Lead scores of lead_scoring; raw schema: {self.raw}"], schema=self.schema)
            self.connection.commit()
        except psycopg2.Error as error:
            with contextlib.suppress(psycopg2.Error):
                self.connection.rollback()
            raise BuildFailed(f"publishing: {' '.join(str(error).split())}; schema {self.schema} is unchanged") from None
        self.connection.autocommit = True
        self.run.is_published, self.marts = True, self.schema
        with contextlib.suppress(OSError):
            note(self.folder, f"{self.schema}.rules", str(self.options.rules.resolve()))

    def unpublished_runs(self) -> list[dict]:
        """Records of earlier runs that published nothing, such as failed ones."""
        known, found = {row["run_id"] for row in self.rows(f'select run_id from "{self.inner}".runs')}, []
        with contextlib.suppress(OSError):
            for line in (self.folder / "runs.jsonl").read_text(encoding="utf-8").splitlines():
                # A killed run may have left a partial line.
                with contextlib.suppress(ValueError):
                    found.append(json.loads(line))
        return [one for one in found if one.get("run_id") not in known and set(RUN_COLUMNS) <= set(one)]

    def drop_replaced(self) -> list[str]:
        """Drop the marts of earlier builds, unless a reader holds them. Returns a line per schema that a view of someone else needs."""
        told = []
        for schema in self.answers("replaced", schema=self.schema):
            tables = self.answers("tables", schema=schema)
            # No cascade: a view of someone else would go with its table.
            try:
                self.rows(f"set lock_timeout = '{LOCK_SECONDS}s'")
                self.execute("".join(f"drop table {{schema}}.{identifier(table)}; " for table in tables) + "drop schema {schema}", schema=schema)
            except errors.LockNotAvailable:
                pass
            except errors.DependentObjectsStillExist as error:
                told.append(f"Schema {schema} stays, because a view reads it. A view reads the tables of the build that it was created after: {' '.join((error.diag.message_detail or '').split())}")
            finally:
                self.rows("set lock_timeout = 0")
        return told

    def show(self, said: str) -> None:
        """Print the summary of the published schema, and drop the marts of earlier builds."""
        self.summarize(self, said)
        self.console.print(f"[bold]Published[/bold] schema {self.schema} of database {os.environ.get('PGDATABASE', 'postgres')}")
        for line in self.drop_replaced():
            self.console.print(line, markup=False)
