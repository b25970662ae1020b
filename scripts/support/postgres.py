"""A build on Postgres (build.py --target postgres): checks, dbt, publishing by a swap of schemas.

The raw tables are tables of one schema. The marts are built in SCHEMA_next and become SCHEMA in one transaction.
"""

import contextlib
import csv
import functools
import json
import os
import re
import shutil
import time
from datetime import datetime, timezone
from pathlib import Path

import psycopg2
from dbt_common.clients import agate_helper
from psycopg2 import errors, sql

from support import inputs, summary
from support.dbt_project import Dbt
from support.endings import BuildFailed, WrongInput
from support.environment import OK, PROJECT, shown
from support.records import FOUND
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

COUNTS = "contacts", "events", "rules"


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
    """dbt on Postgres. It differs from DuckDB's in target, sources and the row that a failed test found."""

    def __init__(self, build, settings: dict[str, str]):
        self.build = build
        os.environ |= {"LEAD_SCORING_SCHEMA": build.schema, "LEAD_SCORING_RAW_SCHEMA": build.raw, "LEAD_SCORING_MARTS_SCHEMA": "next"}
        super().__init__(build.folder, {}, build.rules.folder, settings, build.options.threads, "postgres")

    def _found(self, result) -> str:
        if result.status != "fail" or not result.node.compiled_code:
            return ""
        with contextlib.suppress(psycopg2.Error):
            rows = self.build.rows(f"select * from ({result.node.compiled_code}) as found order by found limit 1", named=True)
            return FOUND + ", ".join(f"{name} {cell}" for name, cell in rows[0].items())[:500]
        return ""


class PostgresBuild:
    """One build on Postgres. `run` is the records.Run that logs its steps."""

    def __init__(self, options, run, console):
        self.options, self.run, self.console = options, run, console
        self.folder, self.schema, self.raw = options.warehouse.resolve(), options.schema, options.raw_schema
        self.next, self.inner = f"{self.schema}_next", f"{self.schema}_intermediate"

    def make(self) -> None:
        """Check, build and test with dbt, publish, print the summary. Raises Ending."""
        for name, instead in NOT_HERE.items():
            if getattr(self.options, name):
                raise WrongInput(f"--{name.replace('_', '-')} does not work with --target postgres: {instead}")
        self.connection = connect()
        try:
            self.lock()
            self.check()
            self.build()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise BuildFailed(f"the connection to Postgres was lost: {' '.join(str(error).split())}; run again when the server is up") from None
        except errors.InsufficientPrivilege as error:
            raise BuildFailed(f"{' '.join(str(error).split())}; grant the right to {os.environ.get('PGUSER', 'postgres')}, or let the owner of schema {self.schema} run the build") from None
        finally:
            shutil.rmtree(inputs.place_of_rules(self.folder), ignore_errors=True)
            self.connection.close()

    def rows(self, query: str, parameters=None, named: bool = False) -> list:
        """The rows of a query: tuples, or dicts by column name."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters)
            rows = cursor.fetchall() if cursor.description else []
            return [dict(zip([column.name for column in cursor.description], row)) for row in rows] if named else rows

    def lock(self) -> None:
        """Keep other builds of this schema out, on any machine, until the connection ends. Raises WrongInput."""
        deadline = time.monotonic() + self.options.wait
        while not self.rows("select pg_try_advisory_lock(hashtextextended('lead_scoring ' || %s, 0))", [self.schema])[0][0]:
            if time.monotonic() >= deadline:
                raise WrongInput(f"schema {self.schema}: is being built by another process; --wait SECONDS waits for it")
            time.sleep(0.2)

    def check(self) -> None:
        """Check rights, raw tables, rules and dates, and copy the rules. Reports all problems together. Raises WrongInput."""
        options = self.options
        options.rules = options.rules or Path(noted(self.folder, f"{self.schema}.rules") or PROJECT / "seeds")
        found = inputs.all_of(
            {
                "as_of": lambda: inputs.as_of_dates(options.as_of),
                "forget": lambda: inputs.as_of_dates(options.forget, "--forget"),
                "rights": self.check_rights,
                "raw": self.check_raw,
                "rules": lambda: inputs.copy_rules(options.rules, self.folder),
            }
        )
        self.rules, is_changed = found.pop("rules"), found.pop("raw")
        del found["rights"]
        as_they_are = ("evaluate", "ledger", "keep_history_days", "max_rejected_percent", "max_lost_percent", "raw_keeps_days")
        self.settings = {
            **found,
            **{name: "" if getattr(options, name) is None else str(getattr(options, name)) for name in as_they_are},
            "drop_history": "yes" if options.drop_history else "no",
            "allow_lost_rows": "yes" if options.allow_lost_rows or is_changed else "no",
            "publish_email": "yes" if options.publish_email else "no",
            "run_date": str(datetime.now(timezone.utc).date()),
        }

    def check_rights(self) -> None:
        """Raises WrongInput if the user may not create schemas, or another user owns one of the build's."""
        user, database = self.rows("select current_user, current_database()")[0]
        problems = []
        # As in macros/engine/postgres/session.sql, for plain dbt.
        if not self.rows("select 'B' < 'a' and lower('É') = 'é' and current_setting('server_version_num')::int >= 150000")[0][0]:
            problems.append(
                f"database {database}: must be of Postgres 15 or later, with the encoding UTF8, the collation C and the character type C.UTF-8,"
                f" because ties are decided by the order of text: createdb {database} --template template0 --encoding UTF8 --lc-collate C --lc-ctype C.UTF-8"
            )
        if not self.rows("select has_database_privilege(current_database(), 'create')")[0][0]:
            problems.append(f"user {user} may not create schemas: grant create on database {database} to {user}")
        for schema, owner in self.rows(
            "select nspname, nspowner::regrole::text from pg_namespace where (nspname = %s or nspname like %s) and not pg_has_role(nspowner, 'usage')",
            [self.schema, self.schema.replace("_", "\\_") + "\\_%"],
        ):
            problems.append(f"schema {schema} belongs to {owner}: run as {owner}, or choose another --schema")
        for role in self.options.reader:
            if not self.rows("select count(*) from pg_roles where rolname = %s", [role])[0][0]:
                problems.append(f"--reader {role}: there is no such role; create role {role}")
        if problems:
            raise WrongInput("\n".join(problems))

    def check_raw(self) -> bool:
        """Check schema, tables, columns and rights of the raw tables. Returns whether they are others than those of the published scores. Raises WrongInput."""
        if not self.rows("select to_regnamespace(%s)", [self.raw])[0][0]:
            raise WrongInput(f"schema {self.raw}: does not exist; --raw-schema must be the schema of the raw tables")
        if not self.rows("select has_schema_privilege(%s, 'usage')", [self.raw])[0][0]:
            raise WrongInput(f"schema {self.raw}: may not be read; grant usage on schema {self.raw}, and select on its tables")
        columns: dict[str, dict[str, str]] = {}
        may_read: dict[str, bool] = {}
        for table, column, kind, readable in self.rows(
            """
            select relname, attname, format_type(atttypid, null), has_table_privilege(pg_class.oid, 'select')
            from pg_class join pg_attribute on attrelid = pg_class.oid
            where relnamespace = %s::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') and attnum > 0 and not attisdropped
            """,
            [self.raw],
        ):
            columns.setdefault(table, {})[column] = kind
            may_read[table] = readable
        problems = []
        with open(inputs.CONTRACT / "raw_columns.csv", encoding="utf-8", newline="") as handle:
            kinds = {(row["table_name"], row["column_name"]): READABLE[row["kind"]] for row in csv.DictReader(handle)}
        for table, needed in inputs.columns_of_contract("raw_columns.csv", "table_name").items():
            name, there = f"{self.raw}.{table}", columns.get(table)
            if there is None:
                if table not in inputs.OPTIONAL:
                    problems.append(f"{name}: is missing; columns: {', '.join(needed)}")
                continue
            if not may_read[table]:
                problems.append(f"{name}: may not be read; grant select on {name}")
            problems += [f"{name}: column {column}: is missing; the columns found are {', '.join(there)}" for column in needed if column not in there]
            problems += [
                f"{name}: column {column}: is of type {there[column]}; must be one of {', '.join(sorted(kinds[table, column]))}"
                for column in needed if column in there and there[column] not in kinds[table, column]
            ]  # fmt: skip
        before = self.rows("select substring(obj_description(oid, 'pg_namespace') from 'raw schema: (.*)') from pg_namespace where nspname = %s", [self.schema])
        is_changed = bool(before) and before[0][0] not in (None, self.raw)
        if is_changed and not self.options.change_raw:
            problems.append(
                f"schema {self.schema}: was built from schema {before[0][0]}, not from {self.raw}."
                " Use another --schema, or add --change-raw to replace the scores"
            )
        if problems:
            raise WrongInput("\n".join(problems))
        return is_changed

    def execute(self, text: str, **names) -> None:
        """Run statements; {names} are identifiers."""
        self.rows(sql.SQL(text).format(**{name: sql.Identifier(*value.split(".")) for name, value in names.items()}))

    def prepare_next(self) -> None:
        """Create the schema of the next marts, with a copy of the published history, and drop what earlier builds left."""
        self.drop_replaced()
        self.execute("drop schema if exists {next} cascade; create schema {next}", next=self.next)
        for (table,) in self.rows("select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r' and relname = any(%s)", [self.schema, KEPT]):
            self.execute("create table {new} (like {old} including all); insert into {new} select * from {old}; analyze {new}", new=f"{self.next}.{table}", old=f"{self.schema}.{table}")

    def build(self) -> None:
        """Build and test with dbt, then publish. Raises Ending."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.prepare_next()
        dbt = PostgresDbt(self, self.settings)
        columns = TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[node]}")
        with Progress(*columns, console=self.console) as progress:

            def phase(name: str, command, *arguments: str) -> bool:
                task = progress.add_task(name, total=None, node="")
                self.run.tell("began", phase=name)
                done = command(*arguments, on_node=lambda number, total, node: progress.update(task, completed=number - 1, total=total, node=node))
                progress.update(task, completed=len(dbt.results) or 1, total=len(dbt.results) or 1, node="")
                seconds = {result.node.name: round(result.execution_time, 2) for result in dbt.results if result.node.resource_type == "model"}
                self.run.tell("ended", phase=name, ok=done, seconds=round(progress.tasks[task].elapsed or 0, 1), models=seconds)
                return done

            if not phase("Reading the project", dbt.parse):
                raise BuildFailed("\n".join(dbt.failures()))
            checked = phase("Checking the rules", dbt.run, "build", "--select", "+int_rule_problems", "--exclude-resource-type", "unit_test")
            if dbt.built("int_rule_problems") and (problems := self.rule_problems()):
                raise WrongInput("\n".join(problems))
            if not checked:
                raise BuildFailed("\n".join(dbt.failures()))
            refresh = ["--full-refresh"] if self.options.full_refresh else []
            if not phase("Building and testing", dbt.run, "build", "--exclude-resource-type", "unit_test", "--exclude", "+int_rule_problems", *refresh):
                raise BuildFailed("\n".join(self.failures(dbt.failures())))
        self.publish()

    def rule_problems(self) -> list[str]:
        """One line per problem in the rule seeds: file, row, column, value and what is required."""
        told = []
        for file, seed_row, column, cell, problem, other_file, other_row in self.rows(
            f'select file, seed_row, column_name, cell, problem, other_file, other_seed_row from "{self.inner}".int_rule_problems order by 1, 2, 3, 4, 5, 6, 7'
        ):
            if other_file:
                problem += f"; already used in {'' if other_file == file else f'{other_file}, '}row {self.rules.line(other_file, other_row)}"
            told.append(f"{shown(self.options.rules / file)}: row {self.rules.line(file, seed_row)}, column {column}: {cell or '(empty)'}: {problem}")
        return told

    def failures(self, problems: list[str]) -> list[str]:
        """The text for each failed model or test. Lost rows get tables and days."""
        told = []
        for problem in problems:
            if problem.startswith("law_10_raw_tables_have_not_lost_their_rows:"):
                lost = self.rows(f'select table_name, finding from "{self.inner}".int_lost_rows where is_refused order by table_name')
                told += ["The raw tables have lost rows since the last published build:", *(f"{self.raw}.{table}: {text}" for table, text in lost)]
                told.append("If a feed broke, fix it and run again. If the rows were removed on purpose: --allow-lost-rows once, or --raw-keeps-days N.")
            elif problem.startswith("too_many_rows_are_rejected:"):
                told.append(f"{problem}; correct these rows in the source, or raise --max-rejected-percent; {self.next}.rejected_... list them")
            else:
                told.append(problem)
        return told

    def publish(self) -> None:
        """Replace the published schema by the next one, in one transaction, with the run's record and the rights of its readers. Raises BuildFailed."""
        self.run.tell("began", phase="Publishing")
        facts = self.rows(f'select * from "{self.next}".run_facts', named=True)[0]
        counts = {name: facts.pop(name) for name in COUNTS}
        self.run.facts |= facts | {"as_of_date": facts["as_of_date"] and str(facts["as_of_date"])}
        record = self.run.finish(OK, "published", None)
        told = self.told()
        columns = sql.SQL(", ").join(map(sql.Identifier, RUN_COLUMNS))
        values = sql.SQL(", ").join(sql.Placeholder() * len(RUN_COLUMNS))
        self.connection.autocommit = False
        try:
            for one in [*self.unpublished_runs(), record]:
                for table in (f"{self.next}.scoring_runs", f"{self.inner}.runs"):
                    name = sql.Identifier(*table.split("."))
                    self.rows(sql.SQL("insert into {} ({}) values ({})").format(name, columns, values), [one[column] for column in RUN_COLUMNS])
            for role in self.readers():
                self.execute("grant usage on schema {next} to {role}; grant select on all tables in schema {next} to {role}", next=self.next, role=role)
            if self.rows("select to_regnamespace(%s)", [self.schema])[0][0]:
                self.execute("alter schema {old} rename to {replaced}", old=self.schema, replaced=f"{self.schema}_replaced_{record['run_id'][:8]}")
            self.execute("alter schema {next} rename to {new}", next=self.next, new=self.schema)
            self.rows(sql.SQL("comment on schema {} is {}").format(sql.Identifier(self.schema), sql.Literal(f"Lead scores of lead_scoring; raw schema: {self.raw}")))
            self.connection.commit()
        except psycopg2.Error as error:
            with contextlib.suppress(psycopg2.Error):
                self.connection.rollback()
            raise BuildFailed(f"publishing: {' '.join(str(error).split())}; schema {self.schema} is unchanged") from None
        self.connection.autocommit = True
        self.run.is_published = True
        with contextlib.suppress(OSError):
            note(self.folder, f"{self.schema}.rules", str(self.options.rules.resolve()))
        self.show(counts, *told)
        for line in self.drop_replaced():
            self.console.print(line, markup=False)

    def unpublished_runs(self) -> list[dict]:
        """Records of earlier runs that published nothing, such as failed ones."""
        known, found = {run_id for (run_id,) in self.rows(f'select run_id from "{self.inner}".runs')}, []
        with contextlib.suppress(OSError):
            for line in (self.folder / "runs.jsonl").read_text(encoding="utf-8").splitlines():
                # A killed run may have left a partial line.
                with contextlib.suppress(ValueError):
                    found.append(json.loads(line))
        return [one for one in found if one.get("run_id") not in known and set(RUN_COLUMNS) <= set(one)]

    def readers(self) -> list[str]:
        """Roles that may read the marts: those of --reader, and all that may use the published schema."""
        rows = self.rows(
            """
            select grantee::regrole::text from pg_namespace cross join lateral aclexplode(nspacl) as rights
            where nspname = %s and privilege_type = 'USAGE' and grantee <> nspowner and grantee <> 0
            """,
            [self.schema],
        )
        return sorted({role for (role,) in rows} | set(self.options.reader))

    def drop_replaced(self) -> list[str]:
        """Drop the marts of earlier builds, unless a reader holds them. Returns a line per schema that a view of someone else needs."""
        told = []
        pattern = self.schema.replace("_", "\\_") + "\\_replaced\\_%"
        for (schema,) in self.rows("select nspname from pg_namespace where nspname like %s", [pattern]):
            tables = [table for (table,) in self.rows("select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r'", [schema])]
            # No cascade: a view of someone else would go with its table.
            try:
                self.rows(f"set lock_timeout = '{LOCK_SECONDS}s'")
                if tables:
                    self.rows(sql.SQL("drop table {} restrict").format(sql.SQL(", ").join(sql.Identifier(schema, table) for table in tables)))
                self.execute("drop schema {schema}", schema=schema)
            except errors.LockNotAvailable:
                pass
            except errors.DependentObjectsStillExist as error:
                told.append(f"Schema {schema} stays, because a view reads it. A view reads the tables of the build that it was created after: {' '.join((error.diag.message_detail or '').split())}")
            finally:
                self.rows("set lock_timeout = 0")
        return told

    def told(self) -> tuple[list[str], list[str]]:
        """Evaluation results and warnings, one line each."""

        def lines(model: str, condition: str) -> list[str]:
            return [line for (line,) in self.rows(f'select finding from "{self.next}".{model} where {condition} order by finding_number')]

        shifted = "topic = 'scores have shifted'"
        return lines("evaluation_findings", f'not ({shifted}) and subject in (select model_id from "{self.inner}".int_conversion_goals)'), lines("scoring_findings", "true") + lines("evaluation_findings", shifted)

    def show(self, counts: dict[str, int], judgements: list[str], warnings: list[str]) -> None:
        """Print the summary of the published schema."""
        scores, console = f'"{self.schema}".lead_scores', self.console
        date = self.run.facts["as_of_date"]
        console.print(f"\n[bold]Lead scores as of {date}[/bold], built and published in {self.run.facts['seconds']:.0f} s")
        console.print(f"{counts['contacts']:,} contacts, {counts['events']:,} events, {counts['rules']:,} rules")
        for (model,) in self.rows(f"select distinct model_id from {scores} order by 1"):
            bands = self.rows(f"select case when status = 'scored' then coalesce(band, 'below all bands') else replace(status, '_', ' ') end, count(*) from {scores} where model_id = %s group by 1 order by max(score) desc nulls last, 1", [model])
            console.print(summary.printable(f"\nLeads of {model} by band: " + ", ".join(f"{band} {leads:,}" for band, leads in bands) + "\n"), markup=False, soft_wrap=True)
            called = f'''select place, contact_id, round(score, 1), band, grade, concat_ws(chr(10), next_action, reason_1)
                from "{self.schema}".call_list where model_id = %s and place <= 10 order by place'''
            if calls := self.rows(called, [model]):
                columns = {"_": "right", "contact": "left", "score": "right", "band": "left", "grade": "left", "next action and why": "left"}
                console.print(summary.table(f"Call list of {model}{', the first ten' if len(calls) == 10 else ''}", columns, calls))
        for line in [*judgements, *(f"Warning {warning}" for warning in warnings)]:
            console.print(summary.printable(line), markup=False, soft_wrap=True)
        console.print(f"[bold]Published[/bold] schema {self.schema} of database {os.environ.get('PGDATABASE', 'postgres')}")

