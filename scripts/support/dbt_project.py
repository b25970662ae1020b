"""Runs dbt in this process, in one warehouse, on a parsed project that is kept between builds."""

import contextlib
import hashlib
import io
import os
import re
from importlib.metadata import version
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.files import FileHash
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

from support import findings, sources
from support.environment import PROJECT
from support.faster_dbt import speed_up, uncollected
from support.records import FOUND, without_values
from support.warehouse import runs_location

# The system's message for a full disk.
FULL = "No space left on device"

# No manifest.json and run_results.json: nothing reads them, and the manifest alone takes a second. The run's own log has each node's time.
NO_JSON = ["--no-write-json"]

# Of dbt's log, before a new one is begun.
MOST_BYTES = 10_000_000

# The parsed project, for the next build of this checkout in any warehouse. dbt needs five seconds to parse it. One per list of sources.
PARSED = PROJECT / "target" / "parsed.msgpack"
PARSED_FOLDERS = ("models", "macros", "tests", "contract", "snapshots", "analyses", "functions", "dbt_packages")


speed_up()


class Dbt:
    """dbt in this process, for one warehouse, one set of raw tables and one set of rules.

    `errors` are those of the engine. After `run`, `results` has dbt's result objects, and `error` the text of an error that stopped dbt itself, or None.
    """

    errors = duckdb.Error

    def __init__(self, warehouse: Path, raw: dict[str, str], rules: Path, settings: dict[str, str], threads: int | None, target: str = "duckdb"):
        self.folder, self.rules, self.target = warehouse, rules, target
        # dbt-duckdb formats {names} in a location, so braces of a path are doubled.
        locations = {"runs": runs_location(warehouse), **{table: location for table, location in raw.items() if "." not in table}}
        self.locations = {table: location.replace("{", "{{").replace("}", "}}") for table, location in locations.items()}
        os.environ["LEAD_SCORING_WAREHOUSE"] = str(warehouse)
        os.environ["LEAD_SCORING_RULES"] = str(rules.relative_to(PROJECT))
        os.environ["LEAD_SCORING_CONNECTORS"] = sources.make(warehouse, raw)
        # Not dbt's --vars: if one changes, dbt parses the whole project again (docs/decisions/settings-are-environment-variables.md).
        for name, value in settings.items():
            os.environ[f"LEAD_SCORING_{name.upper()}"] = str(value)
        # _use puts locations into the parsed project. These tables are optional; without a location they are empty.
        for table in ("ACCOUNTS", "MERGES", "CONTACT_ATTRIBUTES", "OVERRIDES", "ERASURES"):
            os.environ.pop(f"LEAD_SCORING_RAW_{table}", None)
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        self.common = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        self.common += ["--target", target, "--target-path", str(warehouse / "target"), "--log-path", str(warehouse / "logs")]
        # The same order of tests and models by fewer edges of the graph.
        os.environ["DBT_USE_FAST_TEST_EDGES"] = "true"
        # More threads than cores bring no speed.
        self.threads = ["--threads", str(threads or min(4, os.cpu_count() or 1))]
        self.manifest = None
        self.results: list = []
        self.error: str | None = None

    def parse(self, on_node=None) -> bool:
        """Parse the project for `run`, unless an earlier build parsed the same files. Returns whether it succeeded."""
        kind = [] if self.target == "duckdb" else [self.target]
        key, file = _parsed_from(self.target), PARSED.with_stem("-".join(filter(None, [PARSED.stem, *kind, *os.environ["LEAD_SCORING_CONNECTORS"].split(",")])))
        try:
            kept, parsed = file.read_bytes().split(b"\n", 1)
            if kept == key:
                with uncollected():
                    self._use(Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder))
                return True
        except Exception:  # It is missing or unreadable: parse the project.
            pass
        outcome = self._invoke("parse", on_node=on_node)
        if not outcome.success:
            return False
        # _use rebuilds it with the locations of this build.
        outcome.result.flat_graph = {}
        # No build runs unit tests: every selection would look at each.
        outcome.result.unit_tests = {}
        # If the file cannot be written, the next build parses again.
        with contextlib.suppress(OSError):
            file.parent.mkdir(exist_ok=True)
            new = file.with_suffix(f".{os.getpid()}")
            try:
                new.write_bytes(key + b"\n" + outcome.result.to_msgpack(extended_mashumaro_encoder))
                # Atomic, because other builds may read or write the file at the same time.
                os.replace(new, file)
            finally:
                new.unlink(missing_ok=True)
        self._use(outcome.result)
        return True

    def _use(self, manifest: Manifest) -> None:
        """Put the raw tables and the rules of this build into a parsed project."""
        for source in manifest.sources.values():
            location = self.locations.get(source.name)
            if location and source.source_name in ("raw", "runs"):
                for place in (source.meta, source.config.meta, source.unrendered_config["meta"]):
                    place["external_location"] = location
                source.relation_name = location
        for node in manifest.nodes.values():
            if node.resource_type != "seed":
                continue
            # dbt's partial parse may be of another checkout that built this warehouse.
            node.root_path = str(PROJECT)
            file = self.rules / node.path
            if file.exists():
                node.original_file_path = str(file.relative_to(PROJECT))
                node.checksum = FileHash.from_contents(file.read_text(encoding="utf-8").strip())
        # What macros see as `graph`.
        manifest.build_flat_graph()
        self.manifest = manifest

    def run(self, *arguments: str, on_node=None) -> bool:
        """Run a dbt command and return whether it succeeded. on_node(number, total, name) is called when a node starts."""
        return self._invoke(*arguments, on_node=on_node).success

    def _invoke(self, *arguments: str, on_node):
        def report(event):
            told.write(event.info)
            if on_node and event.info.name in ("LogStartLine", "LogTestStartLine"):
                on_node(event.data.index, event.data.total, event.data.node_info.node_name)

        runner = dbtRunner(manifest=self.manifest, callbacks=[report])
        with Log(self.folder / "logs" / "dbt.log") as told, uncollected():
            outcome = runner.invoke([*arguments, *self.common, *self.threads, "--quiet", "--log-level", "none", "--log-level-file", "none", *NO_JSON])
        # Release the databases for other connections.
        DuckDBConnectionManager.close_all_connections()
        self.results = list(getattr(outcome.result, "results", None) or [])
        self.error = str(outcome.exception) if outcome.exception else None
        return outcome

    def problem_of_selection(self, nodes: str) -> str | None:
        """The error of a selection, or None."""
        runner = dbtRunner(manifest=self.manifest)
        with contextlib.redirect_stdout(io.StringIO()):
            outcome = runner.invoke(["list", "--select", nodes, *self.common, "--quiet", "--log-level", "none"])
        if outcome.exception:
            return " ".join(str(outcome.exception).split())
        return None if outcome.result else "names no model, seed or test of this project"

    def built(self, model: str) -> bool:
        """Whether the last command built a model. If not, its table may be from an earlier build."""
        return any(result.node.name == model and result.status == "success" for result in self.results)

    def left(self) -> list[str]:
        """Names of the nodes that the last command failed to make, or skipped."""
        statuses = ("error", "fail", "skipped")
        return [result.node.name for result in self.results if result.status in statuses and result.node.resource_type != "operation"]

    def was_short_of_memory(self) -> bool:
        """Whether the last command ran out of memory while it built models in parallel."""
        return self.threads[-1] != "1" and any(result.status == "error" and "Out of Memory" in (result.message or "") for result in self.results)

    def failures(self) -> list[str]:
        """One text per failed node: its name and the message of the database or test, with a row that the test found."""
        if self.error:
            return [self.error]
        failed = [result for result in self.results if result.status in ("error", "fail")]
        # A full disk fails many models for the same reason: report only the first.
        full = [result for result in failed if FULL in (result.message or "")]
        told = [f"{result.node.name}: {' '.join((result.message or '').split())}{self._found(result)}" for result in failed if result not in full[1:]]
        return told + ([f"and {len(full) - 1:,} more for the same cause"] if len(full) > 1 else [])

    def _found(self, result) -> str:
        if result.status != "fail" or not result.node.compiled_code:
            return ""
        try:
            with self.made() as made:
                rows = made.rows(f"select * from ({result.node.compiled_code}) as found order by found limit 1")
        except self.errors:
            return ""
        return FOUND + ", ".join(f"{name} {cell}" for row in rows for name, cell in row.items())[:500]

    def made(self):
        """A context with what was made so far (findings.Made)."""
        return findings.made_in(self.folder)

    def rule_problems(self, folder: Path, rules) -> list[str]:
        """One line per problem in the rule seeds of a folder, if the last command checked them. `rules` is their copy (inputs.Rules)."""
        if not self.built("int_rule_problems"):
            return []
        with self.made() as made:
            return findings.rule_problems(made, folder, rules)


class Log:
    """dbt's log of a command, without cells that messages quote. dbt's own looks at all environment variables for each of its many debug lines."""

    def __init__(self, file: Path):
        self.file = file

    def __enter__(self):
        # Without a log, as on a full disk, the build goes on.
        self.handle = None
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.file.exists() and self.file.stat().st_size > MOST_BYTES:
                os.replace(self.file, self.file.with_suffix(".log.1"))
            self.handle = open(self.file, "ab", buffering=0)
        return self

    def write(self, line) -> None:
        """Write the line of an event, unless it is for debugging dbt."""
        if self.handle and line.level in ("info", "warn", "error"):
            with contextlib.suppress(OSError):
                self.handle.write(f"{line.ts.ToJsonString()} [{line.level}] {without_values(line.msg)}\n".encode(errors="replace"))

    def __exit__(self, *_):
        if self.handle:
            self.handle.close()


def _parsed_from(target: str = "duckdb") -> bytes:
    """A hash of everything that dbt parses: versions, files, and the environment variables that the files name.

    Of this project's own variables only the list of sources selects nodes, and on a server database and schemas are part of them. Of the rules dbt parses only the file names, which are in contract/.
    """
    files = [file for folder in PARSED_FOLDERS for file in sorted((PROJECT / folder).rglob("*.*")) if file.suffix in (".sql", ".yml", ".yaml", ".md", ".csv", ".py")]
    files += sorted({*PROJECT.glob("*.yml"), *PROJECT.glob("*.yaml"), *PROJECT.glob(".dbtignore")})
    texts = [(str(file), file.read_bytes()) for file in files if file.is_file()]
    named = set(re.findall(rb"env_var\(\s*['\"](?!PG|LEAD_SCORING_(?!CONNECTORS))(\w+)", b"".join(text for _, text in texts)))
    variables = sorted((name, value) for name, value in os.environ.items() if name.startswith("DBT_") or name.encode() in named)
    if target != "duckdb":
        variables += [(name, os.environ.get(name)) for name in ("PGDATABASE", "LEAD_SCORING_SCHEMA", "LEAD_SCORING_RAW_SCHEMA", "LEAD_SCORING_MARTS_SCHEMA")]
    versions = [version(package) for package in ("dbt-core", "dbt-adapters", f"dbt-{target}")]
    return hashlib.sha256(repr((texts, variables, versions)).encode()).hexdigest().encode()
