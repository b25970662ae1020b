"""The example of docs/outcomes.md with two goals of a model, and a challenger that has both of them."""

import csv
import re

import pytest

from tests.conftest import PROJECT, run_build
from tests.test_hostile_input import COLUMNS, write_csv, write_rules

RULES = {
    "score_models": [
        {"model_id": "b2b", "status": "active", "behavioural_weight": 1, "demographic_weight": 1},
        {"model_id": "b2b_new", "status": "challenger", "behavioural_weight": 1, "demographic_weight": 1},
    ],
    "rule_groups": [{"model_id": model, "rule_group": "visits", "dimension": "behavioural", "description": "Visits."} for model in ("b2b", "b2b_new")],
    "event_rules": [
        {"rule_id": f"{model}_visit", "model_id": model, "rule_group": "visits", "event_type": "visit", "points": points, "description": "A visit."}
        for model, points in (("b2b", 5), ("b2b_new", -5))
    ],
}


@pytest.fixture(scope="module")
def page():
    """The goals, the outcomes and the results on the page: two lists of rows, and goal_id -> numbers."""
    text = (PROJECT / "docs" / "outcomes.md").read_text(encoding="utf-8").partition("## Several goals")[2].partition("\n## ")[0]
    goals, outcomes = (list(csv.DictReader(block.splitlines())) for block in re.findall(r"```\n(.*?)```", text, re.DOTALL))
    results = re.findall(r"^\| (\S+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    return goals, outcomes, {None if goal == "(empty)" else goal: tuple(map(int, numbers)) for goal, *numbers in results}


@pytest.fixture(scope="module")
def built(page, tmp_path_factory):
    """Anna, ben and carl, who each visited before the first date, the more often the later they convert."""
    goals, outcomes, _ = page
    folder = tmp_path_factory.mktemp("goals")
    contacts = ["anna", "ben", "carl"]
    visits = [{"event_id": f"{contact}{number}", "contact_id": contact, "event_type": "visit", "campaign": "spring"} for place, contact in enumerate(contacts) for number in range(place + 1)]
    rows = {
        "contacts": [{"contact_id": contact, "created_at": "2024-05-01 09:00:00"} for contact in contacts],
        "events": [row | {"occurred_at": "2024-06-01 09:00:00", "received_at": "2024-06-01 09:00:00"} for row in visits],
        "identities": [],
        "outcomes": [row | {"outcome_id": f"o{place}"} for place, row in enumerate(outcomes)],
    }
    (folder / "raw").mkdir()
    for table, columns in COLUMNS.items():
        write_csv(folder / "raw" / f"{table}.csv", columns, rows[table])
    write_rules(folder / "rules", **RULES, conversion_goals=goals)
    dates = [option for day in ("2024-06-02", "2024-06-09", "2024-08-11") for option in ("--as-of", day)]
    build = run_build(folder / "warehouse", "--raw", str(folder / "raw"), "--rules", str(folder / "rules"), *dates, report=True)
    assert build.code == 0, build.errors
    return build


def test_each_goal_is_evaluated_by_its_own_outcome_days_and_leads(built, page):
    _, _, wanted = page
    assert len(wanted) == 2
    for model in ("b2b", "b2b_new"):
        found = built.rows(f"select goal_id, leads, conversions, lead_dates, converted_lead_dates from score_performance where model_id = '{model}' and period = 'all' and segment is null")
        assert {goal: tuple(numbers) for goal, *numbers in found} == wanted
    found = built.rows("select goal_id, leads, conversions, lead_dates, converted_lead_dates from challenger_performance order by goal_id nulls first")
    assert {goal: tuple(numbers) for goal, *numbers in found} == wanted
    # The later they convert, the higher the score. Of the six pairs of the meetings one is a tie: ben on the second and on the first date.
    found = built.rows("select goal_id, champion_roc_auc::double, challenger_roc_auc::double from challenger_performance order by goal_id nulls first")
    assert found == [(None, 0, 1), ("meeting", pytest.approx(1 / 12, abs=1e-6), pytest.approx(11 / 12, abs=1e-6))]


def test_rules_and_campaigns_are_evaluated_by_each_goal(built):
    found = built.rows("select goal_id, leads, conversions_touched, lead_dates, converted_lead_dates_touched from rule_performance where rule_id = 'b2b_visit' order by goal_id nulls first")
    assert found == [(None, 3, 1, 6, 2), ("meeting", 3, 2, 5, 2)]
    found = built.rows("select goal_id, leads_touched, leads_converted, linear_conversions from campaign_performance where model_id = 'b2b' order by goal_id nulls first")
    assert found == [(None, 3, 1, 1), ("meeting", 3, 2, 2)]


def test_findings_name_a_further_goal_and_the_summary_has_the_main_one(built):
    found = built.rows("select subject, goal_id, is_main_goal, topic from outcome_findings order by 1")
    topic = "evaluated without probabilities"
    assert found == [(f"{model}{goal}", goal_id, not goal_id, topic) for model in ("b2b", "b2b_new") for goal, goal_id in (("", None), (", goal meeting", "meeting"))]
    told = dict(built.rows("select finding, subject from evaluation_findings"))
    assert set(told.values()) == {"b2b", "b2b, goal meeting", "b2b_new", "b2b_new, goal meeting"}
    assert [line for line in told if "2 of 3 contacts eligible on 2 past dates were qualified within 14 days (2 of 5 lead-dates)" in line and line.startswith("b2b, goal meeting: ")]
    output = " ".join(built.output.split())
    for line, subject in told.items():
        assert (" ".join(line.split()) in output) == ("goal" not in subject), line


def test_the_report_page_shows_the_main_goal(built):
    text = (built.warehouse / "report.html").read_text(encoding="utf-8")
    assert "1 of 3 contacts converted" in text
    assert "2 of 3 contacts converted" not in text
    assert "goal meeting" not in text
