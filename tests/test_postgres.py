"""Postgres gives the same marts as DuckDB, after one build and after days of refreshes; publishing, roles and faults there."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import HAND_COMPUTED, PROJECT, run_build
from tests.day_player import World
from tests.engines import compare, server, tables
from tests.reference.strategies import AS_OF_DATES, collect, merge, write_case

# As for tests/test_against_reference.py. A batch has 40 random cases.
SEED = int(os.environ.get("LEAD_SCORING_RANDOM_SEED", "20261122"))
BATCHES = int(os.environ.get("LEAD_SCORING_RANDOM_BATCHES", "1"))
TURNS = 5

psycopg2 = pytest.importorskip("psycopg2") if not os.environ.get("CI") else __import__("psycopg2")
pytestmark = pytest.mark.skipif(server.programs() is None and not os.environ.get("CI"), reason="the programs of a Postgres server are not installed")


@pytest.fixture(scope="module")
def postgres():
    with server.started() as running:
        yield running


class Both:
    """A database and a warehouse that are built from the same raw tables and rules, in the folder of a test."""

    def __init__(self, postgres, folder: Path):
        self.postgres, self.folder = postgres, folder
        self.database = f"scores_{abs(hash(folder))}"
        postgres.query(f"create database {self.database}")
        self.environment = tuple((postgres.environment | {"PGDATABASE": self.database}).items())

    def query(self, text: str) -> list[tuple]:
        return self.postgres.query(text, self.database)

    def load(self, raw: Path) -> None:
        connection = self.postgres.connect(self.database)
        tables.load(raw, connection)
        connection.close()

    def build(self, *options: str, **how):
        """Build on Postgres."""
        return run_build(self.folder / "postgres", "--target", "postgres", *options, environment=self.environment, **({"tests": False} | how))

    def both(self, raw: Path, rules: Path, *options: str, tests: bool = False) -> list[str]:
        """Build on both engines. What differs."""
        self.load(raw)
        one = run_build(self.folder / "duckdb", "--raw", str(raw), "--rules", str(rules), *options, tests=False)
        other = self.build("--rules", str(rules), *options, tests=tests)
        assert (one.code, other.code) == (0, 0), one.errors + other.errors
        connection = self.postgres.connect(self.database)
        file = self.folder / "marts.duckdb"
        tables.marts(connection, file)
        connection.close()
        return compare.differences(self.folder / "duckdb" / "lead_scores.duckdb", file)


@pytest.fixture
def both(postgres, tmp_path):
    return Both(postgres, tmp_path)


HAND_DATES = [option for date in ("2024-06-23", "2024-06-29", "2024-06-30") for option in ("--as-of", date)]


def test_the_hand_computed_sets_give_the_same_marts_and_pass_their_tests(both):
    assert both.both(HAND_COMPUTED / "raw", HAND_COMPUTED / "rules", "--ledger", "all", *HAND_DATES, tests=True) == []


def test_the_journey_set_gives_the_same_marts(both):
    journey = HAND_COMPUTED / "journey"
    assert both.both(journey / "raw", journey / "rules", "--ledger", "all", "--as-of", "2024-06-29", "--as-of", "2024-06-30") == []


def test_the_b2b_set_gives_the_same_marts(both):
    rules = both.folder / "rules"
    shutil.copytree(PROJECT / "seeds", rules)
    models = (rules / "score_models.csv").read_text()
    (rules / "score_models.csv").write_text(models.replace("b2b_starter,archived", "b2b_starter,active").replace("retail_coupons,active", "retail_coupons,archived"))
    assert both.both(PROJECT / "examples" / "b2b" / "raw", rules, "--as-of", "2026-09-23", "--as-of", "2026-09-30") == []


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_cases_give_the_same_marts(batch, both):
    raw, rules = both.folder / "raw", both.folder / "rules"
    write_case(merge(collect(40, SEED + batch)), raw, rules)
    dates = [option for as_of in AS_OF_DATES for option in ("--as-of", as_of.isoformat())]
    assert both.both(raw, rules, "--ledger", "all", "--max-rejected-percent", "100", *dates) == []


@pytest.mark.parametrize("seed", [SEED % 1000])
def test_law_2_days_of_refreshes_give_the_same_marts(seed, both):
    """Rows land, also late, rules change, and persons are erased."""
    world = World(seed)
    for turn in range(TURNS):
        world.play_turn(turn, rules_change=turn > 1, erasures=turn > 2)
        world.write(both.folder)
        found = both.both(both.folder / "raw", both.folder / "rules", "--max-rejected-percent", "100", "--as-of", str(world.latest_date()))
        assert found == [], f"turn {turn}: {world.log}"
