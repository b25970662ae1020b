"""Runs of build.py on a world that changes, and the comparison of two warehouses row for row."""

from pathlib import Path

import duckdb

from tests.conftest import PROJECT, Build, run_build
from tests.reference.scoring import bands_on, highest_band, number_text, scored_models

# What tells of the run itself.
OF_RUNS = ("scoring_runs", "run_facts")
# What rests on earlier dates as they were published; all other tables are those of a build from nothing, whatever the history holds (law 2).
OF_THE_HISTORY = frozenset(
    "lead_scores lead_score_history lead_score_changes account_scores account_score_history account_score_changes scored_dates rules_versions int_rule_history scoring_findings history_findings evaluation_findings"
    " outcome_findings challenger_findings score_performance score_calibration value_scorecard score_drift rule_performance campaign_performance band_migration"
    " model_comparison challenger_performance lead_stages lead_stage_changes funnel call_list crm_sync".split()
)
# Columns of these that do not: scores of a date rest on what was known on it, bands and trends on the dates before too.
OF_THE_DATE = {
    "lead_scores": "as_of_date, model_id, contact_id, account_id, status, status_reason, score, behavioural_score, demographic_score, rank_in_model,"
    " percentile_in_model, last_event_at, reason_1, reason_2, reason_3, rules_version, model_status",
    "lead_score_history": "as_of_date, model_id, contact_id, account_id, status, status_reason, score, behavioural_score, demographic_score, rules_version",
    "account_scores": "as_of_date, model_id, account_id, account_name, score, contacts, scored_contacts, breadth, best_contact_1, reason_1, reason_2, reason_3",
    "account_score_history": "as_of_date, model_id, account_id, score, contacts, scored_contacts, breadth",
    "scored_dates": "as_of_date, model_id, rules_version, rows_known, known_version",
}
# When a change was published first is about runs, as is what an earlier run published and is gone.
OF_THE_RUN = {"lead_score_changes": "* exclude (run_at)", "crm_sync": "* exclude (changed_at)"}
# Rows that are gone since the last published build are told by the run that finds them alone.
OF_FINDINGS = {"raw_findings": "topic, subject, item, rows_concerned", "scoring_findings": "topic, subject, finding"}


def run(folder: Path, warehouse: Path, *options: str, tests: bool = False, stop=None) -> Build:
    """Run build.py on folder/raw and folder/rules."""
    return run_build(warehouse, "--raw", str(folder / "raw"), "--rules", str(folder / "rules"), *options, tests=tests, stop=stop)


def options_for(dates) -> list[str]:
    return [option for as_of in sorted(dates) for option in ("--as-of", str(as_of))]


# Comparing two warehouses


def attached(**warehouses: Path):
    """A connection that sees both files of each warehouse as NAME_build and NAME_published."""
    connection = duckdb.connect()
    for name, warehouse in warehouses.items():
        connection.execute(f"attach '{warehouse}/build.duckdb' as {name}_build (read_only)")
        connection.execute(f"attach '{warehouse}/lead_scores.duckdb' as {name}_published (read_only)")
    return connection


def compared_tables(warehouse: Path) -> dict[str, str]:
    """All published marts and all kept intermediate tables: name -> place in a warehouse."""
    files = [file for file in (PROJECT / "models").rglob("int_*.sql") if "materialized='incremental'" in file.read_text(encoding="utf-8")]
    kept = {file.stem for file in files}
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        places = {name: f"build.{schema}.{name}" for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall() if name in kept}
    assert set(places) == kept
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        marts = [row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()]
    assert {"lead_score_contributions", "lead_score_criteria"} | OF_THE_HISTORY - {"int_rule_history"} <= set(marts)
    return places | {mart: f"published.main.{mart}" for mart in marts if mart not in OF_RUNS}


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two warehouses, a text per table."""
    tables = compared_tables(one)
    if set(tables) != set(compared_tables(other)):
        return [f"tables: {sorted(set(tables) ^ set(compared_tables(other)))}"]
    with attached(one=one, other=other) as connection:
        texts = [unlike(connection, name, *rows_of(name, place)) for name, place in sorted(tables.items())]
    return [text for text in texts if text]


def differences_now(one: Path, other: Path) -> list[str]:
    """What differs between two warehouses, a text per table, of what does not rest on earlier dates as they were published.

    Of the dates before the latest, those that the first scored by rules of the other, and that have no late rows.
    """
    tables = compared_tables(one)
    if set(tables) != set(compared_tables(other)):
        return [f"tables: {sorted(set(tables) ^ set(compared_tables(other)))}"]
    with attached(one=one, other=other) as connection:
        connection.execute(
            """
            create table as_now as
            select one.as_of_date, one.model_id from one_published.scored_dates as one
            inner join other_published.scored_dates as other using (as_of_date, model_id, rules_version)
            where one.late_rows = 0
            """
        )
        latest = "select count(*) from as_now where as_of_date = (select max(as_of_date) from one_published.scored_dates)"
        assert connection.execute(latest).fetchone()[0] > 0, "the latest date is not scored as now"
        texts = []
        for name, place in sorted(tables.items()):
            if name in OF_THE_DATE:
                of_dates = "where (as_of_date, model_id) in (from as_now)"
                texts.append(unlike(connection, name, *(f"select {OF_THE_DATE[name]} from {side}_{place} {of_dates}" for side in ("one", "other"))))
            elif name not in OF_THE_HISTORY:
                texts.append(unlike(connection, name, *rows_of(name, place)))
    return [text for text in texts if text]


def rows_of(name: str, place: str) -> list[str]:
    """A query of all rows of a table for each of the two warehouses."""
    if name in OF_FINDINGS:
        return [f"select {OF_FINDINGS[name]} from {side}_{place} where topic <> 'lost rows'" for side in ("one", "other")]
    if name in OF_THE_RUN:
        return [f"select {OF_THE_RUN[name]} from {side}_{place} {'where not is_deleted' if name == 'crm_sync' else ''}" for side in ("one", "other")]
    return [f"from {side}_{place}" for side in ("one", "other")]


def unlike(connection, name: str, one: str, other: str) -> str:
    """Rows that only one of two queries gives, or an empty text."""
    texts = []
    for side, query in (("only daily", f"({one}) except all ({other})"), ("only full", f"({other}) except all ({one})")):
        found = connection.execute(f"select count(*) over (), * from ({query}) order by all limit 4")
        columns = ", ".join(column[0] for column in found.description[1:])
        if rows := found.fetchall():
            texts.append(f"{name}: {side} ({rows[0][0]} rows): {columns}\n" + "\n".join(f"      {row[1:]}" for row in rows))
    return "\n".join(texts)


def history(warehouse: Path) -> dict:
    """(date, model) -> its rules_version and its rows of lead_score_history, each with its contact."""
    found = {}
    with attached(it=warehouse) as connection:
        names = [row[0] for row in connection.execute("describe it_published.lead_score_history").fetchall()]
        for row in connection.execute("from it_published.lead_score_history").fetchall():
            cells = dict(zip(names, row, strict=True))
            version, rows = found.setdefault((cells["as_of_date"], cells["model_id"]), (cells["rules_version"], set()))
            assert version == cells["rules_version"], f"{cells['as_of_date']} {cells['model_id']} has rows of several rules_versions"
            rows.add((cells["contact_id"], row))
    return found


def wrong_bands(warehouse: Path, dates, rules: dict[str, list[dict]]) -> list:
    """Rows of these dates whose bands are not those that their scores, and the date before as it is published, give by the rules of the reference."""
    models = {model.model_id: model for model in scored_models(rules)}
    query = "select as_of_date, model_id, contact_id, * exclude (as_of_date, model_id, contact_id) from it_published.lead_score_history where status = 'scored'"
    with attached(it=warehouse) as connection:
        held = [row[0] for row in connection.execute("select distinct as_of_date from it_published.scored_dates order by 1").fetchall()]
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        scored = {row[:3]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
    before = dict(zip(held[1:], held, strict=False))
    wrong = []
    for (as_of, model_id, contact_id), row in scored.items():
        if as_of not in dates:
            continue
        previous = scored.get((before.get(as_of), model_id, contact_id), {"bands_on": "", "band": None, "band_since": None})
        wanted, keys = {}, set()
        for dimension, score, column in (("total", "score", "band"), *((name, f"{name}_score", f"{name}_band") for name in ("behavioural", "demographic"))):
            own = {band_key(band): band.text("band") for band in models[model_id].bands if band.lower("dimension") == dimension}
            remembered = frozenset(name for key, name in own.items() if key and key in (previous["bands_on"] or ""))
            on = bands_on(models[model_id], dimension, row[score], remembered)
            wanted[column] = highest_band(models[model_id], dimension, on)
            keys |= {key for key, name in own.items() if key and name in on}
        if wanted["band"]:
            wanted["band_since"] = previous["band_since"] if previous["band"] == wanted["band"] else as_of
        else:
            wanted["band_since"] = None
        has = {column: row[column] for column in wanted}
        has_keys = set(filter(None, (row["bands_on"] or "").replace("||", "|\n|").split("\n")))
        if has != wanted or has_keys != keys:
            wrong.append((str(as_of), model_id, contact_id, row["score"], has, has_keys, "instead of", wanted, keys))
    return wrong[:5]


def band_key(band) -> str | None:
    """As lead_score_history names a band that is on: by its dimension and min_score."""
    reach = band.number("min_score")
    return None if reach is None else f"|{band.lower('dimension')}:{number_text(reach)}|"


def inconsistent(warehouse: Path) -> list:
    """Rows that lead_score_changes and rules_versions lack or have too many, and trends that are other, seen from lead_score_history and scored_dates."""
    uses = "select rules_version, min(as_of_date), max(as_of_date) from it_published.scored_dates group by all"
    used = "select distinct rules_version, first_used_on, last_used_on from it_published.rules_versions"
    changes = """
        select after.as_of_date, dates.previous, after.model_id, after.contact_id, before.status, after.status, before.band, after.band,
            before.grade, after.grade, before.score, after.score, before.band_since
        from (select *, lag(as_of_date) over (partition by model_id order by as_of_date) as previous from it_published.scored_dates) as dates
        inner join it_published.lead_score_history as after using (as_of_date, model_id)
        left join it_published.lead_score_history as before
            on before.as_of_date = dates.previous and before.model_id = after.model_id and before.contact_id = after.contact_id
        where dates.previous is not null
            and (before.contact_id is null or (before.status, before.band, before.grade) is distinct from (after.status, after.band, after.grade))
    """
    changed = """select as_of_date, previous_as_of_date, model_id, contact_id, from_status, to_status, from_band, to_band, from_grade,
        to_grade, from_score, to_score, from_band_since from it_published.lead_score_changes"""
    # Only with dates that the same rules scored.
    latest = "(select max(as_of_date) from it_published.lead_scores)"
    trends = f"""
        select model_id, contact_id, now.score - week.score, now.score - month.score,
            case when now.score - week.score > within then 'rising' when week.score - now.score > within then 'falling' when within is not null then 'steady' end
        from it_published.lead_scores as now
        left join (from it_published.lead_score_history where as_of_date = {latest} - 7) as week using (model_id, contact_id, rules_version)
        left join (from it_published.lead_score_history where as_of_date = {latest} - 30) as month using (model_id, contact_id, rules_version)
        cross join lateral (select case when now.score is not null and week.score is not null then greatest(1, abs(week.score) * 0.05) end as within)
    """
    trended = "select model_id, contact_id, score_change_7d, score_change_30d, trend from it_published.lead_scores"
    with attached(it=warehouse) as connection:
        return [
            (side, *row)
            for wanted, found in ((uses, used), (changes, changed), (trends, trended))
            for side, one, other in (("lacks", wanted, found), ("has", found, wanted))
            for row in connection.execute(f"select * from (({one}) except all ({other})) order by all limit 5").fetchall()
        ]
