"""The examples for schedulers: what they name exists, and where Airflow or Dagster is installed they run from end to end."""

import ast
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from build import parse_arguments
from support import inputs
from support.environment import VENV, WRONG_INPUT, locked
from tests.conftest import HAND_COMPUTED, PROJECT
from tests.refresh import OF_THE_RUN

EXAMPLES = PROJECT / "examples"
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
# Of the rules to copy docs/sources.md tells (tests/test_sources.py), of the data to try docs/starters.md (tests/test_starters.py).
FILES = sorted(path for path in EXAMPLES.rglob("*") if path.is_file() and not {"__pycache__", "rules", "b2b", "web_shop"} & set(path.relative_to(EXAMPLES).parts))
PYTHON_FILES = [path for path in FILES if path.suffix == ".py"]


def name_of(path):
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_the_page_names_every_example(file):
    assert name_of(file) in OPERATIONS


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:examples|scripts|docs)/[\w./-]+\w", OPERATIONS))))
def test_what_the_page_names_exists(path):
    assert (PROJECT / path).exists()


@pytest.mark.parametrize("file", PYTHON_FILES, ids=name_of)
def test_python_files_parse_and_name_scripts_that_exist(file):
    text = file.read_text(encoding="utf-8")
    ast.parse(text, filename=str(file))
    scripts = re.findall(r'scripts/(\w+\.py)|run_script\("(\w+\.py)"', text)
    assert scripts
    for script in scripts:
        assert (PROJECT / "scripts" / "".join(script)).is_file()
    for code in re.findall(r"^WRONG_INPUT = (\d+)$", text, re.MULTILINE):
        assert int(code) == WRONG_INPUT


@pytest.mark.parametrize("file", PYTHON_FILES, ids=name_of)
def test_law_10_a_scheduler_without_its_raw_folder_does_not_take_the_sample(file, monkeypatch):
    """The statements on the environment, without the scheduler's own modules."""
    monkeypatch.delenv("LEAD_SCORING_RAW", raising=False)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    ours = [node for node in tree.body if isinstance(node, ast.If) or "environ" in ast.unparse(node).split("def ")[0]]
    tree.body = [node for node in ours if isinstance(node, ast.If | ast.Assign)]
    code = compile(tree, str(file), "exec")
    with pytest.raises(RuntimeError, match="LEAD_SCORING_RAW is not set"):
        exec(code, {"os": os, "Path": Path})
    monkeypatch.setenv("LEAD_SCORING_RAW", "/data/raw")
    names = {"os": os, "Path": Path}
    exec(code, names)
    assert str(names["RAW"]) == "/data/raw"


RUN_DBT = [file for file in PYTHON_FILES if "publish.py" in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("file", RUN_DBT, ids=name_of)
def test_a_scheduler_that_runs_dbt_does_not_go_on_from_a_run_that_failed(file):
    """The marts of a run that failed stand in the next published file, with its dates in the history. Only publish.py removes it, with the lock."""
    text = file.read_text(encoding="utf-8")
    assert re.search(r"""publish\.py['"],? "?--begin"?,? "?--raw""", text)
    assert "rm -rf" not in text and "rmtree" not in text


@pytest.mark.parametrize("file", RUN_DBT, ids=name_of)
def test_a_scheduler_that_runs_dbt_passes_every_raw_table_that_is_there(file, tmp_path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if getattr(node, "name", "") == "raw_tables" or ast.unparse(node).startswith(("REQUIRED", "OPTIONAL"))]
    names = {"RAW": tmp_path}
    exec(compile(tree, str(file), "exec"), names)
    tables = set(inputs.columns_of_contract("raw_columns.csv", "table_name"))

    def locations(found):
        return {f"LEAD_SCORING_RAW_{table.upper()}": f"{tmp_path}/{table}.parquet" for table in found}

    assert names["raw_tables"]() == locations(tables - inputs.OPTIONAL)
    for table in tables:
        (tmp_path / f"{table}.parquet").touch()
    assert names["raw_tables"]() == locations(tables)
    text = file.read_text(encoding="utf-8")
    assert "    **raw_tables()," in text or "os.environ.update(raw_tables()" in text


@pytest.mark.parametrize("file", sorted(EXAMPLES.rglob("requirements.txt")), ids=name_of)
def test_requirements_are_pinned(file):
    lines = [line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    assert any(lines)
    for line in filter(None, lines):
        assert re.fullmatch(r"[a-z][\w-]*==\d[\d.]*", line), line


def unit(name):
    # A key may stand twice in a unit, and % has its own meaning there.
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(EXAMPLES / "systemd" / name, encoding="utf-8")
    return parser


def test_the_service_runs_build_py_and_tries_again_only_what_may_pass():
    service = unit("lead-scoring.service")["Service"]
    python, script, *options = shlex.split(service["ExecStart"])
    assert Path(python).is_absolute()
    assert (PROJECT / script).is_file()
    assert parse_arguments(options).wait > 0
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == str(WRONG_INPUT)
    # All that a build writes lies in the project: .venv, .rules and the warehouse.
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert str(parse_arguments(options).warehouse).startswith(service["WorkingDirectory"])
    timer = unit("lead-scoring.timer")
    assert timer["Timer"]["OnCalendar"].endswith("UTC")
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze, which comes with systemd")
def test_systemd_understands_the_units():
    units = [str(EXAMPLES / "systemd" / name) for name in ("lead-scoring.service", "lead-scoring.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_crontab_line_runs_build_py():
    line = (EXAMPLES / "cron" / "lead-scoring.crontab").read_text(encoding="utf-8").splitlines()[-1]
    assert line in OPERATIONS
    script, options = re.search(r"python3 (\S+) (.*?) >", line).groups()
    assert (PROJECT / script).is_file()
    assert parse_arguments(shlex.split(options)).wait > 0
    # cron ends a command at an unescaped per cent sign.
    assert "%" not in line


def test_others_cannot_read_the_log_of_the_crontab_line(tmp_path):
    """The shell makes the log, with the umask of cron."""
    line = (EXAMPLES / "cron" / "lead-scoring.crontab").read_text(encoding="utf-8").splitlines()[-1]
    (tmp_path / "scripts").mkdir()
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "scripts" / "build.py").write_text("print('a name')")
    command = line.split(maxsplit=5)[5].replace("/srv/lead-scoring ", f"{tmp_path} ")
    subprocess.run(["/bin/sh", "-c", command], umask=0o022, check=True)
    log = tmp_path / "warehouse" / "build.log"
    assert (log.read_text(), log.stat().st_mode & 0o077) == ("a name\n", 0)


def published(warehouse):
    """Every published table as a set of rows; not the one that tells of runs, nor the time of the run that published a change."""
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        tables = [row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()]
        return {table: set(connection.execute(f"select {OF_THE_RUN.get(table, '*')} from {table}").fetchall()) for table in tables if table != "scoring_runs"}


def publish(warehouse, *options, **settings):
    command = [sys.executable, str(PROJECT / "scripts" / "publish.py"), "--warehouse", str(warehouse), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | settings, check=False)


@pytest.fixture(scope="module")
def built_by_dbt(hand_computed_build, tmp_path_factory):
    """A warehouse in which plain dbt has built the hand-computed set, and nothing is published."""
    warehouse, raw = tmp_path_factory.mktemp("plain") / "warehouse", HAND_COMPUTED / "raw"
    warehouse.mkdir()
    # dbt-duckdb fills in {names} of a location.
    settings = {f"LEAD_SCORING_RAW_{table.upper()}": location.replace("{", "{{").replace("}", "}}") for table, location in inputs.raw_locations(raw).items()}
    rules = inputs.copy_rules(HAND_COMPUTED / "rules", warehouse).folder
    settings |= {"LEAD_SCORING_AS_OF": (HAND_COMPUTED / "as_of.txt").read_text().strip(), "LEAD_SCORING_LEDGER": "all", "LEAD_SCORING_RULES": str(rules.relative_to(PROJECT))}
    settings |= {"LEAD_SCORING_WAREHOUSE": str(warehouse), "DBT_TARGET_PATH": str(warehouse / "target"), "DBT_LOG_PATH": str(warehouse / "logs")}
    command = [str(VENV / "bin" / "dbt"), "build", "--exclude-resource-type", "unit_test", "test"]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ | settings, capture_output=True, text=True, check=False)
    shutil.rmtree(rules)
    assert done.returncode == 0, done.stdout
    return warehouse


def test_publish_py_publishes_what_dbt_built(built_by_dbt, hand_computed_build, tmp_path):
    warehouse = Path(shutil.copytree(built_by_dbt, tmp_path / "warehouse"))
    (warehouse / "built_from").write_text("the last run of build.py")
    done = publish(warehouse)
    assert done.returncode == 0, done.stderr
    assert published(warehouse) == published(hand_computed_build.warehouse)
    assert not (warehouse / "built_from").exists()
    assert not list((warehouse / "next").iterdir())
    # What is published is not published again: dbt has made nothing since.
    again = publish(warehouse)
    assert again.returncode == 2
    assert "lead_scores.duckdb: is missing; run dbt build first" in again.stderr
    assert published(warehouse) == published(hand_computed_build.warehouse)


def test_publish_py_leaves_what_is_published_where_it_cannot(built_by_dbt, hand_computed_build, tmp_path):
    warehouse = Path(shutil.copytree(hand_computed_build.warehouse, tmp_path / "warehouse", symlinks=True))
    before = (warehouse / "lead_scores.duckdb").read_bytes()
    shutil.copytree(built_by_dbt / "next", warehouse / "next", dirs_exist_ok=True)
    with duckdb.connect(str(warehouse / "next" / "lead_scores.duckdb")) as connection:
        connection.execute("drop table lead_scores")
    done = publish(warehouse)
    assert done.returncode == 1
    assert "lead_scores" in done.stderr
    assert "Traceback" not in done.stderr
    assert (warehouse / "lead_scores.duckdb").read_bytes() == before
    missing = publish(tmp_path / "nowhere")
    assert missing.returncode == 2
    assert "next/lead_scores.duckdb: is missing" in missing.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("program", ["dbt", "build.py"])
def test_publish_py_does_not_publish_after_a_run_that_failed(program, built_by_dbt, tmp_path):
    warehouse = Path(shutil.copytree(built_by_dbt, tmp_path / "warehouse"))
    if program == "dbt":
        with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
            connection.execute("insert into main_intermediate.run_log (finished_at, outcome, message) values (timestamp '2198-01-01', 'failed', 'int_persons: error')")
    else:
        record = {"run_id": "x", "finished_at": "2198-01-01 00:00:00", "outcome": "failed", "exit_code": 1, "message": "int_persons: error"}
        (warehouse / "runs.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(record | {"run_id": "y", "outcome": "wrong input", "finished_at": "2199-01-01 00:00:00"}) + "\n")
    done = publish(warehouse)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Nothing was published. Errors:\nthe last run of {program} failed (int_persons: error). Build again; " in done.stderr
    assert not (warehouse / "lead_scores.duckdb").exists()
    if program == "dbt":
        allowed = publish(warehouse, "--allow-failed", "--no-report")
    else:
        # A later run that did not fail.
        with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
            connection.execute("insert into main_intermediate.run_log (finished_at, outcome) values (timestamp '2199-01-01', 'built by dbt')")
        allowed = publish(warehouse, "--no-report")
    assert allowed.returncode == 0, allowed.stderr
    assert published(warehouse)["lead_scores"]


PERSON = "zqperson-to-erase"


def test_publish_py_leaves_no_byte_of_who_was_erased_and_tells_of_unmatched_erasures(built_by_dbt, raw, tmp_path):
    """As plain dbt leaves the next file: the rows of the person are deleted, and their bytes are there."""
    warehouse = Path(shutil.copytree(built_by_dbt, tmp_path / "warehouse"))
    file = warehouse / "next" / "lead_scores.duckdb"
    shape = "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() where not internal order by all"
    statements = "select sql, comment from duckdb_tables() order by all"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"update lead_score_history set contact_id = '{PERSON}' where contact_id = 'c18'")
        connection.execute("checkpoint")
        connection.execute(f"delete from lead_score_history where contact_id = '{PERSON}'")
        described = connection.execute(shape).fetchall(), connection.execute(statements).fetchall()
        rows = connection.execute("select * from lead_score_history order by all").fetchall()
    assert PERSON.encode() in file.read_bytes()
    (raw / "erasures.csv").write_text(f"contact_id,requested_at\n{PERSON},\nC02,\n", encoding="utf-8")
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        connection.execute(f"create or replace view main_staging.stg_erasures as select contact_id as erased_contact_id from '{raw}/erasures.csv'")
    contacts = (raw / "contacts.csv").read_text(encoding="utf-8")
    (raw / "contacts.csv").write_text(contacts.replace("\nc18,", f"\n{PERSON},"), encoding="utf-8")
    done = publish(warehouse, "--raw", raw)
    assert done.returncode == 1, done.stderr
    assert "The scores are published, but some erasures match nobody:\n2 erasures requested, 1 matched, 1 matched nobody; not erased:" in done.stderr
    assert "'C02': matched nobody; did you mean 'c02'?" in done.stderr
    data = (warehouse / "lead_scores.duckdb").read_bytes()
    assert PERSON.encode() not in data and PERSON[:8].encode() not in data
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        assert connection.execute("select * from lead_score_history order by all").fetchall() == rows
        assert (connection.execute(shape).fetchall(), connection.execute(statements).fetchall()) == described
    record = (warehouse / "runs.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert '"outcome": "published, erasures unmatched"' in record and "C02" not in record
    assert not list((warehouse / "next").iterdir())
    # A person who was erased once stays matched. Unmatched ones may be allowed.
    (raw / "contacts.csv").write_text(contacts.replace("\nc18,", "\nc99,"), encoding="utf-8")
    shutil.copyfile(warehouse / "lead_scores.duckdb", file)
    allowed = publish(warehouse, "--raw", raw, "--allow-unmatched-erasures")
    assert (allowed.returncode, "2 erasures requested, 1 matched, 1 matched nobody" in allowed.stdout) == (0, True), allowed.stderr


def test_publish_py_begins_with_the_lock_and_with_every_raw_table(raw, tmp_path):
    warehouse = tmp_path / "warehouse"
    left = warehouse / "next" / "lead_scores.duckdb"
    left.parent.mkdir(parents=True)
    left.touch()
    settings = {f"LEAD_SCORING_RAW_{table.upper()}": f"{raw}/{table}.csv" for table in ("contacts", "events", "identities", "outcomes")}

    def refused(**named):
        done = publish(warehouse, "--begin", "--raw", raw, **named)
        assert (done.returncode, left.exists()) == (2, True), done.stderr
        return done.stderr

    with open(warehouse / ".lock", "a+") as held:
        assert locked(held)
        held.write("4711")
        held.flush()
        assert "is being built by process 4711" in refused(**settings)
    assert f"{raw}/contacts.csv: LEAD_SCORING_RAW_CONTACTS does not name it" in refused(**settings | {"LEAD_SCORING_RAW_CONTACTS": f"{raw}/contacts.parquet"})
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc18,\n", encoding="utf-8")
    told = refused(**settings)
    assert f"{raw}/erasures.csv: LEAD_SCORING_RAW_ERASURES does not name it, so dbt would not read it" in told and "contacts" not in told
    (raw / "raw_formats.csv").write_text("table_name,column_name,format\n", encoding="utf-8")
    settings["LEAD_SCORING_RAW_ERASURES"] = f"{raw}/erasures.csv"
    assert f"{raw}/raw_formats.csv: only build.py reads it" in refused(**settings)
    (raw / "raw_formats.csv").unlink()
    done = publish(warehouse, "--begin", "--raw", raw, **settings)
    assert (done.returncode, left.parent.exists()) == (0, False), done.stderr


# From here on with the real schedulers.


def needs(scheduler):
    """Skip where no environment variable names an interpreter that has the scheduler."""
    variable = f"LEAD_SCORING_{scheduler.upper()}_PYTHON"
    install = f"python3.12 -m venv DIR && DIR/bin/pip install -r examples/{scheduler}/requirements.txt, then {variable}=DIR/bin/python"
    return pytest.mark.skipif(not os.environ.get(variable), reason=f"needs {scheduler}: {install}")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project, because the examples read the manifest from its target folder."""
    folder = tmp_path_factory.mktemp("examples") / "project"
    left_out = shutil.ignore_patterns(".git", ".venv", ".rules", "warehouse", "target", "logs", "__pycache__", "draft*")
    shutil.copytree(PROJECT, folder, ignore=left_out)
    (folder / ".venv").symlink_to(VENV)
    subprocess.run([str(VENV / "bin" / "dbt"), "parse", "--quiet"], cwd=folder, check=True)
    return folder


def run(command, project, warehouse, **settings):
    """Run a scheduler's command on a project and a warehouse; the result's stdout holds stderr as well."""
    environment = os.environ | {"LEAD_SCORING_PROJECT": str(project), "LEAD_SCORING_WAREHOUSE": str(warehouse), "LEAD_SCORING_RAW": str(project / "sample_data"), "DO_NOT_TRACK": "1"}
    command = [str(part) for part in command]
    return subprocess.run(
        command, cwd=project, env=environment | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def built_by_hand(project, warehouse):
    done = run([sys.executable, project / "scripts" / "build.py", "--warehouse", warehouse], project, warehouse)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def airflow(project, tmp_path):
    """Run Airflow's command line on the example DAGs, with a home of its own."""
    python = os.environ["LEAD_SCORING_AIRFLOW_PYTHON"]
    settings = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(project / "examples" / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }

    (tmp_path / "warehouse").mkdir()

    def command(*arguments):
        return run([python, *arguments], project, tmp_path / "warehouse", **settings)

    migrated = command("-m", "airflow", "db", "migrate")
    assert migrated.returncode == 0, migrated.stdout
    return command


LIST_TASKS = """
import json, runpy, sys
dag = runpy.run_path(sys.argv[1])["dag"]
tasks = {task.task_id: [sorted(task.upstream_task_ids), task.retries] for task in dag.tasks}
print(json.dumps({"tasks": tasks, "schedule": dag.schedule, "at_once": dag.max_active_tasks}))
"""


def loaded(airflow, project, dag):
    done = airflow("-c", LIST_TASKS, project / "examples" / "airflow" / f"{dag}.py")
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


@needs("airflow")
def test_airflow_runs_the_build_as_one_task(airflow, project, tmp_path):
    dag = loaded(airflow, project, "lead_scoring")
    assert dag["tasks"] == {"build": [[], 2]}
    assert dag["schedule"] == "0 6 * * *"
    done = airflow("-m", "airflow", "dags", "test", "lead_scoring")
    assert done.returncode == 0, done.stdout
    assert published(tmp_path / "warehouse")["lead_scores"]
    # A retry cannot help where the options are wrong; `dags test` would wait for it.
    wrong = airflow("-m", "airflow", "dags", "test", "lead_scoring", "--conf", '{"options": "--as-of never"}')
    assert wrong.returncode != 0
    assert "--as-of never: must be a date" in wrong.stdout
    assert "Not tried again" in wrong.stdout


@needs("airflow")
def test_airflow_runs_every_model_as_a_task_and_publishes_the_same(airflow, project, tmp_path):
    dag = loaded(airflow, project, "lead_scoring_graph")
    nodes = json.loads((project / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    expected = {f"build.{node['name']}_run" for node in nodes if node["resource_type"] == "model"}
    expected |= {f"build.{node['name']}_seed" for node in nodes if node["resource_type"] == "seed"}
    expected |= {"begin", "build.lead_scoring_test", "publish"}
    assert set(dag["tasks"]) == expected
    upstream = {task: names for task, (names, _) in dag["tasks"].items()}
    assert upstream["publish"] == ["build.lead_scoring_test"]
    assert [task for task, names in upstream.items() if not names] == ["begin"]
    # Every task that nothing follows is before the tests.
    followed = {name for names in upstream.values() for name in names}
    assert set(upstream) - followed == {"publish"}
    assert dag["at_once"] == 1
    done = airflow("-m", "airflow", "dags", "test", "lead_scoring_graph")
    assert done.returncode == 0, done.stdout[-5000:]
    built_by_hand(project, tmp_path / "by_hand")
    assert published(tmp_path / "warehouse") == published(tmp_path / "by_hand")


@pytest.fixture
def dagster(project, tmp_path):
    """Run Dagster's command line on the example, with a home of its own."""
    python = os.environ["LEAD_SCORING_DAGSTER_PYTHON"]
    (tmp_path / "dagster").mkdir()
    settings = {"DAGSTER_HOME": str(tmp_path / "dagster"), "DAGSTER_DISABLE_TELEMETRY": "1"}
    return lambda *arguments: run([python, *arguments], project, tmp_path / "warehouse", **settings)


LIST_DEFINITIONS = """
import json, runpy, sys
defs = runpy.run_path(sys.argv[1])["defs"]
published = defs.resolve_assets_def("lead_scores_duckdb")
before = sorted(key.path[-1] for key in published.asset_deps[published.key])
print(json.dumps({"before": before, "schedules": sorted(schedule.job_name for schedule in defs.schedules)}))
"""


@needs("dagster")
@pytest.mark.parametrize("job", ["lead_scoring", "lead_scoring_graph"])
def test_dagster_runs_both_jobs(job, dagster, project, tmp_path):
    file = project / "examples" / "dagster" / "definitions.py"
    listed = dagster("-c", LIST_DEFINITIONS, file)
    assert listed.returncode == 0, listed.stdout
    definitions = json.loads(listed.stdout.splitlines()[-1])
    assert definitions["schedules"] == ["lead_scoring", "lead_scoring_graph"]
    marts = {path.stem for path in (project / "models" / "marts").rglob("*.sql")}
    assert marts <= set(definitions["before"])
    done = dagster("-m", "dagster", "job", "execute", "-f", file, "-j", job)
    assert done.returncode == 0, done.stdout[-5000:]
    built_by_hand(project, tmp_path / "by_hand")
    assert published(tmp_path / "warehouse") == published(tmp_path / "by_hand")


@needs("dagster")
def test_dagster_does_not_try_again_where_the_input_is_wrong(dagster, project, tmp_path):
    options = tmp_path / "options.yaml"
    options.write_text('ops: {build: {config: {options: ["--as-of", "never"]}}}')
    file = project / "examples" / "dagster" / "definitions.py"
    done = dagster("-m", "dagster", "job", "execute", "-f", file, "-j", "lead_scoring", "-c", options)
    assert done.returncode != 0
    assert "--as-of never: must be a date" in done.stdout
    assert "STEP_FAILURE" in done.stdout
    assert "STEP_UP_FOR_RETRY" not in done.stdout
