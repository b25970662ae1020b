"""Whole builds for tests: scripts/build.py as a user runs it, each in a warehouse of its own."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[1]
HAND_COMPUTED = PROJECT / "tests" / "hand_computed"


# A file of tests runs in one worker; the longest begin first, so that the workers end at about the same time.
LONGEST = ["test_crashes.py", "test_law_2.py", "test_build.py", "test_laws.py", "test_bad_rules.py", "test_readers.py"]


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


def run_build(warehouse: Path, *options: str) -> Build:
    """Run scripts/build.py in a warehouse."""
    done = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "build.py"), "--warehouse", str(warehouse), *options],
        cwd=warehouse.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return Build(done.returncode, done.stdout, done.stderr, warehouse)


@pytest.fixture
def build(tmp_path):
    """Run build.py with options in a fresh warehouse, or again in the same."""
    return lambda *options: run_build(tmp_path / "warehouse", *options)


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
