"""What is other in a build than in the file published before it: rules, leads, and what outcomes say of both."""

import contextlib
from pathlib import Path

import duckdb
from rich.table import Table
from rich.text import Text

from support.summary import printable

SHOWN = 10
TABLES = ["changed_rules", "changed_points", "changed_leads"]

# TABLES, for the session: a rule row; a lead and rule; a lead, with the three greatest differences of points.
COMPARE = """
create temp table old_rules as
select model_id, file, rule_id, rule_row from before.rules_versions
where rules_version in (select rules_version from before.lead_scores);

create temp table new_rules as
select model_id, file, rule_id, rule_row from published.rules_versions
where rules_version in (select rules_version from published.lead_scores);

create temp table changed_rules as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.file, new.file) || '.csv' as file,
    coalesce(old.rule_id, new.rule_id) as rule_id,
    old.rule_row as old_row,
    new.rule_row as new_row
from old_rules as old
full join new_rules as new
    on
        old.model_id = new.model_id
        and old.file = new.file
        and coalesce(old.rule_id, old.rule_row) = coalesce(new.rule_id, new.rule_row)
where old.rule_row is distinct from new.rule_row;

create temp table changed_points as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.contact_id, new.contact_id) as contact_id,
    coalesce(old.rule_id, new.rule_id) as rule_id,
    coalesce(labels.label, old.rule_id, new.rule_id) as label,
    coalesce(new.points, 0) - coalesce(old.points, 0) as points
from (from before.lead_score_contributions where as_of_date = (select max(as_of_date) from before.lead_scores)) as old
full join (from published.lead_score_contributions where as_of_date = (select max(as_of_date) from published.lead_scores)) as new
    on
        old.model_id = new.model_id
        and old.contact_id = new.contact_id
        and old.rule_id = new.rule_id
        and old.rule_group is not distinct from new.rule_group
left join main_intermediate.int_rules as labels on coalesce(new.rule_id, old.rule_id) = labels.rule_id
where old.points is distinct from new.points;

create temp table changed_leads as
select
    coalesce(old.model_id, new.model_id) as model_id,
    coalesce(old.contact_id, new.contact_id) as contact_id,
    old.status as old_status, new.status as new_status,
    old.score as old_score, new.score as new_score,
    old.band as old_band, new.band as new_band,
    old.grade as old_grade, new.grade as new_grade,
    old.rank_in_model as old_rank, new.rank_in_model as new_rank,
    differences.why
from before.lead_scores as old
full join published.lead_scores as new on old.model_id = new.model_id and old.contact_id = new.contact_id
left join (
    select model_id, contact_id, string_agg(format('{:+.1f} {}', points, label), '; ' order by abs(points) desc, rule_id) as why
    from (from changed_points qualify row_number() over (partition by model_id, contact_id order by abs(points) desc, rule_id) <= 3)
    group by model_id, contact_id
) as differences
    on coalesce(old.model_id, new.model_id) = differences.model_id and coalesce(old.contact_id, new.contact_id) = differences.contact_id
where
    old.status is distinct from new.status
    or old.score is distinct from new.score
    or old.band is distinct from new.band
    or old.grade is distinct from new.grade;
"""


# The latest date, the one before, and the past dates that outcomes judge: the last of each week whose outcomes are known, as far back as any goal looks.
DATES = """
with dates as (select distinct as_of_date from scored_dates),
latest as (select max(as_of_date) as as_of_date from dates)
select
    latest.as_of_date,
    max(dates.as_of_date) filter (dates.as_of_date < latest.as_of_date),
    coalesce(list(dates.as_of_date order by dates.as_of_date) filter (
        dates.as_of_date = (select max(same.as_of_date) from dates as same where date_trunc('week', same.as_of_date) = date_trunc('week', dates.as_of_date))
        and dates.as_of_date + $within_days::integer <= latest.as_of_date
        and dates.as_of_date + $evaluated_days::integer >= latest.as_of_date
    ), [])
from latest cross join dates
group by latest.as_of_date
"""
GOALS = """
select least(30, min(coalesce(try_cast(within_days as integer), 30))), greatest(365, max(coalesce(try_cast(evaluated_days as integer), 365)))
from read_csv(?, header = true, all_varchar = true)
"""


def dates(connection, rules: Path) -> tuple:
    """Of a published file: the latest date, the one before, and past dates that outcomes judge by the goals of a folder of rules."""
    within_days, evaluated_days = 30, 365
    # Without goals, each model has the usual one; what is wrong with them the build tells.
    with contextlib.suppress(duckdb.Error):
        within_days, evaluated_days = duckdb.execute(GOALS, [str(rules / "conversion_goals.csv")]).fetchone()
    return connection.execute(DATES, {"within_days": within_days, "evaluated_days": evaluated_days}).fetchone() or (None, None, [])


def keep_figures(connection, file: Path) -> None:
    """Write what outcomes say of the rules that were built to a file."""
    quoted = str(file).replace("'", "''")
    connection.execute(f"copy (from published.score_performance) to '{quoted}'")


def compare(connection, published: Path, judged: list, figures: Path) -> None:
    """Make the temporary tables of COMPARE in a connection to a build, with the file that was published before as `before`.

    judged: past dates that the build scored; figures: a file of keep_figures.
    """
    quoted = str(published).replace("'", "''")
    connection.execute(f"attach '{quoted}' as before (read_only)")
    connection.execute(COMPARE)
    connection.execute("create temp table judged_dates as select unnest(?::date[]) as as_of_date", [judged])
    connection.execute("create temp table new_performance as from read_parquet(?)", [str(figures)])


def show(console, connection) -> None:
    """Print what changes: rules, leads by band, the leads that move furthest, and what past outcomes say of it."""
    as_of, changed = connection.execute(
        """
        select
            (select max(as_of_date)::varchar from before.lead_scores),
            (
                select min(now.as_of_date)::varchar
                from published.scored_dates as now inner join before.scored_dates as old using (as_of_date, model_id)
                where now.known_version <> old.known_version or now.late_rows <> old.late_rows
            )
        """
    ).fetchone()
    console.print(f"\n[bold]What would change as of {as_of}[/bold]; nothing is published")
    if changed:
        console.print(f"The raw tables have changed since they were scored, for dates from {changed} on: that is in what follows.", soft_wrap=True)
    _rules(console, connection)
    models = [row[0] for row in connection.execute("select distinct model_id from changed_leads order by 1").fetchall()]
    if not models:
        console.print("\nNo score, band, grade or status changes.")
    for model in models:
        _bands(console, connection, model)
        if _leads_of(connection, model)[0]:
            _effect(console, connection, model)
            _leads(console, connection, model)
        else:
            _new_model(console, connection, model)


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


def _bands(console, connection, model: str) -> None:
    scores, bands, up, down = connection.execute(
        """
        select
            count(*) filter (old_score is distinct from new_score), count(*) filter (old_band is distinct from new_band),
            count(*) filter (new_rank < old_rank), count(*) filter (new_rank > old_rank)
        from changed_leads where model_id = ?
        """,
        [model],
    ).fetchone()
    before, after, leads = _leads_of(connection, model)
    said = f"{scores:,} of {leads:,} leads get another score, {bands:,} another band; {up:,} rise in rank, {down:,} fall"
    # A model whose status was changed, or that is new.
    if not after:
        said = f"is not scored any more; its {before:,} leads leave lead_scores"
    elif not before:
        said = f"is scored now; {after:,} leads come into lead_scores"
    console.print(Text(printable(f"\n{model}: {said}")))
    table = Table(box=None, padding=(0, 1), title_justify="left")
    for name in ("from band", "to band"):
        table.add_column(name)
    table.add_column("leads", justify="right")
    named = "coalesce({0}_band, case when {0}_status = 'scored' then 'below all bands' else replace({0}_status, '_', ' ') end, 'no row')"
    for row in connection.execute(
        f"select {named.format('old')}, {named.format('new')}, count(*) from changed_leads where model_id = ? and (old_band is distinct from new_band or old_status is distinct from new_status) group by all order by 3 desc, 1, 2",
        [model],
    ).fetchall():
        table.add_row(*(Text(printable(value)) for value in row[:2]), f"{row[2]:,}")
    if table.row_count:
        console.print(table)
    for label, points, touched in connection.execute(
        "select label, sum(points), count(*) from changed_points where model_id = ? group by rule_id, label order by sum(abs(points)) desc, rule_id limit 5", [model]
    ).fetchall():
        console.print(Text(printable(f"  {points:+,.1f} points by {label}, on {touched:,} leads")), soft_wrap=True)


def _leads_of(connection, model: str) -> tuple[int, int, int]:
    """How many leads of a model are published, were built now, and are in either: one that comes or leaves changes too."""
    return connection.execute(
        """
        select count(*) filter (is_old), count(*) filter (is_new), count(*)
        from (
            select contact_id, bool_or(not is_built) as is_old, bool_or(is_built) as is_new
            from (
                select contact_id, false as is_built from before.lead_scores where model_id = $model
                union all
                select contact_id, true as is_built from published.lead_scores where model_id = $model
            )
            group by contact_id
        )
        """,
        {"model": model},
    ).fetchone()


def _new_model(console, connection, model: str) -> None:
    """Of a model that was not scored: how it would have done on past dates, and its best leads. Its bands stand in _bands."""
    row = connection.execute(
        "select leads, conversions, roc_auc, lift_top_10_percent from new_performance where model_id = ? and period = 'all' and segment is null", [model]
    ).fetchone()
    if row and row[1] and row[2] is not None:
        leads, conversions, auc, lift = row
        text = f"On past dates {conversions:,} of {leads:,} contacts converted; ROC AUC {auc:.3f}, top-decile lift {lift:.1f}"
    else:
        text = "Nothing is known of how it would have done: the history holds no scores of this model on dates that are old enough, or no conversions"
    console.print(Text(printable(text)), soft_wrap=True)
    table = Table(title="Best leads", title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name, justify in (("contact", "left"), ("score", "right"), ("band", "left"), ("by", "left")):
        table.add_column(name, justify=justify)
    for contact, score, band, why in connection.execute(
        f"select contact_id, new_score, new_band, why from changed_leads where model_id = ? and new_score is not null order by new_rank, contact_id limit {SHOWN}", [model]
    ).fetchall():
        table.add_row(*(Text(printable(value)) for value in (contact, f"{score:.1f}", band or "", why or "")))
    if table.row_count:
        console.print(table)


def _effect(console, connection, model: str) -> None:
    before, after = (
        connection.execute(
            f"select leads, conversions, conversions_in_top_10_percent, roc_auc from {table} where model_id = ? and period = 'all' and segment is null and conversions > 0 and roc_auc is not null", [model]
        ).fetchone()
        for table in ("before.score_performance", "new_performance")
    )
    # Outcomes judge what the rules of now have scored; published rules that are newer than these dates have not.
    dates, by_published = connection.execute(
        """
        select count(distinct as_of_date), count(distinct as_of_date) filter (rules_version in (select rules_version from before.lead_scores))
        from judged_dates left join (from before.scored_dates where model_id = ?) as scored using (as_of_date)
        """,
        [model],
    ).fetchone()
    if not after:
        text = "What past outcomes say of it is not known: the history holds no dates that are old enough, or no conversions"
    else:
        leads, conversions, top, auc = after
        text = f"Of {conversions:,} contacts that converted, of {leads:,} on past dates, {top:,.0f} would have been in the best tenth"
        text += f" instead of {before[2]:,.0f}; ROC AUC {auc:.3f} instead of {before[3]:.3f}" if before and by_published == dates else f"; ROC AUC {auc:.3f}"
        if by_published < dates:
            text += f". The published rules scored {by_published:,} of these {dates:,} dates, so theirs is not compared; build.py --evaluate scores past weeks by them"
    console.print(Text(printable(text)), soft_wrap=True)


def _leads(console, connection, model: str) -> None:
    table = Table(title="Who moves furthest", title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name, justify in (("contact", "left"), ("score", "right"), ("band", "left"), ("rank", "right"), ("by", "left")):
        table.add_column(name, justify=justify)
    for contact, old_score, new_score, old_band, new_band, old_rank, new_rank, why in connection.execute(
        f"""
        select contact_id, old_score, new_score, old_band, new_band, old_rank, new_rank, why from changed_leads where model_id = ?
        order by abs(coalesce(new_rank, 0) - coalesce(old_rank, 0)) desc, contact_id limit {SHOWN}
        """,
        [model],
    ).fetchall():
        score = " -> ".join("none" if one is None else f"{one:.1f}" for one in (old_score, new_score))
        band = f"{old_band or 'none'} -> {new_band or 'none'}" if old_band != new_band else old_band or ""
        table.add_row(*(Text(printable(value)) for value in (contact, score, band, f"{old_rank or 'none'} -> {new_rank or 'none'}", why or "")))
    console.print(table)
