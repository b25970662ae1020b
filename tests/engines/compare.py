"""Differences between the marts of DuckDB and those of another engine, by table and key.

    .venv/bin/python -m tests.engines.compare WAREHOUSE [OTHER]

compares the published file of a warehouse with that of another warehouse, such as one built on Spark, or with a schema (default: lead_scoring) of the
database that PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE name. Exit code 1: there are differences.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import yaml

from tests.engines.tables import PROJECT, marts

# Tables and columns about the run, and the one sum of an engine's own hashes.
OF_THE_RUN = {"scoring_runs"}
COLUMNS_OF_THE_RUN = {"lead_score_changes": {"run_at"}, "crm_sync": {"changed_at"}, "scored_dates": {"known_version"}}
# Rows shown per table.
MOST_SHOWN = 5


def keys() -> dict[str, list[str]]:
    """The key of each mart, from its test is_key."""
    found = {}
    for file in (PROJECT / "models" / "marts").rglob("*.yml"):
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", []):
            for test in model.get("data_tests", []):
                if isinstance(test, dict) and "is_key" in test:
                    found[model["name"]] = test["is_key"]["arguments"]["columns"]
    return found


def differences(published: Path, other: Path) -> list[str]:
    """What differs between two files of marts, one text per table. In the second, call_list may have its attributes as one JSON text."""
    told, known = [], keys()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as one (read_only); attach '{other}' as other (read_only)")

        def columns_of(database: str) -> dict[str, dict[str, str]]:
            tables: dict[str, dict[str, str]] = {}
            query = "select table_name, column_name, data_type from duckdb_columns() where database_name = ? order by column_index"
            for table, column, kind in connection.execute(query, [database]).fetchall():
                tables.setdefault(table, {})[column] = kind
            return tables

        one, two = columns_of("one"), columns_of("other")
        told += [f"{table}: is in one of them only" for table in sorted(set(one) ^ set(two))]
        for table in sorted(set(one) & set(two) - OF_THE_RUN):
            source, found = f"other.{table}", dict(two[table])
            if "attributes" in found and "attributes" not in one[table]:
                del found["attributes"]
                names = [name for name in one[table] if name not in found]
                source = "(select *, " + ", ".join(f"attributes::json ->> '$.\"{name}\"' as \"{name}\"" for name in names) + f" from {source})" if names else source
                found |= dict.fromkeys(names, "VARCHAR")
            if found != one[table]:
                told.append(f"{table}: columns differ: {sorted(set(one[table].items()) ^ set(found.items()))}")
                continue
            names = [name for name in one[table] if name not in COLUMNS_OF_THE_RUN.get(table, set())]
            listed = ", ".join(f'"{name}"' for name in names)
            for title, left, right in (("on DuckDB only", f"one.{table}", source), ("on the other only", source, f"one.{table}")):
                rows = connection.execute(f"select {listed} from {left} except all select {listed} from {right} order by all").fetchall()
                if rows:
                    key = [names.index(name) for name in known.get(table, names)]
                    told.append(f"{table}: {len(rows):,} rows {title}, such as " + "; ".join(f"{[str(row[place]) for place in key]} of {row}" for row in rows[:MOST_SHOWN]))
    return told


def differences_from_schema(published: Path, schema: str) -> list[str]:
    """What differs between a published file and a schema of Postgres."""
    import psycopg2

    connection = psycopg2.connect("")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "other.duckdb"
        marts(connection, file, schema)
        return differences(published, file)


def main(warehouse: Path, other: str = "lead_scoring") -> int:
    """Compare and print."""
    published = Path(other) / "lead_scores.duckdb"
    if published.exists():
        found = differences(warehouse / "lead_scores.duckdb", published)
    else:
        found = differences_from_schema(warehouse / "lead_scores.duckdb", other)
    print("\n".join(found) or "All marts are equal.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
