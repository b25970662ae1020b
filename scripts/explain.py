#!/usr/bin/env python3
"""Explain one lead: score, ledger, timeline, the events that would reach the next band, and the score by the rules before.

Reads the published file. Further events and earlier rules are scored by the models themselves, on copies of this lead in a small
warehouse that is deleted afterwards. Exit code 0: shown. 1: the copies could not be scored. 2: wrong usage or input.
"""

import argparse
import shutil
import sys
from pathlib import Path

import build as builder
from support import environment
from support.endings import Ending, WrongInput
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT

# Sets of events that are shown.
SHOWN = 8


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="explain.py", description="Explain one lead: score, ledger, timeline, next band, earlier rules.")
    parser.add_argument("contact", metavar="CONTACT", help="contact_id of the lead")
    parser.add_argument("--warehouse", type=builder.folder, default=PROJECT / "warehouse", metavar="DIR", help="folder of the published scores (default: warehouse)")
    parser.add_argument("--model", metavar="MODEL", help="model_id (default: all active models)")
    parser.add_argument("--quick", action="store_true", help="read only the published file: no events, no next band, no earlier rules")
    return parser.parse_args(arguments)


def main(options: argparse.Namespace) -> int:
    """Explain the lead with parsed options and return the exit code."""
    import duckdb
    from rich.console import Console

    from support import inputs, warehouse, what_if
    from support.summary import printable

    console, folder = Console(highlight=False), options.warehouse.resolve()
    copy = folder / "explain" / "copies"
    try:
        with duckdb.connect() as connection:
            models = open_published(connection, folder, options)
            if options.quick:
                show_lead(console, connection, models)
                return OK
            # Another run may be using the copies.
            with warehouse.held(copy.parent, 60):
                shutil.rmtree(copy, ignore_errors=True)
                try:
                    what_if.read_person(connection, folder)
                finally:
                    # Also if the raw tables cannot be read.
                    show_lead(console, connection, models)
                try:
                    show_copies(console, connection, copy, models)
                finally:
                    for place in (copy, inputs.place_of_rules(copy)):
                        shutil.rmtree(place, ignore_errors=True)
                    (copy.parent / "build.duckdb").unlink(missing_ok=True)
    except WrongInput as problem:
        print(printable(problem), file=sys.stderr)
        return WRONG_INPUT
    except (Ending, duckdb.Error, OSError) as problem:
        print(f"Not explained further: {printable(' '.join(str(problem).split()))}", file=sys.stderr)
        return FAILED
    return OK


def open_published(connection, folder: Path, options: argparse.Namespace) -> list[str]:
    """Attach the published file, and return the models to explain the lead by. Raises WrongInput."""
    import duckdb

    from support import erasures, warehouse
    from support.queries import statements

    published, contact = folder / warehouse.PUBLISHED, options.contact
    if not published.exists():
        raise WrongInput(f"{folder}: has no published scores; run build.py")
    connection.execute("set variable contact = ?", [contact])
    try:
        warehouse.attach(connection, published, "published")
        connection.execute(statements("explain.sql", "published"))
    except (duckdb.CatalogException, duckdb.BinderException):
        raise WrongInput(f"{published}: was published by another version of the project; run build.py") from None
    except duckdb.Error as error:
        raise WrongInput(f"{published}: cannot be opened: {' '.join(str(error).split())[:300]}") from None
    statuses = dict(connection.execute("select model_id, model_status from published.lead_scores where contact_id = ? order by model_status, model_id", [contact]).fetchall())
    if not statuses:
        line = connection.execute("select line from told_absent order by place").fetchone()[0]
        raise WrongInput(f"{contact}: {'was erased; nothing of this contact is kept' if erasures.was_erased(folder, contact) else line}")
    if options.model and options.model not in statuses:
        raise WrongInput(f"--model {options.model}: is not a scored model; must be one of {', '.join(statuses)}")
    return [options.model] if options.model else [model for model, status in statuses.items() if status == "active"] or [*statuses][:1]


def show_lead(console, connection, models: list[str]) -> None:
    """Print what the published file says of the lead by these models, and the timeline with the known events."""
    from support.summary import table

    for model in models:
        connection.execute("set variable model = ?", [model])
        told = connection.execute("select format('{} by {} as of {}', contact_id, model_id, as_of_date) from lead").fetchone()[0]
        rows = connection.execute("select name, text from told_lead order by place").fetchall()
        console.print("", table(told, {"_": "left", "__": "left"}, rows, show_header=False), sep="\n")
        if rows := connection.execute("select points, rule_group, explanation from told_ledger order by place").fetchall():
            console.print("", table("Ledger: the points add up to the score", {"points": "right", "group": "left", "why": "left"}, rows), sep="\n")
        columns = {"date": "left", "score": "right", "band": "left", "stage": "left", "events since the date before": "left"}
        rows = connection.execute("from told_timeline order by as_of_date desc").fetchall()
        console.print("", table("Timeline, latest first", columns, rows), sep="\n")


def show_copies(console, connection, copy: Path, models: list[str]) -> None:
    """Score copies of the lead, with further events and by earlier rules, and print what differs. Raises Ending."""
    from rich.text import Text

    from support import what_if
    from support.changes import tell
    from support.endings import BuildFailed
    from support.queries import statements
    from support.summary import printable, table

    what_if.make_copies(connection, copy)
    with console.status("Scoring copies of the lead"):
        what_if.score_copies(connection, copy, "rules_version", "now")
        connection.execute("create table before as from now limit 0")
        refused = None
        if connection.execute("select count(version_before) from versions").fetchone()[0]:
            try:
                what_if.score_copies(connection, copy, "coalesce(version_before, rules_version)", "before")
            except BuildFailed as problem:
                # An earlier version of the project may have accepted cells that are refused now.
                refused = str(problem).splitlines()[0].rpartition("/")[2]
    connection.execute(statements("explain.sql", "scored"))
    for model in models:
        connection.execute("set variable model = ?", [model])
        console.print()
        tell(console, connection, "from told_next_band")
        if rows := connection.execute("select what, score, concat_ws(', ', band, grade), next_action from told_sets order by place limit ?", [SHOWN]).fetchall():
            console.print(table("", {"events": "left", "score": "right", "band, grade": "left", "next action": "left"}, rows))
        console.print()
        if refused:
            console.print(Text(printable(f"By the rules before: not scored, because they are refused now, such as {refused}")), soft_wrap=True)
        else:
            tell(console, connection, "from told_before")
        tell(console, connection, "from told_rules")


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    environment.run(main, chosen)
