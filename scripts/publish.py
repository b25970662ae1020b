#!/usr/bin/env python3
"""Publish the marts of a plain dbt build, for schedulers that run dbt themselves. build.py publishes by itself.

Run it only after all models and tests of one build have passed. It refuses a build whose last run has failed, but knows no tests run by themselves.
With --begin, run it before dbt: it removes what a failed run left.
Exit code 0: published (or begun). 1: could not be published, or erasures match nobody. 2: wrong usage, or another build holds the warehouse.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from support import environment
from support.endings import BuildFailed, Ending, ErasuresUnmatched, WrongInput
from support.environment import FAILED, OK, PROJECT


def main(options: argparse.Namespace) -> int:
    """Publish, or begin, with parsed options and return the exit code."""
    import duckdb

    folder = options.warehouse.resolve()
    try:
        if options.begin:
            begin(folder, options)
        else:
            publish(folder, options)
    except Ending as problem:
        print(f"{problem.said}:\n{problem}", file=sys.stderr)
        return problem.code
    except (duckdb.Error, OSError) as error:
        print(f"Nothing was published. Errors:\n{' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    return OK


def begin(folder: Path, options: argparse.Namespace) -> None:
    """Remove the next file, which a failed run may have left; dbt makes a new copy of the published one. Raises WrongInput, OSError."""
    from support import warehouse

    with warehouse.held(folder, options.wait):
        if options.raw:
            check_that_dbt_reads(warehouse.raw_folder(folder, options.raw))
        if (folder / warehouse.NEXT).exists():
            shutil.rmtree(folder / warehouse.NEXT)


def check_that_dbt_reads(raw: Path) -> None:
    """Check that dbt's environment names every raw table of a folder; dbt would ignore another one, such as erasures. Raises WrongInput."""
    from support import formats, inputs, sources

    tables = inputs.raw_locations(raw)
    problems = [f"{raw / name}: only build.py reads it" for name in (sources.LIST, formats.FILE) if (raw / name).exists()]
    for table in tables:
        variable = f"LEAD_SCORING_RAW_{table.upper()}"
        there = next((place for place in inputs.table_places(raw, table) if place.exists()), None)
        if there and str(there) not in os.environ.get(variable, ""):
            problems.append(f"{there}: {variable} does not name it, so dbt would not read it; write the table as {table}.parquet, or set the variable")
    if problems:
        raise WrongInput("\n".join(problems))


def publish(folder: Path, options: argparse.Namespace) -> None:
    """Publish the next file. Raises Ending, duckdb.Error, OSError."""
    from support import findings, records, report, warehouse

    file = folder / warehouse.NEXT / warehouse.PUBLISHED
    if not file.exists():
        raise WrongInput(f"{file}: is missing; run dbt build first. The last build may be published already")
    with warehouse.held(folder, options.wait):
        # dbt read the raw tables from its environment. Refuse another folder than the warehouse's.
        raw = warehouse.raw_folder(folder, options.raw)
        # The tables are not from build.py's last run, so a later --select must not use them.
        warehouse.note(folder, warehouse.BUILT_FROM, None)
        with warehouse.connect_build(folder) as connection:
            made = findings.Made(connection)
            check_that_it_is_built(made, folder, options.allow_failed)
            erased = erased_by_dbt(made)
            facts = findings.counts_and_facts(made)[1]
        requests = None
        # None: whether anybody was erased is not known.
        if erased is None or erased:
            write_anew(file)
            requests = matched(erased, options.raw or warehouse.remembered(folder).get("raw"), folder)
        run = records.Run(folder)
        run.facts |= facts
        page = report.Page(folder, not options.no_report)
        known = warehouse.facts_of(raw, warehouse.rules_folder(folder, None)) if options.raw else None
        print(f"Published {warehouse.publish(folder, run.finish(OK, 'published'), page, known)}")
        if page.problem:
            print(f"There is no report page: {page.problem}", file=sys.stderr)
        try:
            if requests:
                tell_of(requests, run, options.allow_unmatched_erasures)
        except ErasuresUnmatched as problem:
            run.finish(problem.code, problem.outcome, problem.record)
            run.keep()
            raise
        run.keep()


def check_that_it_is_built(made, folder: Path, allow_failed: bool) -> None:
    """Check that all marts are there and that the last run of dbt or build.py did not fail. Raises BuildFailed."""
    from support import warehouse

    tables = {row["table_name"] for row in made.rows("select table_name from duckdb_tables() where database_name = 'published'")}
    missing = sorted({path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")} - tables)
    if missing:
        raise BuildFailed(f"{folder / warehouse.NEXT / warehouse.PUBLISHED}: lacks {', '.join(missing)}; dbt must build all marts")
    # build.py leaves its next file too if it fails. Wrong input does not reach the marts.
    last = made.rows(
        f"""
        select program, outcome, message from (
            select 'dbt' as program, outcome, message, finished_at from {made.table('run_log')}
            union all
            select 'build.py', outcome, message, finished_at from {warehouse.runs_location(folder)} where outcome <> 'wrong input'
        ) as runs
        order by finished_at desc nulls last limit 1
        """
    )
    if last and last[0]["outcome"] in ("failed", "stopped") and not allow_failed:
        raise BuildFailed("the last run of {program} {outcome} ({message}). Build again; or, if its tests have passed since, add --allow-failed".format(**last[0]))


def erased_by_dbt(made) -> list[str] | None:
    """The ids in raw.erasures, read where dbt reads it. None if only dbt can read it, such as a file on S3."""
    import duckdb

    from support.queries import literal

    # dbt runs in the project's folder.
    made.connection.execute(f"set file_search_path = {literal(PROJECT)}")
    try:
        return [row["id"] for row in made.rows(f"select distinct erased_contact_id as id from {made.table('stg_erasures')} where erased_contact_id is not null order by 1")]
    except duckdb.Error:
        return None


def write_anew(file: Path) -> None:
    """Copy the tables of the next file to a new file: DuckDB leaves deleted rows in free blocks and in partly used ones. Raises duckdb.Error or OSError."""
    import duckdb

    from support import warehouse

    new = file.with_suffix(".anew")
    new.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        # A write-ahead log would be applied to the new file.
        connection.execute("checkpoint")
    with duckdb.connect() as connection:
        warehouse.attach(connection, file, "before")
        warehouse.attach(connection, new, "anew", warehouse.STORAGE)
        connection.execute("copy from database before to anew; checkpoint anew")
    os.replace(new, file)


def matched(erased: list[str] | None, raw: Path | str | None, folder: Path):
    """The requests, matched as build.py matches them (erasures.Erasures); None if ids or raw tables are not known here. Raises WrongInput, duckdb.Error."""
    from support import erasures, inputs
    from support.queries import literal

    if erased is None or raw is None:
        problem = "raw.erasures cannot be read here" if erased is None else "the folder of the raw tables is not known; name it with --raw DIR"
        print(f"It was not checked whether each erasure matches somebody: {problem}", file=sys.stderr)
        return None
    tables = inputs.raw_locations(Path(raw))
    requests = erasures.check(tables | {"erasures": f"(select unnest([{', '.join(map(literal, erased))}]) as contact_id)"}, folder)
    requests.find_in_sources(sorted({name.partition(".")[0] for name in tables if "." in name}))
    return requests


def tell_of(requests, run, allow_unmatched: bool) -> None:
    """After publishing: report erasures that match nobody, as build.py does. Raises ErasuresUnmatched."""
    run.tell("erasures", requested=requests.requested, matched=len(requests.matched), unmatched=len(requests.unmatched))
    requests.keep()
    if requests.unmatched and not allow_unmatched:
        raise ErasuresUnmatched("\n".join(requests.lines()), requests.count())
    print("\n".join(requests.lines()) if requests.unmatched else requests.count())


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="publish.py", description="Publish the marts that dbt has built.")
    parser.add_argument("--warehouse", type=Path, default=PROJECT / "warehouse", metavar="DIR", help="warehouse folder of the dbt build (default: warehouse)")
    parser.add_argument("--raw", type=Path, metavar="DIR", help="folder of the raw tables that dbt read; another folder than before is refused")
    parser.add_argument("--begin", action="store_true", help="run before dbt: remove what a failed run left; with --raw, refuse raw tables that dbt's environment does not name")
    parser.add_argument("--allow-failed", action="store_true", help="publish although the last run of dbt failed, if its tests have passed since")
    parser.add_argument("--allow-unmatched-erasures", action="store_true", help="exit code 0 although rows of raw.erasures match nobody")
    parser.add_argument("--no-report", action="store_true", help="write no report page (report.html in the warehouse)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait for another build of the same warehouse")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    sys.exit(main(chosen))
