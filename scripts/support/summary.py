"""Prints the summary of a build in the terminal."""

import re
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

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


def show(console: Console, published: Path, counts: dict[str, int], given: list[str], judgements: list[str], warnings: list[str], said: str, page) -> None:
    """Print the summary of a published file. counts: contacts, events, rules; given: a line per source; judgements, warnings: lines; said: how it was built; page: report.Page."""
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
        of_model = "select * exclude (model_id, place) from {} where model_id = ? order by place"
        date, models = connection.execute("select max(as_of_date), list(distinct model_id order by model_id) from lead_scores").fetchone()
        if date is None:
            console.print("\nPublished, but no lead is scored: there is no contact, or no active model.")
        else:
            console.print(f"\n[bold]Lead scores as of {date}[/bold], {said}")
            console.print(f"{counts['contacts']:,} contacts, {counts['events']:,} events, {counts['rules']:,} rules in {len(models)} model{'s' * (len(models) > 1)}")
            for line in given:
                console.print(line, markup=False, highlight=False)
            for (line,) in connection.execute("from told_history").fetchall():
                console.print(line)
        for model in models or []:
            rows = connection.execute(of_model.format("told_bands"), [model]).fetchall()
            bars = [(name, Text(bar, style=COLOURS[place % len(COLOURS)] if scored else "bright_black"), *rest) for place, (name, bar, *rest, scored) in enumerate(rows)]
            console.print("", table(f"Leads of {model} by band", dict.fromkeys(["_", "__", "___", "____"], "left"), bars, show_header=False), sep="")
        for model in models or []:
            rows = connection.execute(of_model.format("told_calls"), [model]).fetchall()
            if rows:
                columns = {"_": "right", "contact": "left", "score": "right", "band": "left", "grade": "left", "next action and why": "left"}
                console.print("", table(f"Call list of {model}{', the first ten' if len(rows) == 10 else ''}", columns, rows), "", sep="")
    for judgement in judgements:
        console.print(Text(printable(judgement)), soft_wrap=True)
    for warning in warnings:
        console.print(Text.assemble(("Warning ", "yellow"), printable(warning)), soft_wrap=True)
    if page.problem:
        console.print(Text.assemble(("Warning ", "yellow"), f"there is no report page; the scores are published. {printable(page.problem)}"), soft_wrap=True)
    console.print(Text.assemble(("Published ", "bold"), str(published)), soft_wrap=True)
    if page.is_written:
        console.print(Text.assemble(("Report ", "bold"), str(page.link)), soft_wrap=True)
    query = "from call_list select contact_id, score, band, stage, next_action, reason_1 order by model_id, place limit 20"
    console.print(Text(f"Try it:\n  .venv/bin/python -c \"import duckdb; print(duckdb.connect('{published}', read_only=True).sql('{query}'))\""), soft_wrap=True)
