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

# What is known of an id that is not a lead: the first that gives a line.
ABSENT = [
    "select format('is part of {} since {} ({}); explain {}', survivor_id, merged_at::date, joined_by, survivor_id) from published.merged_contacts where contact_id = getvariable('contact')",
    "select 'was rejected: ' || string_agg(distinct rejected_because, '; ') || '; correct the row in raw.contacts' from published.rejected_contacts where contact_id = getvariable('contact') having count(*) > 0",
    """
    select format('is no contact as of {}. Similar: {}', any_value(as_of_date), string_agg(contact_id, ', ' order by distance, contact_id))
    from (
        select as_of_date, contact_id, levenshtein(lower(trim(contact_id)), lower(trim(getvariable('contact')))) as distance
        from (select distinct as_of_date, contact_id from published.lead_scores)
        where distance <= greatest(1, len(getvariable('contact')) // 3) order by distance, contact_id limit 5
    )
    having count(*) > 0
    """,
    "select format('is no contact as of {}', max(as_of_date)) from published.lead_scores",
]


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

    from support import warehouse, what_if
    from support.summary import printable

    console, folder = Console(highlight=False), options.warehouse.resolve()
    copy = folder / "explain"
    try:
        with duckdb.connect() as connection:
            models = open_published(connection, folder, options)
            if options.quick:
                for model in models:
                    show_lead(console, connection, model)
                return OK
            # Another run may be using the copies.
            with warehouse.held(copy, 60):
                empty(copy)
                try:
                    what_if.read_person(connection, folder)
                finally:
                    # Also without the raw tables.
                    for model in models:
                        show_lead(console, connection, model)
                try:
                    show_copies(console, connection, copy, models)
                finally:
                    empty(copy)
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

    from support import erasures, warehouse, what_if

    published = folder / warehouse.PUBLISHED
    if not published.exists():
        raise WrongInput(f"{folder}: has no published scores; run build.py")
    try:
        warehouse.attach(connection, published, "published")
        connection.execute("select stage from published.lead_scores limit 0")
    except (duckdb.CatalogException, duckdb.BinderException):
        raise WrongInput(f"{published}: was published by an earlier version of the project; run build.py") from None
    except duckdb.Error as error:
        raise WrongInput(f"{published}: cannot be opened: {' '.join(str(error).split())[:300]}") from None
    contact = options.contact
    connection.execute("set variable contact = ?", [contact])
    rows = connection.execute("select model_id, model_status from published.lead_scores where contact_id = ? order by model_status, model_id", [contact]).fetchall()
    if not rows:
        if erasures.was_erased(folder, contact):
            raise WrongInput(f"{contact}: was erased; nothing of this contact is kept")
        told = (connection.execute(query).fetchone() for query in ABSENT)
        raise WrongInput(f"{contact}: {next((line[0] for line in told if line), 'is no contact; no contact is scored')}")
    chosen = [model for model, status in rows if (model == options.model if options.model else status == "active")]
    if options.model and not chosen:
        raise WrongInput(f"--model {options.model}: is not a scored model; must be one of {', '.join(model for model, _ in rows)}")
    # Times without a zone are UTC.
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create temp table lead_events (occurred_on date, event_type varchar)")
    connection.execute(what_if.sql("explain.sql", 1))
    return chosen or [rows[0][0]]


def empty(copy: Path) -> None:
    """Delete the copies of the lead and of the rules."""
    from support import inputs

    shutil.rmtree(inputs.place_of_rules(copy), ignore_errors=True)
    for place in copy.iterdir():
        if place.is_dir():
            shutil.rmtree(place)
        elif place.name != ".lock":
            place.unlink()


def show_lead(console, connection, model: str) -> None:
    """Print what the published file says of the lead by a model, and the timeline with the known events."""
    from support.summary import table

    connection.execute("set variable model = ?", [model])
    told = connection.execute("select format('{} by {} as of {}', contact_id, model_id, as_of_date) from lead").fetchone()[0]
    console.print("", table(told, {"_": "left", "__": "left"}, connection.execute("select name, text from told_lead order by place").fetchall(), show_header=False), sep="\n")
    if rows := connection.execute("select points, rule_group, explanation from told_ledger order by place").fetchall():
        console.print("", table("Ledger: the points add up to the score", {"points": "right", "group": "left", "why": "left"}, rows), sep="\n")
    columns = {"date": "left", "score": "right", "band": "left", "stage": "left", "events since the date before": "left"}
    console.print("", table("Timeline, latest first", columns, connection.execute("from told_timeline order by as_of_date desc").fetchall()), sep="\n")


def show_copies(console, connection, copy: Path, models: list[str]) -> None:
    """Score copies of the lead, with further events and by earlier rules, and print what differs. Raises Ending."""
    from support import what_if
    from support.changes import tell
    from support.summary import table

    what_if.make_copies(connection, copy)
    with console.status("Scoring copies of the lead"):
        what_if.score_copies(connection, copy, "rules_version", "now")
        connection.execute("create table before as from now limit 0")
        if connection.execute("select count(version_before) from versions").fetchone()[0]:
            what_if.score_copies(connection, copy, "coalesce(version_before, rules_version)", "before")
    connection.execute(what_if.sql("explain.sql", 2))
    for model in models:
        connection.execute("set variable model = ?", [model])
        console.print()
        tell(console, connection, "from told_next_band")
        if rows := connection.execute("select what, score, concat_ws(', ', band, grade), next_action from told_sets order by place limit ?", [SHOWN]).fetchall():
            console.print(table("", {"events": "left", "score": "right", "band, grade": "left", "next action": "left"}, rows))
        console.print()
        tell(console, connection, "from told_before")
        tell(console, connection, "from told_rules")


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    sys.exit(main(chosen))
