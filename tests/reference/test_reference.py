"""Tests of the reference itself: tiny cases with values worked out by hand, and what must hold for any case."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from tests.reference.scoring import (
    cut_newest_first,
    cut_per_period,
    decay_weight,
    holds,
    log2_of_one_plus,
    number_or_none,
    number_text,
    read_csv_folder,
    rounded,
    score,
    sessions,
    time_or_none,
    unit_amount,
)
from tests.reference.strategies import cases, collect, merge, write_case

D = Decimal
TODAY = date(2024, 3, 1)


# ---------------------------------------------------------------------------------------------------------------
# Single steps
# ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "x, expected", [("0.00005", "0.0001"), ("-0.00005", "-0.0001"), ("0.00004999", "0.0000"), ("-0.00004", "0.0000")]
)
def test_rounding_is_half_away_from_zero(x, expected):
    assert str(rounded(D(x), 4)) == expected


@pytest.mark.parametrize(
    "decay, age, days, percent, expected",
    [
        ("none", 400, None, None, "1"),
        ("exponential", 0, 14, None, "1"),
        ("exponential", 14, 14, None, "0.5"),
        ("exponential", 98, 14, None, "0.007813"),  # 0.5 ^ 7 = 0.0078125, a tie
        ("exponential", 7, 14, None, "0.707107"),  # 0.70710678
        ("exponential", 1, 3, None, "0.793701"),  # 0.79370053
        ("exponential", 300, 14, None, "0"),
        ("linear", 1, 128, None, "0.992188"),  # 0.9921875, a tie
        ("linear", 1, 3, None, "0.666667"),
        ("linear", 30, 30, None, "0"),
        ("linear", 31, 30, None, "0"),
        ("step", 6, 7, "25", "1"),
        ("step", 7, 7, "25", "0.75"),
        ("step", 20, 7, "25", "0.5625"),
        ("step", 28, 7, "25", "0.316406"),  # 0.75 ^ 4 = 0.31640625
        ("step", 6, 7, "100", "1"),  # 0 ^ 0
        ("step", 7, 7, "100", "0"),
        ("step", 5, "2.5", "50", "0.25"),
        ("exponential", 5, "2.5", None, "0.25"),
        ("step", 21, 7, "12.5", "0.669922"),  # 0.875 ^ 3 = 0.669921875
    ],
)
def test_decay_weights(decay, age, days, percent, expected):
    assert decay_weight(decay, age, days and D(days), percent and D(percent)) == D(expected)


@pytest.mark.parametrize(
    "x, expected",
    [("0", "0"), ("1", "1"), ("7", "3"), ("2", "1.584963"), ("0.5", "0.584963"), ("0.000001", "0.000001")],
)
def test_log2_of_one_plus_x(x, expected):
    assert log2_of_one_plus(D(x)) == D(expected)


@pytest.mark.parametrize(
    "amount, unit, expected",
    [("1", "640", "0.001563"), ("90.5", "60", "1.508333"), ("5", None, "5"), ("-5", "1", "0"), (None, "2", "0")],
)
def test_amount_of_one_match(amount, unit, expected):
    assert unit_amount(amount and D(amount), unit and D(unit)) == D(expected)  # 1 / 640 = 0.0015625, a tie


def test_caps_take_the_newest_days_first():
    by_age = {9: D(1), 0: D(1), 2: D(3), 1: D(2)}
    assert cut_newest_first(by_age, D(4)) == {0: 1, 1: 2, 2: 1, 9: 0}
    assert cut_per_period(by_age, D(2), D(2)) == {0: 1, 1: 1, 2: 2, 9: 1}  # periods 0-1, 2-3, 8-9
    assert cut_per_period(by_age, D(1), D(1)) == {0: 1, 1: 1, 2: 1, 9: 1}
    assert cut_newest_first(cut_per_period(by_age, D(2), D(2)), D(3)) == {0: 1, 1: 1, 2: 1, 9: 0}


def test_a_session_ends_with_a_gap_of_over_30_minutes():
    ten = datetime(2024, 3, 1, 10)
    assert sessions([]) == 0
    assert sessions([ten.replace(minute=30), ten]) == 1
    assert sessions([ten, ten.replace(minute=30, microsecond=1)]) == 2


@pytest.mark.parametrize(
    "text, expected",
    [("10", "10"), ("10.00", "10"), ("12.50", "12.5"), ("1e2", "100"), ("-0.5", "-0.5"), ("0.0", "0"), ("-0", "0")],
)
def test_numbers_as_text(text, expected):
    assert number_text(number_or_none(text)) == expected


@pytest.mark.parametrize("text", [None, "n/a", "nan", "inf", "1,5", " 7", "1_000", "1000000000000", "1e99999", "", "."])
def test_what_is_no_number(text):
    assert number_or_none(text) is None


def test_times():
    assert time_or_none("2024-02-29") == datetime(2024, 2, 29)
    assert time_or_none("2024-02-29T10:11:12.5") == datetime(2024, 2, 29, 10, 11, 12, 500000)
    assert time_or_none("2024-02-29 10:11:12") == datetime(2024, 2, 29, 10, 11, 12)
    assert [time_or_none(text) for text in ("2023-02-29", "2024-01-01 25:00:00", "soon", None)] == [None] * 4


@pytest.mark.parametrize(
    "comparison, operand, text, expected",
    [
        ("equals", "ŁÓDŹ", "Łódź", True),
        ("not_equals", "a", "b", True),
        ("not_equals", "a", None, False),
        ("in", "PL|România", "ROMÂNIA", True),
        ("not_in", "pl|ro", "PL", False),
        ("not_in", "pl|ro", None, False),
        ("contains", "%", "50% off", True),
        ("contains", "_", "ab", False),
        ("starts_with", "head", "Head of IT", True),
        ("ends_with", "it", "Head of IT", True),
        ("matches", "of (it|sales)", "Head of IT", True),
        ("matches", "^of", "Head of IT", False),
        ("less_than", "10", "9.999999", True),
        ("less_than", "10", "10", False),
        ("less_than", "10", "n/a", False),
        ("at_least", "10", "1e1", True),
        ("between", "10|20", "10", True),
        ("between", "10|20", "20", True),
        ("between", "10|20", "20.000001", False),
        ("has_item", "Owner", "ceo;OWNER|founder", True),
        ("has_item", "own", "ceo;owner", False),
        ("in_list", "pl\nro", "PL", True),
        ("in_list", "pl\nro", None, False),
        ("not_in_list", "pl\nro", "PL", False),
        ("not_in_list", "pl\nro", "de", True),
        ("not_in_list", "pl\nro", None, False),
        ("is_missing", None, None, True),
        ("is_missing", None, "x", False),
        ("is_present", None, "x", True),
        ("is_present", None, None, False),
    ],
)
def test_comparisons(comparison, operand, text, expected):
    assert holds(comparison, operand, text) is expected


@pytest.mark.parametrize(
    "text, most, least",  # days ago at most 2, and at least 2
    [
        ("2024-03-01", True, False),
        ("2024-03-02", False, False),
        ("2024-03-01 23:59:59.999999", True, False),
        ("2024-02-28T23:59:59", True, True),
        ("2024-02-28", True, True),
        ("2024-02-27", False, True),
        ("soon", False, False),
        (None, False, False),
    ],
)
def test_days_ago(text, most, least):
    assert holds("days_ago_at_most", "2", text, TODAY) is most
    assert holds("days_ago_at_least", "2", text, TODAY) is least


# ---------------------------------------------------------------------------------------------------------------
# Whole scores
# ---------------------------------------------------------------------------------------------------------------


def contact(contact_id="a", created_at="2024-01-01", **cells):
    return {"contact_id": contact_id, "created_at": created_at, "updated_at": None, "email": None, "account_id": None,
            "industry": None} | cells  # fmt: skip


def event(i, occurred_at, contact_id="a", event_type="visit", **cells):
    return {"event_id": f"e{i}", "contact_id": contact_id, "event_type": event_type, "occurred_at": occurred_at,
            "received_at": occurred_at} | cells  # fmt: skip


def rules_of(event_rules=(), activity_rules=(), attribute_rules=(), groups=None, model=None, **seeds):
    """One model m with a group for each dimension."""
    groups = groups or [group("acts", "behavioural"), group("fit", "demographic")]

    def filled(rows, defaults):
        return [defaults | {"rule_id": f"r{i}", "model_id": "m", "points": "1"} | row for i, row in enumerate(rows)]

    return {
        "score_models": [
            {"model_id": "m", "status": "active", "behavioural_weight": "1", "demographic_weight": "1"} | (model or {})
        ],
        "event_rules": filled(event_rules, {"rule_group": "acts", "event_type": "visit", "measure": "events"}),
        "activity_rules": filled(activity_rules, {"rule_group": "acts"}),
        "attribute_rules": filled(attribute_rules, {"rule_group": "fit", "attribute": "industry"}),
        "rule_groups": groups,
        **seeds,
    }


def group(name, dimension, low=None, high=None):
    return {"model_id": "m", "rule_group": name, "dimension": dimension, "min_points": low, "max_points": high}


def only(raw, rules, as_of=TODAY):
    """The one score row, and the ledger as {rule_id: (matches, points)}."""
    result = score(raw, rules, [as_of])
    (row,) = result.scores
    return row, {line["rule_id"]: (line["matches"], line["points"]) for line in result.contributions}


# Ages on 1 March 2024: 0, 1, 1, 2 and 16 days.
VISITS = [
    event(1, "2024-03-01 09:00:00", value="10", duration_seconds="60", object_id="p1"),
    event(2, "2024-02-29 09:00:00", value="-4", object_id="p1"),
    event(3, "2024-02-29 09:31:00", value="2.5", duration_seconds="30", object_id="p2"),
    event(4, "2024-02-28 23:59:59.999999"),
    event(5, "2024-02-14 10:00:00", event_type="VISIT", value="1"),
]
RAW = {"contacts": [contact()], "events": VISITS, "identities": [], "outcomes": []}


def filter_of(kind, **cells):
    return {"filter_id": "f", "event_type": "click", "kind": kind} | cells


@pytest.mark.parametrize(
    ("row", "times", "counted"),
    [
        # Clicks 1 and 2 of the three are within the two seconds after the delivery.
        (filter_of("too_fast", after_event_type="delivered", seconds="2"), ["10:00:00", "10:00:02", "10:00:02.000001"], 1),
        (filter_of("too_fast", after_event_type="open", seconds="2"), ["10:00:00"], 1),
        (filter_of("burst", seconds="2", times="3"), ["10:00:00", "10:00:01", "10:00:02"], 0),
        (filter_of("burst", seconds="2", times="3"), ["10:00:00", "10:00:01", "10:00:02.000001"], 3),
        # The first three and the last three are bursts.
        (filter_of("burst", seconds="2", times="3"), ["10:00:00", "10:00:01", "10:00:02", "10:00:04"], 1),
        (filter_of("condition", property="object_id", comparison="in", operand="o0|o2"), ["10:00:00", "10:00:01", "10:00:02"], 1),
    ],
)  # fmt: skip
def test_what_filters_leave(row, times, counted):
    delivered = event("d", f"{TODAY} 10:00:00", event_type="delivered")
    clicks = [event(i, f"{TODAY} {time}", event_type="click", object_id=f"o{i}") for i, time in enumerate(times)]
    rules = rules_of(event_rules=[{"event_type": "click"}], event_filters=[row])
    result = score({"contacts": [contact()], "events": [delivered, *clicks]}, rules, [TODAY])
    assert sum(line["matches"] for line in result.contributions) == counted
    assert result.counts["events"]["filtered"] == len(clicks) - counted


def test_an_event_counts_until_the_date_on_which_its_filter_can_know_it():
    first = event(1, "2024-02-29 23:59:59", event_type="click", object_id="a")
    late = event(2, "2024-02-29 23:59:59", event_type="click", object_id="b") | {"received_at": "2024-03-01 00:00:00"}
    rules = rules_of(event_rules=[{"event_type": "click"}], event_filters=[filter_of("burst", seconds="1", times="2")])
    result = score({"contacts": [contact()], "events": [first, late]}, rules, [date(2024, 2, 29), TODAY])
    assert [(line["as_of_date"], line["matches"]) for line in result.contributions] == [(date(2024, 2, 29), 1)]


@pytest.mark.parametrize(
    "rule, matches, points",
    [
        ({}, 5, "5"),
        ({"points": "2.5"}, 5, "12.5"),
        ({"within_days": "2"}, 3, "3"),
        ({"within_days": "1"}, 1, "1"),
        ({"min_times": "5"}, 5, "5"),
        ({"min_times": "6"}, None, None),
        ({"max_per_period": "1"}, 5, "4"),
        ({"max_per_period": "2", "period_days": "3"}, 5, "3"),
        ({"max_times": "2", "points": "3"}, 5, "6"),
        ({"max_times": "2", "decay": "linear", "decay_days": "2"}, 5, "1.5"),  # 1 * 1 + 1 * 0.5
        ({"decay": "linear", "decay_days": "4"}, 5, "3"),  # 1 + 2 * 0.75 + 0.5 + 0
        ({"decay": "exponential", "decay_days": "1"}, 5, "2.25"),  # 1 + 2/2 + 1/4 + 0.000015 = 2.250015
        ({"decay": "exponential", "decay_days": "1", "points": "10"}, 5, "22.5002"),  # 22.50015, a tie
        ({"decay": "step", "decay_days": "2", "decay_percent": "50"}, 5, "3.5039"),  # 3 + 0.5 + 0.003906
        ({"measure": "value"}, 5, "13.5"),  # 10 + 0 + 2.5 + 1
        ({"measure": "value", "unit": "3"}, 5, "4.5"),  # 3.333333 + 0.833333 + 0.333333 = 4.499999
        ({"measure": "duration_seconds", "unit": "60"}, 5, "1.5"),
        ({"measure": "value", "max_per_period": "2"}, 5, "5"),  # 2 + 2 + 1
        ({"scale": "log2", "max_times": "3"}, 5, "2"),
        ({"scale": "log2"}, 5, "2.585"),  # log2(6) = 2.584963
        ({"points": "-3", "min_points": "-10"}, 5, "-10"),
        ({"max_points": "4"}, 5, "4"),
        ({"points": "0"}, 5, "0"),
        ({"property": "object_id", "comparison": "equals", "operand": "P1"}, 2, "2"),
        ({"property": "object_id", "comparison": "is_missing"}, 2, "2"),
        ({"property": "value", "comparison": "at_least", "operand": "1"}, 3, "3"),
        (
            {
                "property": "value",
                "comparison": "at_least",
                "operand": "1",
                "and_property": "object_id",
                "and_comparison": "is_present",
            },
            2,
            "2",
        ),
        ({"property": "value", "comparison": "equals", "operand": "2.5"}, 1, "1"),
        ({"property": "channel", "comparison": "is_present"}, None, None),
        ({"event_type": "Visit", "valid_from": "2024-03-01"}, 5, "5"),
        ({"valid_from": "2024-03-02"}, None, None),
        ({"valid_to": "2024-03-01"}, None, None),
        ({"valid_to": "2024-03-02"}, 5, "5"),
        ({"after_event_type": "Visit"}, 4, "4"),
        ({"after_event_type": "visit", "after_within_days": "1"}, 3, "3"),  # 9 hours, 31 minutes, 23 hours 29 minutes after another
        ({"after_event_type": "visit", "after_within_days": "14"}, 3, "3"),  # the fourth 14 days and almost 14 hours
        ({"after_event_type": "visit", "after_within_days": "15"}, 4, "4"),
        ({"after_event_type": "open"}, None, None),
    ],
)
def test_event_rules(rule, matches, points):
    row, ledger = only(RAW, rules_of([rule]))
    assert ledger == ({} if matches is None else {"r0": (matches, D(points))})
    assert row["score"] == D(points or 0)


def test_a_rule_counts_events_strictly_after_another_within_days_of_24_hours():
    times = ["2024-02-28 10:00:00", "2024-02-28 10:00:00.000001", "2024-02-29 10:00:00", "2024-02-29 10:00:00.000001"]
    events = [event(i, time) for i, time in enumerate(times)] + [event("w", times[0], event_type="webinar")]
    rules = rules_of([{"after_event_type": "Webinar", "after_within_days": "1"}, {"after_event_type": "webinar"}])
    assert only({"contacts": [contact()], "events": events}, rules)[1] == {"r0": (2, 2), "r1": (3, 3)}
    known_later = [*events[:-1], events[-1] | {"received_at": "2024-03-02"}]
    assert only({"contacts": [contact()], "events": known_later}, rules)[1] == {}
    assert only({"contacts": [contact()], "events": known_later}, rules, date(2024, 3, 2))[1] == {"r0": (2, 2), "r1": (3, 3)}


def test_all_conditions_of_a_rule_hold():
    rules = rules_of(
        [{"property": "object_id", "comparison": "equals", "operand": "p1"}],
        attribute_rules=[{"rule_id": "x", "comparison": "is_present"}],
        rule_conditions=[
            {"rule_id": "r0", "name": "Value", "comparison": "at_least", "operand": "-4"},
            {"rule_id": "r0", "name": "duration_seconds", "comparison": "is_missing"},
            {"rule_id": "x", "name": "industry", "comparison": "equals", "operand": "it"},
            {"rule_id": "x", "name": "email", "comparison": "contains", "operand": "@x."},
        ],
    )
    assert only(RAW | {"contacts": [contact(industry="IT", email="a@x.pl")]}, rules)[1] == {"r0": (1, 1), "x": (1, 1)}
    assert only(RAW | {"contacts": [contact(industry="IT", email="a@y.pl")]}, rules)[1] == {"r0": (1, 1)}


@pytest.mark.parametrize(
    "rule, matches",
    [
        ({"feature": "events", "lower": "5", "upper": "6"}, 5),
        ({"feature": "events", "lower": "6"}, None),
        ({"feature": "events", "upper": "5"}, None),
        ({"feature": "events", "event_type": "open", "upper": "1"}, 0),
        ({"feature": "active_days", "lower": "4", "upper": "5"}, 5),
        ({"feature": "sessions", "lower": "5", "upper": "6"}, 5),  # 09:00 and 09:31 are two
        ({"feature": "seconds", "within_days": "2", "lower": "90", "upper": "90.01"}, 3),
        ({"feature": "value", "lower": "9.5", "upper": "9.6"}, 5),  # 10 - 4 + 2.5 + 1
        ({"feature": "distinct_objects", "lower": "2", "upper": "3"}, 5),
        ({"feature": "returned_objects", "lower": "1", "upper": "2"}, 5),
        ({"feature": "days_since_last", "lower": "0", "upper": "1"}, 5),
        ({"feature": "days_since_first", "lower": "16", "upper": "17"}, 5),
        ({"feature": "days_since_first", "within_days": "16", "lower": "2", "upper": "3"}, 4),
        ({"feature": "days_since_last", "event_type": "open"}, None),
    ],
)
def test_activity_rules(rule, matches):
    _, ledger = only(RAW, rules_of(activity_rules=[rule | {"points": "2"}]))
    assert ledger == ({} if matches is None else {"r0": (matches, D(2))})


def test_weights_multiply_the_bounded_points_and_are_rounded_to_4_decimals():
    rules = rules_of([{"max_points": "0.5"}], model={"behavioural_weight": "0.0001", "demographic_weight": "2"},
                     attribute_rules=[{"rule_id": "x", "comparison": "is_missing", "points": "1.5"}])  # fmt: skip
    row, ledger = only(RAW, rules)
    assert ledger == {"r0": (5, D("0.0001")), "x": (1, D("3"))}  # 0.00005 is a tie
    assert (row["behavioural_score"], row["demographic_score"]) == (D("0.0001"), D(3))


def test_bounds_that_bite_are_adjustments():
    groups = [group("acts", "behavioural", high="3"), group("fit", "demographic", low="5"),
              group("exact", "behavioural", low="0", high="0")]  # fmt: skip
    row, ledger = only(RAW, rules_of([{}], groups=groups, model={"max_score": "7.5"}))
    assert ledger == {
        "r0": (5, D(5)),
        "group_max": (None, D(-2)),
        "group_min": (None, D(5)),
        "model_max": (None, D("-0.5")),
    }
    assert (row["score"], row["behavioural_score"], row["demographic_score"]) == (D("7.5"), D(3), D(5))


def test_statuses_come_in_their_order():
    raw = {
        "contacts": [
            contact("a", industry="IT"),
            contact("b", industry="it"),
            contact("c", industry="trade"),
            contact("d", email="d@x.pl"),
            contact("e", created_at="2024-03-02", industry="it"),
        ],
        "events": [event(1, "2024-02-01", "b", "unsubscribe"), event(2, "2024-02-01", "c", "unsubscribe")],
    }
    rules = rules_of(
        [{}],
        model={"audience_attribute": "industry", "audience_comparison": "not_in", "audience_operand": "trade"},
        disqualification_rules=[{"rule_id": "q", "model_id": "m", "source": "event", "name": "Unsubscribe"}],
    )
    result = score(raw, rules, [TODAY])
    assert {row["contact_id"]: row["status"] for row in result.scores} == {
        "a": "scored", "b": "disqualified", "c": "not_in_audience", "d": "not_in_audience"}  # fmt: skip
    rules["score_models"][0].update(audience_attribute=None, audience_comparison=None, audience_operand=None)
    result = score(raw, rules, [TODAY])
    assert {row["contact_id"]: (row["status"], row["score"], row["rank_in_model"]) for row in result.scores} == {
        "a": ("scored", 0, 1), "b": ("disqualified", None, None), "c": ("disqualified", None, None),
        "d": ("no_data", None, None)}  # fmt: skip


def outcome(i, name, occurred_at, contact_id="a"):
    return {"outcome_id": f"o{i}", "contact_id": contact_id, "outcome": name, "occurred_at": occurred_at, "value": None}


def override(points, valid_from, contact_id="a", **cells):
    return {"contact_id": contact_id, "model_id": "m", "points": points, "reason": "met", "author": "Ana", "valid_from": valid_from, "valid_to": None} | cells


def test_overrides_are_rows_outside_the_groups_and_before_the_bounds_of_the_model():
    rows = [override("4.5", "2024-02-29"), override("4.5", "2024-02-29"), override("-1", "2024-02-01", valid_to="2024-03-02"),
            override("100", "2024-03-02"), override("7", "2024-02-01", valid_to="2024-03-01"), override("1", "2024-02-01", model_id="n"),
            override("1", "2024-02-01", reason=None), override("1", "2024-02-01", "ghost")]  # fmt: skip
    row, ledger = only(RAW | {"overrides": rows}, rules_of([{}], model={"max_score": "8", "behavioural_weight": "2"}))
    assert ledger == {"r0": (5, 10), "override": (None, -1), "override_2": (None, D("4.5")), "model_max": (None, D("-5.5"))}
    assert (row["score"], row["behavioural_score"], row["demographic_score"]) == (8, 10, 0)
    counts = score(RAW | {"overrides": rows}, rules_of([{}]), [TODAY]).counts["overrides"]
    assert counts == {"rows_in": 8, "used": 4, "waiting": 0, "duplicates": 1, "rejected": 3}


def test_the_latest_outcome_by_then_disqualifies():
    outcomes = [outcome(1, "Lost", "2024-02-28 08:00:00"), outcome(2, "renewed", "2024-02-29"), outcome(3, "won", "2024-03-01"),
                outcome(4, "lost", "2024-02-29 10:00:00", "b"), outcome(5, "won", "2024-02-29 10:00:00", "b")]  # fmt: skip
    raw = {"contacts": [contact(industry="it"), contact("b", industry="it")], "outcomes": outcomes}
    rules = rules_of(disqualification_rules=[{"rule_id": "q", "model_id": "m", "source": "outcome", "name": "LOST"}])
    result = score(raw, rules, [date(2024, 2, 27), date(2024, 2, 28), date(2024, 2, 29), TODAY])
    assert [row["status"] for row in result.scores if row["contact_id"] == "a"] == ["scored", "disqualified", "disqualified", "scored"]
    assert [row["status"] for row in result.scores if row["contact_id"] == "b"] == ["scored"] * 4
    rules = rules_of(disqualification_rules=[{"rule_id": "q", "model_id": "m", "source": "outcome", "name": "Renewed"}])
    result = score(raw, rules, [date(2024, 2, 28), date(2024, 2, 29), TODAY])
    assert [row["status"] for row in result.scores if row["contact_id"] == "a"] == ["scored", "disqualified", "scored"]


def test_bands_remember_and_the_matrix_joins_them():
    days = [date(2024, 3, day) for day in range(1, 6)]
    raw = {"contacts": [contact(industry="it")], "events": [event(i, "2024-03-01") for i in range(10)]}
    rules = rules_of(
        [{"decay": "linear", "decay_days": "10"}],  # 10, 9, 8, 7, 6
        attribute_rules=[{"rule_id": "x", "comparison": "is_present"}],
        score_bands=[
            {"model_id": "m", "dimension": "behavioural", "band": "hot", "min_score": "9.5", "keep_score": "8"},
            {"model_id": "m", "dimension": "behavioural", "band": "warm", "min_score": "7"},
            {"model_id": "m", "dimension": "demographic", "band": "good", "min_score": "1"},
        ],
        score_matrix=[
            {
                "model_id": "m",
                "demographic_band": "good",
                "behavioural_band": "hot",
                "grade": "A1",
                "priority": "1",
                "next_action": "call",
            }
        ],
    )
    result = score(raw, rules, days)
    assert [row["behavioural_band"] for row in result.scores] == ["hot", "hot", "hot", "warm", None]
    assert [row["grade"] for row in result.scores] == ["A1", "A1", "A1", None, None]
    assert [row["behavioural_band"] for row in score(raw, rules, days[1:]).scores] == ["warm", "warm", "warm", None]


def test_a_contact_that_is_not_scored_leaves_its_bands():
    days = [date(2024, 3, day) for day in (1, 2, 3)]
    for industry, expected in (("trade", ["hot", None, None]), ("it", ["hot", "hot", "hot"])):
        versions = [("2024-02-01", "it"), ("2024-03-02", industry), ("2024-03-03", "it")]
        raw = {
            "contacts": [contact(updated_at=at, industry=cell) for at, cell in versions],
            "events": [event(1, "2024-03-01")],
        }
        rules = rules_of(
            [{"decay": "linear", "decay_days": "10"}],  # 1, 0.9, 0.8
            model={"audience_attribute": "industry", "audience_comparison": "equals", "audience_operand": "it"},
            score_bands=[{"model_id": "m", "dimension": "total", "band": "hot", "min_score": "1", "keep_score": "0.5"}],
        )
        assert [row["band"] for row in score(raw, rules, days).scores] == expected


def test_ranks_share_the_smaller_number():
    raw = {"contacts": [contact(c, industry="it") for c in "abcd"],
           "events": [event(1, "2024-03-01", "b"), event(2, "2024-03-01", "c")]}  # fmt: skip
    result = score(raw, rules_of([{}]), [TODAY])
    assert [row["rank_in_model"] for row in result.scores] == [3, 1, 1, 3]


def test_versions_late_events_and_identifications_as_of_a_date():
    raw = {
        "contacts": [
            contact(industry="old", updated_at="2024-02-01"),
            contact(industry="new", updated_at="2024-03-02"),
            contact("b", created_at="2025-01-01"),
        ],
        "identities": [
            {"anonymous_id": "v", "contact_id": "a", "identified_at": "2024-03-03 12:00:00"},
            {"anonymous_id": "v", "contact_id": "b", "identified_at": "2024-03-04"},
            {"anonymous_id": "v", "contact_id": "ghost", "identified_at": "2024-01-01"},
        ],
        "events": [
            event(1, "2024-03-01 23:59:59", received_at="2024-03-02"),
            event(2, "2024-02-20", None, anonymous_id="v"),
            event(3, "2024-02-20", None, anonymous_id="w"),
        ],
    }
    rules = rules_of([{}], attribute_rules=[{"rule_id": "x", "comparison": "equals", "operand": "NEW", "points": "10"}])
    result = score(raw, rules, [date(2024, 3, day) for day in (1, 2, 3)])
    assert [row["score"] for row in result.scores] == [0, 11, 12]
    assert result.counts["events"] == {"rows_in": 3, "used": 2, "waiting": 1, "duplicates": 0, "filtered": 0, "rejected": 0}
    assert result.counts["identities"] == {"rows_in": 3, "used": 1, "waiting": 0, "duplicates": 1, "rejected": 1}


def test_duplicates_and_rejected_rows():
    raw = {
        "contacts": [contact(), contact(), contact(created_at=None), contact(created_at="soon"), contact("")],
        "events": [
            event(1, "2024-02-01", received_at="2024-02-05", value="7"),
            event(1, "2024-02-01", received_at="2024-02-04", value="3"),
            event(1, "2024-02-01", received_at="2024-02-01", value="x"),
            event(2, "2024-02-02", received_at="2024-02-01"),  # a day early is early enough
            event(3, "2024-02-02", received_at="2024-01-31 23:59:59.999999"),
            event(4, "2024-02-01", duration_seconds="-1"),
            event(5, "2024-02-01", "ghost"),
            event(6, "2024-02-01", None),
            event(7, "2024-02-01", event_type=None),
            event(8, "soon"),
        ],
        "outcomes": [
            {"outcome_id": "o", "contact_id": "a", "outcome": "won", "occurred_at": "2024-02-01", "value": None},
            {"outcome_id": "o", "contact_id": "a", "outcome": "won", "occurred_at": "2024-02-01", "value": None},
            {"outcome_id": "p", "contact_id": "a", "outcome": None, "occurred_at": "2024-02-01", "value": None},
        ],
    }
    result = score(raw, rules_of([{"measure": "value"}]), [TODAY])
    assert [row["score"] for row in result.scores] == [3]
    assert result.counts["contacts"] == {"rows_in": 5, "used": 1, "waiting": 0, "duplicates": 1, "rejected": 3}
    assert result.counts["events"] == {"rows_in": 10, "used": 2, "waiting": 0, "duplicates": 1, "filtered": 0, "rejected": 7}
    assert result.counts["outcomes"] == {"rows_in": 3, "used": 1, "waiting": 0, "duplicates": 1, "rejected": 1}


# ---------------------------------------------------------------------------------------------------------------
# What holds for every case
# ---------------------------------------------------------------------------------------------------------------


def assert_laws(case, result):
    sums = {}
    for line in result.contributions:
        key = line["as_of_date"], line["model_id"], line["contact_id"]
        sums[key] = sums.get(key, 0) + line["points"]
    for row in result.scores:
        key = row["as_of_date"], row["model_id"], row["contact_id"]
        if row["status"] == "scored":
            assert sums.pop(key, 0) == row["score"]
        else:
            assert row["score"] is None and row["band"] is None and key not in sums
    assert not sums
    for table, counts in result.counts.items():
        assert counts["rows_in"] == len(case.raw[table])
        assert counts["rows_in"] == sum(n for name, n in counts.items() if name != "rows_in")
        assert min(counts.values()) >= 0


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_any_case_keeps_the_laws_in_any_order_of_rows(case):
    result = score(case.raw, case.rules, case.as_of_dates)
    assert_laws(case, result)
    turned = {table: rows[::-1] for table, rows in case.raw.items()}
    assert score(turned, case.rules, case.as_of_dates[::-1]) == result


def test_many_cases_merge_into_one_and_survive_csv(tmp_path):
    chosen = collect(20, seed=5)
    merged = merge(chosen)
    result = score(merged.raw, merged.rules, merged.as_of_dates)
    assert_laws(merged, result)
    write_case(merged, tmp_path / "raw", tmp_path / "rules")
    assert score(read_csv_folder(tmp_path / "raw"), read_csv_folder(tmp_path / "rules"), merged.as_of_dates) == result

    def facts(rows):
        return [(row["score"], row["status"], row["band"], row["grade"]) for row in rows]

    stages = [row for row in merged.rules["lifecycle_stages"] if row["entered_by"] != "band"]
    for k, case in enumerate(chosen):  # ranks apart, a case scores the same in company; filters look at the events of all, and stages are for all
        own = [row for row in result.scores if (row["model_id"] + row["contact_id"]).count(f"k{k}_") == 2]
        models = [row | {"model_id": row["model_id"].removeprefix(f"k{k}_")} for row in merged.rules["score_models"] if row["model_id"].startswith(f"k{k}_")]
        rules = case.rules | {"event_filters": merged.rules["event_filters"], "lifecycle_stages": stages, "score_models": models, "next_actions": []}
        assert facts(own) == facts(score(case.raw, rules, case.as_of_dates).scores)


# ---------------------------------------------------------------------------------------------------------------
# Stages in audiences and actions
# ---------------------------------------------------------------------------------------------------------------

STAGES = [
    {"stage": "lead", "position": "1", "kind": "open", "entered_by": "created"},
    {"stage": "hot", "position": "2", "kind": "open", "entered_by": "band", "name": "m", "operand": "top"},
    {"stage": "customer", "position": "3", "kind": "won", "entered_by": "event", "name": "buy", "reenter_after_days": "2"},
]
DAYS = [date(2024, 3, day) for day in range(1, 6)]
JOURNEY = {
    "contacts": [contact(industry="it")],
    "events": [event(1, "2024-03-02"), event(2, "2024-03-03", event_type="buy"), event(3, "2024-03-05")],
}
BANDS = [{"model_id": "m", "dimension": "total", "band": "top", "min_score": "1"}]


def action(precedence, text, **cells):
    return {"model_id": "m", "precedence": str(precedence), "next_action": text, "priority": None} | cells


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        # A lead on the 1st, hot from the 2nd on, a customer from the 3rd on; the band began on the 2nd, so nothing begins another cycle.
        ([action(1, "a", stage="lead"), action(2, "b", stage="hot"), action(3, "c", kind="won")], ["a", "b", "c", "c", "c"]),
        ([action(3, "a", kind="open"), action(2, "b", band="top")], ["a", "b", "b", "b", "b"]),
        ([action(3, "b", event_type="Visit", within_days="1")], [None, "b", None, None, "b"]),
        ([action(3, "b", event_type="visit", within_days="2")], [None, "b", "b", None, "b"]),
        ([action(3, "b", event_type="visit")], [None, "b", "b", "b", "b"]),
        ([action(3, "b", attribute="industry", comparison="equals", operand="IT"), action(-3, "a", kind="won", band="top")], ["b", "b", "a", "a", "a"]),
        ([action(3, "b", attribute="last_event_at", comparison="days_ago_at_least", operand="1")], [None, None, None, "b", None]),
        ([action(3, "b", attribute="last_event_at", comparison="is_missing")], ["b", None, None, None, None]),
    ],
)  # fmt: skip
def test_the_first_row_of_next_actions_that_holds_decides(actions, expected):
    rules = rules_of([{}], score_bands=BANDS, lifecycle_stages=STAGES, next_actions=actions)
    assert [row["next_action"] for row in score(JOURNEY, rules, DAYS).scores] == expected


@pytest.mark.parametrize(
    ("audience", "statuses"),
    [
        # As an audience sees it, a lead until the 2nd and a customer from the 3rd on: the band enters no stage.
        (("equals", "lead"), "ssnnn"),
        (("in", "hot|customer"), "nnsss"),
        (("not_in", "hot|customer"), "ssnnn"),
    ],
)
def test_an_audience_may_be_of_stages(audience, statuses):
    model = {"audience_attribute": "stage", "audience_comparison": audience[0], "audience_operand": audience[1]}
    rules = rules_of([{}], model=model, score_bands=BANDS, lifecycle_stages=STAGES)
    assert "".join(row["status"][0] for row in score(JOURNEY, rules, DAYS).scores) == statuses
