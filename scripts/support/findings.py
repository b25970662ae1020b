"""What a build tells beside the scores. The sentences are made in SQL (models/marts/audit): here they are read."""

import contextlib
from pathlib import Path

import duckdb

from support.relations import relations

# Part of the warning of rows that are dated after tomorrow.
AHEAD = "the default as-of date ignores this"
COUNTS = "contacts", "events", "rules"
SHOWN = 5


def facts(connection) -> dict:
    """What the record of a run tells of what was built; keys as in warehouse.RUN_COLUMNS."""
    return {name: value for name, value in _facts(connection).items() if name not in COUNTS}


def counts(connection) -> dict[str, int]:
    """How many contacts, events and rules went into the build."""
    return {name: value for name, value in _facts(connection).items() if name in COUNTS}


def _facts(connection) -> dict:
    row = connection.execute(f"select * replace (cast(as_of_date as varchar) as as_of_date) from {relations(connection)['run_facts']}")
    return dict(zip([column[0] for column in row.description], row.fetchone()))


def warnings(connection) -> list[str]:
    """What a person should know although nothing failed, a line each."""
    return _lines(connection, "scoring_findings", "true") + _lines(connection, "evaluation_findings", "topic = 'scores have shifted'")


def judgements(connection) -> list[str]:
    """What outcomes say of the scores, a line each."""
    return _lines(connection, "evaluation_findings", "topic <> 'scores have shifted'")


def _lines(connection, model: str, condition: str) -> list[str]:
    return [row[0] for row in connection.execute(f"select finding from {relations(connection)[model]} where {condition} order by finding_number").fetchall()]


def losses(connection) -> list[tuple[str, bool, str]]:
    """Raw tables that have fewer rows than the last build knew: table, whether that stops the build, and what is lost on which days."""
    return connection.execute(f"select table_name, is_refused, finding from {relations(connection)['int_lost_rows']} order by table_name").fetchall()


def rejections(connection, published: Path, limit: float) -> list[str]:
    """One line per raw table of which too many rows cannot be used: the share, and how the reasons grew since the last publication."""
    names, told = relations(connection), []
    if published.exists():
        quoted = str(published).replace("'", "''")
        # Somebody may have it open for writing.
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"attach '{quoted}' as last (read_only)")
    known = connection.execute("select table_name from duckdb_tables() where database_name = 'last'").fetchall()
    counted = f"select table_name, sum(rows_in)::bigint as rows, sum(rows_rejected)::bigint as rejected from {names['raw_row_counts']} group by table_name"
    for table, rows, rejected in connection.execute(f"from ({counted}) where rows >= 100 and 100 * rejected > ? * rows order by table_name", [limit]).fetchall():
        mart = f"rejected_{table}"
        before = f"union all select rejected_because, 0, 1 from last.{mart}" if (mart,) in known else ""
        grown = connection.execute(
            f"""
            select rejected_because, sum(now)::bigint as now, sum(before)::bigint as before
            from (select rejected_because, 1 as now, 0 as before from {names[mart]} {before})
            group by all having sum(now) > 0 order by sum(before) - sum(now), rejected_because
            """
        ).fetchall()
        listed = "; ".join(f"{reason}: {now:,} rows (published: {old:,})" for reason, now, old in grown[:SHOWN])
        more = f"; and {len(grown) - SHOWN:,} more" if len(grown) > SHOWN else ""
        told.append(
            f"raw.{table}: {100 * rejected / rows:.1f} % of {rows:,} rows cannot be used, more than {limit:g} %: {listed}{more}."
            f" Correct these rows in the source, or raise --max-rejected-percent; {mart} in next/lead_scores.duckdb lists them"
        )
    return told
