"""Prints the summary of a build in the terminal."""

import re

from rich.console import Console
from rich.table import Table
from rich.text import Text

from support.queries import statements

# Control characters and those that change the writing direction. In a terminal they could hide the text around them.
UNPRINTABLE = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
COLOURS = ["red", "yellow", "cyan", "blue", "magenta", "green"]


def printable(text) -> str:
    """A text from the data that is safe for a terminal: unprintable characters become spaces."""
    return UNPRINTABLE.sub(" ", str(text))


def table(title: str, columns: dict[str, str], rows: list[tuple], show_header: bool = True) -> Table:
    """Rows as a table for the terminal. `columns` maps each column name to its justification."""
    made = Table(title=Text(printable(title)), title_justify="left", title_style="bold", box=None, padding=(0, 1), show_header=show_header)
    for name, justify in columns.items():
        made.add_column(name.strip("_"), justify=justify)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(printable("" if cell is None else cell)) for cell in row))
    return made


def show(console: Console, made, counts: dict[str, int], said: str, given: list[str], judgements: list[str], warnings: list[str]) -> None:
    """Print the summary of published marts. made: the marts (findings.Made); counts: contacts, events, rules; said: how they were built; given: a line
    per source; judgements, warnings: lines."""
    tables = {name: made.table(name) for name in ("scored_dates", "lead_score_changes", "lead_scores", "call_list")}
    (history,), leads, calls = (made.rows(statements("summary.sql", part).format(**tables)) for part in ("history", "bands", "calls"))
    by_model = {model: [row for row in leads if row["model_id"] == model] for model in sorted({row["model_id"] for row in leads})}
    if leads:
        console.print(f"\n[bold]Lead scores as of {leads[0]['as_of_date']}[/bold], {said}")
        console.print(f"{counts['contacts']:,} contacts, {counts['events']:,} events, {counts['rules']:,} rules in {len(by_model)} model{'s' * (len(by_model) > 1)}")
        if history["dates"] > 1:
            given = [*given, "The history has {dates:,} as-of dates since {first_date}; {changes:,} changes of band, grade or status since the previous date.".format(**history)]
        for line in given:
            console.print(line, markup=False, highlight=False)
    else:
        console.print("\nPublished, but no lead is scored: there is no contact, or no active model.")
    for model, rows in by_model.items():
        console.print("", table(f"Leads of {model} by band", dict.fromkeys(["_", "__", "___", "____"], "left"), list(_bars(rows)), show_header=False), sep="")
    for model in by_model:
        if rows := [tuple(row.values())[1:] for row in calls if row["model_id"] == model]:
            columns = {"_": "right", "contact": "left", "score": "right", "band": "left", "grade": "left", "next action and why": "left"}
            console.print("", table(f"Call list of {model}{', the first ten' if len(rows) == 10 else ''}", columns, rows), "", sep="")
    for judgement in judgements:
        console.print(Text(printable(judgement)), soft_wrap=True)
    for warning in warnings:
        warn(console, warning)


def _bars(rows: list[dict]):
    """Of each band the name, a bar, the number and the share of leads."""
    most, all_leads = max(row["leads"] for row in rows), sum(row["leads"] for row in rows)
    for place, row in enumerate(rows):
        bar = "█" * max(1, (64 * row["leads"] + most) // (2 * most))
        colour = "bright_black" if row["lowest"] is None else COLOURS[place % len(COLOURS)]
        yield row["band"], Text(bar, colour), f"{row['leads']:,}", f"{100 * row['leads'] / all_leads:.1f} %"


def warn(console: Console, warning: str) -> None:
    """Print a warning."""
    console.print(Text.assemble(("Warning ", "yellow"), printable(warning)), soft_wrap=True)
