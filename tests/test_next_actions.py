"""Next actions: the shipped rows in all combinations, read plainly, and alerts of two runs on one day."""

import csv
import itertools
import re
from decimal import Decimal

import pytest

from tests.conftest import PROJECT
from tests.reference.strategies import RAW_HEADERS, RULE_HEADERS, Case, complete, write_case


def seed(name):
    with open(PROJECT / "seeds" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS, STAGES, BANDS, MATRIX = seed("next_actions"), seed("lifecycle_stages"), seed("score_bands"), seed("score_matrix")
MODELS = sorted({row["model_id"] for row in ROWS})

# What makes writing to a lead wrong, each as an event or as a value of an attribute.
REFUSALS = ["unsubscribe", "spam_complaint"]
BOUNCES = ["email_hard_bounce", "email_soft_bounce"]
TODAY = ["demo_requested", "quote_requested", "meeting_scheduled"]


def writes(action: str) -> bool:
    """Whether a lead is to be written to."""
    return not stays_away(action) and re.search(r"\bsend\b|e-mail|newsletter|sequence|campaign|\bwrite\b", action, re.IGNORECASE) is not None


def calls(action: str) -> bool:
    return re.search(r"\bcall\b|by phone|phone only", action, re.IGNORECASE) is not None and not stays_away(action)


def stays_away(action: str) -> bool:
    return re.match(r"send nothing|no contact|no action|no campaign|wait|show ads only", action, re.IGNORECASE) is not None


def is_for_a_customer(action: str) -> bool:
    return re.search(r"account manager|thank|customer", action, re.IGNORECASE) is not None


def ranges(model, dimension):
    """From which score on a lead may be in a band of a dimension, and below which one it is."""
    own = sorted((row for row in BANDS if (row["model_id"], row["dimension"]) == (model, dimension)), key=lambda row: Decimal(row["min_score"]))
    ends = [Decimal(row["min_score"]) for row in own[1:]] + [Decimal("Infinity")]
    return {row["band"]: (Decimal(row["keep_score"] or row["min_score"]), end) for row, end in zip(own, ends, strict=True)}


def standings(model):
    """Each total band and cell of the matrix that a score, the sum of both dimensions, can be in."""
    total, behaviour, fit = (ranges(model, dimension) for dimension in ("total", "behavioural", "demographic"))
    for cell in (row for row in MATRIX if row["model_id"] == model):
        (low, high), (fit_low, fit_high) = behaviour[cell["behavioural_band"]], fit[cell["demographic_band"]]
        for band, (total_low, total_high) in total.items():
            if low + fit_low < total_high and high + fit_high > total_low:
                yield band, cell


def situations(model):
    """Every stage with every standing and every event: refusals and bounces of long ago or today, a signal of today or of before, idle or not."""
    events = {row["event_type"] for row in ROWS if row["model_id"] == model and row["event_type"]}
    refusals = [event for event in REFUSALS + BOUNCES if event in events]
    signals = [{}] + [{event: age} for event in sorted(events - set(refusals)) for age in (0, 5)]
    stages = [(None, None), *sorted({(row["stage"], row["kind"]) for row in STAGES})]
    statuses = [None, *sorted({item for row in ROWS if row["model_id"] == model and row["attribute"] == "email_status" for item in row["operand"].split("|")})]
    for count in (0, 1, 2):
        for refused, signal, age in itertools.product(itertools.combinations(refusals, count), signals, (0, 400) if count else (0,)):
            happened = dict.fromkeys(refused, age) | signal
            last = 0 if 0 in happened.values() else None
            for (stage, kind), (band, cell), status, days in itertools.product(stages, standings(model), statuses, (0, 59, 60, 580, None)):
                known = min([age for age in (last, days, *happened.values()) if age is not None], default=None)
                yield {"stage": stage, "kind": kind, "band": band, "cell": cell, "events": happened, "email_status": status, "idle": known}


def holds(row, lead) -> bool:
    if any(row[name] and row[name] != lead[name] for name in ("stage", "kind", "band")) or (row["grade"] and row["grade"] != lead["cell"]["grade"]):
        return False
    if row["event_type"] and not (row["event_type"] in lead["events"] and (not row["within_days"] or lead["events"][row["event_type"]] < int(row["within_days"]))):
        return False
    if row["attribute"] == "last_event_at":
        assert row["comparison"] == "days_ago_at_least"
        return lead["idle"] is not None and lead["idle"] >= int(row["operand"])
    if row["attribute"]:
        assert (row["attribute"], row["comparison"]) == ("email_status", "in")
        return lead["email_status"] in row["operand"].split("|")
    return True


def decided(model):
    """Each situation with the row that decides it: of next_actions, else of the matrix."""
    rows = sorted((row for row in ROWS if row["model_id"] == model), key=lambda row: int(row["precedence"]))
    for lead in situations(model):
        yield lead, next((row for row in rows if holds(row, lead)), lead["cell"])


@pytest.mark.parametrize("model", MODELS)
def test_band_and_action_of_the_shipped_rules_cannot_contradict(model):
    used, calling, staying = set(), set(), set()
    for lead, row in decided(model):
        action, is_own = row["next_action"], "precedence" in row
        used.add(row.get("precedence"))
        refused = set(lead["events"]) & set(REFUSALS) or lead["email_status"] in ("unsubscribed", "opted_out")
        bounced = "email_hard_bounce" in lead["events"] or lead["events"].get("email_soft_bounce", 99) < 14 or lead["email_status"] in ("invalid", "bounced")
        asked = [event for event in TODAY if lead["events"].get(event) == 0]
        said = (lead, row)
        assert action and int(row["priority"]) >= 1, said
        assert not (writes(action) and (refused or bounced)), said
        assert not (writes(action) or calls(action)) or lead["kind"] != "disqualified", said
        assert not (writes(action) or calls(action)) or "spam_complaint" not in lead["events"], said
        assert not calls(action) or lead["kind"] != "won" or is_for_a_customer(action) or asked == ["meeting_scheduled"], said
        assert not is_for_a_customer(action) or lead["kind"] == "won", said
        assert not (writes(action) or calls(action)) or lead["kind"] != "lost" or asked, said
        # A hot lead is called or written to at once, or the row says why not.
        assert lead["band"] != "hot" or not stays_away(action) or (is_own and ":" in action and row["description"]), said
        if asked and "spam_complaint" not in lead["events"] and lead["kind"] != "disqualified":
            assert calls(action) or "by phone" in action, said
            assert row["priority"] == "1", said
        assert lead["idle"] is None or lead["idle"] < 60 or not re.match("call (today|within)", action, re.IGNORECASE) or is_own, said
        calling |= {int(row["priority"])} if calls(action) and lead["kind"] != "won" else set()
        staying |= {int(row["priority"])} if stays_away(action) and not is_own else set()
    assert {row["precedence"] for row in ROWS if row["model_id"] == model} <= used, "a row that no lead meets"
    assert None in used
    assert max(calling) < min(staying)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['model_id']} {row['precedence']}")
def test_a_shipped_row_tells_why(row):
    assert row["description"].endswith(".")


# Two runs on one day

RULES = {
    "score_models": [{"model_id": "m", "status": "active", "behavioural_weight": "1", "demographic_weight": "1"}],
    "rule_groups": [{"model_id": "m", "rule_group": "acts", "dimension": "behavioural"}],
    "event_rules": [{"rule_id": "visit", "model_id": "m", "rule_group": "acts", "event_type": "visit", "points": "10"}],
    "score_bands": [{"model_id": "m", "dimension": "total", "band": band, "min_score": low} for band, low in (("hot", "20"), ("cold", "0"))],
    "lifecycle_stages": [
        {"stage": "lead", "position": "1", "kind": "open", "entered_by": "created"},
        {"stage": "customer", "position": "2", "kind": "won", "entered_by": "outcome", "name": "won"},
    ],
    "next_actions": [
        {"model_id": "m", "precedence": "1", "kind": "won", "priority": "5", "next_action": "thank"},
        {"model_id": "m", "precedence": "2", "event_type": "demo", "within_days": "1", "priority": "1", "next_action": "call about the demo"},
        {"model_id": "m", "precedence": "3", "band": "hot", "priority": "2", "next_action": "call"},
    ],
}


def test_a_run_later_the_same_day_lists_only_what_is_new_since_the_run_before(tmp_path, build):
    contacts = [{"contact_id": contact, "created_at": "2024-01-01", "industry": "it"} for contact in ("a", "b", "c")]
    raw = {"contacts": contacts, "events": [], "outcomes": []}

    def event(contact, event_type, at):
        raw["events"].append({"event_id": f"e{len(raw['events'])}", "contact_id": contact, "event_type": event_type, "occurred_at": at, "received_at": at})

    def run(*options):
        write_case(Case(complete(raw, RAW_HEADERS), complete(RULES, RULE_HEADERS), []), tmp_path / "raw", tmp_path / "rules")
        done = build("--raw", str(tmp_path / "raw"), "--rules", str(tmp_path / "rules"), *options)
        assert done.code == 0, done.errors
        changes = done.rows("select run_at, contact_id, from_band, to_band, priority, next_action from lead_score_changes where as_of_date = '2024-06-02' order by contact_id")
        started = {time for (time,) in done.rows("select started_at from scoring_runs")}
        assert {row[0] for row in changes} <= started
        last = max(started)
        return last, {row[1:] for row in changes if row[0] == last}, {row[1]: row[0] for row in changes}

    for contact in "abc":
        event(contact, "visit", "2024-06-01 09:00:00")
    run()
    event("a", "visit", "2024-06-02 08:00:00")
    morning, new, _ = run()
    assert new == {("a", "cold", "hot", 2, "call")}
    # The same day: b gets hot, and a is as hot as before, with one more visit.
    event("a", "visit", "2024-06-02 12:00:00")
    event("b", "visit", "2024-06-02 12:00:00")
    noon, new, times = run()
    assert new == {("b", "cold", "hot", 2, "call")}
    assert times == {"a": morning, "b": noon}
    # What to do with a is another thing now; c gets hot and buys.
    event("a", "demo", "2024-06-02 15:00:00")
    event("c", "visit", "2024-06-02 15:00:00")
    raw["outcomes"].append({"outcome_id": "o", "contact_id": "c", "outcome": "won", "occurred_at": "2024-06-02 16:00:00"})
    evening, new, times = run()
    assert new == {("a", "cold", "hot", 1, "call about the demo"), ("c", "cold", "hot", 5, "thank")}
    assert times == {"a": evening, "b": noon, "c": evening}
    # Scored anew by the same rules: nothing is new. And the next day lists nothing of this one.
    again, new, times = run("--full-refresh")
    assert new == set() and times == {"a": evening, "b": noon, "c": evening} and again > evening
    event("b", "visit", "2024-06-03 08:00:00")
    _, new, times = run()
    assert new == set() and times == {"a": evening, "b": noon, "c": evening}
