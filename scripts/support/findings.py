"""Reads the findings of a build. SQL writes the sentences (models/marts/audit)."""

import contextlib
from pathlib import Path

import duckdb

from support.environment import PROJECT, shown
from support.warehouse import PUBLISHED, attach, connect_build

# Part of the warning about rows dated after tomorrow.
AHEAD = "the default as-of date ignores this"
COUNTS = "contacts", "events", "rules"

# Raw tables with more than `limit` percent rejected rows, with the rows per reason now and in the published file.
REJECTIONS = """
with counted as (
    select sum(rows_in)::bigint as rows_in, sum(rows_rejected)::bigint as rejected from {counts} where table_name = '{table}'
),
reasons as (
    select rejected_because, sum(now)::bigint as now, sum(before)::bigint as before
    from (select rejected_because, 1 as now, 0 as before from {mart} union all select rejected_because, 0, 1 from {last})
    group by rejected_because having sum(now) > 0
),
listed as (
    select
        string_agg(format('{{}}: {{:,}} rows (published: {{:,}})', rejected_because, now, before), '; ' order by before - now, rejected_because) filter (place <= 5)
        || case when count(*) > 5 then format('; and {{:,}} more', count(*) - 5) else '' end as reasons
    from (select *, row_number() over (order by before - now, rejected_because) as place from reasons)
)
select format(
    'raw.{table}: {{:.1f}} % of {{:,}} rows are rejected, more than {limit:g} %: {{}}.'
    ' Correct these rows in the source, or raise --max-rejected-percent; rejected_{table} in next/lead_scores.duckdb lists them',
    100 * rejected / rows_in, rows_in, reasons
)
from counted cross join listed where rows_in >= 100 and 100 * rejected > {limit} * rows_in
"""


def relation(connection, model: str) -> str:
    """The qualified table or view of a model or seed in a build. Schemas are a setting of dbt's profile, so Python looks them up."""
    return connection.execute(
        """
        select format('"{}"."{}"."{}"', table_catalog, table_schema, table_name) from information_schema.tables
        where table_name = ? and table_catalog in (current_database(), 'published') order by table_catalog = 'published' desc limit 1
        """,
        [model],
    ).fetchone()[0]


def analysis(connection, name: str, **variables) -> str:
    """The SQL of a dbt analysis (folder analyses) on a build. `variables` are its vars."""
    import jinja2

    sql = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string((PROJECT / "analyses" / f"{name}.sql").read_text(encoding="utf-8"))
    return sql.render(ref=lambda model: relation(connection, model), var=lambda name, default: variables.get(name, default))


def counts_and_facts(connection) -> tuple[dict[str, int], dict]:
    """Numbers of contacts, events and rules, and the facts for the record of the run (keys of warehouse.RUN_COLUMNS)."""
    row = connection.execute(f"select * replace (cast(as_of_date as varchar) as as_of_date) from {relation(connection, 'run_facts')}")
    told = dict(zip([column[0] for column in row.description], row.fetchone()))
    return {name: told.pop(name) for name in COUNTS}, told


def given(connection, sources: list[str]) -> list[str]:
    """What each source gave, one line each. Without sources there are only the raw files, and no line."""
    if not sources:
        return []
    rows = connection.execute(f"select source, contacts, events, outcomes from ({analysis(connection, 'source_counts', sources=sources)}) order by source").fetchall()
    names = ("contact", "event", "outcome")
    return [f"{source}: {', '.join(f'{number:,} {name}' + 's' * (number != 1) for number, name in zip(numbers, names, strict=True))}" for source, *numbers in rows]


def warnings(connection) -> list[str]:
    """The warnings, one line each."""
    return _lines(connection, "scoring_findings", "true") + _lines(connection, "evaluation_findings", "topic = 'scores have shifted'")


def judgements(connection) -> list[str]:
    """The evaluation results by the main goal of each model, one line each. The subject of such a line is the model."""
    goals = relation(connection, "int_conversion_goals")
    return _lines(connection, "evaluation_findings", f"topic <> 'scores have shifted' and subject in (select model_id from {goals})")


def _lines(connection, model: str, condition: str) -> list[str]:
    return [row[0] for row in connection.execute(f"select finding from {relation(connection, model)} where {condition} order by finding_number").fetchall()]


def losses(connection) -> list[tuple[str, bool, str]]:
    """Raw tables with fewer rows than in the last build: table, whether this stops the build, and the lost rows by day."""
    return connection.execute(f"select table_name, is_refused, finding from {relation(connection, 'int_lost_rows')} order by table_name").fetchall()


def _rejections(connection, published: Path, limit: float) -> list[str]:
    """One line per raw table with too many rejected rows (REJECTIONS)."""
    # The published file may be missing or locked by a writer.
    with contextlib.suppress(duckdb.Error):
        attach(connection, published, "last")
    known = {row[0] for row in connection.execute("select table_name from duckdb_tables() where database_name = 'last'").fetchall()}
    counts, told = relation(connection, "raw_row_counts"), []
    for (table,) in connection.execute(f"select distinct table_name from {counts} order by table_name").fetchall():
        mart = f"rejected_{table}"
        last = f"last.{mart}" if mart in known else "(select null as rejected_because where false)"
        told += connection.execute(REJECTIONS.format(counts=counts, table=table, mart=relation(connection, mart), last=last, limit=limit)).fetchall()
    return [line for (line,) in told]


def failures(problems: list[str], warehouse: Path, max_rejected_percent: float) -> list[str]:
    """The text for each failed model or test. Lost and rejected rows get tables, days and reasons."""
    told = []
    for problem in problems:
        if problem.startswith("law_10_raw_tables_have_not_lost_their_rows:"):
            with connect_build(warehouse) as connection:
                lost = [f"raw.{table}: {text}" for table, is_refused, text in losses(connection) if is_refused]
            return [
                "The raw tables have lost rows since the last published build:",
                *lost,
                "If a feed or an export broke, fix it and run again. If the rows were removed on purpose: --allow-lost-rows once, or"
                " --raw-keeps-days N for a source that keeps N days.",
            ]
        if problem.startswith("too_many_rows_are_rejected:"):
            with connect_build(warehouse) as connection:
                told += _rejections(connection, warehouse / PUBLISHED, max_rejected_percent)
        elif "out of sync" in problem:
            told.append(f"{problem}\nAn earlier version of the project built the warehouse: run once with --full-refresh")
        else:
            told.append(problem)
    return told


def rule_problems(warehouse: Path, folder: Path, rules) -> list[str]:
    """One line per problem in the rule seeds of a folder: file, row, column, value and what is required. `rules` is their copy (inputs.Rules)."""
    with connect_build(warehouse) as connection:
        rows = connection.execute(
            f"select file, seed_row, column_name, cell, problem, other_file, other_seed_row from {relation(connection, 'int_rule_problems')} order by all"
        ).fetchall()
    told = []
    for file, seed_row, column, cell, problem, other_file, other_seed_row in rows:
        if other_file:
            problem += f"; already used in {'' if other_file == file else f'{other_file}, '}row {rules.line(other_file, other_seed_row)}"
        told.append(f"{shown(folder / file)}: row {rules.line(file, seed_row)}, column {column}: {cell or '(empty)'}: {problem}")
    return told
