"""Copies raw tables into Postgres, and marts out of it, by way of DuckDB."""

import tempfile
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2]

# Types of DuckDB that Postgres calls otherwise. All others have the same name in both.
TYPES = {"DOUBLE": "double precision", "FLOAT": "real", "TIMESTAMP_NS": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamptz", "HUGEINT": "decimal(38, 0)", "UBIGINT": "decimal(20, 0)"}


def load(raw: Path, connection, schema: str = "raw") -> None:
    """Replace the tables of a schema by the raw tables of a folder."""
    from support.inputs import raw_locations

    cursor = connection.cursor()
    cursor.execute(f'drop schema if exists "{schema}" cascade; create schema "{schema}"')
    with duckdb.connect() as duck:
        duck.execute("set TimeZone = 'UTC'")
        for table, location in raw_locations(raw).items():
            columns = duck.execute(f"describe select * from {location}").fetchall()
            types = ", ".join(f'"{name.lower()}" {TYPES.get(kind, kind)}' for name, kind, *_ in columns)
            cursor.execute(f'create table "{schema}"."{table}" ({types})')
            texts = ", ".join(f'cast("{name}" as varchar)' for name, *_ in columns)
            with tempfile.TemporaryDirectory() as folder:
                # Null is \N; an empty cell is empty text.
                duck.execute(f"copy (select {texts} from {location}) to '{folder}/rows.csv' (format csv, header false, nullstr '\\N')")
                with open(f"{folder}/rows.csv", "rb") as rows:
                    cursor.copy_expert(f'copy "{schema}"."{table}" from stdin (format csv, null \'\\N\')', rows)
            cursor.execute(f'analyze "{schema}"."{table}"')


def marts(connection, file: Path, schema: str = "lead_scoring") -> None:
    """Write the marts of a schema to a DuckDB file, with the names of their types there, for comparisons."""
    cursor = connection.cursor()
    cursor.execute(
        """
        select relname, attname, format_type(atttypid, atttypmod) from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace = %s::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped order by relname, attnum
        """,
        [schema],
    )
    tables: dict[str, list[str]] = {}
    for table, column, kind in cursor.fetchall():
        tables.setdefault(table, []).append(f'"{column}" {kind.replace(" without time zone", "").replace("character varying", "varchar").replace("numeric", "decimal")}')
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as duck:
        for table, columns in tables.items():
            duck.execute(f"create table {table} ({', '.join(columns)})")
            place = file.with_suffix(".csv")
            with open(place, "w", encoding="utf-8", newline="") as handle:
                cursor.copy_expert(f'copy "{schema}"."{table}" to stdout (format csv, null \'\\N\', header)', handle)
            duck.execute(f"insert into {table} select * from read_csv('{place}', all_varchar = true, nullstr = '\\N', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {{{', '.join(repr(one.split(chr(34))[1]) + ': ' + repr('varchar') for one in columns)}}})")
            place.unlink()
