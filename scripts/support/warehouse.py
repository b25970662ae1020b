"""The warehouse folder: who may build in it, how dbt runs in it, and how its marts are published."""

import contextlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from support import sources
from support.environment import PROJECT
from support.inputs import WrongInput, as_pattern

# What readers open: a link to the newest of the published files.
PUBLISHED, FILES = "lead_scores.duckdb", "published"

# The folder of the file that is published next, which dbt writes the marts into (profiles.yml). It has an old storage version, so that readers with
# DuckDB 1.x open it too.
NEXT, STORAGE = "next", "storage_version 'v1.0.0'"

# Marts that hold more than what a build makes.
KEPT = ["lead_score_history", "lead_score_changes", "scored_dates", "raw_table_days", "rules_versions"]

# What the kept marts of version 1 did not have, in its place. Of what that version scored it stays empty, but for the bands that were on.
SINCE_VERSION_1 = """
create or replace table lead_score_history as
select * exclude (rules_version), cast(null as decimal(18, 6)) as conversion_probability, rules_version, cast(null as varchar) as bands_on
from lead_score_history;
alter table scored_dates add column rows_known bigint;
alter table scored_dates add column known_version varchar;
alter table scored_dates add column late_rows bigint;
"""

# The build.duckdb of version 1, until its history is published as one of now.
BUILD_OF_VERSION_1 = "build.version_1.duckdb"

# Raw tables for a warehouse that was never built, or from these.
SAMPLE = PROJECT / "sample_data"
# What comes before the row that a test found, in what is told at the terminal (records.without_values).
FOUND = "; such as "

# What the system says of a disk without room.
FULL = "No space left on device"

# How long the process of a build that is done may take to end.
SECONDS_TO_END = 5

# A record of runs.jsonl; the same columns as the mart scoring_runs.
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
    """Hold the warehouse for one build. Raises WrongInput where another holds it for longer than `wait` seconds.

    The lock is the operating system's and goes with the process, so a build that was killed leaves none behind.
    """
    try:
        # What the warehouse holds is about people: for nobody but its owner.
        os.umask(0o077)
        warehouse.mkdir(parents=True, exist_ok=True)
        handle = open(warehouse / ".lock", "a+", encoding="utf-8")
    except OSError as error:
        raise WrongInput(f"{warehouse}: cannot be written: {error.strerror}") from None
    with handle:
        deadline = time.monotonic() + wait
        while not _locked(handle):
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
    """Open the build's database once, so that one that is in use or broken is told before work begins.

    One in use is tried until `deadline` (of time.monotonic): a build that is done lets go of the lock first, then of the file.
    """
    if not file.exists():
        # Nothing is built any more. Its inode does not tell: the new file may get the same.
        remember_built_from(file.parent, None)
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
                print(f"{file} is broken: it is set aside as build.duckdb.broken and made anew from the raw tables.", file=sys.stderr)
                return
            raise WrongInput(
                f"{file}: cannot be opened: {' '.join(str(error).split())[:300]}\n"
                "Close what holds it. If the file is broken, remove it: the next build makes it anew from the raw tables."
            ) from None


def _locked(handle) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remembered(warehouse: Path) -> dict[str, str]:
    """What the published scores were built from: paths of the folders `raw` and `rules`. Empty where nothing was published, or by an older version."""
    try:
        return json.loads((warehouse / "remembered.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def remember(warehouse: Path, raw: Path, rules: Path) -> None:
    """Keep what the published scores were built from. Raises OSError."""
    new = warehouse / "remembered.json.new"
    new.write_text(json.dumps({"raw": str(raw.resolve()), "rules": str(rules.resolve())}), encoding="utf-8")
    os.replace(new, warehouse / "remembered.json")


def raw_folder(warehouse: Path, given: Path | None, may_change: bool = False) -> Path:
    """The folder of raw tables to build a warehouse from: the one given, else the one it was built from, else the sample for a new one.

    Raises WrongInput where another folder is given than the published scores were built from, unless it `may_change`.
    """
    known = remembered(warehouse).get("raw")
    if known is None:
        if given is None and (warehouse / PUBLISHED).exists():
            raise WrongInput(f"{warehouse}: does not say which raw tables it was built from; name their folder once with --raw DIR")
        return given or SAMPLE
    if given is None:
        return Path(known)
    if given.resolve() != Path(known) and not may_change:
        raise WrongInput(
            f"{warehouse}: was built from {sources.shown(Path(known))}; --raw {sources.shown(given)} is another folder, and its scores would replace those that are published."
            " Take another --warehouse for it, or add --change-raw to replace them"
        )
    return given


def rules_folder(warehouse: Path, given: Path | None) -> Path:
    """The folder of rule seeds to build a warehouse by: the one given, else the one of the published scores, else the project's."""
    return given or Path(remembered(warehouse).get("rules", PROJECT / "seeds"))


def last_built_from(warehouse: Path) -> str | None:
    """The fingerprint of the input of the last whole build, or None where there is none or it stopped half-way."""
    file = warehouse / "built_from"
    return file.read_text() if file.exists() else None


def remember_built_from(warehouse: Path, fingerprint: str | None) -> None:
    """Keep the fingerprint of the input that the tables of build.duckdb were built from; None forgets it."""
    file = warehouse / "built_from"
    if fingerprint is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(fingerprint)


def is_published_from(warehouse: Path, fingerprint: str) -> bool:
    """Whether the published file is what the last build made of the same input, and no build has begun since."""
    try:
        kept = json.loads((warehouse / "published_from").read_text())
        return last_built_from(warehouse) == fingerprint and kept == _published_from(warehouse, fingerprint)
    except (OSError, ValueError):
        return False


def remember_published_from(warehouse: Path, fingerprint: str) -> None:
    """Keep what the published file was made from. Where that cannot be written, the next run builds again."""
    with contextlib.suppress(OSError):
        (warehouse / "published_from").write_text(json.dumps(_published_from(warehouse, fingerprint)))


def _published_from(warehouse: Path, fingerprint: str) -> dict:
    return {"built_from": fingerprint, "published": _state_of(warehouse / PUBLISHED), "build": (warehouse / "build.duckdb").stat().st_ino}


def stands_as_defined(warehouse: Path, definitions: str) -> bool:
    """Whether views and the tables of the rules are those that the last build made of the same definitions (inputs.definitions).

    Where anybody has written to build.duckdb since, such as dbt run by hand, they may be others.
    """
    try:
        return json.loads((warehouse / "defined_by").read_text()) == [definitions, *_state_of(warehouse / "build.duckdb")]
    except (OSError, ValueError):
        return False


def remember_definitions(warehouse: Path, definitions: str | None) -> None:
    """Keep what views and the tables of the rules were made from, once all is built; None forgets it. Raises duckdb.Error or OSError."""
    file = warehouse / "defined_by"
    if definitions is None:
        file.unlink(missing_ok=True)
        return
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        # So that nothing is left to write when the file is closed.
        connection.execute("checkpoint")
    file.write_text(json.dumps([definitions, *_state_of(warehouse / "build.duckdb")]))


def _state_of(file: Path) -> list[int]:
    facts = file.stat()
    return [facts.st_ino, facts.st_size, facts.st_mtime_ns]


class Timings:
    """How long the phases of the last build in a warehouse took, and each model and test in them: from that, what is left of this one."""

    def __init__(self, warehouse: Path):
        self.file = warehouse / "timings.json"
        try:
            self.last = json.loads(self.file.read_text())
        except (OSError, ValueError):
            self.last = {}
        self.new = dict(self.last)

    def left(self, phase: str):
        """A function that takes the name of a node that starts, and returns what to show: "about 2:10 left", or nothing for a short phase."""
        last = self.last.get(phase) or {"seconds": 0, "nodes": {}}
        waiting, whole = dict(last["nodes"]), sum(last["nodes"].values())

        def text(node: str) -> str:
            # Models are built side by side, so the phase takes less than its models together.
            seconds = sum(waiting.values()) * last["seconds"] / whole if whole else 0
            waiting.pop(node, None)
            return f"about {int(seconds) // 60}:{int(seconds) % 60:02d} left  " if last["seconds"] >= 10 and waiting else ""

        return text

    def keep(self, phase: str, seconds: float, nodes: dict[str, float]) -> None:
        """Write the timings of a phase for the next build. Short of room to write, there is none."""
        self.new[phase] = {"seconds": seconds, "nodes": nodes}
        with contextlib.suppress(OSError):
            self.file.write_text(json.dumps(self.new))


class Dbt:
    """dbt in this process, for one warehouse, one set of raw tables and one set of rules.

    After `run`, `results` holds dbt's result objects and `error` the text of what stopped dbt itself, or None.
    """

    def __init__(self, warehouse: Path, raw: dict[str, str], rules: Path, settings: dict[str, str], threads: int | None):
        self.folder = warehouse
        os.environ["LEAD_SCORING_WAREHOUSE"] = str(warehouse)
        os.environ["LEAD_SCORING_RULES"] = str(rules.relative_to(PROJECT))
        # One of an earlier run in this process, of a table that is missing now.
        os.environ.pop("LEAD_SCORING_RAW_ERASURES", None)
        os.environ["LEAD_SCORING_CONNECTORS"] = sources.make(warehouse, raw)
        files = {f"RAW_{table.upper()}": location for table, location in raw.items() if "." not in table}
        for name, location in {"RUNS": runs_location(warehouse), **files}.items():
            # dbt-duckdb fills in {names} of a location, so braces of a path are doubled.
            os.environ[f"LEAD_SCORING_{name}"] = location.replace("{", "{{").replace("}", "}}")
        # Not dbt's --vars: where one of those changes, dbt parses the whole project anew (docs/decisions/settings-are-environment-variables.md).
        for name, value in settings.items():
            os.environ[f"LEAD_SCORING_{name.upper()}"] = str(value)
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        self.common = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        self.common += ["--target-path", str(warehouse / "target"), "--log-path", str(warehouse / "logs")]
        # More models at a time than cores only take turns.
        self.threads = ["--threads", str(threads or min(4, os.cpu_count() or 1))]
        self.manifest = None
        self.results: list = []
        self.error: str | None = None

    def run(self, *arguments: str, on_node=None) -> bool:
        """Run a dbt command. on_node(number, total, name) is called as nodes start. True where all went well."""

        def report(event):
            if on_node and event.info.name in ("LogStartLine", "LogTestStartLine"):
                on_node(event.data.index, event.data.total, event.data.node_info.node_name)

        runner = dbtRunner(manifest=self.manifest, callbacks=[report])
        log = self.folder / "logs" / "dbt.log"
        logged = log.stat().st_size if log.exists() else 0
        outcome = runner.invoke([*arguments, *self.common, *self.threads, "--quiet", "--log-level", "none", "--log-level-file", "info"])
        # The databases are free for others.
        DuckDBConnectionManager.close_all_connections()
        if not outcome.success:
            _clean(log, logged, self.folder / "target" / "run_results.json")
        self.results = list(getattr(outcome.result, "results", None) or [])
        self.error = str(outcome.exception) if outcome.exception else None
        if arguments[0] == "parse" and outcome.success:
            self.manifest = outcome.result
        return outcome.success

    def problem_of_selection(self, nodes: str) -> str | None:
        """What is wrong with a selection, or None."""
        runner = dbtRunner(manifest=self.manifest)
        with contextlib.redirect_stdout(io.StringIO()):
            outcome = runner.invoke(["list", "--select", nodes, *self.common, "--quiet", "--log-level", "none"])
        if outcome.exception:
            return " ".join(str(outcome.exception).split())
        return None if outcome.result else "names no model, seed or test of this project"

    def built(self, model: str) -> bool:
        """Whether the last command built a model; its table may be an older one otherwise."""
        return any(result.node.name == model and result.status == "success" for result in self.results)

    def was_short_of_memory(self) -> bool:
        """Whether the last command failed for want of memory while it built models side by side."""
        return self.threads[-1] != "1" and any(result.status == "error" and "Out of Memory" in (result.message or "") for result in self.results)

    def failures(self) -> list[str]:
        """One text per node that failed: its name and the database's or the test's message, with a row that a test found."""
        if self.error:
            return [self.error]
        failed = [result for result in self.results if result.status in ("error", "fail")]
        # A disk that is full fails one model after the other for the same cause: the first tells it.
        full = [result for result in failed if FULL in (result.message or "")]
        told = [f"{result.node.name}: {' '.join((result.message or '').split())}{self._found(result)}" for result in failed if result not in full[1:]]
        return told + ([f"and {len(full) - 1:,} more for the same cause"] if len(full) > 1 else [])

    def _found(self, result) -> str:
        if result.status != "fail" or not result.node.compiled_code:
            return ""
        try:
            with connect_build(self.folder) as connection:
                row = connection.execute(f"select * from ({result.node.compiled_code}) order by all limit 1")
                cells = zip([column[0] for column in row.description], row.fetchone() or (), strict=False)
                return FOUND + ", ".join(f"{name} {cell}" for name, cell in cells)[:500]
        except duckdb.Error:
            return ""


def _clean(log: Path, logged: int, results: Path) -> None:
    """Take the cells that messages quote out of what dbt has written: its log from a place on, and its results."""
    from support.records import without_values

    with contextlib.suppress(OSError, ValueError):
        with open(log, "r+", encoding="utf-8", errors="replace") as handle:
            handle.seek(logged if logged <= log.stat().st_size else 0)
            place = handle.tell()
            text = handle.read()
            handle.seek(place)
            handle.write(without_values(text))
            handle.truncate()
    with contextlib.suppress(OSError, ValueError):
        written = json.loads(results.read_text(encoding="utf-8"))
        for result in written["results"]:
            result["message"] = without_values(result["message"])
        results.write_text(json.dumps(written), encoding="utf-8")


def runs_location(warehouse: Path) -> str:
    """The table expression of the records of finished runs (records.Run)."""
    file = warehouse / "runs.jsonl"
    file.touch()
    columns = ", ".join(f"{column}: '{data_type}'" for column, data_type in RUN_COLUMNS.items())
    # A line that a run could not finish writing is left out.
    return f"read_json({as_pattern(file)}, format = 'newline_delimited', ignore_errors = true, columns = {{{columns}}})"


def connect_build(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Read what was built; `published` are the marts of this build, or of the last one where none has begun. Only while no dbt command runs."""
    connection = duckdb.connect(str(warehouse / "build.duckdb"))
    marts = warehouse / NEXT / PUBLISHED
    quoted = str(marts if marts.exists() else warehouse / PUBLISHED).replace("'", "''")
    connection.execute(f"attach if not exists '{quoted}' as published (read_only)")
    connection.execute(f"set memory_limit = '{os.environ.get('LEAD_SCORING_MEMORY_LIMIT', '80%')}'")
    return connection


def set_aside(warehouse: Path) -> None:
    """Move a build.duckdb that cannot be read out of the way, over an earlier one: the next build makes it anew. Raises OSError."""
    for suffix in ("", ".wal"):
        file = warehouse / f"build.duckdb{suffix}"
        if file.exists():
            os.replace(file, warehouse / f"build.duckdb.broken{suffix}")
    for note in ("built_from", "defined_by", "published_from"):
        (warehouse / note).unlink(missing_ok=True)


def is_broken(message: str) -> bool:
    """Whether a message of DuckDB says that a database file does not hold what was written to it."""
    return bool(re.search(r"checksum|[Cc]orrupt|not a valid DuckDB database", message))


def prepare_next(warehouse: Path, erased: list[str] = ()) -> str | None:
    """Make the file that this build publishes next: a copy of the published one, whose history it goes on from. Returns what to tell, if anything.

    The published file is copied before it is opened: whoever has it open, be it for writing, blocks nobody. A copied file keeps deleted rows in blocks
    that are free, so where contacts are to be `erased` only what is kept of the others is written anew.
    Raises WrongInput where the published file cannot be opened, OSError or duckdb.Error where the next cannot be written.
    """
    published, folder = warehouse / PUBLISHED, warehouse / NEXT
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not published.exists():
        return None
    shutil.copyfile(published, folder / PUBLISHED)
    try:
        with duckdb.connect(str(folder / PUBLISHED), read_only=True) as connection:
            columns = {row[0] for row in connection.execute("select column_name from duckdb_columns() where table_name = 'lead_score_history'").fetchall()}
    except duckdb.Error as error:
        raise WrongInput(f"{published}: cannot be opened, and holds the history: {' '.join(str(error).split())[:300]}\nRestore it, or move it away to begin without a history.") from None
    if erased:
        _write_anew(folder, list(erased))
    if columns and "bands_on" not in columns:
        return _take_over(warehouse)
    (warehouse / BUILD_OF_VERSION_1).unlink(missing_ok=True)
    return None


def _write_anew(folder: Path, erased: list[str]) -> None:
    """Write what is kept of the next file into a new one, without contacts that are `erased`."""
    before = folder / "before.duckdb"
    os.replace(folder / PUBLISHED, before)
    with duckdb.connect() as connection:
        for name, file, options in (("before", before, "read_only"), ("next", folder / PUBLISHED, STORAGE)):
            quoted = str(file).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {name} ({options})")
        query = """
            select tables.table_name, any_value(tables.sql), bool_or(columns.column_name = 'contact_id')
            from duckdb_tables() as tables join duckdb_columns() as columns using (table_oid, database_name)
            where database_name = 'before' and tables.table_name in (select unnest(?)) group by all
        """
        kept = connection.execute(query, [KEPT]).fetchall()
        connection.execute("use next")
        for table, definition, has_contacts in kept:
            # With its constraints.
            connection.execute(definition)
            connection.execute(f"insert into {table} from before.{table} {'where not list_contains(?, contact_id)' if has_contacts else ''}", [erased] if has_contacts else [])
    before.unlink()


def _take_over(warehouse: Path) -> str:
    """Make the history of a warehouse of version 1 one of now: which bands were on stood in its build.duckdb, of which nothing else is of use.

    That file is moved aside until the history is published: this build may fail, or be killed, and the next one needs it again.
    """
    build, old = warehouse / "build.duckdb", warehouse / BUILD_OF_VERSION_1
    if build.exists() and not old.exists():
        os.replace(build, old)
    for suffix in ("", ".wal"):
        (warehouse / f"build.duckdb{suffix}").unlink(missing_ok=True)
    remember_built_from(warehouse, None)
    with duckdb.connect(str(warehouse / NEXT / PUBLISHED)) as connection:
        connection.execute(SINCE_VERSION_1)
        if old.exists():
            quoted = str(old).replace("'", "''")
            # Without that table, or broken, it is of no use: bands then remember nothing of the dates before.
            with contextlib.suppress(duckdb.Error):
                connection.execute(f"attach '{quoted}' as build (read_only)")
                connection.execute(
                    """
                    update lead_score_history as history set bands_on = old.bands_on
                    from build.main_intermediate.int_score_history as old
                    where (history.as_of_date, history.model_id, history.contact_id) = (old.as_of_date, old.model_id, old.contact_id)
                    """
                )
    return f"{warehouse} was built by an earlier version: its history stays as it was published, and build.duckdb is made anew from the raw tables."


def publish(warehouse: Path, record: dict | None = None) -> Path:
    """Publish the next file in one step, so that readers see all of it or none.

    `record` is the present run's (records.Run), which scoring_runs gets here: dbt had to be done before it is complete. Raises duckdb.Error or OSError.
    """
    file = warehouse / NEXT / PUBLISHED
    if record:
        with duckdb.connect(str(file)) as connection:
            _insert_run(connection, "scoring_runs", record)
    return _put_in_place(file, warehouse)


def publish_runs(warehouse: Path, record: dict) -> Path:
    """Publish the next file, a copy of what is published (prepare_next), with the runs since then in scoring_runs. Raises duckdb.Error or OSError."""
    new = warehouse / NEXT / PUBLISHED
    columns = ", ".join(RUN_COLUMNS)
    with duckdb.connect(str(new)) as connection:
        connection.execute(
            f"insert into scoring_runs ({columns}) select {columns} from {runs_location(warehouse)} where run_id not in (select run_id from scoring_runs)"
        )
        _insert_run(connection, "scoring_runs", record)
    return _put_in_place(new, warehouse)


def _insert_run(connection, table: str, record: dict) -> None:
    values = ", ".join(f"cast(? as {data_type})" for data_type in RUN_COLUMNS.values())
    connection.execute(f"insert into {table} ({', '.join(RUN_COLUMNS)}) values ({values})", [record[column] for column in RUN_COLUMNS])


def _put_in_place(file: Path, warehouse: Path) -> Path:
    """Make the next file the published one, and return where that is.

    It goes to a folder of its own, for a database is called after its file's name. Removes what is published no longer; what was published within
    the last minute may be about to be opened, and stays. DuckDB opens a file three times, for its header first: where it was replaced in between, a
    reader would have the header of one build and the data of the next. A link it follows once (docs/decisions/what-is-published-is-a-link.md).
    """
    files, published, link = warehouse / FILES, warehouse / PUBLISHED, warehouse / f"{PUBLISHED}.new"
    with duckdb.connect(str(file)) as connection:
        # What still stands in its log would stay behind.
        connection.execute("checkpoint")
    files.mkdir(exist_ok=True)
    for folder in files.iterdir():
        if folder != published.resolve().parent and time.time() - folder.stat().st_mtime > 60:
            shutil.rmtree(folder, ignore_errors=True)
    with open(file, "rb+") as handle:
        os.fsync(handle.fileno())
    new = Path(tempfile.mkdtemp(dir=files)) / PUBLISHED
    os.replace(file, new)
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(new.relative_to(warehouse))
    except OSError:
        # Windows without the right to it, or a disk that knows no links.
        os.replace(new, published)
    else:
        os.replace(link, published)
    (warehouse / BUILD_OF_VERSION_1).unlink(missing_ok=True)
    return published


def export_csv(published: Path, folder: Path) -> None:
    """Write every published table as a csv file. Raises duckdb.Error or OSError."""
    with duckdb.connect(str(published), read_only=True) as connection:
        write_csv(connection, [row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()], folder)


def write_csv(connection, tables: list[str], folder: Path) -> None:
    """Write tables as csv files. Text that a spreadsheet would run as a formula gets a leading apostrophe.

    The characters are those of OWASP's page "CSV Injection". Raises duckdb.Error or OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        columns = [
            f"case when regexp_matches({column}, '^[=+@\\t\\r\\n-]') then chr(39) || {column} else {column} end as {column}" if data_type == "VARCHAR" else column
            for column, data_type in connection.execute(f"select column_name, column_type from (describe {table})").fetchall()
        ]
        destination = str(folder / f"{table}.csv").replace("'", "''")
        connection.execute(f"copy (select {', '.join(columns)} from {table}) to '{destination}' (header)")
