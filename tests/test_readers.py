"""Readers of the published file see one build and never a mixture; two builds of one warehouse do not touch each other."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, PROJECT, Build

READERS = 8
PUBLISHES = 30

# What every table that is about the latest date says of it: one date and one version in each, or the file is a mixture.
QUERY = """
select to_json([
    (select list_sort(list(distinct as_of_date)) from lead_scores)::varchar,
    (select list_sort(list(distinct as_of_date)) from lead_score_contributions)::varchar,
    (select list_sort(list(distinct as_of_date)) from lead_score_criteria)::varchar,
    (select max(as_of_date) from scored_dates)::varchar,
    (select max(as_of_date) from lead_score_history)::varchar,
    (select list_sort(list(distinct model_id || rules_version)) from lead_scores)::varchar,
    (select list_sort(list(distinct model_id || rules_version)) from lead_score_history where as_of_date = (select max(as_of_date) from scored_dates))::varchar,
    (select sum(score) from lead_scores)::varchar,
    (select sum(points) from lead_score_contributions)::varchar
])::varchar
"""

# A reader of its own: opens the file, asks twice, closes it, until told to stop; prints how often it got which answer.
READER = f"""
import collections, json, sys, time
from pathlib import Path
import duckdb
answers = collections.Counter()
while not Path(sys.argv[2]).exists():
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        first = connection.execute({QUERY!r}).fetchone()[0]
        time.sleep(0.05)
        assert connection.execute({QUERY!r}).fetchone()[0] == first, "the same connection saw two builds"
    answers[first] += 1
    time.sleep(0.05)
print(json.dumps(answers))
"""

HOLDER = """
import sys, time
from pathlib import Path
from support.warehouse import held
with held(Path(sys.argv[1]), 0):
    print("held", flush=True)
    time.sleep(600)
"""


def start_build(warehouse, raw, rules, *options):
    """Start build.py."""
    command = [sys.executable, str(PROJECT / "scripts" / "build.py"), "--warehouse", str(warehouse), "--raw", str(raw), "--rules", str(rules), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Three builds of one warehouse at the same time: one that holds it, one that does not wait, and one that does, for a later date and other rules."""
    folder = tmp_path_factory.mktemp("together")
    warehouse, raw, rules, other = (folder / name for name in ("warehouse", "raw", "rules", "other_rules"))
    shutil.copytree(HAND_COMPUTED / "raw", raw)
    shutil.copytree(HAND_COMPUTED / "rules", rules)
    shutil.copytree(HAND_COMPUTED / "rules", other)
    groups = (other / "rule_groups.csv").read_text(encoding="utf-8").splitlines()
    (other / "rule_groups.csv").write_text("\n".join([*groups, "core,new_group,behavioural,,,", "trial,new_group,behavioural,,,"]) + "\n", encoding="utf-8")
    first = start_build(warehouse, raw, rules, "--as-of", "2024-06-29")
    while first.poll() is None and not (warehouse / "built_from").exists() and not (warehouse / "target").exists():
        time.sleep(0.05)
    third = start_build(warehouse, raw, other, "--as-of", "2024-06-30", "--wait", "600")
    second = start_build(warehouse, raw, other, "--as-of", "2024-06-30")
    results = {"second": Build(*ended(second), warehouse)}
    first_was_running = first.poll() is None
    results["first"] = Build(*ended(first), warehouse)
    # The one that waits has still to read and check everything.
    shutil.copy(warehouse / "lead_scores.duckdb", folder / "first.duckdb")
    results["third"] = Build(*ended(third), warehouse)
    shutil.copy(warehouse / "lead_scores.duckdb", folder / "third.duckdb")
    return folder, results, first.pid, first_was_running


def ended(process):
    """Exit code, output and errors of a process."""
    output, errors = process.communicate()
    return process.returncode, output, errors


def answer_of(file):
    """What a reader of a published file must answer."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(QUERY).fetchone()[0]


def test_a_second_build_is_told_who_holds_the_warehouse_and_ends_with_2(together):
    _, results, pid, first_was_running = together
    assert first_was_running
    assert results["second"].code == 2
    assert f"is being built by process {pid}; --wait SECONDS waits for it" in results["second"].errors
    assert "Traceback" not in results["second"].errors


def test_a_build_that_waits_builds_after_the_other_and_neither_is_corrupt(together):
    folder, results, _, _ = together
    assert results["first"].code == 0, results["first"].errors
    assert results["third"].code == 0, results["third"].errors
    first, third = json.loads(answer_of(folder / "first.duckdb")), json.loads(answer_of(folder / "third.duckdb"))
    assert first[0] == "[2024-06-29]"
    assert third[0] == "[2024-06-30]"
    assert list((folder / "warehouse" / "next").iterdir()) == []
    assert first[5] != third[5]
    dates = results["third"].rows("select distinct as_of_date::varchar from lead_score_history order by 1")
    assert dates == [("2024-06-29",), ("2024-06-30",)]


def test_waiting_ends_with_2_when_the_time_is_over(tmp_path):
    from support.inputs import WrongInput
    from support.warehouse import held

    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=PROJECT / "scripts", stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        with pytest.raises(WrongInput, match=f"is being built by process {holder.pid}"), held(tmp_path, 1):
            pass
        assert time.monotonic() - began >= 1
        holder.kill()


@pytest.mark.skipif(os.name == "nt", reason="kills as Unix does")
def test_a_lock_file_that_a_killed_build_left_behind_does_not_block(tmp_path):
    from support.warehouse import held

    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=PROJECT / "scripts", stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
    assert (tmp_path / ".lock").read_text() == str(holder.pid)
    with held(tmp_path, 0):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())


@pytest.fixture
def publisher(together, tmp_path):
    """A warehouse that publishes the first build or the third, whichever it is told."""
    from support.warehouse import publish

    folder = together[0]
    warehouse = tmp_path / "warehouse"
    warehouse.mkdir()

    def publish_as(name):
        # As dbt leaves what is to be published next.
        (warehouse / "next").mkdir(exist_ok=True)
        shutil.copy(folder / f"{name}.duckdb", warehouse / "next" / "lead_scores.duckdb")
        publish(warehouse)

    publish_as("first")
    wanted = [answer_of(folder / f"{name}.duckdb") for name in ("first", "third")]
    assert len(set(wanted)) == 2
    return publish_as, warehouse / "lead_scores.duckdb", wanted


def test_readers_see_one_build_and_never_a_mixture_through_many_publishes(publisher, tmp_path):
    publish_as, published, wanted = publisher
    stop = tmp_path / "stop"
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(published), str(stop)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    for number in range(PUBLISHES):
        publish_as("third" if number % 2 == 0 else "first")
        time.sleep(0.05)
    stop.touch()
    seen = set()
    for reader in readers:
        code, output, errors = ended(reader)
        assert code == 0, errors
        answers = json.loads(output)
        assert set(answers) <= set(wanted)
        assert sum(answers.values()) > 3
        seen |= set(answers)
    assert seen == set(wanted)


def test_threads_of_one_process_see_one_build_each_and_the_next_when_they_open_the_file_again(publisher):
    publish_as, published, wanted = publisher
    problems, answers, stop = [], [], threading.Event()

    def read():
        try:
            while not stop.is_set():
                answers.append(answer_of(published))
        except Exception as error:  # what fails in a thread is told by the test
            problems.append(error)

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for number in range(10):
        publish_as("third" if number % 2 == 0 else "first")
    publish_as("third")
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert set(answers) <= set(wanted)
    assert answer_of(published) == wanted[1]


def test_an_open_reader_keeps_its_build_until_it_opens_the_file_again(publisher):
    publish_as, published, wanted = publisher
    with duckdb.connect(str(published), read_only=True) as reader:
        for _ in range(3):
            publish_as("third")
        assert reader.execute(QUERY).fetchone()[0] == wanted[0]
        assert answer_of(published) == wanted[1]


def test_the_files_of_earlier_builds_are_removed_when_nobody_can_be_about_to_open_them(publisher):
    publish_as, published, wanted = publisher
    files = published.parent / "published"
    for _ in range(2):
        publish_as("third")
    assert len(list(files.iterdir())) == 3
    for folder in files.iterdir():
        os.utime(folder, (1, 1))
    publish_as("first")
    assert len(list(files.iterdir())) == 2
    assert answer_of(published) == wanted[0]


@pytest.mark.skipif(os.name == "nt", reason="links as Unix has them")
def test_where_the_disk_knows_no_links_the_file_itself_is_published(publisher, monkeypatch):
    publish_as, published, wanted = publisher

    def refused(*_, **__):
        raise OSError("no links here")

    monkeypatch.setattr("pathlib.Path.symlink_to", refused)
    publish_as("third")
    assert not published.is_symlink()
    assert answer_of(published) == wanted[1]


# A session of somebody else: holds a file open until it is killed, "r" for reading or "w" as DuckDB's own shell opens it.
SESSION = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "r")
assert connection.execute("select count(*) from lead_scores").fetchone() != (0,)
print("open", flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(os.name == "nt", reason="files as Unix has them")
@pytest.mark.parametrize("mode", ["r", "w"])
def test_a_session_that_keeps_the_published_file_open_blocks_no_build(mode, built, build, raw, rules):
    """Neither one that builds nor one that finds nothing new nor one that erases a person."""
    options = ["--raw", str(raw), "--rules", str(rules)]
    with subprocess.Popen([sys.executable, "-c", SESSION, str(built.published), mode], stdout=subprocess.PIPE, text=True) as session:
        try:
            assert session.stdout.readline() == "open\n"
            before = built.published.resolve()
            done = build(*options, "--as-of", "2024-07-01")
            assert done.code == 0, done.errors
            assert done.rows("select distinct as_of_date::varchar from lead_scores") == [("2024-07-01",)]
            assert built.published.resolve() != before
        finally:
            session.kill()
    with subprocess.Popen([sys.executable, "-c", SESSION, str(built.published), mode], stdout=subprocess.PIPE, text=True) as session:
        try:
            assert session.stdout.readline() == "open\n"
            again = build(*options, "--as-of", "2024-07-01")
            assert again.code == 0, again.errors
            assert "nothing new since the last published build" in again.output
        finally:
            session.kill()
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc01,\n", encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", SESSION, str(built.published), mode], stdout=subprocess.PIPE, text=True) as session:
        try:
            assert session.stdout.readline() == "open\n"
            erased = build(*options, "--as-of", "2024-07-01")
            assert erased.code == 0, erased.errors
            assert erased.rows("select count(*) from lead_score_history where contact_id = 'c01'") == [(0,)]
        finally:
            session.kill()


KEYS = {
    "evaluation_findings": ["finding_number"],
    "lead_scores": ["model_id", "contact_id"],
    "merged_contacts": ["contact_id"],
    "rule_training_evidence": ["model_id", "rule_id"],
    "scored_dates": ["as_of_date", "model_id"],
    "scoring_findings": ["finding_number"],
    "scoring_runs": ["run_id"],
}


def test_primary_keys_are_declared_where_an_index_is_cheap_and_stay_through_a_refresh(built, build, raw, rules):
    """docs/decisions/primary-keys.md; also where a person is erased, which writes the kept tables anew."""
    query = "select table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
    assert dict(built.rows(query)) == KEYS
    (raw / "erasures.csv").write_text("contact_id,requested_at\nc01,\n", encoding="utf-8")
    again = build("--raw", str(raw), "--rules", str(rules), "--as-of", "2024-07-01")
    assert again.code == 0, again.errors
    assert dict(again.rows(query)) == KEYS


QUERIES = [query for page in ("operations", "sync") for query in re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)]


@pytest.mark.parametrize("query", QUERIES, ids=[f"query {number}" for number, _ in enumerate(QUERIES)])
def test_the_queries_of_the_pages_run(query, built):
    built.rows(query)


EXAMPLES = re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "reading.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split()[1] + str(number) for number, example in enumerate(EXAMPLES)])
def test_the_examples_of_the_page_for_readers_run(example, built):
    """Those of packages that are not installed here run with LEAD_SCORING_READERS, a Python that has them."""
    python = os.environ.get("LEAD_SCORING_READERS", sys.executable)
    packages = set(re.findall(r"^(?:from|import) (\w+)", example, re.MULTILINE)) | ({"pandas"} if ".df()" in example else set())
    if python == sys.executable and (missing := [package for package in packages if not importlib.util.find_spec(package)]):
        pytest.skip(f"not installed: {', '.join(missing)}")
    done = subprocess.run([python, "-c", example], cwd=built.warehouse.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
