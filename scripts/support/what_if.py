"""One lead with further events, or by earlier rules: the models of this project score copies of the lead in a small warehouse of its own."""

import csv
import math
import re
from pathlib import Path

from support import inputs, warehouse
from support.endings import BuildFailed, WrongInput
from support.erasures import id_of
from support.findings import Made, relation
from support.queries import analysis, literal, statements, types_of
from support.warehouse import attach

# Maximum number of events in a set, and of events and past scores of all copies together.
LARGEST_SET, MOST_ROWS = 3, 100_000
# Raw tables that a score depends on, and columns with an id. Staging reads ids as text.
TABLES = ("contacts", "events", "identities", "outcomes", "accounts", "contact_attributes", "overrides")
IDS = ("contact_id", "anonymous_id", "account_id", "event_id", "outcome_id")


def read_person(connection, folder: Path) -> None:
    """Create tables with the raw rows of the lead in the variable `contact`, and with the kinds of events that rules look at.

    The connection has the published file as `published`. Raises Ending or duckdb.Error.
    """
    raw = warehouse.remembered(folder).get("raw")
    if raw is None:
        raise WrongInput("the warehouse has no record of its raw tables; run build.py")
    locations, contract = inputs.raw_locations(Path(raw)), inputs.columns_of_contract("raw_columns.csv", "table_name")
    sources = {name.partition(".")[0] for name in locations if "." in name}
    attach(connection, folder / "build.duckdb", "build")
    connection.execute("use build")
    try:
        views = {name: relation(connection, name) for (name,) in connection.execute("select distinct view_name from duckdb_views() where database_name = 'build'").fetchall()}
        if "int_signal_matches" not in views:
            raise WrongInput(f"{folder / 'build.duckdb'}: was built by an earlier version of the project; run build.py")
        connection.execute(f"create temp view event_kinds as {analysis(Made(connection).table, 'event_kinds')}")
        for table in TABLES:
            places = [locations[table]] if table in locations else []
            places += [view for name, view in views.items() if name in {f"{source}__{table}" for source in sources}]
            queries = [f"select * replace ({_ids(connection, place)}) from {place}" for place in places]
            queries = queries or [f"select {', '.join(f'null::varchar as {column}' for column in contract[table])} where false"]
            connection.execute(f"create temp view raw_{table} as {' union all by name '.join(queries)}")
        connection.execute(statements("what_if.sql", "person"))
    finally:
        connection.execute("use memory; detach build")


def _ids(connection, place: str) -> str:
    """The ids of a raw table as text, for `replace`."""
    columns = {name.lower() for name in types_of(connection, place)}
    return ", ".join(f"{id_of(column)} as {column}" for column in IDS if column in columns)


def make_copies(connection, copy: Path) -> None:
    """Write the raw tables and the history of all copies of the lead into a warehouse `copy`. Sets the variable largest_set."""
    history = "select count(*) from published.lead_score_history where contact_id = getvariable('contact')"
    kinds, rows = connection.execute(f"select (select count(*) from kinds), (select count(*) from events) + ({history})").fetchone()
    size = LARGEST_SET
    while size > 1 and math.comb(kinds + size, size) * (rows + size) > MOST_ROWS:
        size -= 1
    connection.execute(f"set variable largest_set = {size}")
    for folder in ("raw", "rules", warehouse.NEXT):
        (copy / folder).mkdir(parents=True)
    attach(connection, copy / warehouse.NEXT / warehouse.PUBLISHED, "next", warehouse.STORAGE)
    connection.execute(statements("what_if.sql", "copies"))
    connection.execute("detach next")
    for table in (*TABLES, "merges"):
        connection.execute(f"copy (from copied_{table}) to {literal(copy / 'raw' / f'{table}.parquet')}")


def score_copies(connection, copy: Path, version: str, result: str) -> None:
    """Score the copies by all models, by a rules version: a column of the view `versions`. Creates the tables `result` and `result`_bands. Raises Ending."""
    from support.dbt_project import Dbt

    _write_rules(connection, copy / "rules", dict(connection.execute(f"select model_id, {version} from versions").fetchall()))
    rules, raw = inputs.copy_rules(copy / "rules", copy), inputs.raw_locations(copy / "raw")
    as_of = connection.execute("select max(as_of_date)::varchar from published.lead_scores").fetchone()[0]
    dbt = Dbt(copy, raw, rules.folder, {"as_of": as_of, "evaluate": "0", "forget": "", "allow_lost_rows": "yes"}, None)
    if not dbt.parse() or not dbt.run("build", "--select", "+int_lead_scores", "--exclude-resource-type", "test"):
        raise BuildFailed("\n".join(dbt.failures()))
    if problems := dbt.rule_problems(copy / "rules", rules):
        raise BuildFailed("\n".join(problems))
    with warehouse.connect_build(copy) as made:
        places = relation(made, "int_lead_scores"), relation(made, "stg_score_bands")
    attach(connection, copy / "build.duckdb", "build")
    # Views of the build would need its other database.
    connection.execute(f"create or replace table {result} as select * from {places[0]} where as_of_date = '{as_of}'")
    connection.execute(f"create or replace table {result}_bands as select * from {places[1]} where dimension = 'total'")
    connection.execute("detach build")


def _write_rules(connection, folder: Path, versions: dict[str, str]) -> None:
    """Write rule seeds from the published rules_versions to a folder."""
    for file, columns in inputs.columns_of_contract("rule_columns.csv", "file").items():
        rows = connection.execute(
            "select distinct if(?, model_id, null), rule_id, rule_row from published.rules_versions where file = ? and list_contains(?, model_id || ' ' || rules_version) order by all",
            ["model_id" in columns, file, [" ".join(version) for version in versions.items()]],
        )
        with open(folder / f"{file}.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
            writer.writeheader()
            # Identity rules would join the copies: they are merged as published.
            for model, rule, row in rows.fetchall() if file != "identity_rules" else []:
                ids = {"model_id": model, "filter_id" if "filter_id" in columns else "rule_id": rule}
                found = {name: cell for name, cell in ids.items() if cell is not None} | cells(row, columns)
                # A stage entered by a band of a model that is not scored.
                if found.get("entered_by") != "band" or found["name"] in versions:
                    writer.writerow(found)


def cells(row: str, columns: list[str]) -> dict[str, str]:
    """The cells of a rule_row: `column = cell, ...` in the order of the column names."""
    found, last = {}, ""
    parts = re.split(f"((?:^|, )(?:{'|'.join(columns)}) = )", row)[1:]
    for label, cell in zip(parts[::2], parts[1::2], strict=True):
        name = label.removeprefix(", ")[:-3]
        if name > last:
            found[name], last = cell, name
        else:
            # Part of the cell before.
            found[last] += label + cell
    return found
