"""What is checked before dbt starts: that every file is there, can be read and has the columns of the contract.

What stands in the cells is judged in SQL (models/intermediate/rules/checks, models/staging/raw).
"""

import contextlib
import csv
import hashlib
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from calibration.unfinished import finish_rules
from support.endings import WrongInput
from support.environment import PROJECT

CONTRACT = PROJECT / "contract"

# Dates that one range of --as-of may name: ten years of days.
MOST_DATES = 3660

# Problems of one raw table that are told.
MOST_TOLD = 20

# Raw tables, and seeds, that a folder need not have.
OPTIONAL = {"merges", "contact_attributes", "erasures", "conversion_goals"}


@contextlib.contextmanager
def reading(file: Path, row: str | None = None):
    """Tell what goes wrong while a file is read; `row` is where that is, if it is known. Raises WrongInput."""
    try:
        yield
    except OSError as error:
        raise WrongInput(f"{error.filename or file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise WrongInput(f"{file}: {row or f'byte {error.start}'}: is not UTF-8 text") from None
    except csv.Error as error:
        raise WrongInput(f"{file}: {row}: is no valid csv ({error})") from None


def all_of(checks: dict):
    """What each check gives, by its name; the problems of all are told together. Raises WrongInput."""
    found, problems = {}, []
    for name, check in checks.items():
        try:
            found[name] = check()
        except WrongInput as problem:
            problems.append(str(problem))
        except OSError as error:
            problems.append(f"{error.filename}: cannot be read: {error.strerror}")
    _refuse(problems)
    return found


def _refuse(problems: list[str]) -> None:
    if problems:
        raise WrongInput("\n".join(problems))


@dataclass(frozen=True)
class Rules:
    """A copy of the rule seeds as they were when the build began.

    lines: per file name, the line of the original file on which each record stands.
    """

    folder: Path
    lines: dict[str, list[int]]

    def line(self, file: str, seed_row: int) -> int:
        """The line of a record in the original file; seed_row counts records, the header being 1."""
        return self.lines[file][seed_row - 2]


def columns_of_contract(file: str, key: str) -> dict[str, list[str]]:
    """The column names per table of contract/{file}, where `key` is the column that names the table."""
    tables: dict[str, list[str]] = {}
    with open(CONTRACT / file, encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            tables.setdefault(row[key], []).append(row["column_name"])
    return tables


def as_of_dates(texts: list[str], option: str = "--as-of") -> str:
    """The dates of an option for dbt: dates and ranges FROM..TO or FROM..TO/DAYS, joined by commas. Raises WrongInput."""
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
        # A year that is mistyped would be a run without end.
        number = (dates[-1] - dates[0]).days // int(found[3] or 1) + 1
        if option == "--as-of" and number > MOST_DATES:
            raise WrongInput(f"{option} {text}: names {number:,} dates; a range may name {MOST_DATES:,}")
    return ",".join(texts)


def raw_files(folder: Path) -> list[tuple[str, int, int, int]]:
    """Name, size, time and inode of each file of the raw tables; others in their folder may change as they like. Raises WrongInput."""
    folder = folder.resolve()
    with reading(folder):
        places = [place for table in columns_of_contract("raw_columns.csv", "table_name") for place in table_places(folder, table)]
        # A folder that cannot be listed is told, though what it may hold is not asked for by name.
        next(folder.iterdir(), None)
        files = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()]
        facts = ((path.relative_to(folder).as_posix(), path.stat()) for path in files)
        return sorted((name, found.st_size, found.st_mtime_ns, found.st_ino) for name, found in facts)


def fingerprint(raw: Path, rules: Path, settings: dict[str, str]) -> str:
    """A text that changes with what a build reads: raw files and the project's own (by size and time), rules, settings. Raises WrongInput."""
    return _hash_of(str(raw.resolve()), raw_files(raw), _project_files(), _seeds(rules), settings)


def definitions(locations: dict[str, str], rules: Path, settings: dict[str, str], is_full_refresh: bool) -> str:
    """A text that changes with what views and the tables of the rules are made from: all that a build reads but rows and as-of dates.

    `locations` are the table expressions of the files that dbt reads.
    """
    with duckdb.connect() as connection:
        columns = [connection.execute(f"describe select * from {location}").fetchall() for location in locations.values()]
    others = {name: value for name, value in settings.items() if name != "as_of"}
    return _hash_of(locations, columns, _project_files(), _seeds(rules), others, is_full_refresh)


def _project_files() -> list[tuple]:
    return sorted(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for place in ("models", "macros", "contract", "tests/generic", "tests/laws", "scripts", "dbt_project.yml", "profiles.yml", "requirements.lock")
        for path in [PROJECT / place, *(PROJECT / place).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    )


def _seeds(rules: Path) -> list[tuple]:
    return sorted((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in rules.glob("*.csv"))


def _hash_of(*facts) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def raw_locations(folder: Path) -> dict[str, str]:
    """Where DuckDB finds each raw table: a table expression per table name. Raises WrongInput."""
    if not folder.is_dir():
        raise WrongInput(f"{folder}: is no folder; --raw must name the one with contacts, events, identities, outcomes")
    with duckdb.connect() as connection:
        tables = columns_of_contract("raw_columns.csv", "table_name").items()
        found = all_of({table: lambda table=table, columns=columns: _raw_location(connection, folder, table, columns) for table, columns in tables})
    return {table: location for table, location in found.items() if location}


def table_places(folder: Path, table: str) -> list[Path]:
    """Where a raw table may be: a parquet or csv file, or a folder of parquet files, which Spark calls TABLE.parquet."""
    return [folder / f"{table}.parquet", folder / f"{table}.csv", folder / table]


def as_pattern(file: Path) -> str:
    """A file's path as a text for DuckDB's readers, which would look for other files by a * or [ in it."""
    return "'" + re.sub(r"[*?[]", r"[\g<0>]", str(file)).replace("'", "''") + "'"


def check_raw_files(locations: dict[str, str]) -> None:
    """Read every cell of the raw tables, after a build that failed: was it one of them? Raises WrongInput."""
    problems = []
    with duckdb.connect() as connection:
        for location in locations.values():
            try:
                # A hash needs the values; a count would not decode them.
                connection.execute(f"select bit_xor(hash(columns(*))) from {location}").fetchall()
            except duckdb.Error as error:
                file = re.match(r"read_\w+\('((?:[^']|'')+)'", location)[1].replace("''", "'").removesuffix("/**/*.parquet")
                problems.append(_unreadable(Path(re.sub(r"\[([*?[])\]", r"\1", file)), str(error)))
    _refuse(problems)


def _raw_location(connection, folder: Path, table: str, columns: list[str]) -> str | None:
    """The table expression of a raw table, or None for one that need not be there. Raises WrongInput."""
    files = [file for file in table_places(folder, table) if file.exists()]
    if not files and table in OPTIONAL:
        return None
    if not files:
        raise WrongInput(f"{folder / table}.parquet: is missing (or {table}.csv, or a folder {table} of parquet files); columns: {', '.join(columns)}")
    if len(files) > 1:
        raise WrongInput(f"{files[0]}: stands beside {' and '.join(file.name for file in files[1:])}; keep one of them")
    (file,) = files
    if file.is_dir() and file.suffix != ".csv":
        return _location_of_folder(connection, file, columns)
    if not file.is_file():
        raise WrongInput(f"{file}: must be a file")
    path = as_pattern(file.resolve())
    try:
        if file.suffix == ".csv":
            return _location_of_csv(connection, file, path, columns)
        # A folder above that is called year=2024 is no column of the table.
        location = f"read_parquet({path}, hive_partitioning = false)"
        found = _columns_at(connection, location)
        # DuckDB gives another name to a column that differs from another in nothing but case.
        names = {row[0].lower() for row in connection.execute(f"select name from parquet_schema({path})").fetchall()}
        _refuse([f"{file}: column {name.rsplit('_', 1)[0]}: stands twice" for name in found if name not in names])
        _check_columns(file, columns, found)
        connection.execute(f"select count({columns[0]}) from {location}").fetchall()
        return location
    except duckdb.Error as error:
        raise WrongInput((file.suffix == ".csv" and _other_line_end(file)) or _unreadable(file, str(error))) from None


def _location_of_csv(connection, file: Path, path: str, columns: list[str]) -> str:
    with reading(file, "row 1"), open(file, "rb") as handle:
        names = next(csv.reader([handle.readline().decode("utf-8-sig")], strict=True), [])
    if not any(names):
        raise WrongInput(f"{file}: row 1: is empty; must be the header")
    _check_header(file, names)
    header = ", ".join("'" + name.replace("'", "''") + "': 'varchar'" for name in names)
    # All text: what a cell holds is read in staging, where a bad one is rejected with its reason.
    # Nothing is left to guessing: a line that begins with # is a row, and the first line is the header.
    location = (
        f"read_csv({path}, auto_detect = false, columns = {{{header}}}, header = true, delim = ',', quote = '\"', escape = '\"',"
        " comment = '', skip = 0)"
    )
    _check_columns(file, columns, _columns_at(connection, location))
    # Counting a column of text makes DuckDB read every line, so that a broken one is named now.
    connection.execute(f"select count({columns[0]}) from {location}").fetchall()
    return location


def _columns_at(connection, location: str) -> list[str]:
    return [row[0].lower() for row in connection.execute(f"describe select * from {location}").fetchall()]


def _check_columns(file: Path, columns: list[str], found: list[str]) -> None:
    _refuse([f"{file}: row 1, column {column}: is missing; the columns found are {', '.join(found)}" for column in columns if column not in found])


def _check_header(file: Path, names: list[str]) -> None:
    """Raises WrongInput where a header is separated by something else than commas, or a name is empty or stands twice."""
    for separators, separator in (("semicolons", ";"), ("tabs", "\t")):
        if len(names) == 1 and separator in names[0]:
            raise WrongInput(f"{file}: row 1: its columns are separated by {separators}; must be by commas")
    lower = [name.lower() for name in names]
    wrong = [f"{file}: row 1: column {number} has no name" for number, name in enumerate(names, 1) if not name]
    _refuse(wrong + [f"{file}: row 1, column {name}: stands twice" for name in sorted({name for name in lower if name and lower.count(name) > 1})])


def _location_of_folder(connection, folder: Path, columns: list[str]) -> str:
    """The table expression of a folder of parquet files: the rows of all, with the columns of all by name. Raises WrongInput.

    Every file must have the columns of the contract, or the folders above it name them (country=de/). Each further column that a file
    does not have is missing in its rows.
    """
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise WrongInput(f"{folder}: holds no file *.parquet; a raw table may be a folder of parquet files, or one parquet or csv file beside it")
    problems = []
    for file in files:
        if any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts):
            problems.append(f"{file}: is a file that is not finished, by its name; wait until it is written, or remove it")
        elif not file.is_file():
            problems.append(f"{file}: must be a file")
    _refuse(problems)
    # Not a list of the files, which a variable of the environment does not hold when there are thousands.
    path = as_pattern(folder.resolve())[:-1] + "/**/*.parquet'"
    keys = {part.partition("=")[0].lower() for file in files for part in file.relative_to(folder).parts[:-1] if "=" in part}
    location = f"read_parquet({path}, union_by_name = true, hive_partitioning = {'true, hive_types_autocast = false' if keys else 'false'})"
    schemas: dict[str, set[str]] = {}
    try:
        found = _columns_at(connection, location)
        # The first row of a file's schema is the file itself; columns within a column have names with a parent, and are no columns.
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
    _refuse(problems[:MOST_TOLD] + [f"{folder}: and {len(problems) - MOST_TOLD:,} more such problems"] * (len(problems) > MOST_TOLD))
    return location


def _other_line_end(file: Path) -> str | None:
    """The problem of a csv file whose rows do not all end alike, or None. Reads the file: only for one that DuckDB could not read."""
    first, begins, is_quoted = None, 1, False
    with open(file, "rb") as handle:
        for number, line in enumerate(handle, 1):
            # Every second part lies between quotes, where a line end is part of a cell.
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
    """DuckDB's message on a file, cut to what names the place and the cause."""
    if "Maximum line size" in message:
        return f"{file}: a row is longer than 2 MB; shorten its cells, or write the table as parquet"
    row = re.search(r"CSV Error on Line: (\d+)", message)
    cause = re.search(r"(Expected Number of Columns.*|Value with unterminated quote.*|Invalid unicode.*)", message)
    if row and cause:
        return f"{file}: row {row[1]}: {cause[1].strip()}"
    return f"{file}: cannot be read: {' '.join(message.split(chr(10) + chr(10))[0].split())[:300]}"


def copy_rules(folder: Path, warehouse: Path) -> Rules:
    """Check the rule seeds' files and headers, and copy them to where dbt reads them. Raises WrongInput.

    The copy holds still while the build runs, whatever happens to the originals, and keeps other csv files of the
    folder out of the project. It lies inside the project, one per warehouse, because dbt writes what it ran for a seed
    to target/run/ joined with the seed's path: with a path outside the project that is the seed itself
    (docs/decisions/rules-are-copied.md).
    """
    destination = PROJECT / ".rules" / hashlib.sha256(str(warehouse).encode()).hexdigest()[:12]
    if not folder.is_dir():
        raise WrongInput(f"{folder}: is no folder; --rules must name the one with score_models.csv, event_rules.csv, ...")
    finish_rules(folder)
    contract = columns_of_contract("rule_columns.csv", "file").items()
    seeds = all_of({seed: lambda file=folder / f"{seed}.csv", columns=columns: _read_seed(file, columns) for seed, columns in contract})
    try:
        shutil.rmtree(destination, ignore_errors=True)
        destination.mkdir(parents=True)
        for seed, (rows, _) in seeds.items():
            with open(destination / f"{seed}.csv", "w", encoding="utf-8", newline="") as handle:
                csv.writer(handle, lineterminator="\n").writerows(rows)
    except OSError as error:
        raise WrongInput(f"{destination}: cannot be written: {error.strerror}") from None
    return Rules(destination, {f"{seed}.csv": lines for seed, (_, lines) in seeds.items()})


def _read_seed(file: Path, columns: list[str]) -> tuple[list[list[str]], list[int]]:
    """All records of a seed with its header first, and the line each record but the header begins on. Raises WrongInput."""
    if not (file.exists() or file.is_symlink()):
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
                        problems.append(f"{file}: row {begins}: has {len(row)} cells; must have {len(rows[0])}, as the header has")
                    problems += [f"{file}: row {begins}: holds a NUL character" for cell in row if "\0" in cell]
                if row:
                    rows.append(row)
                begins = reader.line_num + 1
        except csv.Error as error:
            raise WrongInput(f"{file}: row {begins}: is no valid csv ({error})") from None
    if not rows:
        raise WrongInput(f"{file}: row 1: is empty; must be the header {','.join(columns)}")
    header = rows[0]
    _check_header(file, header)
    problems += [f"{file}: row 1, column {name}: is missing" for name in columns if name not in header]
    problems += [f"{file}: row 1, column {name}: is unknown; must be one of {', '.join(columns)}" for name in header if name not in columns]
    _refuse(problems)
    return rows, lines
