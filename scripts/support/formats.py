"""How cells of raw csv files are written, where it is not ISO 8601 and a decimal point: raw_formats.csv in the folder of the tables.

A format is told, never guessed: 01/02/2024 is two dates. A column that is mostly in another format stops the build.
"""

import csv
from pathlib import Path

from support.endings import WrongInput
from support.queries import identifier, types_of

FILE = "raw_formats.csv"
COLUMNS = ["table_name", "column_name", "format"]

# Rows that are looked at. An export writes a column in one way; single cells are rejected by staging, with their row.
LOOKED_AT = 10_000

DATE = r"\s*[0-3]?\d[./-][0-3]?\d[./-](\d{4}|\d{2})([\sT,].*)?"
DATE_OF_ATTRIBUTE = r"\s*[0-3]?\d[./-][0-3]?\d[./-][12]\d{3}([\sT,].*)?"
WITH_COMMA = r"\s*[+-]?\d[\d.\s]*,\d+\s*"
NUMBER = r"\s*[+-]?\d[\d.\s]*(,\d+)?\s*"
# Points and spaces group digits in threes: 12.50 is not 1250.
DECIMAL_COMMA = r"\s*[+-]?(\d{1,3}([.\s]\d{3})+|\d+)(,\d+)?\s*"
EPOCH = r"\d{9,16}(\.\d+)?"

TIMES = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p"]
# %y first: %Y would read 17 as the year 17.
YEARS = ("%y", "%Y")


def _date(cell: str, order: str) -> str:
    formats = ", ".join(f"'{order}-{year}{time}'" for year in YEARS for time in TIMES)
    # 31/12/2017 10:00, 31.12.2017T10:00, 12/31/17, 10:00 PM
    dashed = f"trim(regexp_replace(trim({cell}), '^(\\d+)[./-](\\d+)[./-](\\d+)[T,\\s]*', '\\1-\\2-\\3 '))"
    return f"cast(try_strptime({dashed}, [{formats}]) as varchar)"


def _epoch(cell: str, microseconds: int) -> str:
    return f"cast(make_timestamp(cast(round(try_cast({cell} as decimal(28, 6)) * {microseconds}) as bigint)) as varchar)"


def _decimal_comma(cell: str) -> str:
    # Staging would read 12.50 as a number, so it gets a text that it rejects.
    return f"""case
        when regexp_full_match({cell}, '{DECIMAL_COMMA}') then replace(regexp_replace({cell}, '[.\\s]', '', 'g'), ',', '.')
        when try_cast({cell} as decimal(38, 9)) is not null then 'not a decimal comma: ' || {cell}
    end"""


# Per format the cell as staging reads it. Cells that are not in the format stay as they are, and staging rejects what it cannot read.
FORMATS = {
    "text": lambda cell: cell,
    "decimal_comma": _decimal_comma,
    "day_first": lambda cell: _date(cell, "%d-%m"),
    "month_first": lambda cell: _date(cell, "%m-%d"),
    "epoch_seconds": lambda cell: _epoch(cell, 1_000_000),
    "epoch_milliseconds": lambda cell: _epoch(cell, 1_000),
    "epoch_microseconds": lambda cell: _epoch(cell, 1),
}
# A file's columns may be separated otherwise than by commas; the column_name is empty.
SEPARATORS = {"semicolons": ";", "tabs": "\t"}


def told(folder: Path, tables: list[str]) -> dict[tuple[str, str], str]:
    """Format by table and column in the raw_formats.csv of a folder; empty without the file. Raises WrongInput."""
    from support import inputs

    file = folder / FILE
    if not file.is_file():
        return {}
    with inputs.reading(file, "a row"), open(file, encoding="utf-8-sig", newline="") as handle:
        header, *rows = list(csv.reader(handle, strict=True)) or [[]]
    if header != COLUMNS:
        raise WrongInput(f"{file}: row 1: must be the header {','.join(COLUMNS)}")
    found, problems = {}, []
    for number, row in enumerate(rows, 2):
        table, column, name = [cell.strip().lower() for cell in (*row, "", "", "")[:3]]
        allowed = FORMATS if column else SEPARATORS
        if not row:
            continue
        if table not in tables:
            problems.append(f"{file}: row {number}, column table_name: {table} is not a table of this folder; must be one of {', '.join(tables)}")
        elif name not in allowed:
            problems.append(f"{file}: row {number}, column format: {name} must be {', '.join(allowed)}{'' if column else ' (a whole table)'}")
        elif (table, column) in found:
            problems.append(f"{file}: row {number}: {table}, {column} is duplicated")
        found[table, column] = name
    if problems:
        raise WrongInput("\n".join(problems))
    return found


def applied(connection, file: Path, location: str, formats: dict[str, str], kinds: dict[str, str]) -> str:
    """The table expression of a file with its columns in the told formats. Raises WrongInput if another column needs one.

    formats: format by column name. kinds: timestamp, amount or text by column name; other columns are attributes and properties.
    """
    from support import inputs

    types = {name.lower(): (name, kind) for name, kind in types_of(connection, location).items()}
    missing = [column for column in formats if column not in types]
    if missing:
        raise WrongInput(f"{file.parent / FILE}: column {missing[0]}: is not in {file.name}; its columns are {', '.join(types)}")
    inputs.refuse(_untold(connection, file, location, {column: kind for column, (_, kind) in types.items() if column not in formats}, kinds))
    replaced = []
    for column, name in formats.items():
        column_name = identifier(types[column][0])
        cell = f"cast({column_name} as varchar)"
        replaced.append(f"coalesce({FORMATS[name](cell)}, {cell}) as {column_name}")
    return f"(select * replace ({', '.join(replaced)}) from {location})" if replaced else location


def _untold(connection, file: Path, location: str, types: dict[str, str], kinds: dict[str, str]) -> list[WrongInput]:
    """An error for each column that is mostly written in a format that staging does not read. Only its text has the cell, not its record."""
    looked = []
    for column, kind in types.items():
        cell, is_text = f"nullif({identifier(column)}, '')", kind == "VARCHAR"
        known = kinds.get(column, "attribute")
        if is_text and known in ("timestamp", "attribute"):
            pattern, share = (DATE, 0.5) if known == "timestamp" else (DATE_OF_ATTRIBUTE, 1)
            looked.append((column, "date", cell, pattern, f"count({cell})", share))
        if is_text and known == "timestamp":
            looked.append((column, "epoch", cell, EPOCH, f"count({cell})", 0.5))
        if is_text and known == "amount":
            # Two cells or more: half of those that are no whole numbers, and a tenth of all.
            no_whole = f"count(*) filter (regexp_matches({cell}, '[.,]'))"
            looked.append((column, "comma", cell, WITH_COMMA, f"greatest({no_whole}, 4, count({cell}) / 5)", 0.5))
        if is_text and known == "attribute":
            looked.append((column, "comma", cell, WITH_COMMA, f"case when count({cell}) = count(*) filter (regexp_full_match({cell}, '{NUMBER}')) then 1 end", 1))
        if known == "timestamp" and (kind.endswith(("INT", "INTEGER")) or kind == "DOUBLE"):
            text = f"cast({identifier(column)} as varchar)"
            looked.append((column, "epoch", text, ".*", f"count({text})", 0.5))
    if not looked:
        return []
    wanted = ", ".join(
        f"count(*) filter (regexp_full_match({cell}, '{pattern}')), {of}, arg_min({cell}, row) filter (regexp_full_match({cell}, '{pattern}')),"
        f" min(row) filter (regexp_full_match({cell}, '{pattern}'))"
        for _, _, cell, pattern, of, _ in looked
    )
    rows = f"select *, row_number() over () + 1 as row from (select * from {location} limit {LOOKED_AT})"
    found = connection.execute(f"select {wanted} from ({rows})").fetchone()
    problems = []
    for number, (column, what, _, _, _, share) in enumerate(looked):
        matching, of, example, row = found[number * 4 : number * 4 + 4]
        if matching and of and matching >= of * share:
            place, advice = f"{file}: row {row}, column {column}: ", _advice(file, column, what)
            problems.append(WrongInput(f"{place}{example} {advice}", f"{place}{advice}"))
    return problems


def _advice(file: Path, column: str, what: str) -> str:
    table = file.name.split(".")[0]
    ways = {
        "date": ("is not in the order year-month-day", ["day_first", "month_first"]),
        "epoch": ("is a number, not a time", ["epoch_seconds", "epoch_milliseconds", "epoch_microseconds"]),
        "comma": ("has a comma", ["decimal_comma", "text"]),
    }
    problem, formats = ways[what]
    *others, last = [f"{table},{column},{name}" for name in formats]
    return f"{problem}; say how to read the column by a row of {file.parent / FILE} (header {','.join(COLUMNS)}): {', '.join(others)} or {last}"
