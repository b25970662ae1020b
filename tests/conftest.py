"""Whole builds for tests: scripts/build.py as a user runs it, each in a warehouse of its own."""

import functools
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[1]
HAND_COMPUTED = PROJECT / "tests" / "hand_computed"

# Its assertions show what differs, as those of test files do.
pytest.register_assert_rewrite("tests.engines.equality")


# A file of tests runs in one worker; the longest begin first, so that the workers end at about the same time.
LONGEST = ["test_lost_input.py", "test_postgres.py", "test_build.py", "test_law_2.py", "test_faults.py", "test_sources.py", "test_sync.py", "test_crashes.py", "test_preview.py", "test_version_1.py", "test_report.py", "test_laws.py", "test_filters.py", "test_readers.py", "test_calibrate.py", "test_explain.py", "test_package.py", "test_next_actions.py", "test_performance.py", "test_bad_rules.py", "test_starters.py"]


def pytest_collection_modifyitems(items):
    """Put the tests of the longest files first."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@dataclass
class Build:
    """What a run of build.py gave: its exit code, what it printed, and where its files are."""

    code: int
    output: str
    errors: str
    warehouse: Path

    @property
    def published(self) -> Path:
        """The published file."""
        return self.warehouse / "lead_scores.duckdb"

    def rows(self, query: str, file: str = "lead_scores.duckdb") -> list[tuple]:
        """The rows of a query on the published file, or on build.duckdb."""
        with duckdb.connect(str(self.warehouse / file), read_only=True) as connection:
            return connection.execute(query).fetchall()


# A process that has everything imported, and has asked dbt for a list once, which makes what dbt makes when it is needed first; it forks for
# each run. Of a run on so few rows half would be imports, a sixth the collection of garbage, a tenth the same templates compiled again, a tenth
# what dbt makes first.
# A run is a script's main, with names of it set if so asked; build.py's without its data tests if so asked, and killed as its n-th node starts or before the
# published file is replaced ("publish"), or with hardly any memory for dbt's build ("memory"), or with a file that is replaced
# as a node starts ([node, new file, file]).
RUNNER = """
import atexit, gc, importlib, itertools, json, marshal, os, pathlib, signal, sys, traceback, types
sys.path.insert(0, os.path.join(sys.argv[1], "scripts"))
import build, dbt.adapters.duckdb, duckdb, jinja2, rich.progress
from dbt.adapters.factory import reset_adapters
from dbt.contracts.graph.manifest import Manifest
from support import building, warehouse
from support.dbt_project import PARSED, PROJECT, Dbt, extended_mashumuro_decoder

gc.disable()

# Compiled templates, which a run leaves in a file for the next ones.
compile_template, templates, templates_file, known = jinja2.Environment.compile, {}, os.path.join(sys.argv[2], "templates"), 0
read_at = None

def compile_once(self, source, *arguments, **named):
    key = (type(self).__name__, source)
    if arguments or named or not isinstance(source, str):
        return compile_template(self, source, *arguments, **named)
    if key not in templates:
        templates[key] = compile_template(self, source)
    return templates[key]

jinja2.Environment.compile = compile_once

# A process that is killed leaves the system's files whole. Waiting for the disk would be for a machine that loses its power.
connect = duckdb.connect

def connect_without_waiting(*arguments, **named):
    return connect(*arguments, **named | {"config": {"fsync_mode": "NONE"} | (named.get("config") or {})})

duckdb.connect = connect_without_waiting

def warm(folder):
    environment = dict(os.environ)
    project = Dbt(pathlib.Path(folder), {"contacts": "contacts.csv"}, PROJECT / "seeds", {}, 1)
    pid = os.fork()
    if pid == 0:
        project.parse()
        os._exit(0)
    os.waitpid(pid, 0)
    # Parsing starts threads of dbt's extractor, which are not there in a fork: one that parses too would wait for them forever.
    project._invoke = lambda *_, **__: types.SimpleNamespace(success=False)
    if project.parse():
        project.problem_of_selection("lead_scores")
        # Of the same file: each run has its own copy, as a fork.
        from_msgpack, (_, parsed) = Manifest.from_msgpack, PARSED.with_stem("parsed-files").read_bytes().split(bytes([10]), 1)
        known = from_msgpack(parsed, decoder=extended_mashumuro_decoder)
        Manifest.from_msgpack = lambda text, **how: known if text == parsed else from_msgpack(text, **how)
    os.environ.clear()
    os.environ.update(environment)
    reset_adapters()
    gc.collect()

def keep_templates():
    if len(templates) > known:
        with open(templates_file + ".new", "wb") as file:
            marshal.dump(templates, file)
        os.replace(templates_file + ".new", templates_file)

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def prepare(tests, stop):
    run, publish, started = Dbt.run, warehouse.publish, itertools.count(1)

    def run_and_stop(self, *arguments, on_node=None):
        def on_node_or_die(*node):
            if next(started) == stop:
                die()
            if isinstance(stop, list) and node[2] == stop[0]:
                os.replace(*stop[1:])
            if on_node:
                on_node(*node)
        if stop == "memory":
            os.environ["LEAD_SCORING_MEMORY_LIMIT"] = "4MB" if "--exclude" in arguments else "80%"
        extra = ["--exclude-resource-type", "test"] if arguments[0] == "build" and not tests else []
        return run(self, *arguments, *extra, on_node=on_node_or_die)

    def publish_or_die(*arguments):
        if stop == "publish":
            os.replace = die
        return publish(*arguments)

    Dbt.run, warehouse.publish = run_and_stop, publish_or_die

warm(sys.argv[2])
for line in sys.stdin:
    script, names, folder, output, tests, stop, arguments, environment = json.loads(line)
    if os.path.exists(templates_file) and os.path.getmtime(templates_file) != read_at:
        with open(templates_file, "rb") as file:
            templates.update(marshal.load(file))
        known, read_at = len(templates), os.path.getmtime(templates_file)
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.chdir(folder)
            os.environ.update(environment)
            for number, file in enumerate(output, 1):
                os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            prepare(tests, stop)
            script = importlib.import_module(script)
            vars(script).update(names)
            code = script.main(script.parse_arguments(arguments))
            keep_templates()
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
        # As a process ends, but for what the interpreter would collect then.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
# A parsed project has a lock, which would be told as leaked.
Manifest.from_msgpack = None
gc.collect()
os._exit(0)
"""


@functools.cache
def runner() -> tuple[subprocess.Popen, Path]:
    """The process that runs scripts for this worker, and a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="lead_scoring_"))
    process = subprocess.Popen([sys.executable, "-c", RUNNER, str(PROJECT), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, folder


# Small sets lose a large share of their rows, or are changed for another, in one test after the other. tests/test_lost_input.py is about the guards.
WITHOUT_GUARDS = ["--change-raw", "--allow-lost-rows"]


def run_script(script: str, folder: Path, arguments: list, tests: bool = True, stop=None, environment: dict[str, str] | None = None, **names) -> subprocess.CompletedProcess:
    """Run a script of scripts/ in a folder by RUNNER, with `names` of the script set, and with further variables of the environment."""
    process, own = runner()
    output = [str(own / "run.out"), str(own / "run.err")]
    arguments = [str(argument) for argument in arguments]
    print(json.dumps([script, names, str(folder), output, tests, stop, arguments, environment or {}]), file=process.stdin, flush=True)
    code = int(process.stdout.readline())
    return subprocess.CompletedProcess(arguments, code, *(Path(file).read_text(encoding="utf-8") for file in output))


def run_build(warehouse: Path, *options: str, tests: bool = True, stop=None, guards: bool = False, report: bool = False, environment: dict[str, str] | None = None) -> Build:
    """Run scripts/build.py in a warehouse, without the report page unless asked for; without its data tests, or stopped (RUNNER), if so asked."""
    # One model at a time: on so few rows threads wait for each other, and other workers need the cores.
    arguments = ["--warehouse", warehouse, "--threads", "1", *([] if guards else WITHOUT_GUARDS), *([] if report else ["--no-report"]), *options]
    done = run_script("build", warehouse.parent, arguments, tests, stop, environment)
    return Build(done.returncode, done.stdout, done.stderr, warehouse)


def b2b_rules(folder: Path) -> Path:
    """A copy of the seeds in which the B2B starter is the active model."""
    shutil.copytree(PROJECT / "seeds", folder)
    models = folder / "score_models.csv"
    text = models.read_text(encoding="utf-8").replace("b2b_starter,archived", "b2b_starter,active").replace("retail_coupons,active", "retail_coupons,archived")
    models.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def build(tmp_path):
    """Run build.py with options in a fresh warehouse, or again in the same; without data tests unless asked for, a quarter of a run on few rows."""
    return lambda *options, **how: run_build(tmp_path / "warehouse", *options, **({"tests": False} | how))


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory):
    """One build of the sample data as of 2017-12-31, for tests that only read it."""
    return run_build(tmp_path_factory.mktemp("sample") / "warehouse", "--as-of", "2017-12-31")


@pytest.fixture(scope="session")
def hand_computed_build(tmp_path_factory):
    """One build of the hand-computed set, all dates, whole ledger."""
    dates = (HAND_COMPUTED / "as_of.txt").read_text().strip().split(",")
    options = [option for date in dates for option in ("--as-of", date)]
    warehouse = tmp_path_factory.mktemp("hand") / "warehouse"
    return run_build(warehouse, "--raw", str(HAND_COMPUTED / "raw"), "--rules", str(HAND_COMPUTED / "rules"), "--ledger", "all", *options)


@pytest.fixture
def built(hand_computed_build, tmp_path):
    """A copy of that build, in the warehouse that `build` builds in."""
    assert hand_computed_build.code == 0, hand_computed_build.errors
    shutil.copytree(hand_computed_build.warehouse, tmp_path / "warehouse")
    return Build(0, hand_computed_build.output, hand_computed_build.errors, tmp_path / "warehouse")


@pytest.fixture
def rules(tmp_path):
    """A copy of the hand-computed rules to change."""
    return Path(shutil.copytree(HAND_COMPUTED / "rules", tmp_path / "rules"))


@pytest.fixture
def raw(tmp_path):
    """A copy of the hand-computed raw tables to change."""
    return Path(shutil.copytree(HAND_COMPUTED / "raw", tmp_path / "raw"))
