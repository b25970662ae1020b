#!/usr/bin/env python3
"""Build, test and publish the lead scores.

Exit code 0: published. 1: the build or a test failed, nothing was published. 2: wrong usage or input, nothing was
published. A published file that existed before stays as it was unless the exit code is 0.
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
import traceback
from datetime import datetime, timezone
from pathlib import Path

from support import environment
from support.endings import BuildFailed, Ending, ErasuresUnmatched, ExportFailed, WrongInput
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT

# Numbers among the options: the least, the most, and what they must be.
LIMITS = {
    "threads": (1, 1e9, "at least 1"),
    "wait": (0, sys.float_info.max, "a number of seconds, at least 0"),
    "evaluate": (0, 520, "a number of weeks, from 0 to 520"),
    "keep_history_days": (0, 999_999, "a number of days, at least 0"),
    "raw_keeps_days": (0, 999_999, "a number of days, at least 0"),
    "max_rejected_percent": (0, 100, "from 0 to 100"),
    "max_lost_percent": (0, 100, "from 0 to 100"),
}

# What a build makes anew though no definition has changed (dbt's selection syntax): views then stay.
ALL_BUT_VIEWS = ("config.materialized:table", "config.materialized:incremental", "resource_type:test")
# So do the tables that hang on rules and contract alone, with their tests.
RULES = ("path:models/staging/rules", "path:models/intermediate/rules", "path:contract")

# MB of address space, threads and all.
LEAST_MEMORY = 1400


def folder(text: str) -> Path:
    """A folder's path. Empty text, such as that of a variable that is not set, would be the present folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a folder")
    return Path(text)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build, test and publish the lead scores.")
    parser.add_argument("--raw", type=folder, metavar="DIR", help="folder of the raw tables, parquet or csv (default: the one the warehouse was built from; for a new one the sample data)")
    parser.add_argument("--change-raw", action="store_true", help="build a published warehouse from another folder of raw tables than before")
    parser.add_argument("--rules", type=folder, metavar="DIR", help="folder of the rule seeds (default: the one the warehouse was built by; for a new one seeds)")
    parser.add_argument("--warehouse", type=folder, default=PROJECT / "warehouse", metavar="DIR", help="folder to build and publish in (default: warehouse)")
    parser.add_argument("--as-of", action="append", default=[], metavar="DATE", help="score as of this date, or of every date FROM..TO; may be given more than once (default: the date of the latest event)")
    parser.add_argument("--evaluate", type=int, default=0, metavar="N", help="also score the last N Sundays by the rules of now, so that outcomes can judge them")
    parser.add_argument("--ledger", choices=["latest", "all"], default="latest", help="publish the contributions of the latest date of the history, or also of the dates of --as-of")
    parser.add_argument("--full-refresh", action="store_true", help="read all raw tables again, and score every date of the history by the rules of now")
    parser.add_argument("--keep-history-days", type=int, metavar="N", help="as-of dates more than N days before the latest leave the history (default: all stay)")
    parser.add_argument("--drop-history", action="store_true", help="let --keep-history-days drop more than half of the history in one run")
    parser.add_argument("--forget", action="append", default=[], metavar="DATE", help="as-of dates, written as for --as-of, that are to leave the history")
    parser.add_argument("--max-rejected-percent", type=float, default=25, metavar="P", help="fail where more than P percent of a raw table of at least 100 rows cannot be used (default: 25)")
    parser.add_argument("--max-lost-percent", type=float, default=5, metavar="P", help="fail where more than P percent of a raw table's rows, or a whole day, are gone since the last published build (default: 5)")
    parser.add_argument("--allow-lost-rows", action="store_true", help="build although raw tables have lost rows")
    parser.add_argument("--raw-keeps-days", type=int, metavar="N", help="the source keeps N days of events, identities and outcomes: older rows may go (default: it keeps all)")
    parser.add_argument("--allow-unmatched-erasures", action="store_true", help="end with 0 although rows of raw.erasures match nobody")
    parser.add_argument("--publish-email", action="store_true", help="show e-mail addresses in rejected_contacts")
    parser.add_argument("--export-csv", type=folder, metavar="DIR", help="also write the published tables as csv files, safe to open in a spreadsheet")
    parser.add_argument("--json", action="store_true", help="print the record of the run as one line of json, and the rest to stderr")
    parser.add_argument("--select", metavar="NODES", help="build only these nodes (dbt's selection syntax); the laws are tested before anything is published")
    parser.add_argument("--threads", type=int, metavar="N", help="number of models that are built at the same time")
    parser.add_argument("--memory-limit", metavar="SIZE", help="memory that DuckDB may use, such as 8GB; what does not fit goes to disk (default: 80%% of the machine's)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait this long for another build of the same warehouse")
    chosen = parser.parse_args(arguments)
    for name, (least, most, what) in LIMITS.items():
        number = getattr(chosen, name)
        if number is not None and not least <= number <= most:
            parser.error(f"--{name.replace('_', '-')} must be {what}")
    if chosen.memory_limit is not None and not re.fullmatch(r"(100|[1-9]?\d(\.\d+)?)%|\d+(\.\d+)?[KMGT]i?B", chosen.memory_limit):
        parser.error("--memory-limit must be a size such as 8GB, or a share such as 50%")
    if chosen.select is not None and not chosen.select.strip():
        parser.error("--select must name something")
    return chosen


def memory_allowed() -> float:
    """How many MB of memory the process may have, by the system's limit to it."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        return float("inf") if limit == resource.RLIM_INFINITY else limit >> 20
    except ImportError:  # Windows has no such limit.
        return float("inf")


def main(options: argparse.Namespace) -> int:
    """Run the build with parsed options; returns the exit code."""
    if memory_allowed() < LEAST_MEMORY:
        # Short of it, threads cannot begin, and dbt waits for them without end.
        print(f"{WrongInput.said}:\nthe system allows {memory_allowed()} MB of memory (ulimit -v); a build needs {LEAST_MEMORY} MB", file=sys.stderr)
        return WRONG_INPUT

    from rich.console import Console

    # On a full disk dbt's log cannot be written; that is told once, by what fails, and not for each line.
    logging.raiseExceptions = False

    from support import records
    from support.summary import printable
    from support.warehouse import held

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code, and the build goes on.
        stream.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, stderr=options.json)
    run = None

    def failed() -> str:
        return "The scores are published, but then something failed" if run and run.is_published else Ending.said

    try:
        with held(options.warehouse.resolve(), options.wait):
            run = records.Run(options.warehouse.resolve())
            record_when_stopped(run, options, console)
            try:
                build_with_sound_file(options, run, console)
            except Ending as problem:
                run.finish(problem.code, problem.outcome, problem.record)
                print(f"{problem.said}:\n{printable(problem)}", file=sys.stderr)
            except Exception as problem:  # Whatever it is, a scheduler gets a line and a code, and the log the rest.
                run.finish(FAILED, "failed", " ".join(f"{type(problem).__name__}: {problem}".split()))
                # Its text may quote a cell.
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
    """On Ctrl-C or SIGTERM write the record of the run and end at once: dbt would wait for queries, and hides the cause.

    The process may end anywhere, as when it is killed (tests/test_crashes.py): the published file stays, and the next run repairs the rest.
    """

    def stop(number, _):
        # A second signal while the record is written must not write another.
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

    # A thread that is not the main one, of a program that runs this, gets no signals.
    with contextlib.suppress(ValueError):
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, stop)


def build_with_sound_file(options: argparse.Namespace, run, console) -> None:
    """Build; where build.duckdb turns out to be broken, set it aside and build again, once: all but the history comes from the raw tables."""
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
    """One build of a warehouse. `run` is the records.Run that it tells its steps. preview.py makes builds that are not published."""

    def __init__(self, options: argparse.Namespace, run, console, publishes: bool = True):
        self.options, self.run, self.console, self.publishes = options, run, console, publishes
        self.folder = options.warehouse.resolve()
        if options.memory_limit:
            os.environ["LEAD_SCORING_MEMORY_LIMIT"] = options.memory_limit

    def make(self) -> None:
        """Check the files, build and test with dbt, publish, print the summary. Raises Ending."""
        from support import erasures, summary, warehouse

        self.check_files()
        try:
            if self.options.select and warehouse.last_built_from(self.folder) != self.built_from:
                raise WrongInput(
                    f"--select {self.options.select}: the raw tables, rules or options are not those of the last whole build here,"
                    " so a part would not fit the rest; build without --select first"
                )
            requests = erasures.check(self.raw, self.folder) if self.publishes else None
            is_asked = self.options.full_refresh or self.options.select or not self.publishes
            if not is_asked and warehouse.is_published_from(self.folder, self.built_from):
                self.publish_what_is_there()
                said = "nothing is new since it was published"
            else:
                self.build(requests.contacts() if requests else [])
                said = f"built and published in {self.run.facts['seconds']:.0f} s" if self.publishes else ""
        finally:
            shutil.rmtree(self.rules.folder, ignore_errors=True)
        if self.publishes:
            self.export()
            summary.show(self.console, self.folder / warehouse.PUBLISHED, *self.told, said)
            self.tell_of(requests)

    def tell_of(self, requests) -> None:
        """Once the scores are published: tell of erasures that match nobody. Raises ErasuresUnmatched."""
        if requests.requested:
            self.run.tell("erasures", requested=requests.requested, matched=len(requests.matched), unmatched=len(requests.unmatched))
            requests.keep()
            if requests.unmatched and not self.options.allow_unmatched_erasures:
                raise ErasuresUnmatched("\n".join(requests.lines()), requests.count())
            self.console.print("\n".join(requests.lines()) if requests.unmatched else requests.count(), markup=False)

    def check_files(self) -> None:
        """Check raw tables, rules and dates, all of them, and copy the rules. Raises WrongInput."""
        from support import inputs, warehouse

        options = self.options
        before = warehouse.remembered(self.folder).get("raw")
        options.raw = warehouse.raw_folder(self.folder, options.raw, options.change_raw)
        options.rules = warehouse.rules_folder(self.folder, options.rules)
        is_changed = before is not None and str(options.raw.resolve()) != before
        # What cannot be read is told by the checks, with everything else.
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
            # Who changes the raw tables has said that the old ones go.
            "allow_lost_rows": "yes" if options.allow_lost_rows or is_changed else "no",
            "publish_email": "yes" if options.publish_email else "no",
        }
        self.built_from = inputs.fingerprint(options.raw, self.rules.folder, self.settings)

    def check_raw(self) -> None:
        """Each model reads the raw files for itself, so all must have read the same ones. Raises BuildFailed."""
        from support import inputs

        changed = sorted({name for name, *_ in set(self.raw_files) ^ set(inputs.raw_files(self.options.raw))})
        if changed:
            # What was built of two versions may hold more of them than the next build would mend.
            for file in ("build.duckdb", "build.duckdb.wal"):
                (self.folder / file).unlink(missing_ok=True)
            raise BuildFailed(f"{self.options.raw}: {', '.join(changed)} changed while the build read it; run again when the export is complete")

    def build(self, erased: list[str]) -> None:
        """Build and test with dbt, without contacts that are `erased`, and publish. Raises Ending."""
        import duckdb
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        from support import inputs, warehouse

        if told := warehouse.prepare_next(self.folder, erased):
            self.console.print(told, markup=False)
        locations = self.raw | {"runs": warehouse.runs_location(self.folder)}
        self.definitions = inputs.definitions(locations, self.rules.folder, self.settings, self.options.full_refresh)
        # Not before: what is told until here needs no dbt, and to load it takes a second.
        from support.dbt_project import Dbt

        # Not among the settings that are compared: another day alone is nothing new.
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
                # A selection does not make views that somebody else may have changed.
                if self.is_defined or not self.options.select:
                    with contextlib.suppress(duckdb.Error, OSError):
                        warehouse.remember_definitions(self.folder, self.definitions)
                progress.update(task, completed=1)

    def run_dbt(self, dbt, progress) -> None:
        """Read the project, check the rules, build all or what was selected. Raises Ending."""
        from support import findings, warehouse

        options, timings = self.options, warehouse.Timings(self.folder)

        def phase(name: str, command, *arguments: str) -> bool:
            task = progress.add_task(name, total=None, node="", left="")
            self.run.tell("began", phase=name)
            left = timings.left(name)
            done = command(*arguments, on_node=lambda number, total, node: progress.update(task, completed=number - 1, total=total, node=node, left=left(node)))
            count = len(dbt.results) or 1
            progress.update(task, completed=count, total=count, node="", left="")
            timings.keep(name, progress.tasks[task].elapsed or 0, {result.node.name: result.execution_time for result in dbt.results})
            seconds = {result.node.name: round(result.execution_time, 2) for result in dbt.results if result.node.resource_type == "model"}
            self.run.tell("ended", phase=name, ok=done, seconds=round(progress.tasks[task].elapsed or 0, 1), models=seconds)
            return done

        if not phase("Reading the project", dbt.parse):
            raise BuildFailed("\n".join(dbt.failures()))
        if options.select and (problem := dbt.problem_of_selection(options.select)):
            raise WrongInput(f"--select {options.select}: {problem}")
        self.is_defined = warehouse.stands_as_defined(self.folder, self.definitions)
        warehouse.remember_definitions(self.folder, None)
        if not self.is_defined:
            checked = phase("Checking the rules", dbt.run, "build", "--no-write-json", "--select", "+int_rule_problems", "--exclude-resource-type", "unit_test")
            problems = findings.rule_problems(self.folder, options.rules, self.rules) if dbt.built("int_rule_problems") else []
            if problems:
                raise WrongInput("\n".join(problems))
            if not checked:
                raise BuildFailed("\n".join(dbt.failures()))
        # A build that stops half-way leaves tables that a later --select must not build on.
        warehouse.remember_built_from(self.folder, None)
        if options.select:
            selection = ["--select", options.select, "tag:law"]
        else:
            selection = ["--exclude", "+int_rule_problems"]
            if self.is_defined:
                # Cautious, for a law that reads rules beside what is made anew is to be tested.
                selection += [*RULES, "--select", *ALL_BUT_VIEWS, "--indirect-selection", "cautious"]
        selection += ["--full-refresh"] if options.full_refresh else []
        done = phase("Building and testing", dbt.run, "build", "--exclude-resource-type", "unit_test", *selection)
        if not done and dbt.was_short_of_memory():
            dbt.threads = ["--threads", "1"]
            done = phase("The rest one at a time", dbt.run, "retry")
        if not done:
            raise BuildFailed("\n".join(findings.failures(dbt.failures(), self.folder, options.max_rejected_percent)))

    def publish_what_is_there(self) -> None:
        """Raw tables, rules, settings and project are those that the published file was made from: it stays, but for the record of runs."""
        from support import warehouse

        try:
            self.publish("nothing new")
        except BuildFailed:
            # The next run builds all the same.
            warehouse.remember_built_from(self.folder, None)
            raise

    def publish(self, outcome: str) -> None:
        """Publish what is built, and keep what to tell of it: counts, judgements and warnings. Raises BuildFailed."""
        import duckdb

        from support import findings, warehouse

        lost = []
        try:
            if outcome == "nothing new":
                warehouse.prepare_next(self.folder)
            with warehouse.connect_build(self.folder) as connection:
                counts, facts = findings.counts_and_facts(connection)
                self.told = counts, findings.judgements(connection), findings.warnings(connection)
                if outcome == "published":
                    lost = [f"raw.{table}: {text.split(':')[0]}" for table, _, text in findings.losses(connection)]
            self.run.facts |= facts
            warehouse.publish(self.folder, self.run.finish(OK, outcome, "; ".join(lost) or None))
            self.run.is_published = True
            warehouse.remember(self.folder, self.options.raw, self.options.rules)
            # With the days, what is in the future now becomes a date to score.
            if not any(findings.AHEAD in line for line in self.told[-1]):
                warehouse.remember_published_from(self.folder, self.built_from)
        except (duckdb.Error, OSError) as error:
            raise BuildFailed(f"publishing: {' '.join(str(error).split())}") from None

    def export(self) -> None:
        """Write the csv files that were asked for. Raises ExportFailed."""
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
    environment.enter()
    sys.exit(main(chosen))
