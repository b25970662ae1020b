"""The warehouse folder: its lock, the state between runs, and publishing."""

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from support import sources
from support.endings import WrongInput
from support.environment import PROJECT, locked
from support.inputs import as_pattern
from support.queries import identifier, literal, statements, types_of

# Readers open a symlink to the newest published file.
PUBLISHED, FILES = "lead_scores.duckdb", "published"

# The folder of the next published file. dbt writes the marts into it (profiles.yml). The old storage version lets readers with DuckDB 1.x
# open it.
NEXT, STORAGE = "next", "storage_version 'v1.0.0'"

# Marts that keep rows of earlier builds.
KEPT = ["lead_score_history", "lead_score_changes", "account_score_history", "crm_sync", "scored_dates", "raw_table_days", "rules_versions"]

# Folders of scripts in a warehouse, with copies of its rows. Of a script that was killed they stay.
COPIES = ("calibrate", "preview", "explain")

# The note with the fingerprint of the input of the last complete build. There is none if a later build stopped half-way.
BUILT_FROM = "built_from"

# The build.duckdb of version 1, kept until its history is published in the current form.
BUILD_OF_VERSION_1 = "build.version_1.duckdb"

# The folder of a list of sources (sources.folder_of).
LISTED = re.compile("sources-[0-9a-f]{8}")

# Raw tables of a new warehouse.
SAMPLE = PROJECT / "sample_data"
# Precedes the row that a test found, in messages for the terminal (records.without_values).
FOUND = "; such as "

# Seconds that a finished build may take to close its files.
SECONDS_TO_END = 5

# Columns of runs.jsonl and of the mart scoring_runs.
RUN_COLUMNS = {
    "run_id": "varchar",
    "started_at": "timestamp",
    "finished_at": "timestamp",
    "seconds": "decimal(18, 1)",
    "outcome": "varchar",
    "exit_code": "integer",
    "message": "varchar",
    "as_of_date": "date",
    "dates_scored": "bigint",
    "rules_versions": "varchar",
    "rows_in": "bigint",
    "rows_rejected": "bigint",
    "leads": "bigint",
    "changes": "bigint",
}


@contextlib.contextmanager
def held(warehouse: Path, wait: float):
    """Lock the warehouse for one build. Raises WrongInput if another build holds it longer than `wait` seconds.

    The operating system releases the lock with the process, so a killed build leaves no lock behind.
    """
    try:
        # The warehouse has personal data: only its owner may read it.
        os.umask(0o077)
        warehouse.mkdir(parents=True, exist_ok=True)
        handle = open(warehouse / ".lock", "a+", encoding="utf-8")
    except OSError as error:
        raise WrongInput(f"{warehouse}: cannot be written: {error.strerror}") from None
    with handle:
        deadline = time.monotonic() + wait
        while not locked(handle):
            if time.monotonic() >= deadline:
                handle.seek(0)
                raise WrongInput(f"{warehouse}: is being built by process {handle.read().strip()}; --wait SECONDS waits for it")
            time.sleep(0.2)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        _check_build_file(warehouse / "build.duckdb", max(deadline, time.monotonic() + SECONDS_TO_END))
        yield


def _check_build_file(file: Path, deadline: float) -> None:
    """Open the build's database once, to report a locked or broken file before work begins.

    A locked file is tried until `deadline` (of time.monotonic), because a finished build releases the warehouse before the file.
    """
    if not file.exists():
        # Forget the last build. The inode is no proof: a new file may get the same one.
        note(file.parent, BUILT_FROM, None)
    while True:
        try:
            duckdb.connect(str(file)).close()
            return
        except duckdb.Error as error:
            if "lock" in str(error) and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            if is_broken(str(error)) and not file.is_symlink():
                set_aside(file.parent)
                return
            raise WrongInput(
                f"{file}: cannot be opened: {' '.join(str(error).split())[:300]}\n"
                "Close the program that has it open. If the file is broken, delete it: the next build rebuilds it from the raw tables."
            ) from None


def noted(warehouse: Path, name: str):
    """A fact that an earlier run noted in a warehouse, or None."""
    try:
        return json.loads((warehouse / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def note(warehouse: Path, name: str, fact) -> None:
    """Note a fact in a warehouse for the next run. None deletes the note. Raises OSError."""
    if fact is None:
        (warehouse / name).unlink(missing_ok=True)
        return
    new = warehouse / f"{name}.new"
    new.write_text(json.dumps(fact), encoding="utf-8")
    os.replace(new, warehouse / name)


def remembered(warehouse: Path) -> dict[str, str]:
    """The folders `raw` and `rules` and the `engine` of the published scores. Empty if nothing was published, or by an older version.

    The note is written before the link is switched to the file with that inode. Until then the facts before hold.
    """
    facts = noted(warehouse, "remembered.json") or {}
    if "before" in facts and _state_of(warehouse / PUBLISHED)[:1] != [facts["inode"]]:
        facts = facts["before"]
    facts = {name: facts[name] for name in ("raw", "rules", "engine") if name in facts}
    # A list of sources lies in the warehouse, which may have been moved or copied.
    here = warehouse / Path(facts.get("raw", "")).name
    return facts | {"raw": str(here)} if LISTED.fullmatch(here.name) and (here / sources.LIST).exists() else facts


def facts_of(raw: Path, rules: Path) -> dict[str, str]:
    """What a warehouse remembers of the folders that it is built from: the paths that were given, for a link may lead elsewhere tomorrow."""
    return {"raw": os.path.abspath(raw), "rules": os.path.abspath(rules)}


def forget_sources(warehouse: Path, raw: Path) -> None:
    """Delete the lists of sources of earlier builds, and of runs that were refused (sources.folder_of)."""
    for folder in warehouse.glob("sources-*"):
        is_list = LISTED.fullmatch(folder.name) and [file.name for file in folder.iterdir()] == ["sources.csv"]
        if is_list and folder.resolve() != raw.resolve():
            shutil.rmtree(folder, ignore_errors=True)


def raw_folder(warehouse: Path, given: Path | None, may_change: bool = False) -> Path:
    """The raw folder of a build: the given folder, else that of the published scores, else the sample data for a new warehouse.

    Raises WrongInput if the given folder is not that of the published scores, unless it `may_change`.
    """
    known = remembered(warehouse).get("raw")
    if known is None:
        if given is None and (warehouse / PUBLISHED).exists():
            raise WrongInput(f"{warehouse}: has no record of its raw tables; name their folder once with --raw DIR")
        return given or SAMPLE
    if given is None:
        return Path(known)
    if given.resolve() != Path(known).resolve() and not may_change:
        raise WrongInput(
            f"{warehouse}: was built from {sources.shown(Path(known))}, not from {sources.shown(given)}."
            " Use another --warehouse, or add --change-raw to replace the scores"
        )
    return given


def rules_folder(warehouse: Path, given: Path | None) -> Path:
    """The folder of rule seeds of a build: the given folder, else that of the published scores, else the project's."""
    return given or Path(remembered(warehouse).get("rules", PROJECT / "seeds"))


def is_published_from(warehouse: Path, fingerprint: str) -> bool:
    """Whether the last build published this input, and no build has begun since."""
    return noted(warehouse, BUILT_FROM) == fingerprint and noted(warehouse, "published_from") == _published_from(warehouse, fingerprint)


def remember_published_from(warehouse: Path, fingerprint: str) -> None:
    """Remember the input of the published file. If this cannot be written, the next run builds again."""
    with contextlib.suppress(OSError):
        note(warehouse, "published_from", _published_from(warehouse, fingerprint))


def _published_from(warehouse: Path, fingerprint: str) -> list:
    # build.duckdb may have been written to since, but must be the same file.
    return [fingerprint, _state_of(warehouse / PUBLISHED), _state_of(warehouse / "build.duckdb")[:1]]


def stands_as_defined(warehouse: Path, definitions: str) -> bool:
    """Whether views and rule tables are from a build with the same definitions (inputs.definitions).

    Not if another process, such as plain dbt, has written to build.duckdb since.
    """
    return noted(warehouse, "defined_by") == [definitions, *_state_of(warehouse / "build.duckdb")]


def remember_definitions(warehouse: Path, definitions: str | None) -> None:
    """Remember the definitions of views and rule tables, after a build. None deletes them. Raises duckdb.Error or OSError."""
    if definitions is None:
        note(warehouse, "defined_by", None)
        return
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        # Without a checkpoint, closing the file would still write to it.
        connection.execute("checkpoint")
    note(warehouse, "defined_by", [definitions, *_state_of(warehouse / "build.duckdb")])


def _state_of(file: Path) -> list[int]:
    """Inode, size and time of a file; an empty list for a missing file."""
    try:
        facts = file.stat()
    except OSError:
        return []
    return [facts.st_ino, facts.st_size, facts.st_mtime_ns]


class Timings:
    """Durations of the phases and nodes of the last build, to estimate the remaining time of this one."""

    def __init__(self, warehouse: Path):
        self.warehouse = warehouse
        self.last = noted(warehouse, "timings.json") or {}
        self.new = dict(self.last)

    def left(self, phase: str):
        """A function of the name of a starting node. It returns a text such as "about 2:10 left", or nothing for a short phase."""
        last = self.last.get(phase) or {"seconds": 0, "nodes": {}}
        waiting, whole = dict(last["nodes"]), sum(last["nodes"].values())

        def text(node: str) -> str:
            # Models are built in parallel, so the phase takes less time than the sum of its models.
            seconds = sum(waiting.values()) * last["seconds"] / whole if whole else 0
            waiting.pop(node, None)
            return f"about {int(seconds) // 60}:{int(seconds) % 60:02d} left  " if last["seconds"] >= 10 and waiting else ""

        return text

    def keep(self, phase: str, seconds: float, nodes: dict[str, float]) -> None:
        """Write the timings of a phase for the next build. On a full disk there are none."""
        self.new[phase] = {"seconds": seconds, "nodes": nodes}
        with contextlib.suppress(OSError):
            note(self.warehouse, "timings.json", self.new)


def runs_location(warehouse: Path) -> str:
    """The table expression of the records of finished runs (records.Run)."""
    file = warehouse / "runs.jsonl"
    file.touch()
    columns = ", ".join(f"{column}: '{data_type}'" for column, data_type in RUN_COLUMNS.items())
    # ignore_errors skips lines that a run did not finish.
    return f"read_json({as_pattern(file)}, format = 'newline_delimited', ignore_errors = true, columns = {{{columns}}})"


def attach(connection, file: Path, name: str, options: str = "read_only") -> None:
    """Attach a database file to a connection. Raises duckdb.Error."""
    connection.execute(f"attach if not exists {literal(file)} as {name} ({options})")


def connect_build(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Open build.duckdb; `published` has the marts of this build, or of the last build if none has begun. Not while dbt runs."""
    connection = duckdb.connect(str(warehouse / "build.duckdb"))
    marts = warehouse / NEXT / PUBLISHED
    attach(connection, marts if marts.exists() else warehouse / PUBLISHED, "published")
    connection.execute(f"set memory_limit = '{os.environ.get('LEAD_SCORING_MEMORY_LIMIT', '80%')}'")
    return connection


def set_aside(warehouse: Path) -> None:
    """Rename a broken build.duckdb, replacing an earlier one, and print a message. The next build rebuilds it. Raises OSError."""
    for suffix in ("", ".wal"):
        file = warehouse / f"build.duckdb{suffix}"
        if file.exists():
            os.replace(file, warehouse / f"build.duckdb.broken{suffix}")
    for name in (BUILT_FROM, "defined_by", "published_from"):
        note(warehouse, name, None)
    print(f"{warehouse / 'build.duckdb'} is broken. It was renamed to build.duckdb.broken and is rebuilt from the raw tables.", file=sys.stderr)


def is_broken(message: str) -> bool:
    """Whether a message of DuckDB reports a corrupt database file."""
    return bool(re.search(r"checksum|[Cc]orrupt|not a valid DuckDB database", message))


def prepare_next(warehouse: Path, erased: list[str] = ()) -> str | None:
    """Create the next published file as a copy of the published one, because its history continues. Returns a message or None.

    The published file is copied before it is opened, so a session that has it open, even for writing, blocks no build. A copy still
    has deleted rows in free blocks. So with `erased` contacts, the kept tables of all other contacts are written to a new file.
    Raises WrongInput if the published file cannot be opened, OSError or duckdb.Error if the next file cannot be written.
    """
    published, folder = warehouse / PUBLISHED, warehouse / NEXT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not published.exists():
        _check_that_nothing_was_published(warehouse)
        return None
    # Under another name until it is whole: plain dbt and publish.py go on from the file that they find.
    file = folder / "copy.duckdb"
    shutil.copyfile(published, file)
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            columns = {row[0] for row in connection.execute("select column_name from duckdb_columns() where table_name = 'lead_score_history'").fetchall()}
    except duckdb.Error as error:
        raise WrongInput(f"{published}: cannot be opened; it holds the history: {' '.join(str(error).split())[:300]}\nRestore it, or move it away to start without a history.") from None
    if erased:
        _write_anew(file, list(erased))
        _clear_copies(warehouse)
    taken_over = _take_over(warehouse, file) if columns and "bands_on" not in columns else None
    if columns and "next_action" not in columns:
        with duckdb.connect(str(file)) as connection:
            connection.execute(statements("warehouse.sql", "newer_columns"))
    if not taken_over:
        (warehouse / BUILD_OF_VERSION_1).unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        # What stands in a write-ahead log, as on a full disk, would be left behind.
        connection.execute("checkpoint")
    os.replace(file, folder / PUBLISHED)
    return taken_over


def _check_that_nothing_was_published(warehouse: Path) -> None:
    """Raise WrongInput if the published file is gone from where it was: a copy without links would begin a new history."""
    published = warehouse / PUBLISHED
    files = sorted((warehouse / FILES).glob(f"*/{PUBLISHED}"), key=lambda file: file.stat().st_mtime)
    if not published.is_symlink() and not (files and remembered(warehouse)):
        return
    found = f"restore it, such as by: ln -s {files[-1].relative_to(warehouse)} {published}" if files else "restore the file that it links to"
    raise WrongInput(f"{published}: is gone, and with it the history; {found}\nTo start without a history, delete {published} and {warehouse / FILES}.")


def identity_of_next(warehouse: Path) -> list[int]:
    """What tells the next published file from another that takes its place; an empty list if there is none yet."""
    return _state_of(warehouse / NEXT / PUBLISHED)[:1]


def change_engine(warehouse: Path, engine: str) -> str | None:
    """Prepare the next published file and build.duckdb for another engine than that of the published scores. Returns a message or None.

    Keys and row hashes are the engine's own: kept events and activity are made anew, and rows of published dates that came since are not known.
    """
    before = remembered(warehouse).get("engine") or noted(warehouse, "engine") or "duckdb"
    if before == engine or not (warehouse / PUBLISHED).exists():
        return None
    with duckdb.connect(str(warehouse / NEXT / PUBLISHED)) as connection:
        connection.execute("update scored_dates set known_version = null")
    drop_kept_activity(warehouse)
    return f"{warehouse} was built on {before}. Its published history stays; which of its rows came late is not known any more."


def _clear_copies(warehouse: Path) -> None:
    """Delete what other scripts and a broken build left in the warehouse: copies that still have erased contacts. Not those of a script that runs."""
    for suffix in ("", ".wal"):
        (warehouse / f"build.duckdb.broken{suffix}").unlink(missing_ok=True)
    for folder in (warehouse / name for name in COPIES if (warehouse / name).is_dir()):
        with contextlib.suppress(WrongInput), held(folder, 0):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != ".lock":
                    path.unlink()


def drop_kept_activity(warehouse: Path) -> None:
    """Drop kept events and activity, which the next build makes anew. Raises duckdb.Error."""
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        made = "select table_schema, table_name, table_type from information_schema.tables where table_name in ('int_received_events', 'int_signal_days')"
        for schema, table, kind in connection.execute(made).fetchall():
            connection.execute(f'drop {"view" if kind == "VIEW" else "table"} "{schema}"."{table}" cascade')


def drop_what_was_read(warehouse: Path) -> None:
    """Drop what a build kept of raw tables that changed meanwhile. If that fails, delete build.duckdb. Raises OSError."""
    try:
        drop_kept_activity(warehouse)
        with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
            schemas = dict(connection.execute("select table_name, table_schema from information_schema.tables where table_name in ('int_rule_history', 'int_as_of_dates')").fetchall())
            if len(schemas) == 2:
                of_run = f'select as_of_date from "{schemas["int_as_of_dates"]}".int_as_of_dates'
                connection.execute(f'delete from "{schemas["int_rule_history"]}".int_rule_history where as_of_date in ({of_run})')
    except duckdb.Error:
        for file in ("build.duckdb", "build.duckdb.wal"):
            (warehouse / file).unlink(missing_ok=True)


def _write_anew(file: Path, erased: list[str]) -> None:
    """Write the kept tables of the next file to a new file in its place, without the `erased` contacts."""
    before = file.with_name("before.duckdb")
    os.replace(file, before)
    with duckdb.connect() as connection:
        attach(connection, before, "before")
        attach(connection, file, "next", STORAGE)
        kept = connection.execute(statements("warehouse.sql", "kept_marts"), [KEPT]).fetchall()
        connection.execute("use next")
        for table, definition, has_contacts in kept:
            connection.execute(definition)
            query, given = f"from before.{table}", []
            if table == "crm_sync":
                query, given = statements("warehouse.sql", "crm_sync_without_erased"), [erased]
            elif has_contacts:
                query, given = f"{query} where not list_contains(?, contact_id)", [erased]
            connection.execute(f"insert into {table} by name {query}", given)
    before.unlink()


def _take_over(warehouse: Path, file: Path) -> str:
    """Convert the history of a warehouse of version 1 in a copy of its published file. Its build.duckdb had the bands that were on; nothing else in it is needed.

    The file is renamed and kept until the history is published: if this build fails or is killed, the next one needs it again.
    """
    build, old = warehouse / "build.duckdb", warehouse / BUILD_OF_VERSION_1
    if build.exists() and not old.exists():
        os.replace(build, old)
    for suffix in ("", ".wal"):
        (warehouse / f"build.duckdb{suffix}").unlink(missing_ok=True)
    note(warehouse, BUILT_FROM, None)
    with duckdb.connect(str(file)) as connection:
        connection.execute(statements("warehouse.sql", "columns_of_version_2"))
        if old.exists():
            # If the table is missing or the file broken, bands have no state from earlier dates.
            with contextlib.suppress(duckdb.Error):
                attach(connection, old, "build")
                connection.execute(statements("warehouse.sql", "bands_of_version_1"))
    return f"{warehouse} was built by an earlier version. Its published history stays; build.duckdb is rebuilt from the raw tables."


def publish(warehouse: Path, record: dict | None = None, page=None, facts: dict | None = None) -> Path:
    """Publish the next file atomically, with its report page (report.Page), if any. Raises duckdb.Error or OSError.

    `facts` are what the warehouse remembers of it (default: as of the file before). Adds `record` of the current run (records.Run) to scoring_runs, with other runs since the last build. It is complete only after dbt.
    """
    file = warehouse / NEXT / PUBLISHED
    if record:
        columns, values = ", ".join(RUN_COLUMNS), ", ".join(f"cast(? as {data_type})" for data_type in RUN_COLUMNS.values())
        with duckdb.connect(str(file)) as connection:
            connection.execute(
                f"""
                insert into scoring_runs ({columns})
                select {columns} from {runs_location(warehouse)} where run_id not in (select run_id from scoring_runs)
                union all values ({values})
                """,
                [record[column] for column in RUN_COLUMNS],
            )
    return _put_in_place(file, warehouse, page, facts or {})


def _put_in_place(file: Path, warehouse: Path, page, facts: dict) -> Path:
    """Publish the next file and its page, and return the path of the published file.

    The file goes to a folder of its own, because DuckDB names a database after its file. Older published files are deleted after a minute, in
    case a reader is about to open one. DuckDB opens a file three times, the header first: if the file were replaced in between, a reader would
    get the header of one build and the data of another. DuckDB follows a symlink only once (docs/decisions/what-is-published-is-a-link.md).
    """
    files, published = warehouse / FILES, warehouse / PUBLISHED
    with duckdb.connect(str(file)) as connection:
        # Otherwise rows in the write-ahead log would be left behind.
        connection.execute("checkpoint")
    files.mkdir(exist_ok=True)
    for folder in files.iterdir() if published.exists() else ():
        if folder != published.resolve().parent and time.time() - folder.stat().st_mtime > 60:
            shutil.rmtree(folder, ignore_errors=True)
    with open(file, "rb+") as handle:
        os.fsync(handle.fileno())
    new = Path(tempfile.mkdtemp(dir=files)) / PUBLISHED
    os.replace(file, new)
    if page:
        # Before the link is switched, so that marts and page change together.
        page.write(new)
    before = remembered(warehouse)
    note(warehouse, "remembered.json", before | facts | {"inode": new.stat().st_ino, "before": before})
    switch(warehouse, PUBLISHED, new)
    # It is published, whatever fails from here on.
    with contextlib.suppress(OSError):
        note(warehouse, "remembered.json", before | facts)
    if page:
        page.switch()
    with contextlib.suppress(OSError):
        (warehouse / BUILD_OF_VERSION_1).unlink(missing_ok=True)
    return published


def switch(warehouse: Path, name: str, file: Path) -> None:
    """Switch a link of the warehouse to a new published file, in one step. Raises OSError."""
    link = warehouse / f"{name}.new"
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(file.relative_to(warehouse))
    except OSError:
        # Windows without the privilege, or a file system without symlinks.
        os.replace(file, warehouse / name)
    else:
        os.replace(link, warehouse / name)


def write_csv(connection, folder: Path, tables: list[str] | None = None) -> None:
    """Write tables (default: all) as csv files. Text that a spreadsheet would run as a formula gets a leading apostrophe.

    The characters are from OWASP's page "CSV Injection". Raises duckdb.Error or OSError.
    """
    tables = tables or [row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        columns = [
            f"case when regexp_matches({column}, '^[=+@\\t\\r\\n-]') then chr(39) || {column} else {column} end as {column}" if data_type == "VARCHAR" else column
            for column, data_type in ((identifier(name), kind) for name, kind in types_of(connection, table).items())
        ]
        new = folder / f"{table}.csv.new"
        connection.execute(f"copy (select {', '.join(columns)} from {table}) to {literal(new)} (format csv, header)")
        os.replace(new, folder / f"{table}.csv")
