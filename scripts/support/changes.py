"""Differences between a build and the file published before it: rules, leads, evaluation. SQL writes the sentences."""

import contextlib
from pathlib import Path

import duckdb
from rich.text import Text

from support import inputs, what_if
from support.findings import relation
from support.queries import literal, statements
from support.summary import printable, table, warn
from support.warehouse import attach

# The temporary tables of changes.sql.
TABLES = ["changed_rules", "changed_points", "changed_leads", "changed_accounts"]


def dates(connection, rules: Path) -> tuple:
    """Dates of a published file: the latest, the previous, and the past dates to evaluate, by the goals of a folder of rules."""
    goals = "create or replace temp table goals as select within_days, evaluated_days from {}"
    connection.execute(goals.format("(select null as within_days, null as evaluated_days where false)"))
    # Without goals each model has the default goal. The build reports errors in them.
    with contextlib.suppress(duckdb.Error):
        connection.execute(goals.format("read_csv(?, header = true, all_varchar = true)"), [str(rules / "conversion_goals.csv")])
    return connection.execute(statements("changes_dates.sql")).fetchone() or (None, None, [])


def keep_figures(connection, file: Path) -> None:
    """Write the evaluation of the built rules to a file."""
    connection.execute(f"copy (from published.score_performance) to {literal(file)}")


def compare(connection, published: Path, judged: list, figures: Path) -> None:
    """Create the temporary tables and views of changes.sql in a connection to a build. The published file is attached as `before`.

    judged: past dates to evaluate, scored by the build; figures: the file of keep_figures.
    """
    attach(connection, published, "before")
    connection.execute(f"create temp table rule_labels as select rule_id, label from {relation(connection, 'int_rules')}")
    connection.execute("create temp table judged_dates as select unnest(?::date[]) as as_of_date", [judged])
    connection.execute("create temp table new_performance as from read_parquet(?)", [str(figures)])
    # A file that an earlier version published has no goal_id: each model has one goal without id.
    connection.execute("create temp table old_performance as (from new_performance limit 0) union all by name from before.score_performance")
    connection.execute(f"create temp table main_goals as select model_id, goal_id from {relation(connection, 'int_conversion_goals')} where is_main")
    connection.execute(f"create temp table event_types as select distinct event_type from {relation(connection, 'int_received_events')} where rejected_because is null")
    connection.execute(f"create temp table attribute_values as select distinct attribute, lower(value) as value from {relation(connection, 'int_attributes')} where value is not null")
    # An earlier version published no findings.
    has_findings = connection.execute("select count(*) from duckdb_tables() where database_name = 'before' and table_name = 'scoring_findings'").fetchone()[0]
    connection.execute(f"create temp table findings_before as select finding from {'before' if has_findings else 'published'}.scoring_findings where {bool(has_findings)}")
    connection.execute(statements("changes.sql"))
    _keep_changed_cells(connection)
    connection.execute(statements("changes_told.sql"))


def _keep_changed_cells(connection) -> None:
    """Create the table changed_cells: one row per cell of a changed rule, with the rule as the lines name it."""
    columns, found = inputs.columns_of_contract("rule_columns.csv", "file"), []
    rows = connection.execute("select distinct file, rule_id, new_row from changed_rules where new_row is not null").fetchall()
    for place, (file, rule, row) in enumerate(rows):
        cells = what_if.cells(row, columns[file.removesuffix(".csv")])
        found += [(" ".join(filter(None, (file, rule))), rule, place, name, cell, cells.get("source"), cells.get("entered_by")) for name, cell in cells.items()]
    names = ("rule", "rule_id", "place", "column_name", "cell", "source", "entered_by")
    lists = ", ".join(f"unnest(?::{'integer' if name == 'place' else 'varchar'}[]) as {name}" for name in names)
    connection.execute(f"create temp table changed_cells as select {lists}", [list(column) for column in zip(*found, strict=True)] or [[] for _ in names])


def show(console, connection, blanks: list[str]) -> None:
    """Print the changes: rules, what they name and nobody has, leads by band, action and stage, largest moves, evaluation, accounts. blanks: inputs.Rules.blanks."""
    as_of, changed = connection.execute("from compared_dates").fetchone()
    console.print(f"\n[bold]What would change as of {as_of}[/bold]; nothing is published")
    if changed:
        console.print(f"The raw tables have changed since the last build, for dates from {changed} on. The changes below include this.", soft_wrap=True)
    console.print()
    tell(console, connection, "select line from told_rules order by place")
    for line in blanks + [line for (line,) in connection.execute("select line from told_warnings order by line").fetchall()]:
        warn(console, line)
    models = connection.execute("from changed_models order by model_id").fetchall()
    if not models:
        console.print("\nNo lead changes.")
    for model, was_scored, line in models:
        show_model(console, connection, model, was_scored, line)
    tell(console, connection, "select line from told_accounts order by model_id")


def show_model(console, connection, model: str, was_scored: bool, line: str) -> None:
    """Print one row of changed_models, with bands, points, evaluation and leads of the model."""
    console.print(Text(printable(f"\n{line}")))

    def show_table(title: str, view: str, columns: dict[str, str]) -> None:
        rows = connection.execute(f"select * exclude (model_id, place) from {view} where model_id = ? order by place", [model]).fetchall()
        if rows:
            console.print(table(title, columns, rows))

    show_table("", "told_bands", {"from band": "left", "to band": "left", "leads": "right"})
    show_table("", "told_actions", {"from next action (priority)": "left", "to next action (priority)": "left", "leads": "right"})
    show_table("", "told_stages", {"from stage": "left", "to stage": "left", "leads": "right"})
    tell(console, connection, "select line from told_points where model_id = ? order by place", model)
    tell(console, connection, "select line from told_outcomes where model_id = ?", model)
    if was_scored:
        show_table("Largest moves", "furthest_leads", {"contact": "left", "score": "right", "band": "left", "rank": "right", "by": "left"})
    else:
        show_table("Best leads", "best_leads", {"contact": "left", "score": "right", "band": "left", "by": "left"})


def tell(console, connection, query: str, *values) -> None:
    """Print the lines of a query."""
    for (line,) in connection.execute(query, values).fetchall():
        console.print(Text(printable(line)), soft_wrap=True)
