"""dbt in this process: its commands in one warehouse, on the project as it was parsed last."""

import contextlib
import hashlib
import io
import json
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

from support.environment import PROJECT
from support.records import FOUND, without_values
from support.warehouse import connect_build, runs_location

# What the system says of a disk without room.
FULL = "No space left on device"

# The project as dbt has parsed it, for the next build of this checkout in any warehouse: dbt takes five seconds for it.
PARSED = PROJECT / "target" / "parsed.msgpack"
PARSED_FOLDERS = ("models", "macros", "tests", "contract", "snapshots", "analyses", "functions", "dbt_packages")


class Dbt:
    """dbt in this process, for one warehouse, one set of raw tables and one set of rules.

    After `run`, `results` holds dbt's result objects and `error` the text of what stopped dbt itself, or None.
    """

    def __init__(self, warehouse: Path, raw: dict[str, str], rules: Path, settings: dict[str, str], threads: int | None):
        self.folder, self.rules = warehouse, rules
        # dbt-duckdb fills in {names} of a location, so braces of a path are doubled.
        locations = {"runs": runs_location(warehouse), **raw}
        self.locations = {table: location.replace("{", "{{").replace("}", "}}") for table, location in locations.items()}
        os.environ["LEAD_SCORING_WAREHOUSE"] = str(warehouse)
        os.environ["LEAD_SCORING_RULES"] = str(rules.relative_to(PROJECT))
        # Not dbt's --vars: where one of those changes, dbt parses the whole project anew (docs/decisions/settings-are-environment-variables.md).
        for name, value in settings.items():
            os.environ[f"LEAD_SCORING_{name.upper()}"] = str(value)
        # Locations are put into what dbt has parsed (_use). These tables may be missing, and are empty then.
        for table in ("ERASURES", "MERGES", "CONTACT_ATTRIBUTES"):
            os.environ.pop(f"LEAD_SCORING_RAW_{table}", None)
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        self.common = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        self.common += ["--target-path", str(warehouse / "target"), "--log-path", str(warehouse / "logs")]
        # More models at a time than cores only take turns.
        self.threads = ["--threads", str(threads or min(4, os.cpu_count() or 1))]
        self.manifest = None
        self.results: list = []
        self.error: str | None = None

    def parse(self, on_node=None) -> bool:
        """Parse the project for `run`, unless an earlier build has parsed the same. True where all went well."""
        key = _parsed_from()
        try:
            kept, parsed = PARSED.read_bytes().split(b"\n", 1)
            if kept == key:
                self._use(Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder))
                return True
        except Exception:  # There is none, or dbt cannot read it; whatever it is, dbt parses the project.
            pass
        outcome = self._invoke("parse", "--no-write-json", on_node=on_node)
        if not outcome.success:
            return False
        # Made again by _use, with the places of the build.
        outcome.result.flat_graph = {}
        # Without room or the right to write it, the next build parses too.
        with contextlib.suppress(OSError):
            PARSED.parent.mkdir(exist_ok=True)
            new = PARSED.with_suffix(f".{os.getpid()}")
            try:
                new.write_bytes(key + b"\n" + outcome.result.to_msgpack(extended_mashumaro_encoder))
                # In one step: another build may read it, or write one as well.
                os.replace(new, PARSED)
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
            file = self.rules / node.path
            if node.resource_type == "seed" and file.exists():
                node.original_file_path = str(file.relative_to(PROJECT))
                node.checksum = FileHash.from_contents(file.read_text(encoding="utf-8").strip())
        # What macros see as `graph`.
        manifest.build_flat_graph()
        self.manifest = manifest

    def run(self, *arguments: str, on_node=None) -> bool:
        """Run a dbt command. on_node(number, total, name) is called as nodes start. True where all went well."""
        return self._invoke(*arguments, on_node=on_node).success

    def _invoke(self, *arguments: str, on_node):
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
        return outcome

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


def _parsed_from() -> bytes:
    """A line that changes with what dbt parses: its versions, the files, and variables of the environment that they name.

    Variables of this project choose no nodes; of the rules dbt parses nothing but the names of their files, which stand in contract/.
    """
    files = [file for folder in PARSED_FOLDERS for file in sorted((PROJECT / folder).rglob("*.*")) if file.suffix in (".sql", ".yml", ".yaml", ".md", ".csv", ".py")]
    files += sorted({*PROJECT.glob("*.yml"), *PROJECT.glob("*.yaml"), *PROJECT.glob(".dbtignore")})
    texts = [(str(file), file.read_bytes()) for file in files if file.is_file()]
    named = set(re.findall(rb"env_var\(\s*['\"](?!LEAD_SCORING_)(\w+)", b"".join(text for _, text in texts)))
    variables = sorted((name, value) for name, value in os.environ.items() if name.startswith("DBT_") or name.encode() in named)
    versions = [version(package) for package in ("dbt-core", "dbt-adapters", "dbt-duckdb")]
    return hashlib.sha256(repr((texts, variables, versions)).encode()).hexdigest().encode()
