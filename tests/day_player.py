"""Plays days in a small world: raw rows land, rules change, builds run, fail or are stopped.

    world = World(seed)
    world.play_turn(turn)     what lands before a run: each operation draws from its own random numbers, so that the
                              same seed plays the same days, and leaving one operation out leaves the others as they are

    World(seed, is_punctual=True)     every row lands by the time its received day is scored, and stays as it is

A turn is a day or a few; what happened stands in `world.log`. keep_history_days is never played.
"""

import random
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.reference.scoring import event_rejection, stage_contacts, stage_identities, time_or_none, without_duplicates
from tests.reference.strategies import (
    ACCOUNT_ATTRIBUTES,
    ATTRIBUTES,
    BOUNDS,
    EMAILS,
    EVENT_TYPES,
    EVENT_VALUES,
    IDENTITY_RULES,
    RAW_HEADERS,
    RULE_HEADERS,
    TIMES,
    Case,
    account_model,
    activity_rule,
    any_case,
    attribute_rule,
    complete,
    damage,
    disqualification_rule,
    event_filter,
    event_rule,
    further_conditions,
    group_for,
    model_rules,
    mostly,
    points,
    reference_lists,
    set_conditions,
    several,
    vocabulary,
    write_case,
)

START = date(2024, 3, 1)
VISITORS = [f"v{number}" for number in range(1, 15)]
# Operations that change what was known on days before: rows that land late, change or vanish.
LATE = frozenset(
    "events_that_land_late cells_change rows_vanish a_received_day_vanishes rows_come_back identities_vanish contacts_overwritten"
    " a_contact_vanishes erase late_merges merges_undone attributes_that_change_late late_overrides accounts_that_change_late".split()
)
# A received day of its own for rows that make a build fail: they are rejected.
FAILING_DAY = date(2023, 11, 11)
RULE_SEEDS = ("event_rules", "activity_rules", "attribute_rules")

# A model whose scores come near its bands day by day; the others are drawn at random.
STEADY = {
    "score_models": [{"model_id": "steady", "status": "active", "behavioural_weight": "1", "demographic_weight": "0.5"}],
    "rule_groups": [
        {"rule_group": "acts", "dimension": "behavioural", "max_points": "60"},
        {"rule_group": "who", "dimension": "demographic"},
    ],
    "event_rules": [
        {"rule_id": "s_visit", "rule_group": "acts", "event_type": "visit", "points": "4", "decay": "linear", "decay_days": "10", "max_per_period": "2"},
        {"rule_id": "s_open", "rule_group": "acts", "event_type": "open", "points": "3", "within_days": "7", "scale": "log2"},
        {"rule_id": "s_form", "rule_group": "acts", "event_type": "form", "points": "6", "decay": "step", "decay_days": "3", "decay_percent": "50"},
        {"rule_id": "s_buy", "rule_group": "acts", "event_type": "purchase", "measure": "value", "unit": "100", "points": "5", "decay": "exponential", "decay_days": "5"},
        {"rule_id": "s_huge", "rule_group": "acts", "event_type": "huge", "measure": "value", "points": "300"},
        {"rule_id": "s_after", "rule_group": "acts", "event_type": "open", "points": "3", "after_event_type": "visit", "after_within_days": "2", "decay": "linear", "decay_days": "20"},
        {"rule_id": "s_ever", "rule_group": "acts", "event_type": "form", "measure": "value", "unit": "10", "points": "0.5", "after_event_type": "open", "max_times": "3"},
        {"rule_id": "s_due", "rule_group": "acts", "event_type": "visit", "property": "due", "comparison": "days_ago_at_most", "operand": "6", "points": "1", "after_event_type": "form"},
        {"rule_id": "s_april", "rule_group": "acts", "event_type": "visit", "points": "2.5", "valid_from": "2024-03-04", "valid_to": "2024-03-09"},
    ],
    "activity_rules": [
        {"rule_id": "s_days", "rule_group": "acts", "feature": "active_days", "within_days": "7", "lower": "2", "points": "3"},
        {"rule_id": "s_gone", "rule_group": "acts", "feature": "days_since_last", "lower": "5", "points": "-4"},
        {"rule_id": "s_back", "rule_group": "acts", "feature": "returned_objects", "lower": "1", "points": "2"},
    ],
    "attribute_rules": [
        {"rule_id": "s_country", "rule_group": "who", "attribute": "country", "comparison": "in", "operand": "pl|românia", "points": "8"},
        {"rule_id": "s_size", "rule_group": "who", "attribute": "employees", "comparison": "at_least", "operand": "50", "points": "6"},
        {"rule_id": "s_trial", "rule_group": "who", "attribute": "trial_start", "comparison": "days_ago_at_most", "operand": "7", "points": "4"},
    ],
    "rule_conditions": [
        {"rule_id": "s_open", "name": "channel", "comparison": "is_present"},
        {"rule_id": "s_open", "name": "due", "comparison": "days_ago_at_least", "operand": "1"},
        {"rule_id": "s_ever", "name": "campaign", "comparison": "is_present"},
        {"rule_id": "s_country", "name": "trial_start", "comparison": "is_present"},
    ],
    "score_bands": [
        {"dimension": "total", "band": "hot", "min_score": "20", "keep_score": "15"},
        {"dimension": "total", "band": "warm", "min_score": "10", "keep_score": "8"},
        {"dimension": "behavioural", "band": "high", "min_score": "15", "keep_score": "9"},
        {"dimension": "behavioural", "band": "low", "min_score": "-100"},
        {"dimension": "demographic", "band": "good", "min_score": "3"},
        {"dimension": "demographic", "band": "poor", "min_score": "-100"},
        {"dimension": "account", "band": "hot", "min_score": "40", "keep_score": "30"},
        {"dimension": "account", "band": "warm", "min_score": "15", "keep_score": "12"},
    ],
    "account_models": [
        {
            "roll_up": "top_sum", "top": "3", "breadth_attribute": "job_title", "breadth_min_score": "5", "breadth_points": "4",
            "max_breadth_points": "10", "status": "active",
        }
    ],
    "score_matrix": [
        {"demographic_band": d, "behavioural_band": b, "grade": f"{d[0]}{b[0]}", "priority": str(number), "next_action": "call"}
        for number, (d, b) in enumerate([("good", "high"), ("good", "low"), ("poor", "high"), ("poor", "low")], 1)
    ],
    "event_filters": [
        {"filter_id": "s_fast", "event_type": "form", "kind": "too_fast", "after_event_type": "visit", "seconds": "1800"},
        {"filter_id": "s_burst", "event_type": "open", "kind": "burst", "seconds": "3600", "times": "2"},
        {"filter_id": "s_push", "event_type": "purchase", "kind": "condition", "property": "channel", "comparison": "equals", "operand": "push"},
    ],
    "disqualification_rules": [
        {"rule_id": "s_no", "source": "attribute", "name": "job_title", "comparison": "equals", "operand": "developer"},
        {"rule_id": "s_lost", "source": "outcome", "name": "lost"},
    ],
    "lifecycle_stages": [
        {"stage": "lead", "position": "1", "kind": "open", "entered_by": "created"},
        {"stage": "active", "position": "2", "kind": "open", "entered_by": "event", "name": "visit"},
        {"stage": "known", "position": "3", "kind": "open", "entered_by": "attribute", "name": "country", "comparison": "equals", "operand": "pl"},
        {"stage": "keen", "position": "4", "kind": "open", "entered_by": "band", "name": "steady", "operand": "hot"},
        {"stage": "customer", "position": "5", "kind": "won", "entered_by": "outcome", "name": "won", "reenter_after_days": "3"},
        {"stage": "left", "position": "6", "kind": "lost", "entered_by": "event", "name": "form", "reenter_after_days": "1"},
    ],
}  # fmt: skip


# A model of leads in early stages, and one of customers.
STAGED = {
    "score_models": [
        {"model_id": model, "status": "active", "behavioural_weight": "1", "demographic_weight": "1", "audience_attribute": "stage"} | audience
        for model, audience in (
            ("early", {"audience_comparison": "in", "audience_operand": "lead|active"}),
            ("customers", {"audience_comparison": "equals", "audience_operand": "customer"}),
        )
    ],
    "rule_groups": [{"model_id": model, "rule_group": "acts", "dimension": "behavioural"} for model in ("early", "customers")],
    "event_rules": [
        {"rule_id": f"{model}_visit", "model_id": model, "rule_group": "acts", "event_type": "visit", "points": "3", "decay": "linear", "decay_days": "6"}
        for model in ("early", "customers")
    ],
    "score_bands": [{"model_id": "early", "dimension": "total", "band": "hot", "min_score": "5", "keep_score": "3"}],
    "next_actions": [{"model_id": "early", "precedence": "1", "stage": "known", "next_action": "ask"}, {"model_id": "early", "precedence": "2", "stage": "active", "next_action": "write"}],
}  # fmt: skip


def day_of(row) -> str:
    """The received day of an event row."""
    time = time_or_none(row["received_at"])
    return str(time.date()) if time else "none"


def at(rnd, day: date) -> str:
    return f"{day} {rnd.choice(TIMES)}"


class World:
    """The raw tables and rules on a day."""

    def __init__(self, seed: int, leave_out: frozenset[str] = frozenset(), is_punctual: bool = False):
        self.seed, self.is_punctual, self.log = seed, is_punctual, []
        self.leave_out = leave_out | (LATE if is_punctual else frozenset())
        rnd = random.Random(f"{seed} world")
        self.today, self.number, self.models = START, 0, 0
        self.words = vocabulary(rnd)
        self.rules = {seed: [] for seed in RULE_HEADERS}
        self.rules["identity_rules"] = IDENTITY_RULES
        self.add_rules({name: [row | {"model_id": "steady"} for row in rows] for name, rows in STEADY.items()})
        self.add_rules(STAGED)
        self.rules["reference_lists"] = reference_lists()
        for _ in range(rnd.randint(1, 3)):
            self.add_model(rnd)
        self.pool = [f"c{number}" for number in range(1, rnd.randint(25, 60))]
        self.raw = {table: [] for table in RAW_HEADERS} | {"erasures": []}
        self.gone = []
        if is_punctual:
            # Rows of a contact that is not known yet would count on their own days once it is.
            self.pool = self.pool[: len(self.pool) * 4 // 5]
        for contact_id in self.pool if is_punctual else self.pool[: len(self.pool) * 4 // 5]:
            self.raw["contacts"].append(self.contact(rnd, contact_id, START - timedelta(days=rnd.randint(0, 70)), None))
        for _ in range(rnd.randint(60, 250)):
            self.land(self.event(rnd, START - timedelta(days=rnd.randint(0, rnd.choice([9, 60])))))

    # What lands

    def contact(self, rnd, contact_id, created: date, updated: date | None) -> dict:
        known = [row for row in self.raw["contacts"] if row["contact_id"] == contact_id] if updated else []
        row = {
            "contact_id": contact_id,
            "created_at": known[0]["created_at"] if known and (rnd.randint(1, 8) < 8 or self.is_punctual) else at(rnd, created),
            "updated_at": updated and at(rnd, updated),
            "email": rnd.choice(EMAILS) if rnd.randint(1, 6) == 6 else f"{contact_id}@example.com",
            "account_id": rnd.choice([None, "A1", "B2", "X1", "X2"]),
        }
        return row | {name: mostly(rnd, self.words[name], 5) for name in ATTRIBUTES if name in RAW_HEADERS["contacts"]}

    def event(self, rnd, occurred: date, received: date | None = None) -> dict:
        self.number += 1
        occurred_at = at(rnd, occurred)
        whose = rnd.randint(1, 10)
        row = {
            "event_id": f"e{self.number}",
            "contact_id": rnd.choice(self.pool) if whose <= 7 else None,
            "anonymous_id": rnd.choice(VISITORS) if whose >= 7 else None,
            "event_type": any_case(rnd, rnd.choice(EVENT_TYPES)),
            "occurred_at": occurred_at,
            "received_at": occurred_at if received is None else at(rnd, received),
        }
        return row | {name: mostly(rnd, self.words[name], 5) for name in EVENT_VALUES}

    def land(self, row) -> bool:
        self.raw["events"].append(row)
        return True

    def vanish(self, rows) -> int:
        places = {id(row) for row in rows}
        self.raw["events"] = [row for row in self.raw["events"] if id(row) not in places]
        self.gone += rows
        return len(rows)

    def before(self, rnd, days: int) -> date:
        return self.today - timedelta(days=rnd.randint(1, days))

    # Operations on raw rows; each returns how many rows it touched

    def on_time(self, rnd, since: date):
        days = max((self.today - since).days, 1)
        return sum(self.land(self.event(rnd, self.today - timedelta(days=rnd.randrange(days)))) for _ in range(rnd.randint(4, 30)))

    def late_events(self, rnd):
        return sum(self.land(self.event(rnd, self.before(rnd, 40), self.today)) for _ in range(rnd.randint(1, 6)))

    def events_that_land_late(self, rnd):
        days = [self.before(rnd, 15) for _ in range(rnd.randint(1, 5))]
        return sum(self.land(self.event(rnd, day - timedelta(days=rnd.choice([0, 0, 3, 20])), day)) for day in days)

    def events_received_before_they_occurred(self, rnd):
        return self.land(self.event(rnd, self.today + timedelta(days=rnd.choice([1, 1, 2])), self.today))

    def copies(self, rnd):
        """The same event again: the same or changed, received earlier or later, of another or an unknown contact."""
        landed = 0
        for row in several(rnd, self.raw["events"] + self.gone, 1, 6):
            if not time_or_none(row["received_at"]):
                continue
            shift = rnd.choice([0, 0, -1, -3, -12, None])
            if self.is_punctual:
                shift = None
            day = self.today if shift is None else time_or_none(row["received_at"]).date() + timedelta(days=shift)
            copy = row | ({} if shift == 0 else {"received_at": at(rnd, day)})
            for name in several(rnd, ["event_type", "contact_id", "ghost", "occurred_at", "value", "anonymous_id"], 0, 2):
                copy[name] = {
                    "event_type": rnd.choice(EVENT_TYPES),
                    "contact_id": rnd.choice([*self.pool, None]),
                    "occurred_at": at(rnd, min(day, self.today) - timedelta(days=rnd.randint(0, 9))),
                    "value": rnd.choice(self.words["value"]),
                    "anonymous_id": rnd.choice(VISITORS),
                }.get(name)
            if "ghost" in copy:
                del copy["ghost"]
                copy["contact_id"] = "nobody"
            landed += self.land(copy)
        return landed

    def bad_rows(self, rnd):
        row = self.event(rnd, self.today)
        received_at = row["received_at"]
        damage(rnd, row)
        received = time_or_none(row["received_at"])
        if self.is_punctual and received and received.date() < self.today:
            row["received_at"] = received_at
        return self.land(row)

    def cells_change(self, rnd):
        """Rows are corrected in place, or damaged, under the same ids and received day."""
        rows = several(rnd, self.raw["events"], 1, 6)
        for row in rows:
            for name in several(rnd, ["event_type", "occurred_at", "damage", *EVENT_VALUES], 1, 2):
                if name == "damage" and time_or_none(row["occurred_at"]):
                    damage(rnd, row)
                elif name in ("damage", "occurred_at"):
                    row["occurred_at"] = at(rnd, self.before(rnd, 20))
                else:
                    row[name] = rnd.choice(EVENT_TYPES) if name == "event_type" else mostly(rnd, self.words[name], 5)
        return len(rows)

    def rows_vanish(self, rnd):
        return self.vanish(several(rnd, self.raw["events"], 1, 8))

    def a_received_day_vanishes(self, rnd):
        day = day_of(rnd.choice(self.raw["events"]))
        return self.vanish([row for row in self.raw["events"] if day_of(row) == day])

    def rows_come_back(self, rnd):
        back = [row for row in several(rnd, self.gone, 1, 8) if self.land(row)]
        self.gone = [row for row in self.gone if row not in back]
        return len(back)

    def identify(self, rnd):
        """Visitors are identified, some not for the first time, some by rows that land late."""
        for _ in range(rnd.randint(1, 3)):
            day = self.today if rnd.randint(0, 1) or self.is_punctual else self.before(rnd, 20)
            self.raw["identities"].append({"anonymous_id": rnd.choice(VISITORS), "contact_id": rnd.choice(self.pool), "identified_at": at(rnd, day)})
        return True

    def identities_vanish(self, rnd):
        for row in several(rnd, self.raw["identities"], 1, 2):
            self.raw["identities"].remove(row)
        return True

    def merges(self, rnd):
        """Contacts are merged today: some twice, some in chains or cycles."""
        return sum(self.merge(rnd, self.today) for _ in range(rnd.randint(1, 2)))

    def late_merges(self, rnd):
        return self.merge(rnd, self.before(rnd, 15))

    def merge(self, rnd, day: date):
        merged, into = several(rnd, self.pool, 2, 2)
        self.raw["merges"].append({"from_contact_id": merged, "into_contact_id": into, "merged_at": at(rnd, day)})
        return True

    def attributes_change(self, rnd):
        return sum(self.change(rnd, self.today) for _ in range(rnd.randint(1, 4)))

    def attributes_that_change_late(self, rnd):
        return sum(self.change(rnd, self.before(rnd, 15)) for _ in range(rnd.randint(1, 2)))

    def change(self, rnd, day: date):
        name = rnd.choice([*ATTRIBUTES, "email"])
        value = mostly(rnd, EMAILS if name == "email" else self.words[name], 5)
        self.raw["contact_attributes"].append({"contact_id": rnd.choice(self.pool), "attribute": name, "value": value, "changed_at": at(rnd, day)})
        return True

    def overrides(self, rnd):
        return sum(self.override(rnd, self.today) for _ in range(rnd.randint(1, 3)))

    def late_overrides(self, rnd):
        return self.override(rnd, self.before(rnd, 15))

    def override(self, rnd, day: date):
        row = {"contact_id": rnd.choice(self.pool), "model_id": rnd.choice(["steady", "m1", "m2"]), "points": points(rnd), "author": "Ana"}
        end = rnd.choice([None, day + timedelta(days=rnd.randint(0, 9))])
        self.raw["overrides"].append(row | {"reason": mostly(rnd, ["met", "bought"]), "valid_from": str(day), "valid_to": end and str(end)})
        return True

    def overrides_end(self, rnd):
        running = [row for row in self.raw["overrides"] if row["valid_to"] is None]
        for row in several(rnd, running, 0, 2):
            row["valid_to"] = str(max(self.today, date.fromisoformat(row["valid_from"])))
        return len(running)

    def merges_undone(self, rnd):
        # A table that lost all of its rows would be refused.
        undone = several(rnd, self.raw["merges"][1:], 0, 2)
        self.raw["merges"] = [row for row in self.raw["merges"] if row not in undone]
        return len(undone)

    def new_contacts(self, rnd):
        if self.is_punctual:
            new = [f"n{self.number}-{place}" for place in range(rnd.randint(0, 3))]
            self.raw["contacts"] += [self.contact(rnd, one, self.today, None) for one in new]
            self.pool += new
            return len(new)
        known = {row["contact_id"] for row in self.raw["contacts"]}
        new = several(rnd, [contact_id for contact_id in self.pool if contact_id not in known], 0, 3)
        self.raw["contacts"] += [self.contact(rnd, one, self.today if rnd.randint(0, 1) else self.before(rnd, 30), None) for one in new]
        return len(new)

    def new_versions(self, rnd):
        for row in several(rnd, self.raw["contacts"], 1, 6):
            day = rnd.choice([self.today, self.today, self.before(rnd, 15), self.today + timedelta(days=1)])
            day = max(day, self.today) if self.is_punctual else day
            self.raw["contacts"].append(self.contact(rnd, row["contact_id"], self.before(rnd, 30) + timedelta(days=10), day))
        return True

    def contacts_overwritten(self, rnd):
        for row in several(rnd, self.raw["contacts"], 1, 4):
            updated_at = rnd.choice([row["updated_at"], at(rnd, self.today)])
            row |= self.contact(rnd, row["contact_id"], START, None) | {"created_at": row["created_at"], "updated_at": updated_at}
        return True

    def a_contact_vanishes(self, rnd):
        gone = rnd.choice(self.raw["contacts"])["contact_id"]
        self.raw["contacts"] = [row for row in self.raw["contacts"] if row["contact_id"] != gone]
        return True

    def accounts(self, rnd):
        """An account is created, or changes."""
        return self.account(rnd, self.today)

    def accounts_that_change_late(self, rnd):
        return self.account(rnd, self.before(rnd, 15))

    def account(self, rnd, day: date):
        account_id, when = rnd.choice(["X1", "X2", "X3"]), at(rnd, day)
        known = [row for row in self.raw["accounts"] if row["account_id"] == account_id]
        row = {"account_id": account_id, "created_at": known[0]["created_at"] if known else when, "updated_at": when if known else None}
        self.raw["accounts"].append(row | {name.removeprefix("account."): mostly(rnd, self.words[name], 5) for name in ACCOUNT_ATTRIBUTES})
        return True

    def outcomes(self, rnd):
        row = {"contact_id": rnd.choice(self.pool), "outcome": rnd.choice(["won", "lost", "qualified", "renewed"]), "occurred_at": at(rnd, self.today)}
        self.raw["outcomes"].append(row | {"outcome_id": f"o{rnd.randint(1, 30)}", "value": "10"})
        return True

    def order_changes(self, rnd):
        for rows in self.raw.values():
            rnd.shuffle(rows)
        return True

    def erase(self, rnd):
        contact_id = rnd.choice([row["contact_id"] for row in self.raw["contacts"]] + self.pool)
        self.raw["erasures"].append({"contact_id": contact_id, "requested_at": at(rnd, rnd.choice([self.today, self.before(rnd, 5)]))})
        return True

    # Operations on rules

    def a_rule(self, rnd):
        seed = rnd.choice([seed for seed in RULE_SEEDS if self.rules[seed]])
        return seed, rnd.choice(self.rules[seed])

    def points_change(self, rnd):
        self.a_rule(rnd)[1]["points"] = points(rnd)

    def a_rule_expires(self, rnd):
        rule, day = self.a_rule(rnd)[1], self.today + timedelta(days=rnd.choice([-3, 0, 0, 1, 3]))
        if rule["valid_from"] is None or rule["valid_from"] < str(day):
            rule["valid_to"] = str(day)

    def a_rule_is_removed(self, rnd):
        seed, rule = self.a_rule(rnd)
        self.rules[seed].remove(rule)
        self.rules["rule_conditions"] = [row for row in self.rules["rule_conditions"] if row["rule_id"] != rule["rule_id"]]

    def further_conditions_change(self, rnd):
        seed, rule = self.a_rule(rnd)
        self.rules["rule_conditions"] = [row for row in self.rules["rule_conditions"] if row["rule_id"] != rule["rule_id"]]
        self.add_rules({"rule_conditions": further_conditions(rnd, seed, rule, self.words)})

    def a_rule_is_added(self, rnd):
        seed, like = rnd.choice(RULE_SEEDS), rnd.choice(self.rules["score_models"])
        self.number += 1
        row = {"rule_id": f"r{self.number}", "model_id": like["model_id"]}
        row["rule_group"] = group_for(rnd, seed, [group for group in self.rules["rule_groups"] if group["model_id"] == like["model_id"]])
        self.add_rules({seed: [row | self.random_rule(rnd, seed)]})

    def a_rule_is_another(self, rnd):
        """The same rule_id with other conditions, windows and decay."""
        seed, rule = self.a_rule(rnd)
        own = {name: rule[name] for name in ("rule_id", "model_id", "rule_group")}
        rule |= dict.fromkeys(rule) | self.random_rule(rnd, seed) | own

    def a_condition_changes(self, rnd):
        rules = [rule for rule in self.rules["event_rules"] if rule["property"]]
        if rules:
            set_conditions(rnd, rnd.choice(rules), "property", list(EVENT_VALUES), self.words)

    def thresholds_change(self, rnd):
        band = rnd.choice(self.rules["score_bands"])
        band["keep_score"] = str(float(band["min_score"]) - rnd.choice([0, 0.5, 3, 20]))

    def group_bounds_change(self, rnd):
        group = rnd.choice(self.rules["rule_groups"])
        group["min_points"], group["max_points"] = None, rnd.choice([bound for bound in BOUNDS if bound[0] != "-"])

    def a_status_changes(self, rnd):
        rnd.choice(self.rules["score_models"][1:])["status"] = rnd.choice(["active", "archived", "archived", "draft", "challenger"])

    def a_disqualification(self, rnd):
        self.number += 1
        model_id = rnd.choice(self.rules["score_models"])["model_id"]
        row = disqualification_rule(rnd, EVENT_TYPES, self.words) | {"rule_id": f"d{self.number}", "model_id": model_id}
        self.add_rules({"disqualification_rules": [row]})

    def a_filter_is_added(self, rnd):
        self.number += 1
        self.add_rules({"event_filters": [event_filter(rnd, EVENT_TYPES, self.words) | {"filter_id": f"f{self.number}"}]})

    def a_filter_is_removed(self, rnd):
        if self.rules["event_filters"]:
            self.rules["event_filters"].remove(rnd.choice(self.rules["event_filters"]))

    def an_item_is_removed_from_a_list(self, rnd):
        """Of a list that an event rule names, if one does: matches of the events are kept."""
        rows = self.rules["reference_lists"]
        named = {rule[operand] for rule in self.rules["event_rules"] + self.rules["rule_conditions"] for operand in ("operand", "and_operand") if operand in rule}
        row = rnd.choice([row for row in rows if row["list"] in named] or rows)
        if [other["list"] for other in rows].count(row["list"]) > 1:
            rows.remove(row)

    def identity_rules_change(self, rnd):
        self.rules["identity_rules"] = several(rnd, IDENTITY_RULES, 0, 2)

    def an_account_model_changes(self, rnd):
        rnd.choice(self.rules["account_models"]).update(account_model(rnd))

    def an_action_changes(self, rnd):
        rnd.choice(self.rules["next_actions"]).update(rnd.choice([{"next_action": "wait"}, {"priority": "7"}, {"grade": None, "band": None}, {"kind": "open", "stage": None}]))

    def a_stage_changes(self, rnd):
        stage = rnd.choice([row for row in self.rules["lifecycle_stages"] if row["entered_by"] == "event"])
        stage["name"] = rnd.choice(EVENT_TYPES)

    def add_model(self, rnd):
        self.models += 1
        tables = model_rules(rnd, self.models, EVENT_TYPES, self.words)
        for seed in RULE_SEEDS:
            for row in tables[seed]:
                row["valid_from"] = row["valid_to"] = None
                if rnd.randint(1, 5) == 5:
                    ends = sorted(str(START + timedelta(days=rnd.randint(-5, 20))) for _ in range(2))
                    row["valid_from"], row["valid_to"] = rnd.choice([(ends[0], None), (None, ends[1])])
        self.add_rules(tables)

    def random_rule(self, rnd, seed) -> dict:
        if seed == "attribute_rules":
            return attribute_rule(rnd, self.words)
        return event_rule(rnd, EVENT_TYPES, self.words) if seed == "event_rules" else activity_rule(rnd, EVENT_TYPES)

    def add_rules(self, tables):
        for seed, rows in complete(tables, {seed: RULE_HEADERS[seed] for seed in tables}).items():
            self.rules[seed] += rows

    # A turn

    RAW_OPERATIONS = {
        "late_events": 0.6, "events_that_land_late": 0.5, "events_received_before_they_occurred": 0.3, "copies": 0.7,
        "bad_rows": 0.4, "cells_change": 0.4, "rows_vanish": 0.3, "a_received_day_vanishes": 0.1, "rows_come_back": 0.3, "identify": 0.7,
        "identities_vanish": 0.15, "new_contacts": 0.5, "new_versions": 0.5, "contacts_overwritten": 0.3,
        "a_contact_vanishes": 0.1, "outcomes": 0.3, "order_changes": 0.2, "merges": 0.4, "late_merges": 0.2, "merges_undone": 0.15,
        "attributes_change": 0.4, "attributes_that_change_late": 0.2, "overrides": 0.5, "late_overrides": 0.2, "overrides_end": 0.3,
        "accounts": 0.4, "accounts_that_change_late": 0.2,
    }  # fmt: skip
    RULE_OPERATIONS = (
        "points_change a_rule_expires a_rule_is_removed a_rule_is_added a_rule_is_another a_condition_changes thresholds_change"
        " group_bounds_change a_status_changes a_disqualification a_filter_is_added a_filter_is_removed an_item_is_removed_from_a_list add_model"
        " identity_rules_change further_conditions_change an_account_model_changes an_action_changes a_stage_changes"
    ).split()

    def play_turn(self, turn: int, rules_change: bool, erasures: bool) -> None:
        """Let time pass, rows land and rules change."""
        rnd, since = random.Random(f"{self.seed} {turn}"), self.today
        if turn > 0:
            self.today += timedelta(days=rnd.choice([0, 1, 1, 1, 1, 2, 3, 7, 23]))
        self.log.append(f"turn {turn}, {self.today}:")
        likely = self.RAW_OPERATIONS | ({"erase": 0.35} if erasures and turn > 0 else {})
        chosen = [name for name, share in likely.items() if rnd.random() < share]
        rnd.shuffle(chosen)
        if rules_change and turn > 0 and rnd.random() < 0.5:
            chosen += several(rnd, self.RULE_OPERATIONS, 1, 3)
        self.do(turn, "on_time", since)
        for name in chosen:
            self.do(turn, name)

    def do(self, turn: int, name: str, *arguments) -> None:
        if f"{turn}:{name}" in self.leave_out or name in self.leave_out:
            return
        touched = getattr(self, name)(random.Random(f"{self.seed} {turn} {name}"), *arguments)
        self.log.append(f"    {name} {'' if touched is None else int(touched)}")

    def write(self, folder: Path) -> None:
        """Write the raw tables and the rules; erasures only where there are any."""
        write_case(Case(self.raw, self.rules, []), folder / "raw", folder / "rules")
        if self.raw["erasures"]:
            lines = [f"{row['contact_id']},{row['requested_at']}\n" for row in self.raw["erasures"]]
            (folder / "raw" / "erasures.csv").write_text("contact_id,requested_at\n" + "".join(lines))

    def latest_date(self) -> date:
        """The as-of date of a build without --as-of: of the latest event that was not received before it occurred."""
        erased = {row["contact_id"] for row in self.raw["erasures"]}
        contacts, _ = stage_contacts(self.raw["contacts"])
        first, _ = stage_identities(self.raw["identities"], contacts)
        usable = [row for row in self.raw["events"] if event_rejection(row, contacts) is None]
        usable = [row for row in usable if (row["contact_id"] or first.get(row["anonymous_id"], ("", ""))[1]) not in erased]
        kept = without_duplicates(usable, key=lambda row: row["event_id"], order=lambda row: time_or_none(row["received_at"]))
        times = [(time_or_none(row["occurred_at"]), time_or_none(row["received_at"])) for row in kept]
        return max(occurred.date() for occurred, received in times if occurred <= received)

    def failing_rows(self) -> list[dict]:
        """More rows that cannot be used than a build publishes, so that a data test fails when nearly all is built."""
        time = datetime.combine(FAILING_DAY, datetime.min.time()).isoformat(sep=" ")
        row = dict.fromkeys(RAW_HEADERS["events"]) | {"event_type": "visit", "occurred_at": time, "received_at": time, "value": "no number"}
        contacts = [contact["contact_id"] for contact in self.raw["contacts"][:9]]
        return [row | {"event_id": f"bad{number}", "contact_id": contacts[number % len(contacts)]} for number in range(max(180, len(self.raw["events"])))]
