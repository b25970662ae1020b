#!/usr/bin/env python3
"""Build, test and publish the lead scores.

Exit code 0: published. 1: the build or a test failed, nothing was published; or a later step failed (csv export, unmatched
erasures). 2: wrong usage or input, nothing was published. A failed build leaves the published file unchanged.
"""

import argparse
import contextlib
import json
import logging
import os
import re
import shutil
import signal
import sys
import threading
import traceback
from datetime import datetime, timezone
from pathlib import Path

from support import environment
from support.endings import BuildFailed, Ending, ErasuresUnmatched, ExportFailed, WrongInput
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT

# Numeric options: minimum, maximum, and the text of the error.
LIMITS = {
    "threads": (1, 1e9, "at least 1"),
    "wait": (0, sys.float_info.max, "a number of seconds, at least 0"),
    "evaluate": (0, 520, "a number of weeks, from 0 to 520"),
    "keep_history_days": (0, 999_999, "a number of days, at least 0"),
    "raw_keeps_days": (0, 999_999, "a number of days, at least 0"),
    "max_rejected_percent": (0, 100, "from 0 to 100"),
    "max_lost_percent": (0, 100, "from 0 to 100"),
}

# What a build always rebuilds (dbt's selection syntax). Views stay if no definition has changed.
ALL_BUT_VIEWS = ("config.materialized:table", "config.materialized:incremental", "resource_type:test")
# Tables that depend only on rules and contract, with their tests, stay too.
RULES = ("path:models/staging/rules", "path:models/intermediate/rules", "path:contract")

# MB of address space, including threads.
LEAST_MEMORY = 2000


def folder(text: str) -> Path:
    """A folder's path. Empty text (an unset shell variable) is an error, because it would mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a folder")
    return Path(text)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build, test and publish the lead scores.")
    parser.add_argument("--raw", type=folder, metavar="DIR", help="folder of the raw tables, parquet or csv (default: the warehouse's previous folder; for a new warehouse the sample data)")
    parser.add_argument("--source", action="append", default=[], metavar="NAME=DIR", help="an export of another system, such as hubspot=exports/hubspot; repeatable, also with --raw (docs/sources.md)")
    parser.add_argument("--time-zone", action="append", default=[], metavar="NAME=ZONE", help="time zone of a source whose times have none, such as pardot=Europe/Warsaw (default: UTC)")
    parser.add_argument("--change-raw", action="store_true", help="build a published warehouse from another raw folder; refused otherwise")
    parser.add_argument("--target", choices=["duckdb", "postgres", "spark"], default="duckdb", help="the engine: DuckDB; a Postgres server named by PGHOST, PGUSER, PGPASSWORD, PGDATABASE; or a Spark cluster for what grows with the events, and DuckDB for the rest (docs/engines.md)")
    parser.add_argument("--master", default="spark://127.0.0.1:7077", metavar="URL", help="Spark: the cluster (default: spark://127.0.0.1:7077)")
    parser.add_argument("--raw-schema", default="raw", metavar="NAME", help="Postgres: schema of the raw tables (default: raw)")
    parser.add_argument("--schema", default="lead_scoring", metavar="NAME", help="Postgres: schema of the published marts (default: lead_scoring)")
    parser.add_argument("--reader", action="append", default=[], metavar="ROLE", help="Postgres: a role that may read the marts; repeatable, and kept by later builds")
    parser.add_argument("--rules", type=folder, metavar="DIR", help="folder of the rule seeds (default: the warehouse's previous folder; for a new warehouse seeds)")
    parser.add_argument("--warehouse", type=folder, metavar="DIR", help="folder of the result (default: warehouse); with Postgres of logs and records (default: warehouse/postgres)")
    parser.add_argument("--as-of", action="append", default=[], metavar="DATE", help="score a date, FROM..TO, or FROM..TO/7 for every seventh day; repeatable (default: the date of the latest event)")
    parser.add_argument("--evaluate", type=int, default=0, metavar="N", help="also score the last N Sundays by the current rules, for the evaluation")
    parser.add_argument("--ledger", choices=["latest", "all"], default="latest", help="publish contributions of the latest date, or also of the requested dates")
    parser.add_argument("--full-refresh", action="store_true", help="read all raw tables again and rescore the whole history with the current rules")
    parser.add_argument("--keep-history-days", type=int, metavar="N", help="remove as-of dates more than N days before the latest (default: keep all)")
    parser.add_argument("--drop-history", action="store_true", help="let --keep-history-days remove more than half of the history in one run")
    parser.add_argument("--forget", action="append", default=[], metavar="DATE", help="remove these as-of dates from the history (format as for --as-of)")
    parser.add_argument("--max-rejected-percent", type=float, default=25, metavar="P", help="fail if more than P percent of a raw table's rows are rejected (default: 25; tables of 100 rows or more)")
    parser.add_argument("--max-lost-percent", type=float, default=5, metavar="P", help="fail if more than P percent of a raw table's rows, or a whole day, are gone since the last published build (default: 5)")
    parser.add_argument("--allow-lost-rows", action="store_true", help="build although raw tables have lost rows")
    parser.add_argument("--raw-keeps-days", type=int, metavar="N", help="the source keeps N days of events, identities and outcomes (default: all)")
    parser.add_argument("--allow-unmatched-erasures", action="store_true", help="exit code 0 although rows of raw.erasures match nobody")
    parser.add_argument("--publish-email", action="store_true", help="show e-mail addresses in rejected_contacts")
    parser.add_argument("--export-csv", type=folder, metavar="DIR", help="also write the published tables as csv; text that a spreadsheet would run as a formula gets a leading '")
    parser.add_argument("--no-report", action="store_true", help="write no report page (report.html in the warehouse)")
    parser.add_argument("--json", action="store_true", help="print the run's record as one json line on stdout, all else on stderr")
    parser.add_argument("--select", metavar="NODES", help="rebuild some models (dbt's selection syntax) after a complete build of the same input; the laws are tested before publishing")
    parser.add_argument("--threads", type=int, metavar="N", help="models built in parallel (default: number of cores, at most 4)")
    parser.add_argument("--memory-limit", metavar="SIZE", help="DuckDB's memory, such as 8GB; the rest spills to disk (default: 80%% of the machine's)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait for another build of the same warehouse")
    chosen = parser.parse_args(arguments)
    chosen.warehouse = chosen.warehouse or PROJECT / ("warehouse" if chosen.target == "duckdb" else f"warehouse/{chosen.target}")
    for name, (least, most, what) in LIMITS.items():
        number = getattr(chosen, name)
        if number is not None and not least <= number <= most:
            parser.error(f"--{name.replace('_', '-')} must be {what}")
    if chosen.memory_limit is not None and not re.fullmatch(r"(100|[1-9]?\d(\.\d+)?)%|\d+(\.\d+)?[KMGT]i?B", chosen.memory_limit):
        parser.error("--memory-limit must be a size such as 8GB, or a share such as 50%")
    for name in ("raw_schema", "schema"):
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,39}", getattr(chosen, name)):
            parser.error(f"--{name.replace('_', '-')} must be a name of lower-case letters, digits and _, of at most 40 characters")
    if chosen.select is not None and not chosen.select.strip():
        parser.error("--select must name something")
    return chosen


def memory_allowed() -> float:
    """The system's limit on the memory of this process, in MB."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        return float("inf") if limit == resource.RLIM_INFINITY else limit >> 20
    except ImportError:  # Windows has no such limit.
        return float("inf")


def main(options: argparse.Namespace) -> int:
    """Run the build with parsed options and return the exit code."""
    if memory_allowed() < LEAST_MEMORY:
        # With less memory threads cannot start, and dbt waits for them forever.
        print(f"{WrongInput.said}:\nthe system allows {memory_allowed()} MB of memory (ulimit -v); a build needs {LEAST_MEMORY} MB", file=sys.stderr)
        return WRONG_INPUT

    from rich.console import Console

    # On a full disk dbt cannot write its log. The failing step reports this once, instead of once per log line.
    logging.raiseExceptions = False

    from support import records
    from support.summary import printable
    from support.warehouse import held

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code instead of an exception.
        stream.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, stderr=options.json)
    run = None

    def failed() -> str:
        return "The scores are published. A later step failed" if run and run.is_published else Ending.said

    try:
        with held(options.warehouse.resolve(), options.wait):
            run = records.Run(options.warehouse.resolve())
            record_when_stopped(run, options, console)
            try:
                if options.target == "postgres":
                    from support.postgres import PostgresBuild

                    PostgresBuild(options, run, console).make()
                else:
                    build_with_sound_file(options, run, console)
            except Ending as problem:
                run.finish(problem.code, problem.outcome, problem.record)
                print(f"{problem.said}:\n{printable(problem)}", file=sys.stderr)
            except Exception as problem:  # A scheduler always gets a message and an exit code. The log has the details.
                run.finish(FAILED, "failed", " ".join(f"{type(problem).__name__}: {problem}".split()))
                # Only the type: the text may quote a cell.
                run.tell("failed", error=type(problem).__name__, traceback="".join(traceback.format_tb(problem.__traceback__)))
                print(f"{failed()}:\n{printable(run.facts['message'])}\nMore is in {run.log}", file=sys.stderr)
            run.keep()
            if options.json:
                print(json.dumps(run.facts, default=str))
            return run.facts["exit_code"]
    except WrongInput as problem:
        print(f"{problem.said}:\n{problem}", file=sys.stderr)
        if options.json:
            print(json.dumps({"outcome": problem.outcome, "exit_code": problem.code, "message": str(problem)}))
        return problem.code
    except OSError as error:
        # The log or the record of the run could not be written.
        print(f"{failed()}:\n{error.filename or options.warehouse}: {error.strerror}", file=sys.stderr)
        return FAILED


def record_when_stopped(run, options: argparse.Namespace, console) -> None:
    """On Ctrl-C or SIGTERM write the record of the run and exit at once. dbt would wait for running queries and hide the cause.

    The process may exit at any point, as after a kill (tests/test_crashes.py). The published file stays, and the next run repairs the rest.
    """

    def stop(number, _):
        # Ignore further signals, so that only one record is written.
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)
        name = signal.Signals(number).name
        said = "after the scores were published" if run.is_published else "nothing was published"
        with contextlib.suppress(OSError):
            run.finish(FAILED, "stopped", f"{name}; {said}")
            run.keep()
        with contextlib.suppress(Exception):
            console.show_cursor(True)
            if options.json:
                print(json.dumps(run.facts, default=str), flush=True)
            print(f"Interrupted by {name}; {said}. Run it again; nothing was lost.", file=sys.stderr, flush=True)
        os._exit(FAILED)

    def ended(thread):
        # dbt waits forever for a thread that has died, mostly for want of memory, so there may be none for this either.
        try:
            os.write(2, b"The scores are published. A later step failed:\n" if run.is_published else b"Nothing was published. Errors:\n")
            os.write(2, f"a thread of the build ended with {thread.exc_type.__name__}; it may need more memory\n".encode())
            run.finish(FAILED, "failed", f"a thread ended with {thread.exc_type.__name__}")
            run.keep()
        finally:
            os._exit(FAILED)

    threading.excepthook = ended
    # Signals can only be handled in the main thread. A program may call this from another thread.
    with contextlib.suppress(ValueError):
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, stop)


def build_with_sound_file(options: argparse.Namespace, run, console) -> None:
    """Build. If build.duckdb is broken, rename it and build again, once: everything but the history comes from the raw tables."""
    import duckdb

    from support import warehouse

    try:
        Build(options, run, console).make()
    except (BuildFailed, duckdb.Error) as problem:
        if run.is_published or not warehouse.is_broken(str(problem)):
            raise
        warehouse.set_aside(options.warehouse.resolve())
        run.tell("set aside", file="build.duckdb.broken")
        Build(options, run, console).make()


class Build:
    """One build of a warehouse. `run` is the records.Run that logs its steps. preview.py builds without publishing."""

    def __init__(self, options: argparse.Namespace, run, console, publishes: bool = True):
        self.options, self.run, self.console, self.publishes = options, run, console, publishes
        self.folder = options.warehouse.resolve()
        self.page, self.cluster = None, None
        if options.target == "spark":
            from support.spark import Cluster

            self.cluster = Cluster(options.master, self.folder)
        if options.memory_limit:
            os.environ["LEAD_SCORING_MEMORY_LIMIT"] = options.memory_limit

    def make(self) -> None:
        """Check the files, build and test with dbt, publish, print the summary. Raises Ending."""
        from support import erasures, inputs, summary, warehouse

        try:
            self.check_files()
            if self.cluster:
                self.cluster.check(self.options, self.sources())
            if self.options.select and warehouse.last_built_from(self.folder) != self.built_from:
                raise WrongInput(
                    f"--select {self.options.select}: raw tables, rules or options changed since the last complete build;"
                    " build without --select first"
                )
            requests = erasures.check(self.raw, self.folder) if self.publishes else None
            is_asked = self.options.full_refresh or self.options.select or not self.publishes
            if not is_asked and warehouse.is_published_from(self.folder, self.built_from):
                self.publish_what_is_there()
                said = "nothing new since the last published build"
            else:
                self.build(requests.contacts() if requests else [])
                said = f"built and published in {self.run.facts['seconds']:.0f} s" if self.publishes else ""
        finally:
            shutil.rmtree(inputs.place_of_rules(self.folder), ignore_errors=True)
        if self.publishes:
            self.export()
            summary.show(self.console, self.folder / warehouse.PUBLISHED, *self.told, said, self.page)
            self.tell_of(requests)

    def sources(self) -> list[str]:
        """The sources of this build besides the raw files."""
        return sorted({name.partition(".")[0] for name in self.raw if "." in name})

    def tell_of(self, requests) -> None:
        """After publishing: report erasures that match nobody. Raises ErasuresUnmatched."""
        if requests.requested:
            requests.find_in_sources(self.sources())
            self.run.tell("erasures", requested=requests.requested, matched=len(requests.matched), unmatched=len(requests.unmatched))
            requests.keep()
            if requests.unmatched and not self.options.allow_unmatched_erasures:
                raise ErasuresUnmatched("\n".join(requests.lines()), requests.count())
            self.console.print("\n".join(requests.lines()) if requests.unmatched else requests.count(), markup=False)

    def check_files(self) -> None:
        """Check raw tables, rules and dates, report all errors together, and copy the rules. Raises WrongInput."""
        from support import inputs, sources, warehouse

        options = self.options
        options.raw, options.source, options.time_zone = sources.folder_of(self.folder, options.raw, options.source, options.time_zone), [], []
        before = warehouse.remembered(self.folder).get("raw")
        options.raw = warehouse.raw_folder(self.folder, options.raw, options.change_raw)
        options.rules = warehouse.rules_folder(self.folder, options.rules)
        is_changed = before is not None and str(options.raw.resolve()) != before
        # The checks below report unreadable files together with all other errors.
        with contextlib.suppress(WrongInput, OSError):
            self.raw_files = inputs.raw_files(options.raw)
        found = inputs.all_of(
            {
                "as_of": lambda: inputs.as_of_dates(options.as_of),
                "forget": lambda: inputs.as_of_dates(options.forget, "--forget"),
                "raw": lambda: inputs.raw_locations(options.raw),
                "rules": lambda: inputs.copy_rules(options.rules, self.folder),
            }
        )
        self.raw, self.rules = found.pop("raw"), found.pop("rules")
        as_they_are = ("evaluate", "ledger", "keep_history_days", "max_rejected_percent", "max_lost_percent", "raw_keeps_days")
        self.settings = {
            **found,
            **{name: "" if getattr(options, name) is None else str(getattr(options, name)) for name in as_they_are},
            "drop_history": "yes" if options.drop_history else "no",
            # --change-raw implies that rows of the old raw tables may disappear.
            "allow_lost_rows": "yes" if options.allow_lost_rows or is_changed else "no",
            "publish_email": "yes" if options.publish_email else "no",
            "source_time_zones": sources.time_zones(options.raw),
        }
        engine = {"target": options.target} if self.cluster else {}
        self.built_from = inputs.fingerprint(options.raw, self.rules.folder, self.settings | engine)

    def check_raw(self) -> None:
        """Check that no raw file changed during the build, because each model reads the files itself. Raises BuildFailed."""
        from support import inputs

        changed = sorted({name for name, *_ in set(self.raw_files) ^ set(inputs.raw_files(self.options.raw))})
        if changed:
            # A mixture of two versions may have differences that the next build would not detect.
            for file in ("build.duckdb", "build.duckdb.wal"):
                (self.folder / file).unlink(missing_ok=True)
            raise BuildFailed(f"{self.options.raw}: {', '.join(changed)} changed during the build; run again when the export is complete")

    def build(self, erased: list[str]) -> None:
        """Build and test with dbt, without the `erased` contacts, and publish. Raises Ending."""
        import duckdb
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        from support import inputs, warehouse

        for told in (warehouse.prepare_next(self.folder, erased), warehouse.change_engine(self.folder, self.options.target) if self.publishes else None):
            if told:
                self.console.print(told, markup=False)
        locations = self.raw | {"runs": warehouse.runs_location(self.folder)}
        self.definitions = inputs.definitions(locations, self.rules.folder, self.settings, self.options.full_refresh)
        # Imported here, because loading dbt takes a second and the checks above do not need it.
        from support.dbt_project import Dbt

        # Not in `built_from`: a new day without new input needs no build.
        today = {"run_date": str(datetime.now(timezone.utc).date())}
        dbt = Dbt(self.folder, self.raw, self.rules.folder, self.settings | today, self.options.threads)
        columns = TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}{task.fields[node]}")
        with Progress(*columns, console=self.console) as progress:
            try:
                self.run_dbt(dbt, progress)
                self.check_raw()
            except BuildFailed:
                inputs.check_raw_files(self.raw)
                self.check_raw()
                raise
            warehouse.remember_built_from(self.folder, self.built_from)
            if self.publishes:
                task = progress.add_task("Publishing", total=1, node="", left="")
                self.run.tell("began", phase="Publishing")
                self.publish("published")
                # A selection does not rebuild views that another process may have changed.
                if self.is_defined or not self.options.select:
                    with contextlib.suppress(duckdb.Error, OSError):
                        warehouse.remember_definitions(self.folder, self.definitions)
                progress.update(task, completed=1)

    def run_dbt(self, dbt, progress) -> None:
        """Parse the project, check the rules, build everything or the selection. Raises Ending."""
        from support import findings, warehouse

        options, timings = self.options, warehouse.Timings(self.folder)

        def phase(name: str, command, *arguments: str) -> bool:
            task = progress.add_task(name, total=None, node="", left="")
            self.run.tell("began", phase=name)
            left = timings.left(name)
            done = command(*arguments, on_node=lambda number, total, node: progress.update(task, completed=number - 1, total=total, node=node, left=left(node)))
            results = command.__self__.results
            count = len(results) or 1
            progress.update(task, completed=count, total=count, node="", left="")
            timings.keep(name, progress.tasks[task].elapsed or 0, {result.node.name: result.execution_time for result in results})
            seconds = {result.node.name: round(result.execution_time, 2) for result in results if result.node.resource_type == "model"}
            self.run.tell("ended", phase=name, ok=done, seconds=round(progress.tasks[task].elapsed or 0, 1), models=seconds)
            return done

        if not phase("Reading the project", dbt.parse):
            raise BuildFailed("\n".join(dbt.failures()))
        if options.select and (problem := dbt.problem_of_selection(options.select)):
            raise WrongInput(f"--select {options.select}: {problem}")
        self.is_defined = not self.cluster and warehouse.stands_as_defined(self.folder, self.definitions)
        warehouse.remember_definitions(self.folder, None)
        if not self.is_defined:
            checked = phase("Checking the rules", dbt.run, "build", "--select", "+int_rule_problems", "--exclude-resource-type", "unit_test")
            problems = findings.rule_problems(self.folder, options.rules, self.rules) if dbt.built("int_rule_problems") else []
            if problems:
                raise WrongInput("\n".join(problems))
            if not checked:
                raise BuildFailed("\n".join(dbt.failures()))
        # If the build stops half-way, a later --select must not use its tables.
        warehouse.remember_built_from(self.folder, None)
        if options.select:
            selection = ["--select", options.select, "tag:law"]
        elif self.cluster:
            selection = self.cluster.build(dbt, self.raw, self.settings, options.threads, options.full_refresh, phase)
        else:
            selection = ["--exclude", "+int_rule_problems"]
            if self.is_defined:
                # Cautious: tests that read both kept rules and rebuilt tables still run.
                selection += [*RULES, "--select", *ALL_BUT_VIEWS, "--indirect-selection", "cautious"]
        refresh = ["--full-refresh"] if options.full_refresh else []
        done = phase("Building and testing", dbt.run, "build", "--exclude-resource-type", "unit_test", *selection, *refresh)
        if not done and dbt.was_short_of_memory():
            dbt.threads = ["--threads", "1"]
            # Not dbt's retry, which parses the project for itself, without this build's raw tables.
            done = phase("The rest one at a time", dbt.run, "build", "--indirect-selection", "empty", "--select", *dbt.left(), *refresh)
        if not done:
            raise BuildFailed("\n".join(findings.failures(dbt.failures(), self.folder, options.max_rejected_percent)))

    def publish_what_is_there(self) -> None:
        """Publish a copy with a new record in scoring_runs: raw tables, rules, settings and project have not changed."""
        from support import warehouse

        try:
            self.publish("nothing new")
        except BuildFailed:
            # Make the next run build.
            warehouse.remember_built_from(self.folder, None)
            raise

    def publish(self, outcome: str) -> None:
        """Publish the build, and keep counts, evaluations and warnings for the summary. Raises BuildFailed."""
        import duckdb

        from support import findings, records, report, warehouse

        lost = []
        self.page = report.Page(self.folder, not self.options.no_report)
        try:
            if outcome == "nothing new":
                warehouse.prepare_next(self.folder)
            with warehouse.connect_build(self.folder) as connection:
                counts, facts = findings.counts_and_facts(connection)
                given = findings.given(connection, self.sources())
                self.told = counts, given, findings.judgements(connection), findings.warnings(connection)
                if outcome == "published":
                    lost = [f"raw.{table}: {text.split(':')[0]}" for table, _, text in findings.losses(connection)]
            self.run.facts |= facts
            warehouse.publish(self.folder, self.run.finish(OK, outcome, "; ".join(lost) or None), self.page)
            self.run.is_published = True
            self.run.tell("report", problem=records.without_values(self.page.problem))
            warehouse.remember(self.folder, self.options.raw, self.options.rules)
            warehouse.note(self.folder, "engine", None if self.options.target == "duckdb" else self.options.target)
            # Dates that are in the future today are scored later without new input, so do not skip that build.
            if not any(findings.AHEAD in line for line in self.told[-1]):
                warehouse.remember_published_from(self.folder, self.built_from)
        except (duckdb.Error, OSError) as error:
            raise BuildFailed(f"publishing: {' '.join(str(error).split())}") from None

    def export(self) -> None:
        """Write the requested csv files. Raises ExportFailed."""
        import duckdb

        from support import warehouse

        destination = self.options.export_csv
        if destination:
            try:
                with duckdb.connect(str(self.folder / warehouse.PUBLISHED), read_only=True) as connection:
                    warehouse.write_csv(connection, destination)
            except (duckdb.Error, OSError) as error:
                raise ExportFailed(f"{destination}: {' '.join(str(error).split())}") from None


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter(*{"postgres": [environment.POSTGRES], "spark": [environment.SPARK]}.get(chosen.target, []))
    code = main(chosen)
    if chosen.target == "spark":
        # What Spark leaves in this process keeps modules alive, and at Python's end DuckDB's bindings print a page about it.
        sys.stderr.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.exit(code)
