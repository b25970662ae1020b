"""What a build tells beside the scores: how much went in, what was left out, what rules and data do not have in common."""

import os
from pathlib import Path

REJECTED = "contacts", "events", "identities", "outcomes"
SHOWN = 5

# Part of the warning of rows that are dated after tomorrow.
AHEAD = "the default as-of date ignores this"


def counts(connection) -> dict[str, int]:
    """How many contacts, events and rules went into the build."""
    contacts, events, rules = connection.execute(
        """
        select
            (select count(distinct contact_id) from main_intermediate.int_contact_versions),
            (select sum(rows_used + rows_waiting) from published.raw_row_counts where table_name = 'events'),
            (select count(*) from main_intermediate.int_event_rules)
            + (select count(*) from main_intermediate.int_activity_rules)
            + (select count(*) from main_intermediate.int_attribute_rules)
        """
    ).fetchone()
    return {"contacts": contacts, "events": events or 0, "rules": rules}


def facts(connection) -> dict:
    """What the record of a run tells of what was built; keys as in warehouse.RUN_COLUMNS."""
    names = "as_of_date", "dates_scored", "rules_versions", "rows_in", "rows_rejected", "leads", "changes"
    values = connection.execute(
        """
        select
            (select cast(max(as_of_date) as varchar) from main_intermediate.int_as_of_dates),
            (select count(*) from main_intermediate.int_as_of_dates),
            (select string_agg(model_id || ' ' || rules_version, ', ' order by model_id) from main_intermediate.int_rules_versions),
            (select sum(rows_in) from published.raw_row_counts)::bigint,
            (select sum(rows_rejected) from published.raw_row_counts)::bigint,
            (select count(*) from published.lead_scores),
            (select count(*) from published.lead_score_changes where as_of_date = (select max(as_of_date) from main_intermediate.int_as_of_dates))
        """
    ).fetchone()
    return dict(zip(names, values))


def warnings(connection) -> list[str]:
    """What a person should know although nothing failed, a line each."""
    told = [f"raw.{table}: {lost}" for table, _, lost in losses(connection)]
    unread = [row[0] for row in connection.execute("select column_name from main_staging.stg_raw_columns where table_name = 'events' and column_name not in (select column_name from main.raw_columns where table_name = 'events') order by 1").fetchall()]
    if unread:
        told.append(f"columns of raw.events that no rule can name are not read ({len(unread):,}): {_listed(unread)}")
    for table in REJECTED:
        reasons = connection.execute(f"select rejected_because, count(*) from published.rejected_{table} group by all order by 2 desc, 1").fetchall()
        if reasons:
            number = sum(rows for _, rows in reasons)
            told.append(f"{number:,} row{'s' * (number != 1)} of raw.{table} cannot be used, see rejected_{table}: {_listed([f'{rows:,} {reason}' for reason, rows in reasons])}")
    unknown = connection.execute(
        """
        select rules.attribute, string_agg(rules.rule_id, ', ' order by rules.rule_id)
        from (
            select rule_id, attribute from main_intermediate.int_attribute_rules
            union all
            select rule_id, and_attribute from main_intermediate.int_attribute_rules where and_attribute is not null
        ) as rules
        where rules.attribute not in (select column_name from main_staging.stg_raw_columns where table_name = 'contacts' and column_name not in ('contact_id', 'created_at', 'updated_at'))
        group by rules.attribute
        order by rules.attribute
        """
    ).fetchall()
    told += [f"raw.contacts has no column {attribute}, so it is missing for everyone in {rules}" for attribute, rules in unknown]
    for as_of, is_held in connection.execute(
        """
        select asked.as_of_date::varchar, held.as_of_date is not null
        from main_intermediate.int_asked_dates as asked
        left join main_intermediate.int_history_dates as held on asked.as_of_date = held.as_of_date
        where held.as_of_date is null or asked.as_of_date > cast(now() at time zone 'utc' as date) + 1
        order by 1
        """
    ).fetchall():
        if is_held:
            told.append(f"the as-of date {as_of} is in the future; --forget {as_of} takes it out of the history")
        else:
            told.append(f"the as-of date {as_of} is not in the history: it is to be forgotten, or older than the days that are kept")
    for table, column, thing in (("int_received_events", "occurred_date", "event"), ("int_contact_versions", "updated_at", "contact version")):
        rows, last = connection.execute(
            f"select count(*), max({column})::date::varchar from main_intermediate.{table} where {column}::date > cast(now() at time zone 'utc' as date) + 1"
        ).fetchone()
        if rows:
            verb = "occurred" if thing == "event" else "updated"
            told.append(f"{rows:,} {thing}{'s' * (rows != 1)} {verb} more than a day after today, the latest on {last}: {AHEAD}; correct the source")
    told += _kept_against_retention(connection)
    coverage = {}
    for topic, name, rows in connection.execute("select topic, name, rows_concerned from published.scoring_coverage order by rows_concerned desc, name").fetchall():
        coverage.setdefault(topic, []).append((name, rows))
    drifted = connection.execute(
        """
        select model_id, period, string_agg(topic || coalesce(' ' || name, '') || ' ' || round(stability_index, 2), ', ' order by stability_index desc)
        from published.score_drift as drift
        where verdict = 'shifted' and period = (select max(period) from published.score_drift as latest where latest.model_id = drift.model_id)
        group by all order by all
        """
    ).fetchall()
    told += [f"{model}: since the month before, {period} has shifted in {what}, see score_drift" for model, period, what in drifted]
    phrases = {
        "event type without rule": ("no rule names the event types", lambda name, rows: f"{name} ({rows:,} events)"),
        "attribute without rule": ("no rule names the attributes", lambda name, rows: name),
        "rule without match": ("rules held for nobody", lambda name, rows: name),
    }
    for topic, (what, item) in phrases.items():
        found = coverage.get(topic, [])
        if found:
            told.append(f"{what} ({len(found):,}): {_listed([item(*one) for one in found])}")
    for _, rows in coverage.get("contacts outside every audience", []):
        told.append(f"{rows:,} contacts are outside the audience of every model")
    return told


def _kept_against_retention(connection) -> list[str]:
    """A line where --keep-history-days would have dropped more of the history than int_history_dates lets it."""
    days = os.environ.get("LEAD_SCORING_KEEP_HISTORY_DAYS", "")
    if not days:
        return []
    old, held = connection.execute(
        """
        select count(*) filter (as_of_date < (select max(as_of_date) from main_intermediate.int_history_dates) - cast(? as integer)), count(*)
        from main_intermediate.int_history_dates
        """,
        [days],
    ).fetchone()
    if not old:
        return []
    return [f"{old:,} of {held:,} dates of the history stay although they are more than {days} days before the latest: that is more than half of it; --drop-history drops them"]


def judgements(connection) -> list[str]:
    """What outcomes say of the scores, of each model a line, and of each challenger three."""
    told = []
    for model, outcome, days, outcomes, dates, leads, conversions, lead_dates, converted_dates, auc, lift, bins in connection.execute(
        """
        select
            goals.model_id, goals.outcome, goals.within_days,
            (select count(*) from main_intermediate.int_outcomes as found where found.outcome = goals.outcome),
            (select count(*) from main_intermediate.int_evaluated_dates as dates where dates.model_id = goals.model_id and dates.is_complete and dates.is_recent),
            found.leads, found.conversions, found.lead_dates, found.converted_lead_dates, found.roc_auc, found.lift_top_10_percent,
            (select count(*) from published.score_calibration as bins where bins.model_id = goals.model_id)
        from main_intermediate.int_conversion_goals as goals
        left join published.score_performance as found on goals.model_id = found.model_id and found.period = 'all' and found.segment is null
        order by goals.model_id
        """
    ).fetchall():
        if not outcomes:
            told.append(f"{model}: raw.outcomes has no {outcome}, so nothing is judged; 20 contacts that convert are enough to state probabilities")
        elif not dates:
            told.append(f"{model}: no date of the history is {days} days old, so nothing is judged by outcomes yet; --as-of FROM..TO/7 scores past weeks")
        elif not conversions or converted_dates == lead_dates:
            told.append(f"{model}: of {leads or 0:,} contacts that were eligible on {dates:,} past dates {'all' if conversions else 'none'} were {outcome} within {days} days, so nothing is judged")
        else:
            too_few = "" if bins else "; too few to state probabilities, which takes 100 contacts and 20 that converted"
            told.append(
                f"{model}: of {leads:,} contacts that were eligible on {dates:,} past dates {conversions:,} were {outcome} within {days} days ({converted_dates:,} of {lead_dates:,} lead-dates);"
                f" ROC AUC {auc:.3f},"
                f" the best tenth converts {lift:.1f} times as often as all{too_few}"
            )
    for champion, challenger, *numbers in connection.execute(
        """
        select
            champion_id, challenger_id, count(*), count(*) filter (champion_band is distinct from challenger_band),
            count(*) filter (champion_rank <= tenth and challenger_rank <= tenth), count(*) filter (champion_rank <= tenth),
            any_value(judged.champion_roc_auc), any_value(judged.challenger_roc_auc), any_value(judged.conversions),
            any_value(judged.champion_conversions_in_top_10_percent), any_value(judged.challenger_conversions_in_top_10_percent)
        from (select *, 0.1 * count(champion_score) over (partition by champion_id, challenger_id) as tenth from published.model_comparison) as pairs
        left join published.challenger_performance as judged using (champion_id, challenger_id)
        group by all order by all
        """
    ).fetchall():
        leads, moved, same, tenth, auc_before, auc_after, conversions, before, after = numbers
        told.append(f"Challenger {challenger}: {moved:,} of {leads:,} leads would be in another band than {champion} puts them, see band_migration")
        told.append(f"Challenger {challenger}: {same:,} of the {tenth:,} best leads are the same, see model_comparison")
        if None not in (auc_before, auc_after):
            told.append(f"Challenger {challenger}: ROC AUC {auc_after:.3f} against {auc_before:.3f}, of {conversions:,} contacts that converted {after:,.0f} against {before:,.0f} in the best tenth")
        else:
            told.append(f"Challenger {challenger}: not compared by outcomes: no past date of {champion} with conversions is scored by both; --as-of FROM..TO/7 scores past weeks")
    for (challenger,) in connection.execute(
        """
        select model_id from main_intermediate.int_scored_models
        where status = 'challenger' and model_id not in (select challenger_id from main_intermediate.int_model_pairs)
        order by model_id
        """
    ).fetchall():
        told.append(
            f"Challenger {challenger}: not compared: no active model has the same audience, or several have and its name does not say which;"
            " name it after the active model, such as ACTIVE_new, in score_models.csv"
        )
    return told


def losses(connection) -> list[tuple[str, bool, str]]:
    """Raw tables that have fewer rows than the last build knew: table, whether that stops the build, and what is lost on which days."""
    told = []
    for table, refused, before, now, lost, days, first, last in connection.execute(
        """
        select table_name, is_refused, rows_before::bigint, rows_now::bigint, rows_lost::bigint, days_with_loss, first_day, last_day
        from main_intermediate.int_lost_rows order by table_name
        """
    ).fetchall():
        named = connection.execute(
            "select coalesce(cast(raw_date as varchar), 'no day'), rows_before::bigint, rows_now::bigint from main_intermediate.int_raw_table_days where rows_lost > 0 and table_name = ? order by rows_lost desc, raw_date limit ?",
            [table, SHOWN],
        ).fetchall()
        listed = ", ".join(f"{day} ({old:,} rows, now {new:,})" for day, old, new in named)
        span = f"{days:,} days from {first} to {last}, most on " if days > SHOWN else ""
        told.append((table, refused, f"{lost:,} of {before:,} rows are gone ({now:,} now): {span}{listed}"))
    return told


def rejections(connection, published: Path, limit: float) -> list[str]:
    """One line per raw table of which too many rows cannot be used: the share, and how the reasons grew since the last publication."""
    shares = connection.execute(
        """
        select table_name, sum(rows_in)::bigint, sum(rows_rejected)::bigint
        from published.raw_row_counts
        group by table_name
        having sum(rows_in) >= 100 and 100 * sum(rows_rejected) > ? * sum(rows_in)
        order by table_name
        """,
        [limit],
    ).fetchall()
    return [
        f"raw.{table}: {100 * rejected / rows:.1f} % of {rows:,} rows cannot be used, more than {limit:g} %: {_growth(connection, published, table)}."
        f" Correct these rows in the source, or raise --max-rejected-percent; rejected_{table} in build.duckdb lists them"
        for table, rows, rejected in shares
    ]


def _growth(connection, published: Path, table: str) -> str:
    before = {}
    if published.exists():
        quoted = str(published).replace("'", "''")
        connection.execute(f"attach if not exists '{quoted}' as published (read_only)")
        known = connection.execute("select 1 from duckdb_tables() where database_name = 'published' and table_name = ?", [f"rejected_{table}"]).fetchone()
        if known:
            before = dict(connection.execute(f"select rejected_because, count(*) from published.rejected_{table} group by all").fetchall())
    now = connection.execute(f"select rejected_because, count(*) from published.rejected_{table} group by all").fetchall()
    grown = sorted(now, key=lambda row: (before.get(row[0], 0) - row[1], row[0]))
    return _listed([f"{reason}: {rows:,} rows (published: {before.get(reason, 0):,})" for reason, rows in grown])


def _listed(items: list[str]) -> str:
    """The first few, and how many more there are."""
    return "; ".join(items[:SHOWN]) + (f"; and {len(items) - SHOWN:,} more" if len(items) > SHOWN else "")
