"""Checks before dbt starts: every file exists, is readable and has the columns of the contract.

SQL checks the cells (models/intermediate/rules/checks, models/staging/raw).
"""

import contextlib
import csv
import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from calibration.unfinished import finish_rules
from support import formats
from support.endings import WrongInput
from support.environment import PROJECT, shown
from support.queries import identifier, literal, types_of

CONTRACT = PROJECT / "contract"

# Maximum number of dates in one range of --as-of: ten years of days.
MOST_DATES = 3660

# Maximum number of reported problems per raw table.
MOST_TOLD = 20

# Optional raw tables and seeds.
OPTIONAL = {
    "accounts", "merges", "contact_attributes", "overrides", "erasures",
    "conversion_goals", "event_filters", "event_names", "identity_rules", "reference_lists", "rule_conditions", "account_models",
    "lifecycle_stages", "next_actions", "published_attributes", "rule_evidence",
}  # fmt: skip

# Endings of files that people take for tables.
TABULAR = (".csv", ".parquet", ".xlsx", ".xls", ".ods", ".tsv", ".txt", ".json", ".gz")

# Also those that a copy from a web page or a spreadsheet brings: no-break space, zero-width space, byte order mark.
BLANKS = " \t\r\n\u00a0\u200b\ufeff"

# Columns that a seed may lack: they are newer than the first version of the seeds.
OPTIONAL_COLUMNS = {"event_rules": ["after_event_type", "after_within_days"], "conversion_goals": ["goal_id"]}


@contextlib.contextmanager
def reading(file: Path, row: str | None = None):
    """Turn errors of reading a file into WrongInput. `row` is the place of the error, if it is known."""
    try:
        yield
    except OSError as error:
        raise WrongInput(f"{error.filename or file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongInput(f"{file}: {row or _row_of_other_text(file)}: is not UTF-8 text; save the file as CSV UTF-8") from None
    except csv.Error as error:
        raise WrongInput(f"{file}: {row}: is not valid csv ({error})") from None


def _row_of_other_text(file: Path) -> str:
    """The first row of a file that is not UTF-8."""
    for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return f"row {number}"
    return "a row"


def all_of(checks: dict):
    """Run all checks and return their results by name. Reports all problems together. Raises WrongInput."""
    found, problems = {}, []
    for name, check in checks.items():
        try:
            found[name] = check()
        except WrongInput as problem:
            problems.append(problem)
        except OSError as error:
            problems.append(f"{error.filename}: cannot be read: {error.strerror}")
    refuse(problems)
    return found


def refuse(problems: list) -> None:
    """Raise all problems, texts or WrongInput, as one WrongInput. Its record has the records of those that have one."""
    if problems:
        raise WrongInput("\n".join(map(str, problems)), "\n".join(getattr(problem, "record", problem) for problem in problems))


@dataclass(frozen=True)
class Rules:
    """A copy of the rule seeds, taken at the start of the build.

    lines: per file name, the line number of each record in the original file. blanks: a line for each cell with a blank at an end, which is read as it is.
    """

    folder: Path
    lines: dict[str, list[int]]
    blanks: list[str] = field(default_factory=list)

    def line(self, file: str, seed_row: int) -> int:
        """The line number of a record in the original file. seed_row counts records; the header is 1."""
        return self.lines[file][seed_row - 2]


def contract(file: str) -> list[dict[str, str]]:
    """The rows of contract/{file}."""
    with open(CONTRACT / file, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def columns_of_contract(file: str, key: str) -> dict[str, list[str]]:
    """The column names per table in contract/{file}. `key` is the column with the table's name."""
    tables: dict[str, list[str]] = {}
    for row in contract(file):
        tables.setdefault(row[key], []).append(row["column_name"])
    return tables


def as_of_dates(texts: list[str], option: str = "--as-of") -> str:
    """Check dates and ranges FROM..TO or FROM..TO/DAYS of an option, and join them by commas for dbt. Raises WrongInput."""
    for text in texts:
        try:
            found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2})(?:/([1-9]\d{0,5}))?)?", text)
            if not found:
                raise ValueError(text)
            dates = [date.fromisoformat(end) for end in found.groups()[:2] if end]
        except ValueError:
            raise WrongInput(f"{option} {text}: must be a date such as 2017-12-31, FROM..TO, or FROM..TO/7 for every seventh day") from None
        if dates[0] > dates[-1]:
            raise WrongInput(f"{option} {text}: must be FROM..TO, with FROM not after TO")
        # A mistyped year would make an endless run.
        number = (dates[-1] - dates[0]).days // int(found[3] or 1) + 1
        if option == "--as-of" and number > MOST_DATES:
            raise WrongInput(f"{option} {text}: has {number:,} dates; a range may have at most {MOST_DATES:,}")
    return ",".join(texts)


def raw_files(folder: Path) -> list[tuple[str, int, int, int]]:
    """Name, size, time and inode of each file of the raw tables. Other files in the folder are ignored. Raises WrongInput."""
    from support import sources

    folder = folder.resolve()
    with reading(folder):
        # Raises an error if the folder cannot be listed; the lines below only look at known names.
        next(folder.iterdir(), None)
        files = {path for place in sources.places_of(folder) for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()}
        facts = ((path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path), path.stat()) for path in files)
        return sorted((name, found.st_size, found.st_mtime_ns, found.st_ino) for name, found in facts)


def fingerprint(raw: Path, rules: Path, settings: dict[str, str]) -> str:
    """A hash of everything that a build reads: raw files and project files (by size and time), rules, settings. Raises WrongInput."""
    return _hash_of(str(raw.resolve()), raw_files(raw), _project_files(), _seeds(rules), settings)


def definitions(locations: dict[str, str], rules: Path, settings: dict[str, str], is_full_refresh: bool) -> str:
    """A hash of everything that views and rule tables depend on: all that a build reads, without rows and as-of dates.

    `locations` are the table expressions of the files that dbt reads.
    """
    with duckdb.connect() as connection:
        columns = [connection.execute(f"describe select * from {location}").fetchall() for location in locations.values()]
    others = {name: value for name, value in settings.items() if name != "as_of"}
    return _hash_of(locations, columns, _project_files(), _seeds(rules), others, is_full_refresh)


def _project_files() -> list[tuple]:
    return sorted(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for place in ("models", "macros", "contract", "tests/contract", "tests/generic", "tests/laws", "scripts", "dbt_project.yml", "profiles.yml", "requirements.lock")
        for path in [PROJECT / place, *(PROJECT / place).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    )


def _seeds(rules: Path) -> list[tuple]:
    return sorted((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in rules.glob("*.csv"))


def _hash_of(*facts) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def raw_locations(folder: Path) -> dict[str, str]:
    """DuckDB's table expression of each raw table, by table name, and of each table of a source, by SOURCE.TABLE. Raises WrongInput."""
    from support import sources

    if not folder.is_dir():
        raise WrongInput(f"{folder}: is not a folder; --raw must be the folder with contacts, events, identities, outcomes")
    exports = sources.listed(folder)
    files = exports.pop("files", folder)
    with duckdb.connect() as connection:
        tables = columns_of_contract("raw_columns.csv", "table_name")
        # With sources, the raw folder does not need contacts and events.
        required = {table: columns for table, columns in tables.items() if table not in OPTIONAL}
        is_whole = not exports or any(place.exists() for table in required for place in table_places(files, table))
        if not is_whole:
            tables = {table: columns for table, columns in tables.items() if table in OPTIONAL}
        told = formats.told(files, list(columns_of_contract("raw_columns.csv", "table_name")))
        checks = {table: lambda table=table, columns=columns: _raw_location(connection, files, table, columns, told) for table, columns in tables.items()}
        if files.resolve() not in [place.resolve() for place in exports.values()]:
            checks["misnamed"] = lambda: refuse(misnamed(files, OPTIONAL & tables.keys(), [".csv", ".parquet"]) + misnamed(files, {Path(formats.FILE).stem}, [".csv"]))
        found = all_of(checks | sources.checks(connection, exports))
    found = {table: location for table, location in found.items() if location}
    if not is_whole and any(table in found for table in tables if table != "erasures"):
        # Models read the other tables of raw files only together with these.
        found |= {table: f"(select {', '.join(f'cast(null as varchar) as {column}' for column in columns)} where false)" for table, columns in required.items()}
    return found


def _likeness(name: str) -> str:
    """A name without case, plural and other signs than letters."""
    return re.sub("[^a-z]", "", name.lower()).removesuffix("s")


def misnamed(folder: Path, names: Iterable[str], endings: list[str], likeness=_likeness) -> list[str]:
    """The errors of files that look like one of these optional files, such as Erasures.csv or next_action.xlsx, where there is none of its name."""
    missing = {likeness(name): name for name in names if not any((folder / f"{name}{ending}").exists() for ending in ["", *endings])}
    problems = []
    for file in sorted(folder.iterdir()):
        ending = file.suffix.lower()
        name = missing.get(likeness(file.name.partition(".")[0]))
        if name and ending in TABULAR and file.is_file():
            way = f"rename it to {name}{ending}" if ending in endings else f"save it as {name}{endings[0]}"
            problems.append(f"{file}: is not read; {way}, or move it away")
    return problems


def table_places(folder: Path, table: str) -> list[Path]:
    """Possible places of a raw table: a parquet or csv file, or a folder of parquet or csv files (Spark calls one TABLE.parquet)."""
    return [folder / f"{table}.parquet", folder / f"{table}.csv", folder / table]


def as_pattern(file: Path) -> str:
    """A path as a literal for DuckDB's readers, with escaped glob characters."""
    return literal(re.sub(r"[*?[]", r"[\g<0>]", str(file)))


def check_raw_files(locations: dict[str, str]) -> None:
    """Read every cell of the raw tables, to see whether an unreadable one made a build fail. Raises WrongInput."""
    problems = []
    with duckdb.connect() as connection:
        for location in locations.values():
            try:
                # Hashing decodes all values; counting would not.
                connection.execute(f"select bit_xor(hash(columns(*))) from {location}").fetchall()
            except duckdb.Error as error:
                file = re.search(r"read_\w+\(\[?'((?:[^']|'')+)'", location)[1].replace("''", "'").removesuffix("/**/*.parquet").removesuffix("/**/*.csv")
                problems.append(_unreadable(Path(re.sub(r"\[([*?[])\]", r"\1", file)), str(error)))
    refuse(problems)


def _raw_location(connection, folder: Path, table: str, columns: list[str], told: dict[tuple[str, str], str]) -> str | None:
    """The table expression of a raw table, or None for a missing optional table. Raises WrongInput."""
    files = [file for file in table_places(folder, table) if file.exists()]
    if not files and table in OPTIONAL:
        return None
    if not files:
        raise WrongInput(f"{folder / table}.parquet: is missing (or {table}.csv, or a folder {table} of parquet or csv files); columns: {', '.join(columns)}")
    if len(files) > 1:
        raise WrongInput(f"{files[0]}: duplicates {' and '.join(file.name for file in files[1:])}; keep one of them")
    kinds = {row["column_name"]: row["kind"] for row in contract("raw_columns.csv") if row["table_name"] == table}
    return location_of(connection, files[0], columns, {column: name for (of, column), name in told.items() if of == table}, kinds)


def location_of(connection, file: Path, columns: list[str], told: dict[str, str], kinds: dict[str, str]) -> str:
    """The table expression of a file, or folder of files, that must have these columns. Raises WrongInput.

    told and kinds: format and kind by column (formats.applied); the format of the column "" is the separator of a csv file.
    """
    separator = formats.SEPARATORS.get(told.get("", ""), ",")
    location = _location_of(connection, file, columns, separator)
    try:
        return formats.applied(connection, file, location, {column: name for column, name in told.items() if column}, kinds)
    except duckdb.Error as error:
        raise WrongInput(_unreadable(file, str(error))) from None


def _location_of(connection, file: Path, columns: list[str], separator: str) -> str:
    if file.is_dir() and file.suffix != ".csv":
        return _location_of_folder(connection, file, columns, separator)
    if not file.is_file():
        raise WrongInput(f"{file}: must be a file")
    path = as_pattern(file.resolve())
    try:
        if file.suffix == ".csv":
            return _location_of_csv(connection, file, path, columns, separator)
        # Without hive_partitioning, because a parent folder year=2024 is no column of the table.
        location = f"read_parquet({path}, hive_partitioning = false)"
        found = _columns_at(connection, location)
        # DuckDB renames a column if its name differs from another only in case.
        names = {row[0].lower() for row in connection.execute(f"select name from parquet_schema({path})").fetchall()}
        refuse([f"{file}: column {name.rsplit('_', 1)[0]}: is duplicated" for name in found if name not in names])
        _check_columns(file, columns, found)
        connection.execute(f"select count({identifier((columns or found)[0])}) from {location}").fetchall()
        return location
    except duckdb.Error as error:
        raise WrongInput((file.suffix == ".csv" and _other_line_end(file)) or _unreadable(file, str(error))) from None


def _location_of_csv(connection, file: Path, path: str, columns: list[str], separator: str) -> str:
    with reading(file, "row 1"), open(file, "rb") as handle:
        names = next(csv.reader([handle.readline().decode("utf-8-sig")], delimiter=separator, strict=True), [])
    if not any(names):
        raise WrongInput(f"{file}: row 1: is empty; must be the header")
    _check_header(file, names, f", or add {file.stem},,{{}} to {file.parent / formats.FILE} (header {','.join(formats.COLUMNS)})")
    header = ", ".join(f"{literal(name)}: 'varchar'" for name in names)
    # All columns are text: staging parses the cells and rejects bad ones with a reason.
    # No detection: the first line is the header, and a line that begins with # is a row.
    location = (
        f"read_csv({path}, auto_detect = false, columns = {{{header}}}, header = true, delim = '{separator}', quote = '\"', escape = '\"',"
        " comment = '', skip = 0)"
    )
    _check_columns(file, columns, _columns_at(connection, location))
    # Counting a text column makes DuckDB read every line, so it reports a broken line now.
    connection.execute(f"select count({identifier((columns or names)[0])}) from {location}").fetchall()
    return location


def _columns_at(connection, location: str) -> list[str]:
    return [name.lower() for name in types_of(connection, location)]


def _check_columns(file: Path, columns: list[str], found: list[str]) -> None:
    refuse([f"{file}: row 1, column {column}: is missing; the columns found are {', '.join(found)}" for column in columns if column not in found])


def _check_header(file: Path, names: list[str], other_way: str = "") -> None:
    """Raises WrongInput if a header is not separated by commas, or a name is empty or duplicated. other_way: what a user may do besides."""
    for separators, separator in formats.SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            raise WrongInput(f"{file}: row 1: the columns are separated by {separators}; use commas{other_way.format(separators)}")
    lower = [name.lower() for name in names]
    wrong = [f"{file}: row 1: column {number} has no name" for number, name in enumerate(names, 1) if not name]
    refuse(wrong + [f"{file}: row 1, column {name}: is duplicated" for name in sorted({name for name in lower if name and lower.count(name) > 1})])


def _location_of_folder(connection, folder: Path, columns: list[str], separator: str) -> str:
    """The table expression of a folder of parquet or csv files: the rows of all files, columns matched by name. Raises WrongInput.

    Every file must have the columns of the contract, in the file or, of parquet, as a partition folder (country=de/). Other columns
    are null in the rows of files without them.
    """
    parquet, tables = sorted(folder.rglob("*.parquet")), sorted(folder.rglob("*.csv"))
    files, ending = (parquet, ".parquet") if parquet else (tables, ".csv")
    if not files:
        raise WrongInput(f"{folder}: has no *.parquet file and no *.csv file; a raw table is a folder of such files, or one parquet or csv file")
    problems = []
    for file in files:
        if any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts):
            problems.append(f"{file}: looks unfinished by its name; wait until it is written, or remove it")
        elif not file.is_file():
            problems.append(f"{file}: must be a file")
        elif ending == ".csv" and any("=" in part for part in file.relative_to(folder).parts[:-1]):
            problems.append(f"{file}: is in a folder that names a column; write the column into the file, or write it as parquet")
    for file in sorted(folder.rglob("*")):
        # Writers leave markers: _SUCCESS, _delta_log/, .part-0.parquet.crc.
        is_marker = file.suffix == ".crc" or any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)
        if file.suffix != ending and not is_marker and file.is_file():
            problems.append(f"{file}: is not read, because {folder.name} has *{ending} files and a folder of a raw table may have only one kind; write it as {ending[1:]}, or remove it")
    refuse(_first(folder, problems))
    if ending == ".csv":
        return _location_of_csv_files(connection, folder, files, columns, separator)
    # A glob, because a list of thousands of files would not fit into an environment variable.
    path = as_pattern(folder.resolve())[:-1] + "/**/*.parquet'"
    keys = {part.partition("=")[0].lower() for file in files for part in file.relative_to(folder).parts[:-1] if "=" in part}
    location = f"read_parquet({path}, union_by_name = true, hive_partitioning = {'true, hive_types_autocast = false' if keys else 'false'})"
    schemas: dict[str, set[str]] = {}
    try:
        found = _columns_at(connection, location)
        # parquet_schema also lists the root of each file and nested fields, which are no columns.
        for file, name in connection.execute(f"select file_name, lower(name) from parquet_schema({path})").fetchall():
            schemas.setdefault(file, set()).add(name)
    except duckdb.Error as error:
        raise WrongInput(_unreadable(folder, str(error))) from None
    known = keys.union(*schemas.values())
    problems = [f"{folder}: column {name.rpartition('_')[0] or name}: is duplicated in one of its files" for name in found if name not in known]
    problems += [
        f"{file}: column {column}: is missing; every file of {folder.name} must have the columns {', '.join(columns)}"
        for file, names in sorted(schemas.items())
        for column in columns
        if column not in names | keys
    ]
    refuse(_first(folder, problems))
    return location


def _location_of_csv_files(connection, folder: Path, files: list[Path], columns: list[str], separator: str) -> str:
    """The table expression of checked csv files of a folder. Raises WrongInput, which names the file."""
    # How to read the files of a header -> their paths.
    ways: dict[str, list[str]] = {}
    for file in files:
        path = as_pattern(file.resolve())
        ways.setdefault(_location_of(connection, file, columns, separator).removeprefix(f"read_csv({path}"), []).append(path)
    if len(ways) == 1:
        # A glob, as of parquet files.
        ways = {way: [as_pattern(folder.resolve())[:-1] + "/**/*.csv'"] for way in ways}
    locations = [f"read_csv([{', '.join(paths)}]{way}" for way, paths in ways.items()]
    return locations[0] if len(locations) == 1 else "(" + " union all by name ".join(f"select * from {one}" for one in locations) + ")"


def _first(folder: Path, problems: list[str]) -> list[str]:
    return problems[:MOST_TOLD] + [f"{folder}: and {len(problems) - MOST_TOLD:,} more"] * (len(problems) > MOST_TOLD)


def _other_line_end(file: Path) -> str | None:
    """The error of a csv file with mixed line ends, or None. It reads the whole file, so call it only if DuckDB could not read it."""
    first, begins, is_quoted = None, 1, False
    with open(file, "rb") as handle:
        for number, line in enumerate(handle, 1):
            # Every second part is quoted, and a line end in quotes is part of a cell.
            parts = line.rstrip(b"\r\n").split(b'"')
            has_cr = any(b"\r" in part for part in parts[is_quoted::2])
            is_quoted ^= len(parts) % 2 == 0
            if (is_quoted and not has_cr) or not line.endswith(b"\n"):
                continue
            end = "CR" if has_cr else "CRLF" if line.endswith(b"\r\n") else "LF"
            first = first or end
            if end != first:
                return f"{file}: row {begins}: ends with {end}, the rows before it with {first}; write all rows with the same line end"
            begins = number + 1
    return None


def _unreadable(file: Path, message: str) -> str:
    """DuckDB's message about a file, reduced to place and cause."""
    if "Maximum line size" in message:
        return f"{file}: a row is longer than 2 MB; shorten its cells, or write the table as parquet"
    row = re.search(r"CSV Error on Line: (\d+)", message)
    cause = re.search(r"(Expected Number of Columns.*|Value with unterminated quote.*|Invalid unicode.*)", message)
    if row and cause:
        return f"{file}: row {row[1]}: {cause[1].strip()}"
    return f"{file}: cannot be read: {' '.join(message.split(chr(10) + chr(10))[0].split())[:300]}"


def place_of_rules(warehouse: Path) -> Path:
    """Where a warehouse has its copy of the rules."""
    return PROJECT / ".rules" / hashlib.sha256(str(warehouse).encode()).hexdigest()[:12]


def copy_rules(folder: Path, warehouse: Path) -> Rules:
    """Check files and headers of the rule seeds, and copy them to where dbt reads them. Raises WrongInput.

    The originals may be edited during the build, and other csv files of their folder stay out of the project. Each warehouse
    has its copy inside the project, because dbt writes to target/run/ joined with the seed's path: for a path outside the
    project that would be the seed itself (docs/decisions/rules-are-copied.md).
    """
    destination = place_of_rules(warehouse)
    if not folder.is_dir():
        raise WrongInput(f"{folder}: is not a folder; --rules must be the folder with score_models.csv, event_rules.csv, ...")
    finish_rules(folder)
    contract = columns_of_contract("rule_columns.csv", "file")
    checks = {seed: lambda file=folder / f"{seed}.csv", columns=columns: _read_seed(file, columns) for seed, columns in contract.items()}
    seeds = all_of(checks | {"misnamed": lambda: refuse(misnamed(folder, OPTIONAL & contract.keys(), [".csv"]))})
    del seeds["misnamed"]
    try:
        shutil.rmtree(destination, ignore_errors=True)
        destination.mkdir(parents=True)
        for seed, (rows, _) in seeds.items():
            with open(destination / f"{seed}.csv", "w", encoding="utf-8", newline="") as handle:
                csv.writer(handle, lineterminator="\n").writerows(rows)
    except OSError as error:
        raise WrongInput(f"{destination}: cannot be written: {error.strerror}") from None
    blanks = [line for seed, (rows, lines) in seeds.items() for line in _blanks(folder / f"{seed}.csv", rows, lines)]
    return Rules(destination, {f"{seed}.csv": lines for seed, (_, lines) in seeds.items()}, blanks)


def _blanks(file: Path, rows: list[list[str]], lines: list[int]) -> list[str]:
    """A line for each cell that begins or ends with a blank, or a list a|b whose item does. Of sentences, and of operands that are part of a text, blanks are none."""
    header, told = rows[0], []
    for line, row in zip(lines, rows[1:], strict=True):
        cells = dict(zip(header, row, strict=True))
        for column, cell in cells.items():
            comparison = cells.get(column.replace("operand", "comparison")) if column.endswith("operand") else None
            items = cell.split("|") if comparison in ("in", "not_in") else [cell]
            is_text = column in ("description", "reason", "next_action") or comparison in ("contains", "starts_with", "ends_with", "matches")
            if not is_text and any(item != item.strip(BLANKS) for item in items):
                told.append(f"{shown(file)}: row {line}, column {column}: '{cell}' has a blank at an end; remove the blank, unless the raw tables have it too")
    return told


def _read_seed(file: Path, columns: list[str]) -> tuple[list[list[str]], list[int]]:
    """All records of a seed, header first, and the first line number of each record after the header. Raises WrongInput."""
    if not (file.exists() or file.is_symlink()):
        # Without its own event_names, a folder of rules uses the project's.
        if file.stem == "event_names" and file.parent != PROJECT / "seeds":
            return _read_seed(PROJECT / "seeds" / file.name, columns)
        if file.stem in OPTIONAL:
            return [columns], []
        raise WrongInput(f"{file}: is missing; must have the columns {', '.join(columns)}")
    problems, rows, lines, begins = [], [], [], 1
    with reading(file), open(file, encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        try:
            for row in reader:
                if row and rows:
                    lines.append(begins)
                    if len(row) != len(rows[0]):
                        problems.append(f"{file}: row {begins}: has {len(row)} cells; the header has {len(rows[0])}")
                    problems += [f"{file}: row {begins}: has a NUL character" for cell in row if "\0" in cell]
                if row:
                    rows.append(row)
                begins = reader.line_num + 1
        except csv.Error as error:
            raise WrongInput(f"{file}: row {begins}: is not valid csv ({error})") from None
    if not rows:
        raise WrongInput(f"{file}: row 1: is empty; must be the header {','.join(columns)}")
    header = rows[0]
    _check_header(file, header)
    added = [name for name in OPTIONAL_COLUMNS.get(file.stem, []) if name not in header]
    rows = [rows[0] + added, *(row + [""] * len(added) for row in rows[1:])]
    problems += [f"{file}: row 1, column {name}: is missing" for name in columns if name not in rows[0]]
    problems += [f"{file}: row 1, column {name}: is unknown; must be one of {', '.join(columns)}" for name in header if name not in columns]
    refuse(problems)
    return rows, lines
