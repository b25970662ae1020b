"""What is other in build.duckdb than in a published file, as analyses/preview.sql finds it: rules, leads, and what outcomes say of both."""

import re
from pathlib import Path

from rich.text import Text

from support.environment import PROJECT
from support.relations import relations
from support.summary import printable, table

SHOWN = 10
TABLES = ["changed_rules", "changed_points", "changed_leads"]

BANDS = """
select
    coalesce(old_band, case when old_status = 'scored' then 'below all bands' else replace(old_status, '_', ' ') end, 'no row') as before,
    coalesce(new_band, case when new_status = 'scored' then 'below all bands' else replace(new_status, '_', ' ') end, 'no row') as after,
    format('{:,}', count(*))
from changed_leads
where model_id = ? and (old_band is distinct from new_band or old_status is distinct from new_status)
group by before, after order by count(*) desc, before, after
"""
POINTS = """
select sum(points), label, count(*)
from changed_points where model_id = ? group by rule_id, label order by sum(abs(points)) desc, rule_id limit 5
"""
MOVED = f"""
select
    contact_id,
    coalesce(format('{{:.1f}}', old_score), 'none') || ' -> ' || coalesce(format('{{:.1f}}', new_score), 'none'),
    case when old_band is distinct from new_band then coalesce(old_band, 'none') || ' -> ' || coalesce(new_band, 'none') else old_band end,
    coalesce(old_rank::varchar, 'none') || ' -> ' || coalesce(new_rank::varchar, 'none'),
    why
from changed_leads where model_id = ? order by abs(coalesce(new_rank, 0) - coalesce(old_rank, 0)) desc, contact_id limit {SHOWN}
"""
BEST = f"""
select contact_id, format('{{:.1f}}', new_score), new_band, why
from changed_leads where model_id = ? and new_score is not null order by new_rank, contact_id limit {SHOWN}
"""


def compare(connection, published: Path) -> None:
    """Make the temporary tables of analyses/preview.sql in a connection to build.duckdb."""
    quoted = str(published).replace("'", "''")
    connection.execute(f"attach '{quoted}' as published (read_only)")
    names = relations(connection)
    statements = (PROJECT / "analyses" / "preview.sql").read_text(encoding="utf-8")
    connection.execute(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", lambda found: names[found[1]], statements))


def show(console, connection) -> None:
    """Print what changes: rules, leads by band, the leads that move furthest, and what past outcomes say of it."""
    (as_of,) = connection.execute("select max(as_of_date)::varchar from published.lead_scores").fetchone()
    changed = connection.execute(f"select changed_from::varchar from {relations(connection)['int_changed_from']}").fetchone()[0]
    console.print(f"\n[bold]What would change as of {as_of}[/bold]; nothing is published")
    if changed:
        console.print(f"The raw tables have changed since the last build, for dates from {changed} on: that is in what follows.")
    _rules(console, connection)
    models = connection.execute("select model_id, is_old, what_changes, evaluation from changed_models order by model_id").fetchall()
    if not models:
        console.print("\nNo score, band, grade or status changes.")
    for model, is_old, summary, evaluation in models:
        console.print(Text(printable(f"\n{model}: {summary}")))
        _table(console, connection, "", {"from band": "left", "to band": "left", "leads": "right"}, BANDS, model)
        for points, label, touched in connection.execute(POINTS, [model]).fetchall():
            console.print(Text(printable(f"  {points:+,.1f} points by {label}, on {touched:,} leads")), soft_wrap=True)
        console.print(Text(printable(evaluation)), soft_wrap=True)
        if is_old:
            _table(console, connection, "Who moves furthest", {"contact": "left", "score": "right", "band": "left", "rank": "right", "by": "left"}, MOVED, model)
        else:
            _table(console, connection, "Best leads", {"contact": "left", "score": "right", "band": "left", "by": "left"}, BEST, model)


def _table(console, connection, title: str, columns: dict[str, str], query: str, model: str) -> None:
    if rows := connection.execute(query, [model]).fetchall():
        console.print(table(title, columns, rows))


def _rules(console, connection) -> None:
    rows = connection.execute("from changed_rules order by all").fetchall()
    number = "One row of the rules is" if len(rows) == 1 else f"{len(rows):,} rows of the rules are"
    console.print(f"\n{number} other than those published:" if rows else "\nThe rules are those that are published.")
    for _, file, rule_id, old, new in rows[:SHOWN]:
        if old and new:
            before, after = old.split(", "), new.split(", ")
            old, new = (", ".join(cell for cell in one if cell not in other) or "(nothing)" for one, other in ((before, after), (after, before)))
        said = f"{old} -> {new}" if old and new else f"new: {new}" if new else f"removed: {old}"
        console.print(Text(printable(f"  {file} {rule_id or ''}: {said}")), soft_wrap=True)
    if len(rows) > SHOWN:
        console.print(f"  and {len(rows) - SHOWN:,} more")
