"""What a build tells in the terminal when it is done."""

import re
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

BAR_WIDTH = 32
# Control characters, and those that turn the direction of writing: in a terminal they could hide what stands around them.
UNPRINTABLE = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
COLOURS = ["red", "yellow", "cyan", "blue", "magenta", "green"]


def printable(text) -> str:
    """A text from the data as a terminal may show it: what is no character to be seen becomes a space."""
    return UNPRINTABLE.sub(" ", str(text))


def show(console: Console, published: Path, counts: dict[str, int], judgements: list[str], warnings: list[str], said: str) -> None:
    """Print the summary of a published file. counts: contacts, events and rules that went in; judgements, warnings: a line each; said: how it came to be."""
    with duckdb.connect(str(published), read_only=True) as connection:
        date, models = connection.execute("select max(as_of_date), list(distinct model_id order by model_id) from lead_scores").fetchone()
        if date is None:
            console.print("\nPublished, but there is nothing to score: no contact exists yet, or no model is active.")
        else:
            console.print(f"\n[bold]Lead scores as of {date}[/bold], {said}")
            console.print(
                f"{counts['contacts']:,} contacts, {counts['events']:,} events,"
                f" {counts['rules']:,} rules in {len(models)} model{'s' if len(models) > 1 else ''}"
            )
            _history(console, connection)
            for model in models:
                _bands(console, connection, model)
            for model in models:
                _best_leads(console, connection, model)
    for judgement in judgements:
        console.print(Text(printable(judgement)), soft_wrap=True)
    for warning in warnings:
        console.print(Text.assemble(("Warning ", "yellow"), printable(warning)), soft_wrap=True)
    console.print(Text.assemble(("Published ", "bold"), str(published)), soft_wrap=True)
    console.print("Try it:")
    query = "from lead_scores select contact_id, score, band, reason_1 where model_status = \\'active\\' order by priority, score desc limit 20"
    console.print(Text(f"  .venv/bin/python -c \"import duckdb; print(duckdb.connect('{published}', read_only=True).sql('{query}'))\""), soft_wrap=True)


def _history(console: Console, connection) -> None:
    dates, first, changes = connection.execute(
        """
        select
            count(distinct as_of_date),
            min(as_of_date),
            (select count(*) from lead_score_changes where as_of_date = (select max(as_of_date) from scored_dates))
        from scored_dates
        """
    ).fetchone()
    if dates > 1:
        console.print(f"The history holds {dates:,} as-of dates since {first}; {changes:,} changes of band, grade or status since the last.")


def _bands(console: Console, connection, model: str) -> None:
    rows = connection.execute(
        """
        select
            case when status = 'scored' then coalesce(band, 'below all bands') else replace(status, '_', ' ') end as name,
            count(*) as leads,
            min(score) as lowest
        from lead_scores
        where model_id = ?
        group by all
        order by lowest desc nulls last, name
        """,
        [model],
    ).fetchall()
    total = sum(leads for _, leads, _ in rows)
    most = max(leads for _, leads, _ in rows)
    table = Table(title=Text(printable(f"Leads of {model} by band")), title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 1))
    for place, (name, leads, lowest) in enumerate(rows):
        colour = COLOURS[place % len(COLOURS)] if lowest is not None else "bright_black"
        bar = "█" * max(1, round(BAR_WIDTH * leads / most))
        table.add_row(Text(printable(name)), Text(bar, style=colour), f"{leads:,}", f"{100 * leads / total:.1f} %")
    console.print()
    console.print(table)


def _best_leads(console: Console, connection, model: str) -> None:
    rows = connection.execute(
        """
        select rank_in_model, contact_id, score, band, grade, reason_1, reason_2, reason_3
        from lead_scores
        where model_id = ? and status = 'scored'
        order by rank_in_model, contact_id
        limit 10
        """,
        [model],
    ).fetchall()
    if not rows:
        return
    table = Table(title=Text(printable(f"{'Ten best' if len(rows) == 10 else 'Best'} leads of {model}")), title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name, justify in (("", "right"), ("contact", "left"), ("score", "right"), ("band", "left"), ("grade", "left"), ("why", "left")):
        table.add_column(name, justify=justify)
    for rank, contact, score, band, grade, *reasons in rows:
        why = "; ".join(reason for reason in reasons if reason)
        table.add_row(*(Text(printable(value)) for value in (rank, contact, f"{score:.1f}", band or "", grade or "", why)))
    console.print()
    console.print(table)
    console.print()
