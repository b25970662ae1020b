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
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT

# What a build makes anew though no definition has changed (dbt's selection syntax): views then stay.
ALL_BUT_VIEWS = ("config.materialized:table", "config.materialized:incremental", "resource_type:test")

# MB of address space, threads and all.
LEAST_MEMORY = 1400


class BuildFailed(Exception):
    """dbt or publishing failed. Its text is one line per model or test."""


class ErasuresUnmatched(Exception):
    """The scores are published; rows of raw.erasures match nobody. `count` is the text for the record, without ids."""

    def __init__(self, erasures):
        super().__init__("\n".join(erasures.lines()))
        self.count = erasures.count()


class ExportFailed(Exception):
    """The scores are published; the csv files could not be written. Its text names the folder and the cause."""


def folder(text: str) -> Path:
    """A folder's path. Empty text, such as that of a variable that is not set, would be the present folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a folder")
    return Path(text)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build, test and publish the lead scores.")
    parser.add_argument("--raw", type=folder, metavar="DIR", help="folder of the raw tables, parquet or csv (default: the one the warehouse was built from; for a new one the sample data)")
    parser.add_argument("--source", action="append", default=[], metavar="NAME=DIR", help="an export of another system, such as hubspot=exports/hubspot; may be given more than once, and beside --raw (docs/sources.md)")
    parser.add_argument("--time-zone", action="append", default=[], metavar="NAME=ZONE", help="the time zone of a source whose times carry none, such as pardot=Europe/Warsaw (default: UTC)")
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
    if chosen.threads is not None and chosen.threads < 1:
        parser.error("--threads must be at least 1")
    if not 0 <= chosen.wait < float("inf"):
        parser.error("--wait must be a number of seconds, at least 0")
    if not 0 <= chosen.evaluate <= 520:
        parser.error("--evaluate must be a number of weeks, from 0 to 520")
    if chosen.keep_history_days is not None and not 0 <= chosen.keep_history_days <= 999_999:
        parser.error("--keep-history-days must be a number of days, at least 0")
    if not 0 <= chosen.max_rejected_percent <= 100:
        parser.error("--max-rejected-percent must be from 0 to 100")
    if not 0 <= chosen.max_lost_percent <= 100:
        parser.error("--max-lost-percent must be from 0 to 100")
    if chosen.raw_keeps_days is not None and not 0 <= chosen.raw_keeps_days <= 999_999:
        parser.error("--raw-keeps-days must be a number of days, at least 0")
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
        print(f"Nothing was built or published. What is wrong:\nthe system allows {memory_allowed()} MB of memory (ulimit -v); a build needs {LEAST_MEMORY} MB", file=sys.stderr)
        return WRONG_INPUT

    from rich.console import Console

    # On a full disk dbt's log cannot be written; that is told once, by what fails, and not for each line.
    logging.raiseExceptions = False

    from support import records
    from support.inputs import WrongInput
    from support.summary import printable
    from support.warehouse import held

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code, and the build goes on.
        stream.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, stderr=options.json)
    run = None
    try:
        with held(options.warehouse.resolve(), options.wait):
            run = records.Run(options.warehouse.resolve())
            record_when_stopped(run, options, console)
            try:
                build_with_sound_file(options, run, console)
            except WrongInput as problem:
                run.finish(WRONG_INPUT, "wrong input", str(problem))
                print(f"Nothing was built or published. What is wrong:\n{printable(problem)}", file=sys.stderr)
            except BuildFailed as problem:
                run.finish(FAILED, "failed", str(problem))
                print(f"Nothing was published. What failed:\n{printable(problem)}", file=sys.stderr)
            except ExportFailed as problem:
                run.finish(FAILED, "published, not exported", str(problem))
                print(f"The scores are published, but the csv files could not be written:\n{problem}", file=sys.stderr)
            except ErasuresUnmatched as problem:
                run.finish(FAILED, "published, erasures unmatched", problem.count)
                print(f"The scores are published, but erasures are not done:\n{printable(problem)}", file=sys.stderr)
            except Exception as problem:  # Whatever it is, a scheduler gets a line and a code, and the log the rest.
                run.finish(FAILED, "failed", " ".join(f"{type(problem).__name__}: {problem}".split()))
                # Its text may quote a cell.
                run.tell("failed", error=type(problem).__name__, traceback="".join(traceback.format_tb(problem.__traceback__)))
                said = "The scores are published, but then something failed" if run.is_published else "Nothing was published. What failed"
                print(f"{said}:\n{printable(run.facts['message'])}\nMore is in {run.log}", file=sys.stderr)
            run.keep()
            if options.json:
                print(json.dumps(run.facts, default=str))
            return run.facts["exit_code"]
    except WrongInput as problem:
        print(f"Nothing was built or published. What is wrong:\n{problem}", file=sys.stderr)
        if options.json:
            print(json.dumps({"outcome": "wrong input", "exit_code": WRONG_INPUT, "message": str(problem)}))
        return WRONG_INPUT
    except OSError as error:
        # The log or the record of the run could not be written.
        said = "The scores are published, but then something failed" if run and run.is_published else "Nothing was published. What failed"
        print(f"{said}:\n{error.filename or options.warehouse}: {error.strerror}", file=sys.stderr)
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

    folder = options.warehouse.resolve()
    try:
        build(options, run, console)
    except (BuildFailed, duckdb.Error) as problem:
        if run.is_published or not warehouse.is_broken(str(problem)):
            raise
        warehouse.set_aside(folder)
        run.tell("set aside", file="build.duckdb.broken")
        print(f"{folder / 'build.duckdb'} is broken: it is set aside as build.duckdb.broken and made anew from the raw tables.", file=sys.stderr)
        build(options, run, console)


def build(options: argparse.Namespace, run, console, publishes: bool = True) -> None:
    """Check the files, build and test with dbt, publish, print the summary. `run` is the records.Run that it tells its steps.

    Where it does not publish (preview.py), it ends when all is built and tested.
    """
    from support import erasures, inputs, sources, warehouse

    folder = options.warehouse.resolve()
    options.raw, options.source, options.time_zone = sources.folder_of(folder, options.raw, options.source, options.time_zone), [], []
    if options.memory_limit:
        os.environ["LEAD_SCORING_MEMORY_LIMIT"] = options.memory_limit
    before = warehouse.remembered(folder).get("raw")
    options.raw = warehouse.raw_folder(folder, options.raw, options.change_raw)
    options.rules = warehouse.rules_folder(folder, options.rules)
    is_changed = before is not None and str(options.raw.resolve()) != before
    # What cannot be read is told by the checks, with everything else.
    raw_files = None
    with contextlib.suppress(inputs.WrongInput, OSError):
        raw_files = inputs.raw_files(options.raw)
    checks = {
        "as_of": lambda: inputs.as_of_dates(options.as_of),
        "forget": lambda: inputs.as_of_dates(options.forget, "--forget"),
        "raw": lambda: inputs.raw_locations(options.raw),
        "rules": lambda: inputs.copy_rules(options.rules, folder),
    }
    found, problems = {}, []
    for name, check in checks.items():
        try:
            found[name] = check()
        except inputs.WrongInput as problem:
            problems.append(str(problem))
        except OSError as error:
            problems.append(f"{error.filename}: cannot be read: {error.strerror}")
    if problems:
        raise inputs.WrongInput("\n".join(problems))
    rules = found["rules"]
    settings = {
        "as_of": found["as_of"],
        "forget": found["forget"],
        "evaluate": options.evaluate,
        "ledger": options.ledger,
        "keep_history_days": "" if options.keep_history_days is None else str(options.keep_history_days),
        "drop_history": "yes" if options.drop_history else "no",
        "max_rejected_percent": options.max_rejected_percent,
        "max_lost_percent": options.max_lost_percent,
        # Who changes the raw tables has said that the old ones go.
        "allow_lost_rows": "yes" if options.allow_lost_rows or is_changed else "no",
        "raw_keeps_days": "" if options.raw_keeps_days is None else str(options.raw_keeps_days),
        "publish_email": "yes" if options.publish_email else "no",
        "source_time_zones": sources.time_zones(options.raw),
    }
    built_from = inputs.fingerprint(options.raw, rules.folder, settings)
    if options.select and warehouse.last_built_from(folder) != built_from:
        raise inputs.WrongInput(
            f"--select {options.select}: the raw tables, rules or options are not those of the last whole build here,"
            " so a part would not fit the rest; build without --select first"
        )
    requests = erasures.check(found["raw"], folder) if publishes else None
    if publishes and not options.full_refresh and not options.select and warehouse.is_published_from(folder, built_from):
        shutil.rmtree(rules.folder, ignore_errors=True)
        nothing_new(folder, built_from, options, run, console)
        told_of(requests, options, run, console)
        return
    told = warehouse.prepare_next(folder, requests.contacts() if requests else [])
    if told:
        console.print(told, markup=False)
    locations = found["raw"] | {"runs": warehouse.runs_location(folder)}
    definitions = inputs.definitions(locations, rules.folder, settings, options.full_refresh)
    # Not among the settings that are compared: another day alone is nothing new.
    today = {"run_date": str(datetime.now(timezone.utc).date())}
    dbt = warehouse.Dbt(folder, found["raw"], rules.folder, settings | today, options.threads)

    def check_raw() -> None:
        """Each model reads the raw files for itself, so all must have read the same ones. Raises BuildFailed."""
        changed = sorted({name for name, *_ in set(raw_files) ^ set(inputs.raw_files(options.raw))})
        if changed:
            # What was built of two versions may hold more of them than the next build would mend.
            for file in ("build.duckdb", "build.duckdb.wal"):
                (folder / file).unlink(missing_ok=True)
            raise BuildFailed(f"{options.raw}: {', '.join(changed)} changed while the build read it; run again when the export is complete")

    try:
        build_from(rules, built_from, definitions, dbt, options, run, console, publishes, check_raw)
    except BuildFailed:
        inputs.check_raw_files(found["raw"])
        check_raw()
        raise
    finally:
        shutil.rmtree(rules.folder, ignore_errors=True)
    if publishes:
        told_of(requests, options, run, console)


def told_of(requests, options: argparse.Namespace, run, console) -> None:
    """Once the scores are published: tell of erasures that match nobody. Raises ErasuresUnmatched."""
    if requests.requested:
        run.tell("erasures", requested=requests.requested, matched=len(requests.matched), unmatched=len(requests.unmatched))
        requests.keep()
        if requests.unmatched and not options.allow_unmatched_erasures:
            raise ErasuresUnmatched(requests)
        console.print("\n".join(requests.lines()) if requests.unmatched else requests.count(), markup=False)


def nothing_new(folder: Path, built_from: str, options: argparse.Namespace, run, console) -> None:
    """Raw tables, rules, settings and project are those that the published file was made from: it stays, but for the record of runs."""
    import duckdb

    from support import findings, summary, warehouse

    try:
        warehouse.prepare_next(folder)
        with warehouse.connect_build(folder) as connection:
            counts, judged, told = findings.counts(connection), findings.judgements(connection), findings.warnings(connection)
            run.facts |= findings.facts(connection)
        published = warehouse.publish_runs(folder, run.finish(OK, "nothing new"))
        run.is_published = True
        warehouse.remember_published_from(folder, built_from)
    except (duckdb.Error, OSError) as error:
        # The next run builds all the same.
        warehouse.remember_built_from(folder, None)
        raise BuildFailed(f"publishing: {' '.join(str(error).split())}") from None
    export(published, options.export_csv)
    summary.show(console, published, counts, judged, told, "nothing is new since it was published")


def export(published: Path, destination: Path | None) -> None:
    """Write the csv files that were asked for. Raises ExportFailed."""
    import duckdb

    from support import warehouse

    if destination:
        try:
            warehouse.export_csv(published, destination)
        except (duckdb.Error, OSError) as error:
            raise ExportFailed(f"{destination}: {' '.join(str(error).split())}") from None


def build_from(rules, built_from: str, definitions: str, dbt, options: argparse.Namespace, run, console, publishes: bool, check_raw) -> None:
    """The part of the build that follows the checks of the files.

    `rules` is the copy of the seeds; `built_from` and `definitions` are the fingerprints of the input, and of it without rows and dates.
    `check_raw` raises BuildFailed where the raw files are no longer those that the build began with.
    """
    import duckdb
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from support import findings, inputs, summary, warehouse

    folder = options.warehouse.resolve()
    columns = TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}{task.fields[node]}")
    timings = warehouse.Timings(folder)
    with Progress(*columns, console=console) as progress:

        def phase(name: str, *arguments: str) -> bool:
            task = progress.add_task(name, total=None, node="", left="")
            run.tell("began", phase=name)
            left = timings.left(name)
            done = dbt.run(*arguments, on_node=lambda number, total, node: progress.update(task, completed=number - 1, total=total, node=node, left=left(node)))
            count = len(dbt.results) or 1
            progress.update(task, completed=count, total=count, node="", left="")
            timings.keep(name, progress.tasks[task].elapsed or 0, {result.node.name: result.execution_time for result in dbt.results})
            seconds = {result.node.name: round(result.execution_time, 2) for result in dbt.results if result.node.resource_type == "model"}
            run.tell("ended", phase=name, ok=done, seconds=round(progress.tasks[task].elapsed or 0, 1), models=seconds)
            return done

        if not phase("Reading the project", "parse", "--no-write-json"):
            raise BuildFailed("\n".join(dbt.failures()))
        if options.select and (problem := dbt.problem_of_selection(options.select)):
            raise inputs.WrongInput(f"--select {options.select}: {problem}")
        is_defined = warehouse.stands_as_defined(folder, definitions)
        warehouse.remember_definitions(folder, None)
        if not is_defined:
            checked = phase("Checking the rules", "build", "--no-write-json", "--select", "+int_rule_problems", "--exclude-resource-type", "unit_test")
            problems = rule_problems(folder, options.rules, rules) if dbt.built("int_rule_problems") else []
            if problems:
                raise inputs.WrongInput("\n".join(problems))
            if not checked:
                raise BuildFailed("\n".join(dbt.failures()))
        # A build that stops half-way leaves tables that a later --select must not build on.
        warehouse.remember_built_from(folder, None)
        if options.select:
            selection = ["--select", options.select, "tag:law"]
        else:
            selection = ["--select", *ALL_BUT_VIEWS] if is_defined else []
            selection += ["--exclude", "+int_rule_problems"]
        refresh = ["--full-refresh"] if options.full_refresh else []
        done = phase("Building and testing", "build", "--exclude-resource-type", "unit_test", *selection, *refresh)
        if not done and dbt.was_short_of_memory():
            dbt.threads = ["--threads", "1"]
            done = phase("The rest one at a time", "retry")
        if not done:
            raise BuildFailed("\n".join(failures(dbt, folder, options.max_rejected_percent)))
        check_raw()
        warehouse.remember_built_from(folder, built_from)
        if not publishes:
            return
        task = progress.add_task("Publishing", total=1, node="", left="")
        run.tell("began", phase="Publishing")
        try:
            with warehouse.connect_build(folder) as connection:
                counts, judged, told = findings.counts(connection), findings.judgements(connection), findings.warnings(connection)
                run.facts |= findings.facts(connection)
                lost = [f"raw.{table}: {text.split(':')[0]}" for table, _, text in findings.losses(connection)]
            published = warehouse.publish(folder, run.finish(OK, "published", "; ".join(lost) or None))
            run.is_published = True
            warehouse.remember(folder, options.raw, options.rules)
            # With the days, what is in the future now becomes a date to score.
            if not any(findings.AHEAD in line for line in told):
                warehouse.remember_published_from(folder, built_from)
        except (duckdb.Error, OSError) as error:
            raise BuildFailed(f"publishing: {' '.join(str(error).split())}") from None
        # A selection does not make views that somebody else may have changed.
        if is_defined or not options.select:
            with contextlib.suppress(duckdb.Error, OSError):
                warehouse.remember_definitions(folder, definitions)
        progress.update(task, completed=1)
    export(published, options.export_csv)
    summary.show(console, published, counts, judged, told, f"built and published in {run.facts['seconds']:.0f} s")


def failures(dbt, folder: Path, max_rejected_percent: float) -> list[str]:
    """One line per model or test that failed; of too many rejected rows, which table and which reasons grew."""
    from support import findings, warehouse

    problems = [
        f"{problem}\nThe warehouse was built by an earlier version of the project: run once with --full-refresh" if "out of sync" in problem else problem
        for problem in dbt.failures()
    ]
    if any(problem.startswith("law_10_raw_tables_have_not_lost_their_rows:") for problem in problems):
        with warehouse.connect_build(folder) as connection:
            lost = [f"raw.{table}: {text}" for table, is_refused, text in findings.losses(connection) if is_refused]
        return [
            "The raw tables have lost rows since the last published build:",
            *lost,
            "If a feed or an export broke, repair it and run again. If the rows are gone on purpose: --allow-lost-rows once, or"
            " --raw-keeps-days N for a source that keeps N days.",
        ]
    if any(problem.startswith("too_many_rows_are_rejected:") for problem in problems):
        problems = [problem for problem in problems if not problem.startswith("too_many_rows_are_rejected:")]
        with warehouse.connect_build(folder) as connection:
            problems += findings.rejections(connection, folder / warehouse.PUBLISHED, max_rejected_percent)
    return problems


def rule_problems(folder: Path, rules_folder: Path, rules) -> list[str]:
    """One line per problem in the rule seeds: file, row, column, value and what would be right."""
    from support.warehouse import connect_build

    with connect_build(folder) as connection:
        rows = connection.execute(
            "select file, seed_row, column_name, cell, problem, other_file, other_seed_row from main_intermediate.int_rule_problems order by all"
        ).fetchall()
    told = []
    for file, seed_row, column, cell, problem, other_file, other_seed_row in rows:
        if other_file:
            problem += f"; already used in {'' if other_file == file else f'{other_file}, '}row {rules.line(other_file, other_seed_row)}"
        told.append(f"{shown(rules_folder / file)}: row {rules.line(file, seed_row)}, column {column}: {cell or '(empty)'}: {problem}")
    return told


def shown(path: Path) -> Path:
    """A path as a person writes it who stands in the project."""
    return path.relative_to(PROJECT) if path.is_relative_to(PROJECT) and Path.cwd() == PROJECT else path


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    sys.exit(main(chosen))
