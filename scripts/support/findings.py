"""Reads the findings of a build. SQL writes the sentences (models/marts/audit)."""

import contextlib
from pathlib import Path

import duckdb

from support.environment import shown
from support.queries import analysis, named
from support.warehouse import PUBLISHED, attach, connect_build

# Part of the warning about rows dated after tomorrow.
AHEAD = "the default as-of date ignores this"
COUNTS = "contacts", "events", "rules"
# Of a raw table with too many rejected rows, so many reasons are told.
MOST_REASONS = 5


def relation(connection, model: str) -> str:
    """The qualified table or view of a model or seed in a build. Schemas are a setting of dbt's profile, so Python looks them up."""
    return connection.execute(
        """
        select format('"{}"."{}"."{}"', table_catalog, table_schema, table_name) from information_schema.tables
        where table_name = ? and table_catalog in (current_database(), 'published') order by table_catalog = 'published' desc limit 1
        """,
        [model],
    ).fetchone()[0]


class Made:
    """What a build made: the rows of queries, and the tables of models. The functions below also take a PostgresBuild, which has the same methods."""

    def __init__(self, connection):
        self.connection = connection

    def rows(self, query: str, parameters=()) -> list[dict]:
        """The rows of a query, by column name."""
        return named(self.connection.execute(query, parameters))

    def table(self, model: str) -> str:
        """The table or view of a model or seed."""
        return relation(self.connection, model)

    def table_before(self, mart: str) -> str | None:
        """The table of a mart in the published file of the last build, if there is one."""
        known = self.rows("select 1 from duckdb_tables() where database_name = 'last' and table_name = ?", [mart])
        return f"last.{mart}" if known else None


@contextlib.contextmanager
def made_in(warehouse: Path):
    """What the build of a warehouse has made. Not while dbt runs."""
    with connect_build(warehouse) as connection:
        # The published file may be missing or locked by a writer.
        with contextlib.suppress(duckdb.Error):
            attach(connection, warehouse / PUBLISHED, "last")
        yield Made(connection)


def counts_and_facts(made) -> tuple[dict[str, int], dict]:
    """Numbers of contacts, events and rules, and the facts for the record of the run (keys of warehouse.RUN_COLUMNS)."""
    (facts,) = made.rows(f"select * from {made.table('run_facts')}")
    counts = {name: facts.pop(name) for name in COUNTS}
    return counts, facts | {"as_of_date": facts["as_of_date"] and str(facts["as_of_date"])}


def given(made, sources: list[str]) -> list[str]:
    """What each source gave, one line each. Without sources there are only the raw files, and no line."""
    if not sources:
        return []
    rows = made.rows(f"select source, contacts, events, outcomes from ({analysis(made.table, 'source_counts', sources=sources)}) order by source")
    return [f"{row.pop('source')}: {', '.join(f'{number:,} {name if number != 1 else name[:-1]}' for name, number in row.items())}" for row in rows]


def warnings(made) -> list[str]:
    """The warnings, one line each."""
    return _lines(made, "scoring_findings", "true") + _lines(made, "evaluation_findings", "topic = 'scores have shifted'")


def judgements(made) -> list[str]:
    """The evaluation results by the main goal of each model, one line each. The subject of such a line is the model."""
    goals = made.table("int_conversion_goals")
    return _lines(made, "evaluation_findings", f"topic <> 'scores have shifted' and subject in (select model_id from {goals})")


def _lines(made, model: str, condition: str) -> list[str]:
    return [row["finding"] for row in made.rows(f"select finding from {made.table(model)} where {condition} order by finding_number")]


def losses(made) -> list[dict]:
    """Raw tables with fewer rows than in the last build: table_name, is_refused, and in `finding` the lost rows by day."""
    return made.rows(f"select table_name, is_refused, finding from {made.table('int_lost_rows')} order by table_name")


def _rejections(made, limit: float, raw: str, listed_in: str) -> list[str]:
    """One line per raw table of 100 rows with more than `limit` percent rejected rows, with the rows per reason now and in the published marts."""
    told = []
    counts = "select table_name, cast(sum(rows_in) as bigint) as rows_in, cast(sum(rows_rejected) as bigint) as rejected"
    for table, rows, rejected in map(dict.values, made.rows(f"{counts} from {made.table('raw_row_counts')} group by table_name order by table_name")):
        if rows < 100 or 100 * rejected <= limit * rows:
            continue
        mart = f"rejected_{table}"
        before = made.table_before(mart) or f"(select * from {made.table(mart)} where false) as no_rows"
        reasons = made.rows(
            f"""
            select rejected_because, sum(now) as now, sum(before) as before
            from (select rejected_because, 1 as now, 0 as before from {made.table(mart)} union all select rejected_because, 0, 1 from {before}) as both_builds
            group by rejected_because having sum(now) > 0 order by sum(before) - sum(now), rejected_because
            """
        )
        listed = ["{rejected_because}: {now:,} rows (published: {before:,})".format(**reason) for reason in reasons[:MOST_REASONS]]
        listed += [f"and {len(reasons) - MOST_REASONS:,} more"] if len(reasons) > MOST_REASONS else []
        told.append(
            f"{raw}.{table}: {100 * rejected / rows:.1f} % of {rows:,} rows are rejected, more than {limit:g} %: {'; '.join(listed)}."
            f" Correct these rows in the source, or raise --max-rejected-percent; {listed_in.format(mart)} lists them"
        )
    return told


def failures(problems: list[str], reading, max_rejected_percent: float, raw: str = "raw", listed_in: str = "{} in next/lead_scores.duckdb") -> list[str]:
    """The text for each failed model or test. Lost and rejected rows get tables, days and reasons.

    reading() is a context with what the build made; raw: the schema of the raw tables; listed_in: where a mart of rejected rows is.
    """
    told = []
    for problem in problems:
        if problem.startswith("law_10_raw_tables_have_not_lost_their_rows:"):
            with reading() as made:
                lost = [f"{raw}.{loss['table_name']}: {loss['finding']}" for loss in losses(made) if loss["is_refused"]]
            return [
                "The raw tables have lost rows since the last published build:",
                *lost,
                "If a feed or an export broke, fix it and run again. If the rows were removed on purpose: --allow-lost-rows once, or"
                " --raw-keeps-days N for a source that keeps N days.",
            ]
        if problem.startswith("law_10_contacts_have_not_become_others:"):
            with reading() as made:
                (row,) = made.rows(f"select contacts_missing, contacts_before from {made.table('int_missing_contacts')}")
            told.append(
                f"{raw}.contacts: {row['contacts_missing']:,} of {row['contacts_before']:,} contacts of the last published build are in no row now. If their ids are written otherwise"
                " than before, such as 1.0 for 1, correct the source and run again. If they were removed on purpose: --allow-lost-rows once"
            )
        elif problem.startswith("too_many_rows_are_rejected:"):
            with reading() as made:
                told += _rejections(made, max_rejected_percent, raw, listed_in)
        elif "out of sync" in problem:
            told.append(f"{problem}\nAn earlier version of the project built the warehouse: run once with --full-refresh")
        else:
            told.append(problem)
    return told


def rule_problems(made, folder: Path, rules) -> list[str]:
    """One line per problem in the rule seeds of a folder: file, row, column, value and what is required. `rules` is their copy (inputs.Rules)."""
    told = []
    rows = made.rows(f"select file, seed_row, column_name, cell, problem, other_file, other_seed_row from {made.table('int_rule_problems')} order by 1, 2, 3, 4, 5, 6, 7")
    for file, seed_row, column, cell, problem, other_file, other_seed_row in map(dict.values, rows):
        if other_file:
            problem += f"; already used in {'' if other_file == file else f'{other_file}, '}row {rules.line(other_file, other_seed_row)}"
        told.append(f"{shown(folder / file)}: row {rules.line(file, seed_row)}, column {column}: {cell or '(empty)'}: {problem}")
    return told
