#!/usr/bin/env python3
"""What edited rules would do to the published scores, before anything is published.

Builds the rules in a copy of the warehouse, on the same raw tables, as of the latest date and of the past dates that outcomes
judge, and compares. Publishing them then (`build.py --rules DIR`) does to the leads what is shown here. Exit code 0: shown. 1: the build or a test failed. 2: wrong usage or input.
Nothing is published in any case.
"""

import argparse
import shutil
import sys
from pathlib import Path

import build as builder
from support import environment
from support.endings import BuildFailed, WrongInput
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="preview.py", description="Show what edited rules would change, without publishing anything.")
    parser.add_argument("--rules", type=builder.folder, default=PROJECT / "seeds", metavar="DIR", help="folder of the edited rule seeds (default: seeds)")
    parser.add_argument("--raw", type=builder.folder, metavar="DIR", help="folder of the raw tables (default: the one the warehouse was built from)")
    parser.add_argument("--warehouse", type=builder.folder, default=PROJECT / "warehouse", metavar="DIR", help="folder of what is published (default: warehouse)")
    parser.add_argument("--csv", type=builder.folder, metavar="DIR", help="also write all leads and rules that change as csv files")
    parser.add_argument("--threads", metavar="N", help="number of models that are built at the same time")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait this long for a build of the same warehouse")
    return parser.parse_args(arguments)


def main(options: argparse.Namespace) -> int:
    """Preview with parsed options; returns the exit code."""
    import duckdb
    from rich.console import Console

    from support import warehouse

    console = Console(highlight=False)
    folder = options.warehouse.resolve()
    published, copy = folder / warehouse.PUBLISHED, folder / "preview"
    try:
        if not published.exists() or not (folder / "build.duckdb").exists():
            raise WrongInput(f"{folder}: nothing is published there to compare with; run build.py first")
        # The copy is locked first: another preview may be working in it.
        with warehouse.held(copy, options.wait):
            try:
                preview(options, folder, copy, console)
            finally:
                for name in ("build.duckdb", "build.duckdb.wal", warehouse.PUBLISHED, "figures.parquet"):
                    (copy / name).unlink(missing_ok=True)
                shutil.rmtree(copy / warehouse.NEXT, ignore_errors=True)
    except WrongInput as problem:
        print(f"Nothing can be shown. What is wrong:\n{problem}", file=sys.stderr)
        return WRONG_INPUT
    except (BuildFailed, duckdb.Error, OSError) as problem:
        print(f"Nothing can be shown. What failed:\n{problem}", file=sys.stderr)
        return FAILED
    return OK


def preview(options: argparse.Namespace, folder: Path, copy: Path, console) -> None:
    """Build the rules in `copy`, a folder with a copy of the warehouse `folder`, and print what they change."""
    import duckdb

    from support import changes, records, warehouse

    before = copy / warehouse.PUBLISHED
    with warehouse.held(folder, options.wait):
        shutil.copyfile(folder / "build.duckdb", copy / "build.duckdb")
        # A copy, for a session may have what is published open, and another may be published meanwhile.
        shutil.copyfile(folder / warehouse.PUBLISHED, before)
    with duckdb.connect(str(before), read_only=True) as connection:
        if not connection.execute("select count(*) from duckdb_columns() where table_name = 'lead_score_history' and column_name = 'bands_on'").fetchone()[0]:
            raise WrongInput(f"{folder}: was published by an earlier version of the project; run build.py first, with the rules that are published")
        latest, previous, judged = changes.dates(connection, options.rules)
    if not latest:
        raise WrongInput(f"{folder / warehouse.PUBLISHED}: holds no scores to compare with")
    raw = warehouse.raw_folder(folder, options.raw, may_change=True)
    given = ["--rules", str(options.rules), "--raw", str(raw), "--allow-lost-rows", "--warehouse", str(copy), "--max-rejected-percent", "100"]
    given += ["--threads", options.threads] if options.threads else []

    def build(dates) -> None:
        asked = [option for one in dates for option in ("--as-of", str(one))]
        builder.Build(builder.parse_arguments(given + asked), records.Run(copy), console, publishes=False).make()

    build([*judged, latest])
    with warehouse.connect_build(copy) as connection:
        changes.keep_figures(connection, copy / "figures.parquet")
    if previous in judged:
        # Bands remember the date before, which publishing leaves as it is.
        build([latest])
    with warehouse.connect_build(copy) as connection:
        changes.compare(connection, before, judged, copy / "figures.parquet")
        changes.show(console, connection)
        if options.csv:
            warehouse.write_csv(connection, options.csv, changes.TABLES)
            console.print(f"Written to {options.csv}", soft_wrap=True)


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    sys.exit(main(chosen))
