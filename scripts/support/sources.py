"""Exports of other systems (--source NAME=DIR): their required tables and columns, and the views through which dbt reads them.

models/connectors/<source>/_<source>.yml defines names and columns of a source's tables, under meta. Each table gets a view in build.duckdb, in
a schema with the source's name, as on a server. Columns that the export lacks are null. A missing optional table is an empty view.
"""

import csv
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import duckdb

from support import formats, inputs
from support.environment import PROJECT
from support.inputs import WrongInput
from support.queries import identifier, types_of

CONNECTORS = PROJECT / "models" / "connectors"

# A raw folder may hold this list of exports beside raw tables: source, folder, time_zone.
LIST = "sources.csv"
COLUMNS = ["source", "folder", "time_zone"]

# How formats.py looks at a column, by its type here.
KINDS = {"timestamp": "timestamp", "decimal": "amount"}

# DuckDB's type and the message per type of a column that is checked by its values.
MUST_BE = {
    "timestamp": ("timestamptz", "is not a valid timestamp; must be like 2024-06-30 09:00:00"),
    "decimal": ("decimal(38, 6)", "is not a number; must be like 1234.56"),
    "bigint": ("bigint", "is not a whole number"),
}


@dataclass(frozen=True)
class Table:
    """A table of an export. names: possible names; columns: possible names per column; needs: required columns; prefix: if set, all other columns pass too.

    is_camel_case: columns named LeadSource pass as lead_source.
    """

    names: list[str]
    columns: dict[str, list[str]]
    types: dict[str, str]
    needs: list[str]
    is_required: bool
    prefix: str | None
    is_camel_case: bool


def known() -> list[str]:
    """The sources that have a connector."""
    return sorted(folder.name for folder in CONNECTORS.iterdir() if folder.is_dir())


def tables_of(source: str) -> dict[str, Table]:
    """The tables of a source that its models read."""
    import yaml

    described = yaml.safe_load((CONNECTORS / source / f"_{source}.yml").read_text(encoding="utf-8"))["sources"][0]["tables"]
    found = {}
    for table in described:
        meta = table["config"]["meta"]
        called = meta.get("columns_called", {})
        # A column that is not text has its type after its name: items struct(item_id varchar)[]
        types = {column.partition(" ")[0]: column.partition(" ")[2] or "varchar" for column in meta["needs"] + meta.get("may_have", [])}
        columns = {column: [column, *called.get(column, [])] for column in types}
        found[table["name"]] = Table(
            [table["name"], *meta.get("called", [])],
            columns,
            types,
            [column.partition(" ")[0] for column in meta["needs"]],
            meta.get("required", False),
            meta.get("prefix"),
            meta.get("camel_case", False),
        )
    return found


def folder_of(warehouse: Path, raw: Path | None, given: list[str], zones: list[str]) -> Path | None:
    """The folder that represents --raw and --source together. It is in the warehouse and has only sources.csv. Raises WrongInput.

    Its name is a hash of its content, so other sources are another raw folder.
    """
    if not given and not zones:
        return raw
    rows, problems = _parsed(given, zones)
    if raw and not raw.is_dir():
        problems.append(f"{raw}: is not a folder; --raw must be the folder with contacts, events, identities, outcomes")
    if raw and (raw / LIST).exists():
        problems.append(f"{raw / LIST}: is a list of sources; add rows to it, or leave out --source")
    if problems:
        raise WrongInput("\n".join(problems))
    rows = sorted(rows + ([("files", str(raw.resolve()), "")] if raw else []))
    folder = warehouse / f"sources-{hashlib.sha256(repr(rows).encode()).hexdigest()[:8]}"
    if not (folder / LIST).exists():
        # Atomic, and only once: same name, same content. A rewritten file would look like new rows.
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{LIST}.new"
        with open(new, "w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([COLUMNS, *rows])
        os.replace(new, folder / LIST)
    return folder


def _parsed(given: list[str], zones: list[str]) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Source, folder and time zone of the options, and their errors."""
    folders, places, problems = {}, {}, []
    for text in given:
        name, _, folder = text.partition("=")
        if not folder.strip():
            problems.append(f"--source {text}: must be NAME=DIR, such as hubspot=exports/hubspot")
        elif name not in known():
            problems.append(f"--source {text}: {name} is not a source; must be one of {', '.join(known())}")
        elif name in folders:
            problems.append(f"--source {text}: {name} is duplicated; both exports would have the same ids")
        elif not Path(folder).is_dir():
            problems.append(f"--source {text}: {folder} is not a folder; must have the tables {', '.join(tables_of(name))}")
        else:
            folders[name] = str(Path(folder).resolve())
    for text in zones:
        name, _, zone = text.partition("=")
        try:
            places[name] = ZoneInfo(zone).key
            if name not in folders:
                problems.append(f"--time-zone {text}: {name} is not a source of this run; add --source {name}=DIR")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            problems.append(f"--time-zone {text}: must be NAME=ZONE, such as pardot=Europe/Warsaw")
    return [(name, folder, places.get(name, "")) for name, folder in folders.items()], problems


def listed(folder: Path) -> dict[str, Path]:
    """The folder per source in the list of a raw folder. Empty without a list. Raises WrongInput."""
    rows = _rows(folder)
    problems = []
    for number, row in enumerate(rows, 2):
        if row.get("source") not in ["files", *known()]:
            problems.append(f"{folder / LIST}: row {number}, column source: {row.get('source')} is not a source; must be files or one of {', '.join(known())}")
        elif row["source"] in [one["source"] for one in rows[: number - 2]]:
            problems.append(f"{folder / LIST}: row {number}, column source: {row['source']} is duplicated; both exports would have the same ids")
        elif not (folder / (row.get("folder") or "?")).is_dir():
            problems.append(f"{folder / LIST}: row {number}, column folder: {row.get('folder')} is not a folder")
        if row.get("time_zone") and row["time_zone"] not in available_timezones():
            problems.append(f"{folder / LIST}: row {number}, column time_zone: {row['time_zone']} must be a time zone such as Europe/Warsaw")
    if problems:
        raise WrongInput("\n".join(problems))
    return {row["source"]: folder / row["folder"] for row in rows}


def time_zones(folder: Path) -> str:
    """The time zones of the list, for dbt's variable source_time_zones."""
    return ",".join(f"{row['source']}={row['time_zone']}" for row in _rows(folder) if row.get("time_zone"))


def shown(folder: Path) -> str:
    """A raw folder as the user gave it."""
    return ", ".join(f"{row['source']}={row['folder']}" for row in _rows(folder)) or str(folder)


def _rows(folder: Path) -> list[dict[str, str]]:
    file = folder / LIST
    if not file.is_file():
        return []
    with inputs.reading(file, "a row"), open(file, encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle, strict=True)
        if sorted(reader.fieldnames or []) not in (sorted(COLUMNS), sorted(COLUMNS[:2])):
            raise WrongInput(f"{file}: row 1: must be the header {','.join(COLUMNS)}")
        return list(reader)


def places_of(folder: Path) -> list[Path]:
    """The files of a raw folder and of its sources: the list of sources, formats and tables."""
    exports = listed(folder)
    found = [folder / LIST, *(place / formats.FILE for place in [folder, *exports.values()])]
    for place in {folder, exports.pop("files", folder)}:
        found += [file for table in inputs.columns_of_contract("raw_columns.csv", "table_name") for file in inputs.table_places(place, table)]
    return found + [file for source, place in exports.items() for table in tables_of(source).values() for file in _places(place, table)]


def checks(connection, exports: dict[str, Path]) -> dict:
    """Per SOURCE.TABLE a function that returns its table expression or raises WrongInput."""
    found = {}
    for source, folder in exports.items():
        tables = tables_of(source)
        told = formats.told(folder, [name for table in tables.values() for name in table.names])
        for name, table in tables.items():
            of_table = {column: format for (of, column), format in told.items() if of in table.names}
            found[f"{source}.{name}"] = lambda source=source, folder=folder, table=table, told=of_table: f"({_select(connection, source, folder, table, told)})"
    return found


def make(warehouse: Path, raw: dict[str, str]) -> str:
    """Create a view per SOURCE.TABLE of `raw` in build.duckdb, and return dbt's list of connectors. A view's comment is the hash of its query.

    If all views are there, the file is not written, because a write makes the build check everything again (warehouse.stands_as_defined).
    """
    tables = {tuple(name.split(".")): location[1:-1] for name, location in raw.items() if "." in name}
    sources = sorted({source for source, _ in tables})
    hashes = {table: hashlib.sha256(query.encode()).hexdigest() for table, query in tables.items()}
    if sources:
        with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
            views = {(schema, view): text for schema, view, text in connection.execute("select schema_name, view_name, comment from duckdb_views()").fetchall()}
            for source, table in (one for one in tables if views.get(one) != hashes[one]):
                connection.execute(f'create schema if not exists "{source}"')
                connection.execute(f'create or replace view "{source}"."{table}" as {tables[source, table]}')
                connection.execute(f"comment on view \"{source}\".\"{table}\" is '{hashes[source, table]}'")
    return ",".join((["files"] if "contacts" in raw else []) + sources)


def _places(folder: Path, table: Table) -> list[Path]:
    """The places of a table in an export, by any of its names: a file, a folder of files, or files per day (events_20240630.parquet)."""
    found = []
    for name in table.names:
        found += [place for place in inputs.table_places(folder, name) if place.exists()]
        found += sorted(file for file in folder.glob(f"{name}_*.parquet") if re.fullmatch(rf"{re.escape(name)}_\d{{8}}\.parquet", file.name))
    return found


def _select(connection, source: str, folder: Path, table: Table, told: dict[str, str]) -> str:
    """The query of a table, with all columns that models read. told: format by column. Raises WrongInput."""
    places = _places(folder, table)
    name, needs = table.names[0], ", ".join(table.needs)
    if not places and table.is_required:
        other = f", or {' or '.join(table.names[1:])}" if table.names[1:] else ""
        raise WrongInput(f"{folder / name}.parquet: is missing (or {name}.csv, or a folder {name} of parquet or csv files{other}); {source} needs its columns {needs}")
    if not places:
        inputs.refuse(inputs.misnamed(folder, table.names[::-1], [".csv", ".parquet"], likeness=str.lower))
        return f"select {', '.join(_missing(column, table) for column in table.columns)} where false"
    if len(places) > 1 and not all(re.search(r"_\d{8}\.parquet$", place.name) for place in places):
        raise WrongInput(f"{places[0]}: duplicates {' and '.join(place.name for place in places[1:])}; keep one of them")
    kinds = {name: KINDS.get(table.types[column], "text") for column, names in table.columns.items() for name in [*names, column.replace("_", "")]}
    locations = [inputs.location_of(connection, place, [], told, kinds) for place in places]
    location = locations[0] if len(locations) == 1 else "(" + " union all by name ".join(f"select * from {one}" for one in locations) + ")"
    types = types_of(connection, location)
    found = {name.lower(): name for name in types}
    chosen, problems, shown = [], [], {}
    for column, names in table.columns.items():
        # The API of Salesforce has CreatedDate, Fivetran has created_date.
        there = next((one for one in names if one in found), None) or next((one for one in found if one == column.replace("_", "")), None)
        if there is None and column in table.needs:
            also = f" (or {', '.join(names[1:])})" if names[1:] else ""
            problems.append(f"{places[0]}: column {column}{also}: is missing; {source} needs {needs}; the columns found are {', '.join(found)}")
        if there:
            shown[column] = found.pop(there)
        chosen.append(f"{identifier(shown[column])} as {identifier(column)}" if there else _missing(column, table))
    for column, value, text in _other_types(connection, location, types, table, shown):
        place = f"{places[0]}: column {shown[column]}: "
        problems.append(WrongInput(f"{place}{value}: {text}", place + text) if value else place + text)
    inputs.refuse(problems)
    if table.prefix is not None:
        # Models recognise attributes by the prefix. An export with flat columns has no prefix.
        is_flat = not any(column.startswith(table.prefix) for column in [*found])
        if table.is_camel_case:
            found = {re.sub("([a-z0-9])([A-Z])", r"\1_\2", shown).lower(): shown for shown in found.values()}
        chosen += [f"{identifier(shown)} as {identifier((table.prefix if is_flat and not column.startswith('_') else '') + column)}" for column, shown in found.items()]
    return f"select {', '.join(chosen)} from {location}"


def _other_types(connection, location: str, types: dict[str, str], table: Table, shown: dict[str, str]) -> list[tuple[str, str | None, str]]:
    """Columns of another type than models read, each with an unreadable value, if its type depends on its values, and what it must be. types: of all columns; shown: the name of each column in the export.

    A time or number is of another type if none of its first values can be read. Later unreadable values are rejected row by row.
    """
    problems, checked = [], []
    for column, name in shown.items():
        must = table.types[column]
        if must in MUST_BE:
            checked.append(column)
        elif must == "varchar" and re.search(r"^(STRUCT|MAP|UNION)|\]$", types[name]):
            problems.append((column, None, f"is {types[name]}; must be a single value"))
        elif must != "varchar" and not (types[name].endswith("[]") == must.endswith("[]") and _fields(must) <= _fields(types[name])):
            problems.append((column, None, f"is {types[name]}; must be {must}, as in the parquet files of the export"))
    if checked:
        cells = ", ".join(f"nullif(trim(cast({identifier(shown[column])} as varchar)), '') as {identifier(column)}" for column in checked)
        read = ", ".join(f"any_value({name}), count(try_cast({name} as {MUST_BE[table.types[column]][0]}))" for column in checked for name in [identifier(column)])
        row = connection.execute(f"select {read} from (select {cells} from {location} limit 1000)").fetchone()
        for column, value, readable in zip(checked, row[::2], row[1::2], strict=True):
            if value is not None and not readable:
                problems.append((column, value, MUST_BE[table.types[column]][1]))
    return problems


def _fields(a_type: str) -> set[str]:
    """The names of the fields of a nested type."""
    return set(re.findall(r'(\w+)"? (?:varchar|bigint|double|struct)', a_type.lower()))


def _missing(column: str, table: Table) -> str:
    return f"cast(null as {table.types[column]}) as {identifier(column)}"
