#!/usr/bin/env python3
"""Build, test and publish the lead scores.

Exit code 0: published. 1: the build or a test failed, nothing was published. 2: wrong usage or input, nothing was
published. A published file that existed before stays as it was unless the exit code is 0.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from support import environment
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build, test and publish the lead scores.")
    parser.add_argument("--raw", type=Path, default=PROJECT / "sample_data", metavar="DIR", help="folder of the raw tables, parquet or csv (default: the sample data)")
    parser.add_argument("--rules", type=Path, default=PROJECT / "seeds", metavar="DIR", help="folder of the rule seeds (default: seeds)")
    parser.add_argument("--warehouse", type=Path, default=PROJECT / "warehouse", metavar="DIR", help="folder to build and publish in (default: warehouse)")
    parser.add_argument("--as-of", action="append", default=[], metavar="DATE", help="score as of this date, or of every date FROM..TO; may be given more than once (default: the date of the latest event)")
    parser.add_argument("--ledger", choices=["latest", "all"], default="latest", help="publish the contributions of the latest date of the history, or also of the dates of --as-of")
    parser.add_argument("--full-refresh", action="store_true", help="read all raw tables again, and score every date of the history by the rules of now")
    parser.add_argument("--keep-history-days", type=int, metavar="N", help="as-of dates more than N days before the latest leave the history (default: all stay)")
    parser.add_argument("--select", metavar="NODES", help="build only these nodes (dbt's selection syntax); the laws are tested before anything is published")
    parser.add_argument("--threads", type=int, metavar="N", help="number of models that are built at the same time")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait this long for another build of the same warehouse")
    chosen = parser.parse_args(arguments)
    if chosen.threads is not None and chosen.threads < 1:
        parser.error("--threads must be at least 1")
    if not 0 <= chosen.wait < float("inf"):
        parser.error("--wait must be a number of seconds, at least 0")
    if chosen.keep_history_days is not None and not 0 <= chosen.keep_history_days <= 999_999:
        parser.error("--keep-history-days must be a number of days, at least 0")
    if chosen.select is not None and not chosen.select.strip():
        parser.error("--select must name something")
    return chosen


def main(options: argparse.Namespace) -> int:
    """Run the build with parsed options; returns the exit code."""
    from rich.console import Console

    from support.inputs import WrongInput
    from support.warehouse import held

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code, and the build goes on.
        stream.reconfigure(errors="backslashreplace")
    console = Console(highlight=False)
    try:
        with held(options.warehouse.resolve(), options.wait):
            return build(options, console)
    except WrongInput as problem:
        print(f"Nothing was built or published. What is wrong:\n{problem}", file=sys.stderr)
        return WRONG_INPUT


def build(options: argparse.Namespace, console) -> int:
    """Check the files, build and test with dbt, publish, print the summary."""
    from support import inputs, warehouse

    started = time.monotonic()
    folder = options.warehouse.resolve()
    checks = {
        "as_of": lambda: inputs.as_of_dates(options.as_of),
        "raw": lambda: inputs.raw_locations(options.raw),
        "rules": lambda: inputs.copy_rules(options.rules, folder),
    }
    found, problems = {}, []
    for name, check in checks.items():
        try:
            found[name] = check()
        except inputs.WrongInput as problem:
            problems.append(str(problem))
    if problems:
        raise inputs.WrongInput("\n".join(problems))
    rules = found["rules"]
    settings = {"as_of": found["as_of"], "ledger": options.ledger, "keep_history_days": "" if options.keep_history_days is None else str(options.keep_history_days)}
    built_from = inputs.fingerprint(options.raw, rules.folder, settings)
    if options.select and warehouse.last_built_from(folder) != built_from:
        raise inputs.WrongInput(
            f"--select {options.select}: the raw tables, rules or options are not those of the last whole build here,"
            " so a part would not fit the rest; build without --select first"
        )
    restored = warehouse.restore_history(folder)
    if restored:
        console.print(f"build.duckdb is new: {restored:,} as-of dates of the history are taken from {warehouse.PUBLISHED} and scored again.")
    dbt = warehouse.Dbt(folder, found["raw"], rules.folder, settings, options.threads)
    try:
        return build_from(rules, built_from, dbt, options, console, started)
    finally:
        shutil.rmtree(rules.folder, ignore_errors=True)


def build_from(rules, built_from: str, dbt, options: argparse.Namespace, console, started: float) -> int:
    """The part of the build that follows the checks of the files; `rules` is the copy of the seeds, `built_from` the input's fingerprint."""
    import duckdb
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from support import inputs, summary, warehouse

    folder = options.warehouse.resolve()
    columns = TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[node]}")
    with Progress(*columns, console=console) as progress:

        def run(phase: str, *arguments: str) -> bool:
            task = progress.add_task(phase, total=None, node="")
            done = dbt.run(*arguments, on_node=lambda number, total, name: progress.update(task, completed=number - 1, total=total, node=name))
            count = len(dbt.results) or 1
            progress.update(task, completed=count, total=count, node="")
            return done

        if not run("Reading the project", "parse"):
            return failed(dbt.failures())
        if options.select and not dbt.selects(options.select):
            raise inputs.WrongInput(f"--select {options.select}: names no model, seed or test of this project")
        checks = run("Checking the rules", "build", "--select", "+int_rule_problems", "--exclude-resource-type", "unit_test")
        problems = rule_problems(folder, options.rules, rules) if dbt.results and not dbt.error else []
        if problems:
            raise inputs.WrongInput("\n".join(problems))
        if not checks:
            return failed(dbt.failures())
        # A build that stops half-way leaves tables that a later --select must not build on.
        warehouse.remember_built_from(folder, None)
        selection = ["--select", options.select, "tag:law"] if options.select else ["--exclude", "+int_rule_problems"]
        refresh = ["--full-refresh"] if options.full_refresh else []
        if not run("Building and testing", "build", "--exclude-resource-type", "unit_test", *selection, *refresh):
            return failed(dbt.failures())
        warehouse.remember_built_from(folder, built_from)
        task = progress.add_task("Publishing", total=1, node="")
        try:
            counts = input_counts(folder)
            published = warehouse.publish(folder, dbt.marts())
        except (duckdb.Error, OSError) as error:
            return failed([f"publishing: {error}"])
        progress.update(task, completed=1)
    summary.show(console, published, counts, warnings(folder), time.monotonic() - started)
    return OK


def rule_problems(folder: Path, rules_folder: Path, rules) -> list[str]:
    """One line per problem in the rule seeds: file, row, column, value and what would be right."""
    from support.warehouse import connect_build

    with connect_build(folder) as connection:
        rows = connection.execute(
            "select file, seed_row, column_name, cell, problem from main_intermediate.int_rule_problems order by all"
        ).fetchall()
    return [
        f"{shown(rules_folder / file)}: row {rules.line(file, seed_row)}, column {column}: {cell or '(empty)'}: {problem}"
        for file, seed_row, column, cell, problem in rows
    ]


def input_counts(folder: Path) -> dict[str, int]:
    """How many contacts, events and rules went into the build."""
    from support.warehouse import connect_build

    with connect_build(folder) as connection:
        contacts, events, rules = connection.execute(
            """
            select
                (select count(distinct contact_id) from main_intermediate.int_contact_versions),
                (select count(*) from main_intermediate.int_events),
                (select count(*) from main_intermediate.int_event_rules)
                + (select count(*) from main_intermediate.int_activity_rules)
                + (select count(*) from main_intermediate.int_attribute_rules)
            """
        ).fetchone()
    return {"contacts": contacts, "events": events, "rules": rules}


def shown(path: Path) -> Path:
    """A path as a person writes it who stands in the project."""
    return path.relative_to(PROJECT) if path.is_relative_to(PROJECT) and Path.cwd() == PROJECT else path


def warnings(folder: Path) -> list[str]:
    """What a person should know although nothing failed: rows that were left out, attributes that the source lacks."""
    from support.warehouse import connect_build

    with connect_build(folder) as connection:
        left_out = connection.execute(
            """
            select table_name, rows_in - rows_used from (
                select
                    'contacts' as table_name,
                    (select count(*) from main_staging.stg_contacts) as rows_in,
                    (select count(*) from main_intermediate.int_contact_versions) as rows_used
                union all
                select
                    'events' as table_name,
                    (select count(*) from main_staging.stg_events) as rows_in,
                    (select count(*) from main_intermediate.int_events) as rows_used
            )
            where rows_in > rows_used
            """
        ).fetchall()
        unknown = connection.execute(
            """
            select rules.attribute, string_agg(rules.rule_id, ', ' order by rules.rule_id)
            from (
                select rule_id, attribute from main_intermediate.int_attribute_rules
                union all
                select rule_id, and_attribute from main_intermediate.int_attribute_rules where and_attribute is not null
            ) as rules
            where rules.attribute not in (select column_name from main_staging.stg_contact_columns)
            group by rules.attribute
            order by rules.attribute
            """
        ).fetchall()
    return [f"{number:,} rows of {table} were left out: repeated, of an unknown contact, or not usable" for table, number in left_out] + [
        f"raw.contacts has no column {attribute}, so it is missing for everyone in {rules}" for attribute, rules in unknown
    ]


def failed(problems: list[str]) -> int:
    """Say what failed; returns the exit code."""
    print("Nothing was published. What failed:", *problems, sep="\n", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    sys.exit(main(chosen))
