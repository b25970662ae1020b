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
import signal
import sys
import threading
import traceback
from pathlib import Path

from support import environment
from support.endings import Ending, WrongInput
from support.environment import FAILED, PROJECT, WRONG_INPUT

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
    parser.add_argument("--raw-keeps-days", type=int, metavar="N", help="the source keeps N days of all raw tables but contacts and accounts (default: all)")
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

    from support import building, records
    from support.summary import printable
    from support.warehouse import held

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code instead of an exception.
        stream.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, stderr=options.json)

    def go_on_unread():
        # `build.py | head` reads no further. rich would end the process, which is still at work.
        console.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.file.fileno())

    console.on_broken_pipe = go_on_unread
    run = None

    def failed() -> str:
        return "The scores are published. A later step failed" if run and run.is_published else Ending.said

    try:
        with held(options.warehouse.resolve(), options.wait):
            run = records.Run(options.warehouse.resolve())
            record_when_stopped(run, options, console)
            try:
                building.make(options, run, console)
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


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter(*{"postgres": [environment.POSTGRES], "spark": [environment.SPARK]}.get(chosen.target, []))
    environment.run(main, chosen)
