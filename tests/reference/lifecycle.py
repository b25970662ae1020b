"""The reference for section 10 of the design, written from its text alone: stages, entered day by day as it was known on each day.

It looks at each contact on every date on which anything may change, asks which conditions hold by then, and moves the contact on.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.reference.scoring import (
    OUTCOME_COLUMNS,
    RAW_TABLES,
    Rule,
    Staged,
    attribute_holds,
    exact,
    group_by,
    holds,
    lead_as_of,
    leads_as_of,
    number_or_none,
    outcome_rejection,
    persons_as_of,
    row_text,
    shared_since,
    stage,
    time_or_none,
    with_lists,
    without_duplicates,
)


@exact
def journeys(raw: dict[str, list[dict]], rules: dict[str, list[dict]], as_of_dates: list[date], scores: list[dict]) -> list[dict]:
    """Each stage that a contact was in, as known on the latest date; `scores` are the published ones, of all dates."""
    staged, rules, latest = stage(raw), with_lists(rules), max(as_of_dates)
    staged.shared = shared_since(staged, rules)
    filters = [Rule(row) for row in rules.get("event_filters", [])]
    rows = [Rule(row) for row in rules.get("lifecycle_stages", [])]
    outcomes = used_outcomes(raw, staged)
    bands = {(row["as_of_date"], row["model_id"], row["contact_id"]): row["band"] for row in scores}
    days: dict[str, list[tuple[date, dict]]] = {contact_id: [] for contact_id in staged.contacts}
    seen: dict[str, set] = {contact_id: set() for contact_id in staged.contacts}  # events and outcomes that entered a stage
    lasting: dict[str, set] = {contact_id: set() for contact_id in staged.contacts}  # conditions that held on the date before
    for on in dates_of_change(raw, rows, as_of_dates):
        persons = group_by(sorted(staged.contacts), persons_as_of(staged, on).get)
        for contact_id in staged.contacts:
            now = met(contact_id, persons.get(contact_id), staged, filters, outcomes, rows, on)
            bands_now = {key for key in lasting[contact_id] if key[0] == "band"}
            if on in as_of_dates:
                bands_now = {
                    ("band", place)
                    for place, row in enumerate(rows)
                    if row.text("entered_by") == "band"
                    and bands.get((on, row.text("name"), contact_id)) is not None
                    and holds(row.text("comparison") or "equals", row.text("operand"), bands[on, row.text("name"), contact_id])
                }
            states = {key for key in now if key[0] == "attribute"} | bands_now
            new = {key for key in now if key[0] != "attribute" and key not in seen[contact_id]} | (states - lasting[contact_id])
            seen[contact_id] |= {key for key in now if key[0] != "attribute"}
            lasting[contact_id] = states
            entered = {}
            for key in new:
                name, value = rows[key[1]].text("stage"), outcomes[key[2]]["value"] if key[0] == "outcome" else None
                entered[name] = value if entered.get(name) is None else entered[name] + (value or 0)
            if entered:
                days[contact_id].append((on, entered))
    stages = {row.text("stage"): row for row in rows}
    leads = sorted(lead.version.contact_id for lead in leads_as_of(staged, filters, latest))
    return [change for contact_id in leads for change in journey(contact_id, days[contact_id], stages)]


def met(contact_id, members, staged: Staged, filters, outcomes, rows, on: date) -> set[tuple]:
    """What holds for a contact by that date: nothing unless it is a lead."""
    if members is None:
        return set()
    events = [event for member in members for event in staged.events.get(member, [])]
    lead = lead_as_of(contact_id, [member for member in members if member != contact_id], events, staged, filters, on)
    if lead is None:
        return set()
    found = set()
    for place, row in enumerate(rows):
        kind, name = row.text("entered_by"), row.lower("name")
        if kind == "created":
            found.add((kind, place, None))
        elif kind == "event":
            found |= {(kind, place, event.event_id) for _, event in lead.events if event.event_type == name}
        elif kind == "outcome":
            found |= {
                (kind, place, outcome_id)
                for outcome_id, row_of in outcomes.items()
                if row_of["contact_id"] in members and row_of["outcome"] == name and row_of["on"] <= on
            }
        elif kind == "attribute" and attribute_holds(lead, name, row.text("comparison"), row.text("operand")):
            found.add((kind, place))
    return found


def journey(contact_id: str, days: list[tuple[date, dict]], stages: dict[str, Rule]) -> list[dict]:
    """The stage is the highest position entered in the present cycle; one of another kind than open ends the cycle."""
    changes: list[dict] = []
    cycle, highest, ended_on, reenter = 0, None, None, None
    for on, entered in days:
        opened = sorted((name for name in entered if stages[name].text("kind") == "open"), key=lambda name: stages[name].number("position"))
        ends = [name for name in entered if name not in opened]
        if ended_on is not None and (reenter is None or not opened or on <= ended_on or on < ended_on + timedelta(days=int(reenter))):
            continue
        if cycle == 0 or ended_on is not None:
            cycle, highest, ended_on = cycle + 1, None, None
        last = max(ends, key=lambda name: stages[name].number("position"), default=None)
        for name in [*opened, *([last] if last else [])]:
            position = stages[name].number("position")
            if name != last and highest is not None and position <= highest:
                continue
            before = changes[-1] if changes else None
            changes.append(
                {
                    "contact_id": contact_id,
                    "cycle": cycle,
                    "stage": name,
                    "kind": stages[name].text("kind"),
                    "entered_on": on,
                    "stage_before": before and before["stage"],
                    "days_in_stage_before": before and (on - before["entered_on"]).days,
                    "value": entered[name],
                }
            )
            highest = position
        if last:
            ended_on, reenter = on, stages[last].number("reenter_after_days")
    return changes


def current(changes: list[dict]) -> dict[str, dict]:
    """The last change of each contact."""
    return {change["contact_id"]: change for change in changes}


def used_outcomes(raw, staged: Staged) -> dict[str, dict]:
    rows = [row for row in raw.get("outcomes", []) if outcome_rejection(row, staged.contacts) is None]
    kept = without_duplicates(rows, key=lambda row: row["outcome_id"], order=row_text(OUTCOME_COLUMNS))
    return {
        row["outcome_id"]: {
            "contact_id": row["contact_id"],
            "outcome": row["outcome"].lower(),
            "on": time_or_none(row["occurred_at"]).date(),
            "value": None if row.get("value") is None else Decimal(number_or_none(row["value"])),
        }
        for row in kept
    }


def dates_of_change(raw, rows, as_of_dates) -> list[date]:
    """Every date that stands in a raw table, and so many days after it as a stage asks for, and the as-of dates, up to the latest of these."""
    cells = {cell for table in RAW_TABLES for row in raw.get(table, []) for cell in row.values() if cell}
    dates = {time.date() for time in map(time_or_none, cells) if time}
    waits = {int(row.text("operand")) for row in rows if (row.text("comparison") or "").startswith("days_ago")}
    after = {on + timedelta(days=days + more) for on in dates for days in waits for more in (0, 1) if (max(as_of_dates) - on).days > days}
    return sorted(on for on in dates | after | set(as_of_dates) if on <= max(as_of_dates))
