"""The ledger and the scores of tests/hand_computed equal what was worked out by hand."""

import csv
from decimal import Decimal

import pytest

from tests.conftest import HAND_COMPUTED, run_build

JOURNEY = HAND_COMPUTED / "journey"


def expected(name, columns, folder=HAND_COMPUTED):
    with open(folder / name, encoding="utf-8", newline="") as handle:
        return sorted(tuple(row[column] for column in columns) for row in csv.DictReader(handle))


def as_text(rows):
    def text(value):
        if value is None:
            return ""
        return f"{value:.4f}" if isinstance(value, Decimal) else str(value)

    return sorted(tuple(text(value) for value in row) for row in rows)


def test_every_ledger_row_equals_the_hand_computed_one(hand_computed_build):
    assert hand_computed_build.code == 0, hand_computed_build.errors
    columns = "as_of_date model_id contact_id rule_id rule_kind rule_group dimension matches points".split()
    found = as_text(hand_computed_build.rows(f"select {', '.join(columns)} from lead_score_contributions"))
    assert found == expected("expected_contributions.csv", columns)


def test_every_score_band_and_grade_equals_the_hand_computed_one(hand_computed_build):
    columns = (
        "as_of_date model_id contact_id status score behavioural_score demographic_score"
        " band behavioural_band demographic_band grade priority next_action"
    ).split()
    query = f"select {', '.join(columns)} from main_intermediate.int_lead_scores"
    assert as_text(hand_computed_build.rows(query, "build.duckdb")) == normalised(expected("expected_scores.csv", columns))


def normalised(rows):
    """Scores with four decimals, as the mart writes them."""
    return sorted(row[:4] + tuple(f"{Decimal(cell):.4f}" if cell else "" for cell in row[4:7]) + row[7:] for row in rows)


@pytest.fixture(scope="module")
def journey_build(tmp_path_factory):
    """A build of tests/hand_computed/journey."""
    options = ["--raw", str(JOURNEY / "raw"), "--rules", str(JOURNEY / "rules"), "--ledger", "all", "--as-of", "2024-06-29", "--as-of", "2024-06-30"]
    return run_build(tmp_path_factory.mktemp("journey") / "warehouse", *options)


STAGED = """
    select scores.*, stages.stage
    from main_intermediate.int_lead_scores as scores left join main_intermediate.int_stage_changes as stages
    on scores.contact_id = stages.contact_id and scores.as_of_date >= stages.entered_on and coalesce(scores.as_of_date < stages.left_on, true)
"""
OF_JOURNEY = {
    "expected_contributions.csv": "select {} from lead_score_contributions",
    "expected_account_contributions.csv": "select {} from account_score_contributions",
    "expected_account_scores.csv": "select {} from account_score_history",
    "expected_stage_changes.csv": "select {} from lead_stage_changes",
    "expected_scores.csv": f"select {{}} from ({STAGED})",
}


@pytest.mark.parametrize("name", OF_JOURNEY)
def test_conditions_overrides_stages_actions_and_accounts_equal_the_hand_computed_ones(journey_build, name):
    assert journey_build.code == 0, journey_build.errors
    with open(JOURNEY / name, encoding="utf-8", newline="") as handle:
        columns = [column for column in next(csv.reader(handle)) if column != "working"]
    file = "build.duckdb" if name == "expected_scores.csv" else "lead_scores.duckdb"
    assert as_text(journey_build.rows(OF_JOURNEY[name].format(", ".join(columns)), file)) == expected(name, columns, JOURNEY)
