#!/usr/bin/env python3
"""Publish the marts of a plain dbt build, for schedulers that run dbt themselves. build.py publishes by itself.

Run it only after all models and tests of one build have passed: it checks neither.
Exit code 0: published. 1: could not be published. 2: wrong usage, or another build holds the warehouse.
"""

import argparse
import sys
from pathlib import Path

from support import environment
from support.endings import WrongInput
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT


def main(options: argparse.Namespace) -> int:
    """Publish with parsed options and return the exit code."""
    import duckdb

    from support import findings, records, report, warehouse

    folder = options.warehouse.resolve()
    try:
        if not (folder / warehouse.NEXT / warehouse.PUBLISHED).exists():
            raise WrongInput(f"{folder / warehouse.NEXT / warehouse.PUBLISHED}: is missing; run dbt build first")
        with warehouse.held(folder, options.wait):
            # dbt read the raw tables from its environment. Refuse another folder than the warehouse's.
            raw = warehouse.raw_folder(folder, options.raw)
            # The tables are not from build.py's last run, so a later --select must not use them.
            warehouse.note(folder, warehouse.BUILT_FROM, None)
            run = records.Run(folder)
            with warehouse.connect_build(folder) as connection:
                tables = {row[0] for row in connection.execute("select table_name from duckdb_tables() where database_name = 'published'").fetchall()}
                missing = sorted({path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")} - tables)
                if missing:
                    raise duckdb.CatalogException(f"{folder / warehouse.NEXT / warehouse.PUBLISHED}: lacks {', '.join(missing)}; dbt must build all marts")
                run.facts |= findings.counts_and_facts(findings.Made(connection))[1]
            page = report.Page(folder, not options.no_report)
            print(f"Published {warehouse.publish(folder, run.finish(OK, 'published'), page)}")
            if page.problem:
                print(f"There is no report page: {page.problem}", file=sys.stderr)
            if options.raw:
                warehouse.remember(folder, raw, warehouse.rules_folder(folder, None))
            run.keep()
    except WrongInput as problem:
        print(f"Nothing was published. Errors:\n{problem}", file=sys.stderr)
        return WRONG_INPUT
    except (duckdb.Error, OSError) as error:
        print(f"Nothing was published. Errors:\n{' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    return OK


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="publish.py", description="Publish the marts that dbt has built.")
    parser.add_argument("--warehouse", type=Path, default=PROJECT / "warehouse", metavar="DIR", help="warehouse folder of the dbt build (default: warehouse)")
    parser.add_argument("--raw", type=Path, metavar="DIR", help="folder of the raw tables that dbt read; another folder than before is refused")
    parser.add_argument("--no-report", action="store_true", help="write no report page (report.html in the warehouse)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait for another build of the same warehouse")
    chosen = parser.parse_args()
    environment.enter()
    sys.exit(main(chosen))
