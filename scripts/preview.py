#!/usr/bin/env python3
"""Show how edited rules would change the published scores, without publishing anything.

Builds the rules in a copy of the warehouse, on the same raw tables, as of the latest date and the evaluated past dates, and
compares. `build.py --rules DIR` then makes exactly the changes shown. Exit code 0: preview shown. 1: the build or a test
failed. 2: wrong usage or input. Nothing is ever published.
"""

import argparse
import shutil
import sys
from pathlib import Path

import build as builder
from support import environment
from support.endings import Ending, WrongInput
from support.environment import FAILED, OK, PROJECT


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="preview.py", description="Show what edited rules would change, without publishing anything.")
    parser.add_argument("--rules", type=builder.folder, metavar="DIR", help="folder of the edited rule seeds (default: the warehouse's previous folder)")
    parser.add_argument("--raw", type=builder.folder, metavar="DIR", help="folder of the raw tables (default: the warehouse's previous folder)")
    parser.add_argument("--warehouse", type=builder.folder, default=PROJECT / "warehouse", metavar="DIR", help="folder of the published scores (default: warehouse)")
    parser.add_argument("--csv", type=builder.folder, metavar="DIR", help="also write all changed leads and rules as csv files")
    parser.add_argument("--threads", metavar="N", help="models built in parallel (default: number of cores, at most 4)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait for a build of the same warehouse")
    return parser.parse_args(arguments)


def main(options: argparse.Namespace) -> int:
    """Run the preview with parsed options and return the exit code."""
    import duckdb
    from rich.console import Console

    from support import warehouse

    console = Console(highlight=False)
    folder = options.warehouse.resolve()
    published, copy = folder / warehouse.PUBLISHED, folder / "preview"
    try:
        if not published.exists() or not (folder / "build.duckdb").exists():
            raise WrongInput(f"{folder}: has no published scores to compare with; run build.py first")
        # Lock the copy first: another preview may be using it.
        with warehouse.held(copy, options.wait):
            try:
                preview(options, folder, copy, console)
            finally:
                for name in ("build.duckdb", "build.duckdb.wal", warehouse.PUBLISHED, "figures.parquet"):
                    (copy / name).unlink(missing_ok=True)
                shutil.rmtree(copy / warehouse.NEXT, ignore_errors=True)
    except (Ending, duckdb.Error, OSError) as problem:
        print(f"No preview. Errors:\n{problem}", file=sys.stderr)
        return getattr(problem, "code", FAILED)
    return OK


def preview(options: argparse.Namespace, folder: Path, copy: Path, console) -> None:
    """Build the rules in folder `copy`, which gets a copy of the warehouse `folder`, and print the changes."""
    import duckdb

    from support import building, changes, records, warehouse

    before = copy / warehouse.PUBLISHED
    with warehouse.held(folder, options.wait):
        shutil.copyfile(folder / "build.duckdb", copy / "build.duckdb")
        # Copy the published file: a session may have it open, and a build may replace it meanwhile.
        shutil.copyfile(folder / warehouse.PUBLISHED, before)
    if (folder / "spark").exists():
        # The cluster has versions of its own for what a date knew. This build is on DuckDB: it compares the numbers of rows alone.
        with duckdb.connect(str(before)) as connection:
            connection.execute("update scored_dates set known_version = null, late_rows = null")
    with duckdb.connect(str(before), read_only=True) as connection:
        if not connection.execute("select count(*) from duckdb_columns() where table_name = 'lead_score_history' and column_name = 'bands_on'").fetchone()[0]:
            raise WrongInput(f"{folder}: was published by an earlier version of the project; run build.py first, with the published rules")
        rules = warehouse.rules_folder(folder, options.rules)
        latest, _, judged = changes.dates(connection, rules)
    if not latest:
        raise WrongInput(f"{folder / warehouse.PUBLISHED}: has no scores to compare with")
    raw = warehouse.raw_folder(folder, options.raw, may_change=True)
    given = ["--rules", str(rules), "--raw", str(raw), "--allow-lost-rows", "--warehouse", str(copy), "--max-rejected-percent", "100"]
    given += ["--threads", options.threads] if options.threads else []

    def build(dates) -> list[str]:
        asked = [option for one in dates for option in ("--as-of", str(one))]
        made = building.Build(builder.parse_arguments(given + asked), records.Run(copy), console, publishes=False)
        made.make()
        return made.rules.blanks

    blanks = build([*judged, latest])
    with warehouse.connect_build(copy) as connection:
        changes.keep_figures(connection, copy / "figures.parquet")
    if judged:
        # Band states and stages depend on past dates, which publishing would not rescore.
        build([latest])
    with warehouse.connect_build(copy) as connection:
        changes.compare(connection, before, judged, copy / "figures.parquet")
        changes.show(console, connection, blanks)
        if options.csv:
            warehouse.write_csv(connection, options.csv, changes.TABLES)
            console.print(f"Written to {options.csv}", soft_wrap=True)


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    environment.run(main, chosen)
