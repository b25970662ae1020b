"""Random cases of raw rows and rules, for comparing the SQL with the reference (scoring.py).

    cases()                   a hypothesis strategy of valid cases; a failing one shrinks
    collect(count, seed)      that many cases as a list, spread evenly, the same ones for the same seed
    merge(list_of_cases)      many cases as one, for a single build
    write_case(case, raw_dir, rules_dir)

Every value is text as it stands in a csv file; None is an empty cell. The raw rows may be bad in every way that the
design names; the rules are always valid. All cases share the columns of contacts and the as-of dates. Choices that
the design leaves open (see the list AVOIDED) are not made.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

# What no case contains, since the design does not say what it means:
AVOIDED = (
    "duplicates that differ in more than one column of plain lower-case text, as the tie-break is by row text",
    "object_ids that differ in case alone",
    "numbers with more than 6 decimals, or with blanks around them in columns of events",
    "an empty weight, measure or band min_score",
    "letters whose lower case has another length or depends on its place (dotted I, final sigma)",
)

AS_OF_DATES = (date(2024, 2, 29), date(2024, 3, 7), date(2024, 6, 5))

RAW_HEADERS = {
    "contacts": "contact_id created_at updated_at email account_id industry country employees job_title trial_start phone".split(),
    "events": (
        "event_id contact_id anonymous_id event_type occurred_at received_at channel campaign page_url object_id "
        "duration_seconds value plan due"
    ).split(),
    "identities": "anonymous_id contact_id identified_at".split(),
    "outcomes": "outcome_id contact_id outcome occurred_at value".split(),
    "merges": "from_contact_id into_contact_id merged_at".split(),
    "contact_attributes": "contact_id attribute value changed_at".split(),
    "overrides": "contact_id model_id points reason author valid_from valid_to".split(),
    "accounts": "account_id created_at updated_at name sector size renewal".split(),
}

RULE_HEADERS = {
    "score_models": (
        "model_id status audience_attribute audience_comparison audience_operand behavioural_weight "
        "demographic_weight min_score max_score description"
    ).split(),
    "event_rules": (
        "rule_id model_id rule_group event_type property comparison operand and_property and_comparison and_operand "
        "measure unit points max_per_period period_days min_times max_times within_days decay decay_days "
        "decay_percent scale min_points max_points valid_from valid_to description after_event_type after_within_days"
    ).split(),
    "activity_rules": (
        "rule_id model_id rule_group feature event_type within_days lower upper points valid_from valid_to description"
    ).split(),
    "attribute_rules": (
        "rule_id model_id rule_group attribute comparison operand and_attribute and_comparison and_operand points "
        "valid_from valid_to description"
    ).split(),
    "rule_groups": "model_id rule_group dimension min_points max_points description".split(),
    "score_bands": "model_id dimension band min_score keep_score description".split(),
    "score_matrix": "model_id demographic_band behavioural_band grade priority next_action".split(),
    "disqualification_rules": "rule_id model_id source name comparison operand reason".split(),
    "event_filters": (
        "filter_id event_type kind property comparison operand after_event_type seconds times description"
    ).split(),
    "identity_rules": "attribute normalise except_list".split(),
    "reference_lists": ["list", "item"],
    "rule_conditions": "rule_id name comparison operand".split(),
    "account_models": "model_id roll_up top breadth_attribute breadth_min_score breadth_points max_breadth_points status".split(),
    "lifecycle_stages": "stage position kind entered_by name comparison operand reenter_after_days description".split(),
    "next_actions": (
        "model_id precedence stage kind grade band event_type within_days attribute comparison operand priority next_action description"
    ).split(),
}

# The same lists in every case. A list may have one item.
REFERENCE_LISTS = {
    "Sectors": ["it", "łączność", "A_B", "pl", "CEO"],
    "home": ["România", "p1", "email"],
    "one": ["WIOSNA"],
}


@dataclass
class Case:
    raw: dict[str, list[dict]]
    rules: dict[str, list[dict]]
    as_of_dates: list[date]


# ---------------------------------------------------------------------------------------------------------------
# Pools: few values each, so that rows meet
# ---------------------------------------------------------------------------------------------------------------

# Around the as-of dates, as dates, as times and as neither.
DATES = ["2024-02-28", "2024-02-29", "2024-02-29 23:59:59.999999", "2024-03-01T00:00:00", "2024-03-06 12:00:00", "2024-03-07", "2024-03-08",
         "2024-06-04", "2024-06-05 10:00:00", "2024-06-06", "2023-12-01", "soon", "2024-02-30", "20240301", "7"]  # fmt: skip

ATTRIBUTES = {
    "industry": [
        "IT",
        "it",
        "Łączność",
        "łĄCZNOŚĆ",
        "Trade & Retail",
        "50%_off",
        "a_b",
        "Construção, civil",
        'the "best"',
    ],
    "country": ["PL", "pl", "România", "ROMÂNIA", "Brasil", "PT"],
    "employees": ["0", "1", "10", "49", "50", "250", "12.5", "-5", "n/a", "ten", "1,5", "12 people", "1e3", "nan"],
    "job_title": ["CEO", "ceo", "Head of Sales", "head of IT", "Șef vânzări", "developer", "CEO;Founder|Owner"],
    "trial_start": DATES,
    # No column of raw.contacts: its values are those of raw.contact_attributes alone.
    "tier": ["Gold", "gold", "Złoty"],
}
# Those of raw.accounts, as rules name them.
ACCOUNT_ATTRIBUTES = {
    "account.name": ["Żubr SA", "A_B", "Acme"],
    "account.sector": ["IT", "it", "Łączność", "A_B"],
    "account.size": ["10", "49.5", "250", "n/a"],
    "account.renewal": DATES,
}
# Columns that every contact, or account, has.
OWN_COLUMNS = ["created_at", "updated_at", "account.created_at", "account.updated_at"]
OPERANDS = {
    "created_at": ["2023-11-20", "2024", "00"],
    "updated_at": ["2024-03-08", "2024-03"],
    "account.created_at": ["2023-11-20"],
    "account.updated_at": ["2024"],
    "account.name": ["żubr", "ACME", "A", "_"],
    "account.sector": ["it", "łĄCZ", "a_b"],
    "account.size": ["10", "49.5", "N/A", "2"],
    "account.renewal": ["2024-03-07", "2024", "00"],
    "industry": ["it", "IT", "łączność", "trade & retail", "ŁĄCZ", "NOŚĆ", "%", "_", "50%", "a%b", "&", ", ", '"best"'],
    "country": ["pl", "PL", "românia", "ROM", "P", "â", "sil"],
    "employees": ["0", "10", "50", "12.5", "1", "n/a", "TEN", "250"],
    "job_title": ["ceo", "head", "Of", "șef", "VÂNZĂRI", "developer", "sales", "owner", "FOUNDER"],
    "email": ["ana@example.com", "@EXAMPLE.com", "ana", "+"],
    "account_id": ["A1", "a1", "a"],
    "channel": ["email", "Email", "web", "PUSH", "ł", "e"],
    "campaign": ["wiosna", "WIOSNA", "50%", "promoção", "_"],
    "page_url": ["/pricing", "/Offer", "https", "?a=1&b=%20", "/"],
    "object_id": ["p1", "p2", "P1", "p"],
    "duration_seconds": ["0", "30", "60", "90.5", "1", "."],
    "plan": ["PRO", "12.50", "7", "ÉTÉ", "|", "r"],
    "value": ["10", "12.50", "0.0", "1", "-5", ".", "1e1"],
    "trial_start": ["2024-03-07", "2024", "00"],
    "tier": ["GOLD", "old", "złoty"],
    "due": ["2024-02-29", "-0", "2024-06-05 10:00:00"],
}
PATTERNS = ["^it", "^head", "o$", "[0-9]+", "sales|ceo", "ŁĄCZ", "e.*e", "^.$", "p[12]", "PRICING", "^[a-z]+$", "0{2}",
            "a", "[eo]", "ł", "I", "0|5", "HEAD", "EMAIL|PUSH", "P[12]", "CEO|IT", "[A-Z]"]  # fmt: skip
NUMBERS = ["0", "1", "10", "12.5", "30", "49", "50", "60", "90.5", "250", "1000", "-5", "-1", "0.5"]
EVENT_VALUES = {
    "channel": ["email", "Email", "web", "push", "Łódź", "web;Email"],
    "campaign": ["wiosna", "Wiosna", "50% off", "promoção_1", "PROMOÇÃO_1"],
    "page_url": ["https://x.pl/pricing", "https://x.pl/Offer?a=1&b=%20", "/"],
    "object_id": ["p1", "p2", "p3"],
    "duration_seconds": ["0", "1", "30", "60", "90.5", "90.50", "0.000001", "3600", "7"],
    "plan": ["pro", "Pro", "12.50", "12.5", "7", "été|x"],
    "due": DATES,
    "value": ["0", "1", "10", "10.00", "12.5", "-5", "-0.5", "99.99", "250", "0.333333", "1e2", "100000"],
}
EVENT_TYPES = ["visit", "open", "purchase", "form"]
TIMES = ["00:00:00", "09:00:00", "09:30:00", "10:00:00", "10:00:01", "10:29:59.5", "10:30:00", "10:30:00.000001",
         "11:00:01", "23:59:59.999999", "09:30:00", "10:00:00", "10:30:00"]  # fmt: skip
AGES = [0, 1, 2, 3, 6, 7, 8, 13, 14, 15, 27, 28, 29, 30, 56, 90, 98, 99, -1]
POINTS = ["1", "5", "10", "2.5", "-3", "-7.25", "0", "0.0001", "33.3333", "0.5", "-0.0005", "1000", "-1000", "100"]
WEIGHTS = ["1", "1", "1", "0.5", "2", "0", "0.3333", "1.25", "3", "0.0001", "2.9999"]
UNITS = ["1", "60", "640", "3", "7", "0.5", "100", "1000", "128", "0.0003"]
BOUNDS = ["-100", "-10", "-5", "-2.5", "0", "0.5", "1", "5", "10", "12.3456", "25", "50", "100"]
BAD_TIMES = ["yesterday", "2024-02-30", "2024-13-01 10:00:00", "2024-03-01 25:00:00", "-"]
BAD_NUMBERS = ["n/a", "1,5", "ten", "12 s", "1000000000000"]
DAYS_POOL = ["1", "2", "3", "7", "14", "30", "90", "99", "365"]

# ---------------------------------------------------------------------------------------------------------------
# Chance: everything below is drawn from one random.Random, which hypothesis can stand in for
# ---------------------------------------------------------------------------------------------------------------


def one_time_in(rnd, n) -> bool:
    return rnd.randint(1, n) == n


def sometimes(rnd, pool, one_in=2):
    """None, but one time in so many a value of the pool."""
    return rnd.choice(pool) if one_time_in(rnd, one_in) else None


def mostly(rnd, pool, one_in=10):
    """A value of the pool, but one time in so many None."""
    return None if one_time_in(rnd, one_in) else rnd.choice(pool)


def several(rnd, pool, low, high):
    """So many different values of the pool."""
    return rnd.sample(pool, min(len(pool), rnd.randint(low, high)))


def decimal(rnd, low, high, places=4):
    """Decimal text with up to so many decimals."""
    scale = 10**places
    return plain(Decimal(rnd.randint(low * scale, high * scale)) / scale)


def plain(x: Decimal) -> str:
    text = format(x, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def points(rnd):
    kind = rnd.randint(1, 4)
    if kind <= 2:
        return rnd.choice(POINTS)
    return decimal(rnd, -1000, 1000) if kind == 3 else decimal(rnd, -9, 9)


def weight(rnd):
    return decimal(rnd, 0, 3) if one_time_in(rnd, 3) else rnd.choice(WEIGHTS)


def bounds(rnd, one_in=2):
    """A lower and an upper bound, each perhaps missing, lower <= upper."""
    low, high = (
        (decimal(rnd, -60, 60) if one_time_in(rnd, 4) else rnd.choice(BOUNDS)) if one_time_in(rnd, one_in) else None
        for _ in range(2)
    )
    if low is not None and high is not None and Decimal(low) > Decimal(high):
        low, high = high, low
    return low, high


# ---------------------------------------------------------------------------------------------------------------
# Raw rows
# ---------------------------------------------------------------------------------------------------------------


def time_on(rnd, days):
    """A time on one of the few days of the case, in any of the forms that can be read."""
    day = rnd.choice(days).isoformat()
    form = rnd.randint(1, 8)
    if form == 1:
        return day
    return day + ("T" if form == 2 else " ") + rnd.choice(TIMES)


def few_days(rnd):
    """A few distinct days of a case, most of them at an edge seen from an as-of date."""
    edges = sorted({as_of - timedelta(days=age) for as_of in AS_OF_DATES for age in AGES})
    early = [day for day in edges if day <= AS_OF_DATES[0]]
    start = rnd.choice(AS_OF_DATES) - timedelta(days=rnd.randint(0, 9))
    run = [start - timedelta(days=i) for i in range(rnd.choice([0, 2, 3, 5]))]
    return sorted({*several(rnd, edges, 1, 2), *several(rnd, early, 1, 2), *run})


CREATED = ["2023-11-20", "2023-11-20 08:00:00", "2023-12-01T10:00:00", "2023-11-20", "2023-11-20", "2023-11-20",
           "2024-02-29 23:59:59.999999", "2024-03-01", "2024-03-07 12:00:00", "2024-06-06"]  # fmt: skip
UPDATED = [None, "2023-12-24 10:00:00", "2024-02-29 12:00:00", "2024-03-01 00:00:00", "2024-03-04T10:00:00",
           "2024-03-08", "2024-05-01", "2024-06-05 23:59:59", "2024-07-01"]  # fmt: skip


# Some are one address, or one number, in other words; some are nobody's.
EMAILS = ["ana@example.com", "Ana@Example.com ", "Ana+X@Example.com", "a.n.a@example.com", "A.n.a@gmail.com", "ana+news@googlemail.com", "an.a@gmail.com",
          "+x@gmail.com", "info@example.com", "bo@shared.example", "no address", "ana@example", "bo@example.com"]  # fmt: skip
PHONES = ["+48 600-100-200", "48600100200", "+48 (600) 100 201", "none"]
IDENTITY_RULES = [
    {"attribute": "Email", "normalise": "email", "except_list": "role_addresses"},
    {"attribute": "phone", "normalise": "digits"},
]
ROLE_ADDRESSES = ["info", "Shared.Example"]


# Those with an X may be in raw.accounts, each case's own; the others are of all cases, and of no row of raw.accounts.
ACCOUNT_IDS = ["A1", "a1", "B2", "X1", "X1", "X2", "X2", "X3"]


def contact_versions(rnd, contact_id, words, emails):
    """One to three rows of one contact, in half of the cases with addresses and numbers that others have too."""
    created_at = rnd.choice(CREATED)
    updates = several(rnd, UPDATED, 1, 3) if rnd.randint(0, 1) else [None]
    without_attributes = one_time_in(rnd, 5)
    rows = []
    for updated_at in updates:
        row = {
            "contact_id": contact_id,
            "created_at": created_at,
            "updated_at": updated_at,
            "email": sometimes(rnd, emails or [f"{contact_id}@example.com"]),
            "account_id": sometimes(rnd, ACCOUNT_IDS),
            "phone": sometimes(rnd, PHONES, 4) if emails and not without_attributes else None,
        }
        for name in ATTRIBUTES:
            row[name] = None if without_attributes else mostly(rnd, words[name], 5)
        rows.append(row)
    return rows


def event_rows(rnd, i, contact_ids, visitors, types, days, words):
    """One event, or two rows of one event; sometimes late, anonymous or bad."""
    occurred_at = time_on(rnd, days)
    whose = rnd.randint(1, 10)
    row = {
        "event_id": f"e{i}",
        "contact_id": rnd.choice(contact_ids) if whose <= 7 else None,
        "anonymous_id": rnd.choice(visitors) if whose >= 7 else None,
        "event_type": any_case(rnd, rnd.choice(types)),
        "occurred_at": occurred_at,
        "received_at": occurred_at,
    }
    if one_time_in(rnd, 4):
        row["received_at"] = received_otherwise(rnd, occurred_at)
    for name in EVENT_VALUES:
        row[name] = mostly(rnd, words[name], 5)
    if one_time_in(rnd, 12):
        damage(rnd, row)
        return [row]
    if one_time_in(rnd, 10):
        return [row, duplicate_of(rnd, row)]
    return [row]


def received_otherwise(rnd, occurred_at):
    """Later, or up to a day earlier, or two days earlier, which is too early."""
    day = date.fromisoformat(occurred_at[:10])
    shift = rnd.choice([0, 1, 2, 5, 7, 30, -1, -1, -2])
    if shift == 0:
        return day.isoformat() + " 23:59:59.999999"
    return (day + timedelta(days=shift)).isoformat() + " " + (occurred_at[11:] or "00:00:00")


def duplicate_of(rnd, row):
    """The same event again: exactly, received on another day with another value, or with another channel."""
    other = dict(row)
    kind = rnd.randint(1, 3)
    if kind == 1:
        received_at = received_otherwise(rnd, row["occurred_at"])
        if received_at[:10] != row["received_at"][:10]:
            other.update(received_at=received_at, value=rnd.choice(EVENT_VALUES["value"]))
    elif kind == 2:
        row["channel"], other["channel"] = several(rnd, ["email", "web"], 2, 2)
    return other


def damage(rnd, row):
    """Make a row of events one that must be rejected (or, with an unknown visitor, one that waits)."""
    kind = rnd.randint(1, 11)
    if kind == 1:
        row["event_id"] = None
    elif kind == 2:
        row["event_type"] = None
    elif kind == 3:
        row["contact_id"] = row["anonymous_id"] = None
    elif kind == 4:
        row["occurred_at"] = rnd.choice([None, *BAD_TIMES])
    elif kind == 5:
        row["received_at"] = rnd.choice([None, *BAD_TIMES])
    elif kind == 6:
        row["duration_seconds"] = rnd.choice(BAD_NUMBERS)
    elif kind == 7:
        row["value"] = rnd.choice(BAD_NUMBERS)
    elif kind == 8:
        row["duration_seconds"] = rnd.choice(["-1", "-0.5"])
    elif kind == 9:
        row["contact_id"] = "ghost"
    elif kind == 10:
        row["contact_id"], row["anonymous_id"] = None, "nobody"
    else:
        day = date.fromisoformat(row["occurred_at"][:10]) - timedelta(days=2)
        row["received_at"] = day.isoformat() + " 23:59:59"


def raw_tables(rnd, types, words):
    days = few_days(rnd)
    contact_ids = [f"c{i}" for i in range(1, rnd.randint(1, 6) + 1)]
    visitors = ["v1", "v2", "v3"]
    events = [
        row
        for i in range(1, rnd.choice([0, 3, 10, 15, 20, 25]) + 1)
        for row in event_rows(rnd, i, contact_ids, visitors, types, days, words)
    ]
    if one_time_in(rnd, 2):
        rnd.shuffle(events)
    return {
        "contacts": contact_rows(rnd, contact_ids, words),
        "events": events,
        "identities": identity_rows(rnd, contact_ids, visitors, days),
        "outcomes": outcome_rows(rnd, contact_ids, days),
        "merges": merge_rows(rnd, contact_ids, days),
        "contact_attributes": change_rows(rnd, contact_ids, days, words),
        "overrides": override_rows(rnd, contact_ids),
        "accounts": account_rows(rnd, words),
    }


def contact_rows(rnd, contact_ids, words):
    emails = several(rnd, EMAILS, 1, 4) if one_time_in(rnd, 2) else []
    contacts = [row for contact_id in contact_ids for row in contact_versions(rnd, contact_id, words, emails)]
    if one_time_in(rnd, 4):
        row = rnd.choice(contacts)
        again = dict(row)
        if rnd.randint(0, 1):
            row["industry"], again["industry"] = several(rnd, ["aaa", "zzz"], 2, 2)
        contacts.append(again)
    if one_time_in(rnd, 6):
        bad = dict(rnd.choice(contacts), updated_at="2024-02-01")
        bad[rnd.choice(["contact_id", "created_at"])] = None
        contacts.append(bad)
    if one_time_in(rnd, 6):
        bad = dict(rnd.choice(contacts))
        bad[rnd.choice(["created_at", "updated_at"])] = rnd.choice(BAD_TIMES)
        contacts.append(bad)
    rnd.shuffle(contacts)
    return contacts


def identity_rows(rnd, contact_ids, visitors, days):
    rows = [
        {
            "anonymous_id": rnd.choice(visitors),
            "contact_id": rnd.choice(contact_ids),
            "identified_at": time_on(rnd, days),
        }
        for _ in range(rnd.randint(0, 5))
    ]
    if rows and one_time_in(rnd, 4):
        rows.append(dict(rnd.choice(rows)))
    if rows and one_time_in(rnd, 4):
        rows.append(dict(rnd.choice(rows), contact_id=rnd.choice(contact_ids)))  # perhaps two contacts at once
    if rows and one_time_in(rnd, 5):
        bad = dict(rnd.choice(rows))
        name = rnd.choice(["anonymous_id", "contact_id", "identified_at", "ghost"])
        bad.update({"contact_id": "ghost", "identified_at": "2023-01-01"} if name == "ghost" else {name: None})
        rows.append(bad)
    return rows


def outcome_rows(rnd, contact_ids, days):
    rows = []
    for i in range(rnd.randint(0, 3)):
        row = {
            "outcome_id": f"o{i}",
            "contact_id": rnd.choice(contact_ids),
            "outcome": rnd.choice(["qualified", "won", "lost", "disqualified", "Renewed"]),
            "occurred_at": time_on(rnd, days),
            "value": sometimes(rnd, ["10", "99.99"]),
        }
        fault = rnd.randint(1, 12)
        if fault == 1:
            row[rnd.choice(["outcome_id", "contact_id", "outcome", "occurred_at"])] = None
        elif fault == 2:
            row.update(rnd.choice([{"contact_id": "ghost"}, {"outcome": "maybe"}, {"value": "ten"}]))
        elif fault == 3:
            rows.append(dict(row))
        rows.append(row)
    return rows


def change_rows(rnd, contact_ids, days, words):
    """In half of the cases attributes have dated values, before, between and at the times of versions."""
    if one_time_in(rnd, 2):
        return []
    rows = []
    for _ in range(rnd.randint(1, 12)):
        name = rnd.choice([*ATTRIBUTES, *ATTRIBUTES, "account_id", "email", "phone"])
        pool = {"account_id": ["A1", "B2", "X1", "X2", None], "email": [*EMAILS, None], "phone": [*PHONES, None]}
        value = rnd.choice(pool[name]) if name in pool else sometimes(rnd, words[name])
        changed_at = rnd.choice([time_on(rnd, days), time_on(rnd, days), rnd.choice(CREATED), rnd.choice(UPDATED[1:])])
        rows.append({"contact_id": rnd.choice(contact_ids), "attribute": any_case(rnd, name), "value": value, "changed_at": changed_at})
    if one_time_in(rnd, 3):
        rows.append(dict(rnd.choice(rows), value="pl"))
    if one_time_in(rnd, 4):
        bad = dict(rnd.choice(rows))
        name = rnd.choice(["contact_id", "attribute", "changed_at", "ghost"])
        bad.update({"contact_id": "ghost"} if name == "ghost" else {name: None})
        rows.append(bad)
    return rows


def override_rows(rnd, contact_ids):
    """In half of the cases judgements of persons: on and around as-of dates, twice, of an unknown model or contact, bad."""
    if one_time_in(rnd, 2):
        return []
    rows = []
    for _ in range(rnd.randint(1, 5)):
        start, end = validity(rnd)
        row = {
            "contact_id": rnd.choice(contact_ids),
            "model_id": rnd.choice(["m1", "m1", "m1", "m2", "m3"]),
            "points": points(rnd),
            "reason": rnd.choice(["met at a fair", "zły zapach", "a | b"]),
            "author": rnd.choice(["Ana", "Łukasz"]),
            "valid_from": start or rnd.choice(EDGE_DAYS[:2]),
            "valid_to": end,
        }
        fault = rnd.randint(1, 12)
        if fault == 1:
            row[rnd.choice(list(row))] = None
        elif fault == 2:
            faults = [{"contact_id": "ghost"}, {"model_id": "m9"}, {"points": "ten"}, {"points": "100000000"}, {"valid_to": "soon"}, {"valid_from": "2024-02-30"}]
            row.update(rnd.choice(faults))
        elif fault == 3:
            rows.append(dict(row))
        rows.append(row)
    return rows


def account_rows(rnd, words):
    """One to three versions of some accounts, created before, between and after as-of dates; some rows again or bad."""
    rows = []
    for account_id in several(rnd, ["X1", "X2", "X3"], 0, 3):
        created_at = rnd.choice(CREATED)
        for updated_at in several(rnd, UPDATED, 1, 3) if rnd.randint(0, 1) else [None]:
            row = {"account_id": account_id, "created_at": created_at if rnd.randint(0, 3) else rnd.choice(CREATED), "updated_at": updated_at}
            rows.append(row | {name.removeprefix("account."): mostly(rnd, words[name], 5) for name in ACCOUNT_ATTRIBUTES})
    if rows and one_time_in(rnd, 4):
        row = rnd.choice(rows)
        again = dict(row)
        row["sector"], again["sector"] = several(rnd, ["aaa", "zzz"], 2, 2)
        rows.append(again)
    if rows and one_time_in(rnd, 6):
        bad = dict(rnd.choice(rows), updated_at="2024-02-02")
        bad[rnd.choice(["account_id", "created_at"])] = None
        rows.append(bad)
    if rows and one_time_in(rnd, 6):
        bad = dict(rnd.choice(rows))
        bad[rnd.choice(["created_at", "updated_at"])] = rnd.choice(BAD_TIMES)
        rows.append(bad)
    rnd.shuffle(rows)
    return rows


def merge_rows(rnd, contact_ids, days):
    """In half of the cases contacts are merged: chains, cycles, twice, at one time, on and around as-of dates."""
    if one_time_in(rnd, 2):
        return []
    rows = []
    for _ in range(rnd.randint(1, 6)):
        into, merged = rnd.choice(contact_ids), rnd.choice(contact_ids)
        rows.append({"from_contact_id": merged, "into_contact_id": into, "merged_at": time_on(rnd, days)})
    if one_time_in(rnd, 3):
        rows.append(dict(rnd.choice(rows)))
    if one_time_in(rnd, 4):
        bad = dict(rnd.choice(rows))
        name = rnd.choice(list(bad))
        bad[name] = rnd.choice([None, "ghost" if name != "merged_at" else rnd.choice(BAD_TIMES)])
        rows.append(bad)
    return rows


# ---------------------------------------------------------------------------------------------------------------
# Rules
# ---------------------------------------------------------------------------------------------------------------

# Each comparison of the contract with the kind of its operand, so that random cases try a new one without being told.
with open(Path(__file__).resolve().parents[2] / "contract" / "comparisons.csv", encoding="utf-8", newline="") as contract:
    COMPARISONS = {row["comparison"]: row["operand"] for row in csv.DictReader(contract)}
NUMERIC = ("employees", "value", "duration_seconds", "account.size")
DATED = ("trial_start", "due", "account.renewal", "created_at", "updated_at", "account.created_at", "account.updated_at")


def vocabulary(rnd) -> dict[str, list[str]]:
    """Which few values each attribute and property has in a case, so that conditions hold often enough."""
    return {name: several(rnd, pool, 2, 4) for name, pool in (ATTRIBUTES | EVENT_VALUES | ACCOUNT_ATTRIBUTES).items()}


def part_of(rnd, comparison, text):
    """An operand for which the comparison with that text holds (numbers apart)."""
    cut = rnd.randint(1, len(text))
    if comparison == "starts_with":
        text = text[:cut]
    elif comparison == "ends_with":
        text = text[-cut:]
    elif comparison == "contains":
        start = rnd.randint(0, cut - 1)
        text = text[start:cut]
    return any_case(rnd, text)


def condition(rnd, names, words, on_dates=True):
    """A name, a comparison and an operand; of filters no comparison with the as-of date."""
    name = rnd.choice(names)
    comparisons = {each: kind for each, kind in COMPARISONS.items() if on_dates or kind != "days"}
    comparison = rnd.choice(list(comparisons))
    if name in NUMERIC and rnd.randint(0, 1):
        comparison = rnd.choice([each for each, kind in comparisons.items() if kind in ("number", "range")])
    if on_dates and name in DATED and rnd.randint(0, 2):
        comparison = rnd.choice([each for each, kind in comparisons.items() if kind == "days"])
    pool = OPERANDS[name] + words.get(name, [])
    kind = COMPARISONS[comparison]
    if kind == "none":
        operand = None
    elif kind == "list":
        operand = "|".join(several(rnd, pool, 1, 3))
    elif kind == "reference":
        operand = rnd.choice(list(REFERENCE_LISTS))
    elif kind == "pattern":
        operand = rnd.choice(PATTERNS)
    elif kind == "days":
        operand = rnd.choice(["0", "1", "6", "7", "8", "90", "97", "98", "1000"])
    elif kind == "number":
        operand = rnd.choice(NUMBERS)
    elif kind == "range":
        operand = "|".join(sorted((rnd.choice(NUMBERS), rnd.choice(NUMBERS)), key=Decimal))
    elif name in words and rnd.randint(0, 1):
        operand = part_of(rnd, comparison, rnd.choice(words[name]))
    else:
        operand = rnd.choice(pool)
    return name, comparison, operand


def any_case(rnd, text):
    return rnd.choice([text, text, text.upper(), text.title()])


EDGE_DAYS = ["2023-01-01", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-07", "2024-06-05", "2024-06-06",
             "2025-01-01"]  # fmt: skip


def validity(rnd):
    """Mostly unlimited; else at an edge of an as-of date, or over."""
    if not one_time_in(rnd, 4):
        return None, None
    start, end = sorted(several(rnd, EDGE_DAYS, 2, 2))
    return rnd.choice([(start, end), (start, None), (None, end)])


def set_conditions(rnd, row, subject, names, words):
    """One or two comparisons."""
    row[subject], row["comparison"], row["operand"] = condition(rnd, names, words)
    if one_time_in(rnd, 3):
        row[f"and_{subject}"], row["and_comparison"], row["and_operand"] = condition(rnd, names, words)


def event_rule(rnd, types, words):
    row = {"event_type": any_case(rnd, rnd.choice(types)), "points": points(rnd)}
    if one_time_in(rnd, 3):
        set_conditions(rnd, row, "property", list(EVENT_VALUES), words)
    row["measure"] = rnd.choice(["events", "events", "duration_seconds", "value"])
    if row["measure"] != "events":
        row["unit"] = sometimes(rnd, UNITS)
    if one_time_in(rnd, 3):
        row["max_per_period"] = rnd.choice(["1", "1", "2", "3", "5", "1.5"])
        row["period_days"] = sometimes(rnd, ["1", "2", "7", "30"])
    row["min_times"] = sometimes(rnd, ["1", "2", "2", "3", "4"], 5)
    row["max_times"] = sometimes(rnd, ["1", "2", "3", "5", "10", "2.5"], 3)
    row["within_days"] = sometimes(rnd, DAYS_POOL, 4)
    row["decay"] = rnd.choice([None, "none", "exponential", "exponential", "linear", "linear", "step", "step"])
    if row["decay"] in ("exponential", "linear", "step"):
        row["decay_days"] = rnd.choice(["1", "2", "3", "7", "14", "30", "98", "128", "2.5"])
    if row["decay"] == "step":
        row["decay_percent"] = rnd.choice(["0", "10", "25", "33", "50", "90", "100", "12.5"])
    row["scale"] = sometimes(rnd, ["log2"], 4)
    row["min_points"], row["max_points"] = bounds(rnd, one_in=5)
    if one_time_in(rnd, 4):
        row["after_event_type"] = any_case(rnd, rnd.choice(types))
        row["after_within_days"] = sometimes(rnd, ["1", "1", "2", "7", "30"])
    return row


def further_conditions(rnd, seed, rule, words):
    """Rows of rule_conditions: for one in four rules one to three, one of them perhaps twice. Loose ones, or all together would hold for nothing."""
    names = {"event_rules": list(EVENT_VALUES), "attribute_rules": [*ATTRIBUTES, *ACCOUNT_ATTRIBUTES, "email"]}.get(seed)
    if names is None or not one_time_in(rnd, 4):
        return []
    found = [condition(rnd, names, words) for _ in range(rnd.choice([1, 1, 2, 3]))]
    found = [(name, comparison if one_time_in(rnd, 2) else "is_present", operand) for name, comparison, operand in found]
    rows = [{"rule_id": rule["rule_id"], "name": any_case(rnd, name), "comparison": comparison, "operand": operand} for name, comparison, operand in found]
    return rows + rows[:1] if one_time_in(rnd, 5) else rows


FEATURES = ["events", "active_days", "sessions", "seconds", "value", "distinct_objects", "returned_objects",
            "days_since_last", "days_since_first"]  # fmt: skip
LIMITS = {
    "seconds": ["0", "0.5", "1", "60", "90.5", "120", "1000"],
    "value": ["-5", "0", "0.5", "10", "12.5", "100", "1000"],
    "days_since_last": ["0", "1", "2", "7", "14", "30"],
    "days_since_first": ["0", "1", "7", "14", "30", "90", "98"],
}


def activity_rule(rnd, types):
    feature = rnd.choice(FEATURES)
    row = {"feature": feature, "points": points(rnd), "within_days": sometimes(rnd, DAYS_POOL)}
    if rnd.randint(0, 1):
        row["event_type"] = any_case(rnd, rnd.choice(types))
    low, high = sorted(several(rnd, LIMITS.get(feature, ["0", "1", "2", "3", "4"]), 2, 2), key=Decimal)
    row["lower"], row["upper"] = rnd.choice([(low, high), (low, None), (None, high), (None, None), (low, None)])
    return row


def attribute_rule(rnd, words):
    row = {"points": points(rnd)}
    set_conditions(rnd, row, "attribute", list(ATTRIBUTES) * 2 + ["email", "account_id", *ACCOUNT_ATTRIBUTES, *ACCOUNT_ATTRIBUTES, *OWN_COLUMNS], words)
    for name in ("attribute", "and_attribute"):
        if row.get(name) is not None and one_time_in(rnd, 6):
            row[name] = row[name].upper()
    return row


GROUPS = [("engagement", "behavioural"), ("Kary", "behavioural"), ("fit", "demographic"), ("firma", "demographic"),
          ("unused", "behavioural")]  # fmt: skip


def model_rules(rnd, m, types, words):
    """One model with its groups, rules, bands, matrix and disqualifications."""
    bands = [band for dimension in ("behavioural", "demographic", "total", "account") for band in score_bands(rnd, dimension)]
    tables = {
        "score_models": [model_row(rnd, m, words)],
        "rule_groups": [group_row(rnd, *group) for group in several(rnd, GROUPS, 1, 4)],
        "event_rules": [],
        "activity_rules": [],
        "attribute_rules": [],
        "score_bands": bands,
        "score_matrix": matrix(rnd, bands),
        "disqualification_rules": [],
        "rule_conditions": [],
        "account_models": [account_model(rnd)] if rnd.randint(0, 2) else [],
    }
    for i in range(rnd.randint(1, 8)):
        seed = rnd.choice(["event_rules", "event_rules", "event_rules", "activity_rules", "attribute_rules"])
        row = {
            "event_rules": lambda: event_rule(rnd, types, words),
            "activity_rules": lambda: activity_rule(rnd, types),
            "attribute_rules": lambda: attribute_rule(rnd, words),
        }[seed]()
        row["rule_id"] = f"m{m}_r{i}"
        row["rule_group"] = group_for(rnd, seed, tables["rule_groups"])
        row["valid_from"], row["valid_to"] = validity(rnd)
        tables[seed].append(row)
        tables["rule_conditions"] += further_conditions(rnd, seed, row, words)
    if one_time_in(rnd, 4):
        tables["disqualification_rules"].append(disqualification_rule(rnd, types, words) | {"rule_id": f"m{m}_d"})
    for rows in tables.values():
        for row in rows:
            row["model_id"] = f"m{m}"
    return tables


def model_row(rnd, m, words):
    row = {"status": rnd.choice(["active", "challenger"] if m == 1 else ["active", "challenger", "draft", "archived"])}
    if one_time_in(rnd, 4):
        # A tier that nobody has yet would be refused as unknown.
        audience = condition(rnd, [*(name for name in ATTRIBUTES if name != "tier"), *ACCOUNT_ATTRIBUTES, "created_at"], words)
        row["audience_attribute"], row["audience_comparison"], row["audience_operand"] = audience
    row["behavioural_weight"], row["demographic_weight"] = weight(rnd), weight(rnd)
    row["min_score"], row["max_score"] = bounds(rnd, one_in=3)
    return row


def group_row(rnd, name, dimension):
    low, high = bounds(rnd, one_in=4)
    return {"rule_group": name, "dimension": dimension, "min_points": low, "max_points": high}


def group_for(rnd, seed, groups):
    """Mostly a group of the usual dimension; any dimension is allowed."""
    dimension = "demographic" if seed == "attribute_rules" else "behavioural"
    anywhere = [group["rule_group"] for group in groups]
    usual = [group["rule_group"] for group in groups if group["dimension"] == dimension]
    return rnd.choice(anywhere if not usual or one_time_in(rnd, 6) else usual)


def score_bands(rnd, dimension):
    """Up to three bands with distinct min_scores, keep_score <= min_score."""
    values = ["0", "1", "5", "10", "-5", "0.5", "100", "33.3333", "2.5", "-20", "-3.1", "7.9"]
    bands = []
    for name, low in zip(("hot", "warm", "Zimny"), several(rnd, values, 0, 3), strict=False):
        down = sometimes(rnd, ["0", "0.5", "1", "5", "10", "100"])
        keep = None if down is None else plain(Decimal(low) - Decimal(down))
        bands.append({"dimension": dimension, "band": name, "min_score": low, "keep_score": keep})
    return bands


def matrix(rnd, bands):
    """A cell for every pair of bands, or none at all."""
    names = {
        dimension: [band["band"] for band in bands if band["dimension"] == dimension]
        for dimension in ("behavioural", "demographic")
    }
    if one_time_in(rnd, 5):
        return []
    return [
        {
            "demographic_band": d,
            "behavioural_band": b,
            "grade": f"{d[0].upper()}{i + 1}",
            "priority": str(i + j + 1),
            "next_action": rnd.choice(["call", "nurture, then call", "zadzwoń"]),
        }
        for j, d in enumerate(names["demographic"])
        for i, b in enumerate(names["behavioural"])
    ]


def disqualification_rule(rnd, types, words):
    source = rnd.choice(["event", "outcome", "attribute"])
    if source == "event":
        return {"source": "event", "name": any_case(rnd, rnd.choice(types)), "reason": "such an event"}
    if source == "outcome":
        return {"source": "outcome", "name": any_case(rnd, rnd.choice(["qualified", "won", "lost", "disqualified"])), "reason": "such an outcome"}
    name, comparison, operand = condition(rnd, [*ATTRIBUTES, "email", "account.sector", "account.size", "account.renewal", "updated_at"], words)
    return {"source": "attribute", "name": name, "comparison": comparison, "operand": operand, "reason": "not for us"}


def account_model(rnd):
    row = dict.fromkeys(RULE_HEADERS["account_models"][2:-1])
    row |= {"roll_up": rnd.choice(["sum", "max", "average", "average", "top_sum"]), "status": rnd.choice(["active"] * 5 + ["challenger", "draft"])}
    if row["roll_up"] == "top_sum":
        row["top"] = rnd.choice(["1", "2", "3", "50"])
    if rnd.randint(0, 2):
        row["breadth_attribute"] = any_case(rnd, rnd.choice([*ATTRIBUTES, "email"]))
        row["breadth_min_score"] = sometimes(rnd, ["0", "1", "5", "10", "33.3333", "-5"])
        row["breadth_points"] = rnd.choice(["1", "2.5", "10", "0.0001", "0"])
        row["max_breadth_points"] = sometimes(rnd, ["0", "2", "5", "12.5"])
    return row


def event_filter(rnd, types, words):
    """A filter of any kind, at the edges of TIMES."""
    kind = rnd.choice(["condition", "too_fast", "burst"])
    row = {"kind": kind, "event_type": any_case(rnd, rnd.choice(types))}
    if kind == "condition":
        row["event_type"] = row["event_type"] if rnd.randint(0, 3) else None
        row["property"], row["comparison"], row["operand"] = condition(rnd, list(EVENT_VALUES), words, on_dates=False)
    else:
        row["seconds"] = rnd.choice(["0", "0.5", "1", "1800", "1800.000001", "3600", "86400"])
    if kind == "too_fast":
        row["after_event_type"] = any_case(rnd, rnd.choice(types))
    if kind == "burst":
        row["times"] = rnd.choice(["2", "2", "3"])
    return row


# ---------------------------------------------------------------------------------------------------------------
# Cases
# ---------------------------------------------------------------------------------------------------------------


def make_case(rnd) -> Case:
    types = several(rnd, EVENT_TYPES, 1, 3)
    words = vocabulary(rnd)
    rules = {seed: [] for seed in RULE_HEADERS}
    for m in range(1, rnd.choice([1, 1, 2, 3]) + 1):
        for seed, rows in model_rules(rnd, m, types, words).items():
            rules[seed] += rows
    # Few, for in a merged case they look at the events of all.
    if one_time_in(rnd, 6):
        rules["event_filters"].append(event_filter(rnd, types, words) | {"filter_id": "f"})
    rules["identity_rules"] = IDENTITY_RULES
    rules["reference_lists"] = reference_lists()
    raw = raw_tables(rnd, types, words)
    rules["lifecycle_stages"] = lifecycle_stages(rnd, rules["score_bands"], words)
    for model in rules["score_models"]:
        if one_time_in(rnd, 4):
            model |= stage_audience(rnd, rules["lifecycle_stages"])
        rules["next_actions"] += next_actions(rnd, model["model_id"], rules, types, words)
    return Case(complete(raw, RAW_HEADERS), complete(rules, RULE_HEADERS), list(AS_OF_DATES))


# The kinds of stages whose ways to enter are drawn; the position between two open ones is that of the band.
STAGES = [("new", 1, "open"), ("active", 2, "open"), ("keen", 4, "open"), ("bought", 5, "won"), ("gone", 3, "lost"), ("barred", 9, "disqualified")]
BAND_STAGE = {"stage": "scored", "position": "30", "kind": "open", "entered_by": "band"}


def lifecycle_stages(rnd, bands, words):
    """One or two ways to enter each of some stages, and the bands of the first model, which make one stage in all cases."""
    rows = []
    for stage, position, kind in several(rnd, STAGES, 3, 6):
        days = sometimes(rnd, ["0", "1", "7", "30"], 2) if kind != "open" else None
        entries = [stage_entry(rnd, words) for _ in range(rnd.choice([1, 1, 2]))]
        for entry in {(entry["entered_by"], (entry.get("name") or "").lower()): entry for entry in entries}.values():
            rows.append({"stage": stage, "position": str(position), "kind": kind, "reenter_after_days": days} | entry)
    return rows + [
        BAND_STAGE | {"name": band["model_id"], "operand": band["band"]} for band in bands if (band["model_id"], band["dimension"]) == ("m1", "total") and rnd.randint(0, 1)
    ]


def stage_entry(rnd, words):
    entered_by = rnd.choice(["created", "event", "event", "outcome", "outcome", "attribute"])
    if entered_by == "created":
        return {"entered_by": entered_by}
    if entered_by == "event":
        return {"entered_by": entered_by, "name": any_case(rnd, rnd.choice(EVENT_TYPES))}
    if entered_by == "outcome":
        return {"entered_by": entered_by, "name": any_case(rnd, rnd.choice(["qualified", "won", "lost", "disqualified", "renewed"]))}
    name, comparison, operand = condition(rnd, [*ATTRIBUTES, "email", "account_id", "created_at", "account.sector", "account.size", "account.renewal"], words)
    return {"entered_by": entered_by, "name": name, "comparison": comparison, "operand": operand}


def stage_audience(rnd, stages):
    """An audience of some stages that are entered by more than a band."""
    names = sorted({row["stage"] for row in stages if row["entered_by"] != "band"})
    comparison = rnd.choice(["equals", "not_equals", "in", "not_in"])
    listed = several(rnd, names, 1, 3) if comparison in ("in", "not_in") else [rnd.choice(names)]
    return {"audience_attribute": any_case(rnd, "stage"), "audience_comparison": comparison, "audience_operand": any_case(rnd, "|".join(listed))}


def next_actions(rnd, model_id, rules, types, words):
    """Some rows, each with a few of the cells, in any order of their precedence."""
    stages = sorted({(row["stage"], row["kind"]) for row in rules["lifecycle_stages"]})
    grades = sorted({row["grade"] for row in rules["score_matrix"] if row["model_id"] == model_id and row["grade"]})
    bands = sorted({row["band"] for row in rules["score_bands"] if (row["model_id"], row["dimension"]) == (model_id, "total")})
    rows = []
    for precedence in several(rnd, ["1", "2", "10", "-3", "100", "99"], 0, 5):
        row = {"model_id": model_id, "precedence": precedence, "priority": sometimes(rnd, ["1", "2", "9"]), "next_action": rnd.choice(["wait", "zadzwoń", "call, then mail"])}
        for name in several(rnd, ["stage", "kind", "grade", "grade", "grade", "band", "event", "event", "attribute", "attribute", "last_event_at"], 1, 2):
            if name == "stage":
                row["stage"], row["kind"] = rnd.choice(stages)
            elif name == "kind":
                row["kind"] = row.get("kind") or rnd.choice(stages)[1]
            elif name == "grade" and grades:
                row["grade"] = rnd.choice(grades)
            elif name == "band" and bands:
                row["band"] = rnd.choice(bands)
            elif name == "event":
                row["event_type"], row["within_days"] = any_case(rnd, rnd.choice(types)), sometimes(rnd, DAYS_POOL)
            elif name == "attribute":
                row["attribute"], row["comparison"], row["operand"] = condition(rnd, [*ATTRIBUTES, "email", "account.sector"], words)
            elif name == "last_event_at":
                comparison = rnd.choice(["days_ago_at_least", "days_ago_at_most", "is_missing"])
                operand = rnd.choice(["0", "1", "7", "97", "98"]) if comparison != "is_missing" else None
                row |= {"attribute": "last_event_at", "comparison": comparison, "operand": operand}
        rows.append(row)
    return rows


def reference_lists():
    lists = REFERENCE_LISTS | {"role_addresses": ROLE_ADDRESSES}
    return [{"list": name, "item": item} for name, items in lists.items() for item in items]


def complete(tables, headers):
    """Every row with every column of its header, in the header's order."""
    return {
        table: [{name: row.get(name) for name in header} for row in tables.get(table, [])]
        for table, header in headers.items()
    }


def cases() -> st.SearchStrategy[Case]:
    return st.randoms(use_true_random=False).map(make_case)


def collect(count: int, seed: int = 0) -> list[Case]:
    """So many cases, the same ones for the same seed. Hypothesis itself prefers small and similar cases."""
    return [make_case(random.Random(f"{seed}-{k}")) for k in range(count)]


# ---------------------------------------------------------------------------------------------------------------
# Many cases as one build, and cases as files
# ---------------------------------------------------------------------------------------------------------------


MERGED_RAW_KEYS = ("contact_id", "model_id", "from_contact_id", "into_contact_id", "anonymous_id", "event_id", "outcome_id")
MERGED_RULE_KEYS = ("model_id", "rule_id", "filter_id")


def merge(list_of_cases: list[Case]) -> Case:
    """One raw set and one rule set: ids get the prefix k0_, k1_, ... Each model then scores the contacts of all.

    So do addresses and numbers, or all cases would be one person; role addresses do not: they join nobody.
    """
    raw = {table: [] for table in RAW_HEADERS}
    rules = {seed: [] for seed in RULE_HEADERS}
    # Stages are for all: those of one case, with the bands of each.
    stages_of = max(range(len(list_of_cases)), key=lambda k: ways_back(list_of_cases[k].rules["lifecycle_stages"]))
    kinds = {row["stage"]: row["kind"] for row in list_of_cases[stages_of].rules["lifecycle_stages"] if row["entered_by"] != "band"}
    kinds |= {row["stage"]: row["kind"] for case in list_of_cases for row in case.rules["lifecycle_stages"] if row["entered_by"] == "band"}
    for k, case in enumerate(list_of_cases):
        for target, source, keys in ((raw, case.raw, MERGED_RAW_KEYS), (rules, case.rules, MERGED_RULE_KEYS)):
            for table, rows in source.items():
                rows = [prefixed(row, f"k{k}_", keys) for row in rows]
                if table == "lifecycle_stages":
                    bands = [row | {"name": f"k{k}_{row['name']}"} for row in rows if row["entered_by"] == "band"]
                    rows = [row for row in rows if k == stages_of and row["entered_by"] != "band"] + bands
                if table in ("score_models", "next_actions"):
                    rows = [with_stages(kinds, row) for row in rows]
                target[table] += rows if table not in ("identity_rules", "reference_lists") else [row for row in rows if row not in target[table]]
    return Case(raw, rules, list(AS_OF_DATES))


def with_stages(kinds: dict[str, str], row: dict) -> dict:
    """A model or an action without stages and kinds that are none of these."""
    if (row.get("audience_attribute") or "").lower() == "stage" and not set(row["audience_operand"].lower().split("|")) <= set(kinds):
        return row | {"audience_attribute": None, "audience_comparison": None, "audience_operand": None}
    if row.get("stage") is not None and row["stage"] not in kinds:
        return row | {"stage": None, "kind": None}
    return row | {"kind": None} if row.get("kind") is not None and row["kind"] not in kinds.values() else row


def ways_back(stages) -> tuple[int, int]:
    """How often a contact may come back after an end, and how many rows there are."""
    ends = sum(row["reenter_after_days"] in ("0", "1", "7") and row["entered_by"] in ("event", "outcome") for row in stages)
    opens = sum(row["kind"] == "open" and row["entered_by"] == "event" for row in stages)
    return min(ends, opens), len(stages)


def prefixed(row: dict, prefix: str, keys) -> dict:
    attribute, value = (row.get("attribute") or "").lower(), row.get("value") or ""
    named = dict.fromkeys(keys, True) | {"account_id": (row.get("account_id") or "").startswith("X"), "email": True, "phone": True}
    named["value"] = attribute in ("email", "phone") or (attribute == "account_id" and value.startswith("X"))
    return {name: prefix + cell if cell and named.get(name) and not is_role_address(cell) else cell for name, cell in row.items()}


def is_role_address(cell: str) -> bool:
    # Of +x@gmail.com nothing is left, so it is nobody's too; with a prefix it would be somebody's.
    return cell == "+x@gmail.com" or any(part in map(str.lower, ROLE_ADDRESSES) for part in cell.lower().split("@"))


def write_case(case: Case, raw_dir, rules_dir) -> None:
    """The raw tables and the seeds as csv, with the headers of the design."""
    for folder, tables, headers in (
        (Path(raw_dir), case.raw, RAW_HEADERS),
        (Path(rules_dir), case.rules, RULE_HEADERS),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        for table, header in headers.items():
            with open(folder / f"{table}.csv", "w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, header, lineterminator="\n", extrasaction="raise")
                writer.writeheader()
                writer.writerows(tables.get(table, []))
