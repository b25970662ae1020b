"""A build on a Spark cluster gives the same marts as on DuckDB, after one build and after days of refreshes; faults there.

    .venv/bin/python -m pytest tests/test_spark.py

needs requirements-spark.lock (scripts/spark_cluster.py installs it), Java 17 and 3 GB of memory. It starts a cluster of its own.
"""

import os
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, run_build
from tests.engines import compare
from tests.engines.equality import HAND_DATES, Equality

pytest.importorskip("pyspark", reason="Spark is not installed in this environment; scripts/spark_cluster.py start installs it")

import spark_cluster


class Running:
    """A cluster of its own: a master and two workers."""

    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as free:
            free.bind((spark_cluster.HOST, 0))
            self.port = free.getsockname()[1]
        self.options = ["--target", "spark", "--master", f"spark://{spark_cluster.HOST}:{self.port}"]

    def start(self) -> None:
        assert spark_cluster.start(self.folder, self.port, 2, "768m") == 0

    def stop(self) -> None:
        spark_cluster.stop(self.folder)

    def kill(self, number: int) -> None:
        """Kill a worker and the process in which it runs tasks."""
        os.killpg(int((self.folder / f"worker_{number}.pid").read_text()), signal.SIGKILL)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    running = Running(tmp_path_factory.mktemp("cluster"))
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Both:
    """Two warehouses that are built from the same raw tables and rules, in the folder of a test."""

    def __init__(self, cluster: Running, folder: Path):
        self.cluster, self.folder = cluster, folder

    def both(self, raw: Path, rules: Path, *options: str, tests: bool = False) -> list[str]:
        """Build on both engines. What differs."""
        given = ["--raw", str(raw), "--rules", str(rules), *options]
        one = run_build(self.folder / "duckdb", *given, tests=False)
        other = run_build(self.folder / "spark", *self.cluster.options, *given, tests=tests)
        assert (one.code, other.code) == (0, 0), one.errors + other.errors
        return compare.differences(one.published, other.published)


@pytest.fixture
def both(cluster, tmp_path):
    return Both(cluster, tmp_path)


class TestEquality(Equality):
    pass


def test_raw_events_in_folders_by_day_give_the_same_marts(both):
    raw = both.folder / "raw"
    shutil.copytree(HAND_COMPUTED / "raw", raw)
    (raw / "events.csv").unlink()
    events = f"select *, coalesce(left(received_at, 10), 'none') as landed_on from read_csv('{HAND_COMPUTED / 'raw' / 'events.csv'}', all_varchar = true)"
    duckdb.sql(f"copy ({events}) to '{raw / 'events'}' (format parquet, partition_by landed_on)")
    assert both.both(raw, HAND_COMPUTED / "rules", "--ledger", "all", *HAND_DATES) == []


def test_raw_events_without_a_row_give_the_same_marts(both):
    raw = both.folder / "raw"
    shutil.copytree(HAND_COMPUTED / "raw", raw)
    header, *_ = (raw / "events.csv").read_text(encoding="utf-8").splitlines()
    (raw / "events.csv").write_text(f"{header}\n", encoding="utf-8")
    assert both.both(raw, HAND_COMPUTED / "rules", *HAND_DATES) == []


# Faults


def dates_and_runs(built) -> list[tuple]:
    """Scored dates and published runs."""
    return built.rows("select (select count(distinct as_of_date) from lead_score_history), (select count(*) from scoring_runs where outcome = 'published')")


HAND = ["--raw", str(HAND_COMPUTED / "raw"), "--rules", str(HAND_COMPUTED / "rules")]


@pytest.mark.parametrize("killed", [[1], [1, 2]], ids=["one of two", "all"])
def test_workers_that_are_killed_during_a_build(killed, cluster, tmp_path):
    """Without one the other does its work; without any nothing is published, and the next build goes on."""
    first = run_build(tmp_path / "warehouse", *HAND, *cluster.options, "--as-of", "2024-06-29", tests=False)
    assert first.code == 0, first.errors
    is_over = threading.Event()

    def kill():
        # As a model is written on the cluster.
        while not is_over.is_set() and not any((first.warehouse / "spark").glob("*/int_filter_candidates/_temporary/*/*")):
            time.sleep(0.02)
        for number in killed:
            cluster.kill(number)

    killer = threading.Thread(target=kill)
    killer.start()
    built = run_build(first.warehouse, *HAND, *cluster.options, "--as-of", "2024-06-30", tests=False)
    is_over.set()
    killer.join()
    cluster.stop()
    cluster.start()
    if killed == [1]:
        assert built.code == 0, built.errors
    else:
        assert built.code == 1
        assert "all workers were lost during the build; start workers and run again" in built.errors
        assert dates_and_runs(first) == [(1, 1)]
        built = run_build(first.warehouse, *HAND, *cluster.options, "--as-of", "2024-06-30", tests=False)
        assert built.code == 0, built.errors
    assert dates_and_runs(first) == [(2, 2)]


def test_without_a_master_nothing_is_built(tmp_path):
    with socket.socket() as free:
        free.bind((spark_cluster.HOST, 0))
        master = f"spark://{spark_cluster.HOST}:{free.getsockname()[1]}"
        built = run_build(tmp_path / "warehouse", *HAND, "--target", "spark", "--master", master)
    assert built.code == 2
    assert f"--master {master}: cannot be reached" in built.errors
    assert "scripts/spark_cluster.py start" in built.errors


def test_a_warehouse_that_changes_its_engine_keeps_its_history(cluster, tmp_path):
    """Which rows came late since is not known of the dates before, as keys and hashes are the engine's own."""
    for date, options in (("2024-06-23", []), ("2024-06-29", cluster.options), ("2024-06-30", [])):
        for name, engine in (("duckdb", []), ("both", options)):
            built = run_build(tmp_path / name, *HAND, *engine, "--as-of", date, tests=False)
            assert built.code == 0, built.errors
    found = compare.differences(tmp_path / "duckdb" / "lead_scores.duckdb", built.published)
    assert [line.split(":")[0] for line in found] == ["scored_dates", "scored_dates"], found
    assert built.rows("select as_of_date::varchar, any_value(late_rows) from scored_dates group by 1 order by 1") == [("2024-06-23", None), ("2024-06-29", None), ("2024-06-30", 0)]


def test_a_refresh_writes_only_days_that_changed(cluster, tmp_path):
    """A day that left the raw events leaves the kept tables. Spark gives each file that it writes a new name."""
    raw = tmp_path / "raw"
    shutil.copytree(HAND_COMPUTED / "raw", raw)
    given = ["--raw", str(raw), *HAND[2:], *cluster.options, "--as-of", "2024-06-30"]

    def days(table: str) -> dict[str, list[str]]:
        folders = (tmp_path / "warehouse" / "spark").glob(f"*.db/{table}/received_date=*")
        return {folder.name.split("=")[1]: sorted(file.name for file in folder.glob("*.parquet")) for folder in folders}

    tables = ("int_received_events", "int_signal_days")
    assert run_build(tmp_path / "warehouse", *given, tests=False).code == 0
    before = {table: days(table) for table in tables}
    events = (raw / "events.csv").read_text().splitlines(keepends=True)
    # The only event that was received on 2024-05-12.
    (raw / "events.csv").write_text("".join(line for line in events if ",2024-05-12" not in line))
    built = run_build(tmp_path / "warehouse", *given, "--allow-lost-rows", tests=False)
    assert built.code == 0, built.errors
    for table in tables:
        assert before[table].pop("2024-05-12")
        assert days(table) == before[table]
