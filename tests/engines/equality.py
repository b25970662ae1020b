"""Tests that another engine gives the same marts as DuckDB. A test file of the engine has a subclass, and a fixture `both`.

both.both(raw, rules, *options, tests=False) builds on both engines in both.folder, and returns what differs.
"""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, PROJECT, b2b_rules
from tests.day_player import World
from tests.reference.strategies import AS_OF_DATES, collect, merge, write_case

# As for tests/test_against_reference.py. A batch has 40 random cases.
SEED = int(os.environ.get("LEAD_SCORING_RANDOM_SEED", "20261122"))
BATCHES = int(os.environ.get("LEAD_SCORING_RANDOM_BATCHES", "1"))
TURNS = 5

HAND_DATES = [option for date in ("2024-06-23", "2024-06-29", "2024-06-30") for option in ("--as-of", date)]


class Equality:
    """After one build and after days of refreshes."""

    def test_the_hand_computed_sets_give_the_same_marts_and_pass_their_tests(self, both):
        assert both.both(HAND_COMPUTED / "raw", HAND_COMPUTED / "rules", "--ledger", "all", *HAND_DATES, tests=True) == []

    def test_the_journey_set_gives_the_same_marts(self, both):
        journey = HAND_COMPUTED / "journey"
        assert both.both(journey / "raw", journey / "rules", "--ledger", "all", "--as-of", "2024-06-29", "--as-of", "2024-06-30") == []

    def test_the_b2b_set_gives_the_same_marts(self, both):
        assert both.both(PROJECT / "examples" / "b2b" / "raw", b2b_rules(both.folder / "rules"), "--as-of", "2026-09-23", "--as-of", "2026-09-30") == []

    def test_the_sample_with_a_value_of_each_redemption_gives_the_same_marts(self, both):
        """Enough contacts with a known value for a scorecard of values (value_scorecard)."""
        raw = Path(shutil.copytree(PROJECT / "sample_data", both.folder / "raw"))
        (raw / "outcomes.parquet").unlink()
        outcomes = f"select * replace (10 * count(*) over (partition by contact_id) as value) from '{PROJECT / 'sample_data' / 'outcomes.parquet'}'"
        duckdb.sql(f"copy ({outcomes}) to '{raw / 'outcomes.parquet'}'")
        assert both.both(raw, PROJECT / "seeds", "--as-of", "2017-11-19..2017-12-31/7") == []
        with duckdb.connect(str(both.folder / "duckdb" / "lead_scores.duckdb"), read_only=True) as connection:
            assert connection.execute("select distinct method from value_scorecard").fetchall() == [("scorecard",)]

    @pytest.mark.parametrize("batch", range(BATCHES))
    def test_random_cases_give_the_same_marts(self, batch, both):
        raw, rules = both.folder / "raw", both.folder / "rules"
        write_case(merge(collect(40, SEED + batch)), raw, rules)
        dates = [option for as_of in AS_OF_DATES for option in ("--as-of", as_of.isoformat())]
        assert both.both(raw, rules, "--ledger", "all", "--max-rejected-percent", "100", *dates) == []

    @pytest.mark.parametrize("seed", [SEED % 1000])
    def test_law_2_days_of_refreshes_give_the_same_marts(self, seed, both):
        """Rows land, also late, rules change, and persons are erased."""
        world = World(seed)
        for turn in range(TURNS):
            world.play_turn(turn, rules_change=turn > 1, erasures=turn > 2)
            world.write(both.folder)
            found = both.both(both.folder / "raw", both.folder / "rules", "--max-rejected-percent", "100", "--as-of", str(world.latest_date()))
            assert found == [], f"turn {turn}: {world.log}"
