"""Runs of build.py on a world that changes, and the comparison of two warehouses row for row."""

import json
from pathlib import Path

import duckdb

from tests.conftest import Build, run_build

# Dates scored under older rules keep their rows of these tables (law 2).
AS_SCORED = ("lead_score_history", "lead_score_changes", "scored_dates")
# A log of the runs, and what the last of them was told and asked for: rows lost since the run before, dates that it asked for in vain.
OF_RUNS = ("scoring_runs", "scoring_findings")
OF_ALL_VERSIONS = ("rules_versions",)
BOOKKEEPING = {"int_received_events": ["is_copy"]}

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
    manifest = json.loads((warehouse / "target" / "manifest.json").read_text())
    kept = [node for node in manifest["nodes"].values() if node["config"].get("materialized") == "incremental"]
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        marts = [row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()]
    assert {"lead_scores", "lead_score_contributions", "lead_score_criteria", *AS_SCORED} <= set(marts)
    places = {node["alias"]: f"build.{node['schema']}.{node['alias']}" for node in kept}
    return places | {mart: f"published.main.{mart}" for mart in marts if mart not in OF_RUNS}


def differences(one: Path, other: Path, older=frozenset()) -> list[str]:
    """What differs between two warehouses, a text per table. `older`: (date, model) whose rows older rules made."""
    texts, tables = [], compared_tables(one)
    if set(tables) != set(compared_tables(other)):
        return [f"tables: {sorted(set(tables) ^ set(compared_tables(other)))}"]
    with attached(one=one, other=other) as connection:
        connection.execute("create table older (as_of_date date, model_id text)")
        if older:
            connection.executemany("insert into older values (?, ?)", [list(pair) for pair in older])
        for name, place in sorted(tables.items()):
            columns = [row[0] for row in connection.execute(f"describe one_{place}").fetchall()]
            left_out = BOOKKEEPING.get(name, []) + (["first_used_on", "last_used_on"] if older else [])
            columns = ", ".join(column for column in columns if column not in left_out)
            dates = [column for column in ("as_of_date", "previous_as_of_date") if column in columns]
            older_rows = " or ".join(f"({column}, model_id) in (from older)" for column in dates)
            where = f"where not ({older_rows})" if older and name in AS_SCORED else ""
            if older and name in OF_ALL_VERSIONS:
                where = "where rules_version in (select rules_version from other_published.rules_versions)"
            a, b = (f"(select {columns} from {side}_{place} {where})" for side in ("one", "other"))
            for side, query in (("only daily", f"from {a} except all from {b}"), ("only full", f"from {b} except all from {a}")):
                rows = connection.execute(f"select count(*) over (), * from ({query}) order by all limit 4").fetchall()
                if rows:
                    texts.append(f"{name}: {side} ({rows[0][0]} rows): {columns}\n" + "\n".join(f"      {row[1:]}" for row in rows))
    return texts


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


def inconsistent(warehouse: Path) -> list:
    """Rows that lead_score_changes and rules_versions lack or have too many, seen from lead_score_history and scored_dates."""
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
    with attached(it=warehouse) as connection:
        return [
            (side, *row)
            for wanted, found in ((uses, used), (changes, changed))
            for side, one, other in (("lacks", wanted, found), ("has", found, wanted))
            for row in connection.execute(f"select * from (({one}) except all ({other})) order by all limit 5").fetchall()
        ]
