"""The reference: lead scoring in plain Python, written from the text of the design alone.

It shares no code with the SQL models and is compared with them row by row. It is written to be read beside
sections 3 and 4 of the design: one small function per step, exact decimals, half away from zero. Clarity comes
before speed.

    raw = read_csv_folder("some/raw")
    rules = read_csv_folder("seeds")
    result = score(raw, rules, [date(2024, 3, 1)])
    result.scores, result.contributions, result.counts
"""

from __future__ import annotations

import csv
import functools
import itertools
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from pathlib import Path

ZERO = Decimal(0)
ONE = Decimal(1)
MOST_POINTS = Decimal("999999999999.9999")
DAY = timedelta(days=1)
SESSION_GAP = timedelta(minutes=30)

# 60 digits: every sum and product below is exact, and powers and logarithms are right far beyond 6 decimals.
# ROUND_HALF_UP in Python's decimal is "half away from zero".
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

CONTACT_COLUMNS = ("contact_id", "created_at", "updated_at", "email", "account_id")
ACCOUNT_COLUMNS = ("account_id", "created_at", "updated_at", "name")
EVENT_COLUMNS = (
    "event_id",
    "contact_id",
    "anonymous_id",
    "event_type",
    "occurred_at",
    "received_at",
    "channel",
    "campaign",
    "page_url",
    "object_id",
    "duration_seconds",
    "value",
)
EVENT_PROPERTIES = ("channel", "campaign", "page_url", "object_id", "duration_seconds", "value")
OUTCOME_COLUMNS = ("outcome_id", "contact_id", "outcome", "occurred_at", "value")

STATES = ("qualified", "won", "lost", "disqualified")
RAW_TABLES = ("contacts", "events", "identities", "outcomes", "merges", "contact_attributes", "accounts")
DIMENSIONS = ("behavioural", "demographic")
SCORED_STATUSES = ("active", "challenger")

# The band column of a score row, and the score it is read from.
BANDS = (
    ("total", "band", "score"),
    ("behavioural", "behavioural_band", "behavioural_score"),
    ("demographic", "demographic_band", "demographic_score"),
)


@dataclass
class Result:
    contributions: list[dict]
    scores: list[dict]
    counts: dict[str, dict[str, int]]
    accounts: list[dict] = field(default_factory=list)
    account_contributions: list[dict] = field(default_factory=list)


# ---------------------------------------------------------------------------------------------------------------
# Text, numbers and times
# ---------------------------------------------------------------------------------------------------------------


def exact(function):
    """Run a function in the 60-digit context."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return wrapped


PLACES = {4: Decimal("0.0001"), 6: Decimal("0.000001")}


def rounded(x: Decimal, places: int) -> Decimal:
    """Rounding is half away from zero (section 4). Zero carries no sign."""
    result = x.quantize(PLACES[places], rounding=ROUND_HALF_UP, context=EXACT)
    return abs(result) if result == 0 else result


def text_or_none(value) -> str | None:
    """Empty text is missing."""
    return None if value is None or value == "" else str(value)


NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def number_or_none(text: str | None) -> Decimal | None:
    """A plain decimal that fits DECIMAL(18,6); anything else is no number."""
    if text is None or not NUMBER.fullmatch(text):
        return None
    x = Decimal(text)
    if x and x.adjusted() >= 12:
        return None
    x = rounded(x, 6)
    return x if abs(x) < Decimal(10) ** 12 else None


def number_text(x: Decimal | None) -> str | None:
    """A number as text is its shortest decimal text: 10, 12.5, never 10.00."""
    if x is None:
        return None
    text = format(x, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


TIME = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})([ T]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(\.([0-9]{1,6}))?)?")


def time_or_none(text: str | None) -> datetime | None:
    """YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS[.ffffff], with a blank or a T between; anything else cannot be read."""
    found = TIME.fullmatch(text) if text is not None else None
    if not found:
        return None
    year, month, day, _, hour, minute, second, _, fraction = found.groups()
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")),
        )
    except ValueError:
        return None


def end_of(as_of: date) -> datetime:
    """The start of D + 1 day: what happened before it was known on D."""
    return datetime(as_of.year, as_of.month, as_of.day) + DAY


def read_csv_folder(path) -> dict[str, list[dict]]:
    """Every csv file of a folder as a list of rows, by file name; an empty cell is None."""
    tables = {}
    for file in sorted(Path(path).glob("*.csv")):
        with open(file, encoding="utf-8", newline="") as stream:
            tables[file.stem] = [
                {name: text_or_none(cell) for name, cell in row.items()} for row in csv.DictReader(stream)
            ]
    return tables


# ---------------------------------------------------------------------------------------------------------------
# Section 3: the raw tables
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Version:
    """One usable row of raw.contacts."""

    contact_id: str
    created_at: datetime
    updated_at: datetime  # created_at where the source gives none
    account_id: str | None
    attributes: dict[str, str | None]  # by lower-case name: every further column
    named: dict[str, str | None]  # what a rule can name: every column


@dataclass
class Event:
    """One usable event, of a contact or of a visitor that is not identified."""

    event_id: str
    event_type: str  # lower case
    occurred_at: datetime
    known_at: datetime  # the first moment at which it happened, was received and belonged to somebody
    properties: dict[str, str | None]
    numbers: dict[str, Decimal | None]


@dataclass(frozen=True, order=True)
class Override:
    """A usable row of raw.overrides, in the order in which they are numbered."""

    valid_from: date
    valid_to: date  # the last there is, where no end is given
    author: str
    reason: str
    points: Decimal
    contact_id: str
    model_id: str


@dataclass
class Staged:
    contacts: dict[str, list[Version]] = field(default_factory=dict)  # versions by updated_at
    events: dict[str, list[Event]] = field(default_factory=dict)  # by contact_id
    waiting: dict[str, list[Event]] = field(default_factory=dict)  # by anonymous_id
    changes: dict[str, list[tuple[datetime, str, str | None]]] = field(default_factory=dict)  # of attributes, by contact_id
    outcomes: dict[str, list[tuple[datetime, str, str]]] = field(default_factory=dict)  # time, id and name, by contact_id
    overrides: dict[str, list[Override]] = field(default_factory=dict)  # by contact_id
    merges: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # when and into whom, by merged contact
    accounts: dict[str, list[Version]] = field(default_factory=dict)  # versions by updated_at
    shared: dict[tuple[str, str], date] = field(default_factory=dict)  # since when two contacts share a value of an identity rule
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def stage(raw: dict[str, list[dict]]) -> Staged:
    """Section 3: for each raw table, rows in = used + waiting + duplicates + rejected; used and waiting before filters."""
    tables = {
        name: [{column: text_or_none(cell) for column, cell in row.items()} for row in raw.get(name, [])]
        for name in RAW_TABLES
    }
    staged = Staged()
    staged.contacts, staged.counts["contacts"] = stage_contacts(tables["contacts"])
    first, staged.counts["identities"] = stage_identities(tables["identities"], staged.contacts)
    staged.events, staged.waiting, staged.counts["events"] = stage_events(tables["events"], staged.contacts, first)
    staged.outcomes, staged.counts["outcomes"] = stage_outcomes(tables["outcomes"], staged.contacts)
    staged.changes, staged.counts["contact_attributes"] = stage_changes(tables["contact_attributes"], staged.contacts)
    staged.merges, staged.counts["merges"] = stage_merges(tables["merges"], staged.contacts)
    staged.accounts, staged.counts["accounts"] = stage_accounts(tables["accounts"])
    return staged


def stage_contacts(rows):
    """Usable versions of each contact; the same contact and updated_at twice is a duplicate."""
    usable = [row for row in rows if contact_rejection(row) is None]
    kept = without_duplicates(
        usable,
        key=lambda row: (row["contact_id"], updated_at(row)),
        order=row_text(CONTACT_COLUMNS),
    )
    contacts = defaultdict(list)
    for row in kept:
        attributes = {name.lower(): cell for name, cell in row.items() if name.lower() not in CONTACT_COLUMNS}
        named = attributes | {name: row.get(name) for name in CONTACT_COLUMNS}
        contacts[row["contact_id"]].append(
            Version(
                row["contact_id"],
                time_or_none(row["created_at"]),
                updated_at(row),
                row.get("account_id"),
                attributes,
                named,
            )
        )
    for versions in contacts.values():
        versions.sort(key=lambda version: version.updated_at)
    return dict(contacts), count(rows, used=len(kept), usable=len(usable))


def stage_accounts(rows):
    """Usable versions of each account, as of contacts; rules name their columns account.NAME."""
    usable = [row for row in rows if row.get("account_id") is not None and not (unreadable_time(row, "created_at") or unreadable_time(row, "updated_at", False))]
    kept = without_duplicates(
        usable,
        key=lambda row: (row["account_id"], updated_at(row)),
        order=row_text(ACCOUNT_COLUMNS),
    )
    accounts = defaultdict(list)
    for row in kept:
        named = {f"account.{name.lower()}": cell for name, cell in row.items() if name.lower() != "account_id"}
        accounts[row["account_id"]].append(Version(row["account_id"], time_or_none(row["created_at"]), updated_at(row), row["account_id"], {}, named))
    for versions in accounts.values():
        versions.sort(key=lambda version: version.updated_at)
    return dict(accounts), count(rows, used=len(kept), usable=len(usable))


def stage_identities(rows, contacts):
    """Whom each visitor was first identified as: (identified_at, contact_id) by anonymous_id. A later identification of a visitor is a duplicate."""
    usable = [row for row in rows if identity_rejection(row, contacts) is None]
    first = {}
    for row in usable:
        candidate = (time_or_none(row["identified_at"]), row["contact_id"])
        first[row["anonymous_id"]] = min(candidate, first.get(row["anonymous_id"], candidate))
    return first, count(rows, used=len(first), usable=len(usable))


def stage_events(rows, contacts, first):
    """Events of each contact. The same event_id twice is one event: the first received stays."""
    usable = [row for row in rows if event_rejection(row, contacts) is None]
    text = row_text(EVENT_COLUMNS)
    kept = without_duplicates(
        usable,
        key=lambda row: row["event_id"],
        order=lambda row: (time_or_none(row["received_at"]), text(row)),
    )
    events, waiting = defaultdict(list), defaultdict(list)
    used = 0
    for row in kept:
        known_at = max(time_or_none(row["occurred_at"]), time_or_none(row["received_at"]))
        contact_id = row.get("contact_id")
        if contact_id is None:
            if row["anonymous_id"] not in first:
                waiting[row["anonymous_id"]].append(typed_event(row, known_at))
                continue
            identified_at, contact_id = first[row["anonymous_id"]]
            known_at = max(known_at, identified_at)
        used += 1
        events[contact_id].append(typed_event(row, known_at))
    for own in events.values():
        own.sort(key=lambda event: event.occurred_at)
    return dict(events), dict(waiting), count(rows, used=used, usable=len(usable), waiting=len(kept) - used)


def stage_outcomes(rows, contacts):
    """Outcomes of each contact: (occurred_at, outcome_id, outcome)."""
    usable = [row for row in rows if outcome_rejection(row, contacts) is None]
    kept = without_duplicates(usable, key=lambda row: row["outcome_id"], order=row_text(OUTCOME_COLUMNS))
    outcomes = defaultdict(list)
    for row in kept:
        outcomes[row["contact_id"]].append((time_or_none(row["occurred_at"]), row["outcome_id"], row["outcome"].lower()))
    return dict(outcomes), count(rows, used=len(kept), usable=len(usable))


def stage_merges(rows, contacts):
    """The first merge of each contact: (merged_at, into), unless it closes a cycle of earlier ones, when it is rejected."""
    usable = [row for row in rows if merge_rejection(row, contacts) is None]
    kept = without_duplicates(usable, key=lambda row: row["from_contact_id"], order=merge_order)
    merges, closing = {}, 0
    for row in sorted(kept, key=lambda row: (time_or_none(row["merged_at"]), row["from_contact_id"])):
        end = row["into_contact_id"]
        while end in merges:
            end = merges[end][1]
        if end == row["from_contact_id"]:
            closing += 1
        else:
            merges[row["from_contact_id"]] = (time_or_none(row["merged_at"]), row["into_contact_id"])
    counts = count(rows, used=len(kept), usable=len(usable))
    return merges, counts | {"used": counts["used"] - closing, "rejected": counts["rejected"] + closing}


def stage_changes(rows, contacts):
    """Dated values of attributes: (changed_at, attribute, value) by contact, the oldest first."""
    usable = [row for row in rows if change_rejection(row, contacts) is None]
    kept = without_duplicates(
        usable,
        key=lambda row: (row["contact_id"], row["attribute"].lower(), time_or_none(row["changed_at"])),
        order=lambda row: row["value"] or "",
    )
    changes = defaultdict(list)
    for row in kept:
        changes[row["contact_id"]].append((time_or_none(row["changed_at"]), row["attribute"].lower(), row["value"]))
    for own in changes.values():
        own.sort(key=lambda change: change[0])
    return dict(changes), count(rows, used=len(kept), usable=len(usable))


def stage_overrides(rows, contacts, models):
    """The judgements of persons by contact; one that stands twice is one."""
    usable = [row for row in rows if override_rejection(row, contacts, models) is None]
    overrides = defaultdict(list)
    for one in sorted({typed_override(row) for row in usable}):
        overrides[one.contact_id].append(one)
    return dict(overrides), count(rows, used=sum(map(len, overrides.values())), usable=len(usable))


def typed_override(row) -> Override:
    valid_to = time_or_none(row["valid_to"])
    return Override(
        time_or_none(row["valid_from"]).date(),
        valid_to.date() if valid_to else date.max,
        row["author"],
        row["reason"],
        rounded(number_or_none(row["points"]), 4),
        row["contact_id"],
        row["model_id"],
    )


def override_rejection(row, contacts, models) -> str | None:
    for name in ("contact_id", "model_id", "points", "reason", "author", "valid_from"):
        if row.get(name) is None:
            return f"{name} is missing"
    if row["model_id"] not in models:
        return "model_id is unknown"
    points = number_or_none(row["points"])
    if points is None or abs(points) >= 10**8:
        return "points is not a number"
    if row.get("valid_to") is not None and time_or_none(row["valid_to"]) is None:
        return "valid_to is not a valid timestamp"
    return unreadable_time(row, "valid_from") or unknown_contact(row, contacts)


def merge_order(row):
    return time_or_none(row["merged_at"]), row["into_contact_id"]


def typed_event(row, known_at) -> Event:
    numbers = {name: number_or_none(row.get(name)) for name in ("duration_seconds", "value")}
    properties = {name: number_text(numbers[name]) if name in numbers else row.get(name) for name in EVENT_PROPERTIES}
    properties |= {name.lower(): cell for name, cell in row.items() if name not in EVENT_COLUMNS}
    return Event(row["event_id"], row["event_type"].lower(), time_or_none(row["occurred_at"]), known_at, properties, numbers)


def updated_at(row) -> datetime:
    return time_or_none(row.get("updated_at")) or time_or_none(row["created_at"])


def contact_rejection(row) -> str | None:
    if row.get("contact_id") is None:
        return "contact_id is missing"
    return unreadable_time(row, "created_at") or unreadable_time(row, "updated_at", required=False)


def identity_rejection(row, contacts) -> str | None:
    if row.get("anonymous_id") is None:
        return "anonymous_id is missing"
    if row.get("contact_id") is None:
        return "contact_id is missing"
    return unreadable_time(row, "identified_at") or unknown_contact(row, contacts)


def event_rejection(row, contacts) -> str | None:
    for name in ("event_id", "event_type"):
        if row.get(name) is None:
            return f"{name} is missing"
    if row.get("contact_id") is None and row.get("anonymous_id") is None:
        return "contact_id and anonymous_id are missing"
    reason = (
        unreadable_time(row, "occurred_at")
        or unreadable_time(row, "received_at")
        or unreadable_number(row, "duration_seconds")
        or unreadable_number(row, "value")
    )
    if reason:
        return reason
    if (number_or_none(row.get("duration_seconds")) or ZERO) < 0:
        return "duration_seconds is negative"
    if time_or_none(row["received_at"]) < time_or_none(row["occurred_at"]) - DAY:
        return "received more than a day before it occurred"
    return unknown_contact(row, contacts) if row.get("contact_id") is not None else None


def outcome_rejection(row, contacts) -> str | None:
    for name in ("outcome_id", "contact_id", "outcome"):
        if row.get(name) is None:
            return f"{name} is missing"
    return unreadable_time(row, "occurred_at") or unreadable_number(row, "value") or unknown_contact(row, contacts)


def change_rejection(row, contacts) -> str | None:
    for name in ("contact_id", "attribute"):
        if row.get(name) is None:
            return f"{name} is missing"
    if row["attribute"].lower() in ("contact_id", "created_at", "updated_at"):
        return "no attribute"
    return unreadable_time(row, "changed_at") or unknown_contact(row, contacts)


def merge_rejection(row, contacts) -> str | None:
    for name in ("from_contact_id", "into_contact_id"):
        if row.get(name) is None:
            return f"{name} is missing"
        if row[name] not in contacts:
            return f"{name} is unknown"
    if row["from_contact_id"] == row["into_contact_id"]:
        return "merged into itself"
    return unreadable_time(row, "merged_at")


def unreadable_time(row, name, required=True) -> str | None:
    if row.get(name) is None:
        return f"{name} is missing" if required else None
    return None if time_or_none(row[name]) else f"{name} is not a valid timestamp"


def unreadable_number(row, name) -> str | None:
    if row.get(name) is None or number_or_none(row[name]) is not None:
        return None
    return f"{name} is not a number"


def unknown_contact(row, contacts) -> str | None:
    return None if row["contact_id"] in contacts else "unknown contact"


def row_text(columns):
    """The full text of a row, for deciding between rows that are otherwise equal: the smallest stays."""

    def text(row):
        further = [name for name in row if name not in columns]
        return tuple(row.get(name) or "" for name in [*columns, *further])

    return text


def without_duplicates(rows, key, order):
    """One row for each key: the smallest in the given order."""
    kept = {}
    for row in rows:
        k = key(row)
        if k not in kept or order(row) < order(kept[k]):
            kept[k] = row
    return list(kept.values())


def count(rows, used, usable, waiting=0) -> dict[str, int]:
    return {
        "rows_in": len(rows),
        "used": used,
        "waiting": waiting,
        "duplicates": usable - used - waiting,
        "rejected": len(rows) - usable,
    }


# ---------------------------------------------------------------------------------------------------------------
# Section 3: what is known of a contact as of a date
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Lead:
    """A contact as of D: its version, its visible events with their ages, the oldest first, and the attributes of its account."""

    version: Version
    events: list[tuple[int, Event]]
    events_by_type: dict[str, list[tuple[int, Event]]]
    as_of: date
    outcomes: list[tuple[datetime, str, str]]  # time, id and name of those by D
    overrides: list[Override]  # in force
    account: dict[str, str | None] = field(default_factory=dict)
    stage: str | None = None  # as an audience sees it

    def has_data(self) -> bool:
        return bool(self.events) or any(cell is not None for cell in self.version.attributes.values())


def version_as_of(versions: list[Version], as_of: date) -> Version:
    """The latest version updated before D + 1 day, else the earliest."""
    known = [version for version in versions if version.updated_at < end_of(as_of)]
    return known[-1] if known else versions[0]


def survivor_of(contact_id: str, merges, as_of: date) -> str:
    """Links with merged_at before D + 1 day count, transitively."""
    while contact_id in merges and merges[contact_id][0] < end_of(as_of):
        contact_id = merges[contact_id][1]
    return contact_id


def persons_as_of(staged: Staged, as_of: date) -> dict[str, str]:
    """Section 8: the survivor of each contact. Of the contacts that are one person, merged ones apart, the one created first, then the smallest id."""
    person = {contact_id: survivor_of(contact_id, staged.merges, as_of) for contact_id in staged.contacts}
    for (one, other), since in staged.shared.items():
        if since <= as_of and person[one] != person[other]:
            name, old = person[one], person[other]
            person = {contact_id: name if its == old else its for contact_id, its in person.items()}
    best = {}
    for contact_id, its in person.items():
        if survivor_of(contact_id, staged.merges, as_of) == contact_id:
            age = (staged.contacts[contact_id][0].created_at, contact_id)
            best[its] = min(age, best.get(its, age))
    return {contact_id: best[its][1] for contact_id, its in person.items()}


def shared_since(staged: Staged, rules) -> dict[tuple[str, str], date]:
    """The first date on which two contacts exist and have the same normalised value, looked up on every date on which anything changes."""
    identity_rules = [Rule(row) for row in rules.get("identity_rules", [])]
    if not identity_rules:
        return {}
    listed = defaultdict(set)
    for row in rules.get("reference_lists", []):
        listed[row["list"]].add(row["item"].lower())
    times = [time for versions in staged.contacts.values() for one in versions for time in (one.created_at, one.updated_at)]
    times += [change[0] for own in staged.changes.values() for change in own]
    shared = {}
    for on in sorted({time.date() for time in times}):
        holders = defaultdict(list)
        for contact_id, versions in sorted(staged.contacts.items()):
            version = changed_version(version_as_of(versions, on), staged.changes.get(contact_id, []), on)
            for rule in identity_rules if version.created_at < end_of(on) else []:
                value = normalised(rule.text("normalise"), version.named.get(rule.lower("attribute")))
                if value is not None and not is_excepted(rule, value, listed[rule.text("except_list")]):
                    holders[rule.lower("attribute"), value].append(contact_id)
        for together in holders.values():
            for place, one in enumerate(together):
                for other in together[place + 1 :]:
                    shared.setdefault((one, other), on)
    return shared


PART = r"[^\s@.,;:<>()\"]+"
ADDRESS = re.compile(rf"{PART}(\.{PART})*@({PART}\.)+[^\s@.,;:<>()\"]{{2,}}")


def normalised(kind: str, text: str | None) -> str | None:
    """Section 8: a value as it is compared; none where nothing is left of it, or it is no address."""
    if text is None or kind == "none":
        return text
    if kind == "lower":
        return text.lower()
    if kind == "digits":
        return "".join(letter for letter in text if letter in "0123456789") or None
    address = text.strip().lower()
    if not ADDRESS.fullmatch(address):
        return None
    name, domain = address.split("@")
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.split("+")[0].replace(".", ""), "gmail.com"
    return f"{name}@{domain}" if name else None


def is_excepted(rule: Rule, value: str, items: set[str]) -> bool:
    """An item of the list is a value, or what is before or after the @ of an address."""
    parts = [value.lower()] + (value.split("@") if rule.text("normalise") == "email" else [])
    return any(part in items for part in parts)


def changed_version(version: Version, changes, as_of: date) -> Version:
    """A value counts from its changed_at and beats an older version's; a version later than D itself is none that was known.

    A version without a column for the attribute has no value of it to beat.
    """
    is_known = version.updated_at < end_of(as_of)
    named, at = dict(version.named), version.updated_at
    for changed_at, attribute, value in changes:
        if changed_at < end_of(as_of) and (changed_at >= version.updated_at or not is_known or attribute not in version.named):
            named[attribute] = value
            at = max(at, changed_at)
    attributes = {name: cell for name, cell in named.items() if name not in CONTACT_COLUMNS}
    return Version(version.contact_id, version.created_at, at, named["account_id"], attributes, named)


def merged_version(own: Version, others: list[Version]) -> Version:
    """An attribute that the survivor lacks is taken from the merged contact that was updated last."""
    others = sorted(others, key=lambda version: version.contact_id)
    names = {name for version in [own, *others] for name in version.named}
    in_order = [own, *sorted(others, key=lambda version: version.updated_at, reverse=True)]

    def first(cells):
        return next((cell for cell in cells if cell is not None), None)

    return Version(
        own.contact_id,
        own.created_at,
        own.updated_at,
        first(version.account_id for version in in_order),
        {name: first(version.named.get(name) for version in in_order) for name in names - {*CONTACT_COLUMNS}},
        {name: first(version.named.get(name) for version in in_order) for name in names},
    )


def lead_as_of(contact_id: str, merged: list[str], events: list[Event], staged: Staged, filters: list[Rule], as_of: date) -> Lead | None:
    """A contact exists from its created_at; it sees events that occurred, were received and identified by D, and that no filter excludes by D."""
    own, *others = (
        changed_version(version_as_of(staged.contacts[one], as_of), staged.changes.get(one, []), as_of) for one in [contact_id, *merged]
    )
    if not own.created_at < end_of(as_of):
        return None
    version = merged_version(own, [other for other in others if other.created_at < end_of(as_of)])
    known = [event for event in events if event.known_at < end_of(as_of)]
    out = filtered(filters, known)
    visible = [((as_of - event.occurred_at.date()).days, event) for event in known if event.event_id not in out]
    by_type = defaultdict(list)
    for age, event in visible:
        by_type[event.event_type].append((age, event))
    own = [one for each in [contact_id, *merged] for one in staged.overrides.get(each, [])]
    in_force = sorted(one for one in own if one.valid_from <= as_of < one.valid_to)
    outcomes = [one for each in [contact_id, *merged] for one in staged.outcomes.get(each, []) if one[0] < end_of(as_of)]
    return Lead(version, visible, dict(by_type), as_of, outcomes, in_force, account_as_of(staged.accounts.get(version.account_id), as_of))


def account_as_of(versions: list[Version] | None, as_of: date) -> dict[str, str | None]:
    """What is known of an account, whose versions are as those of contacts: nothing before it exists."""
    version = version_as_of(versions, as_of) if versions else None
    return version.named if version and version.created_at < end_of(as_of) else {}


# ---------------------------------------------------------------------------------------------------------------
# Section 8: filters
# ---------------------------------------------------------------------------------------------------------------


def filtered(filters: list[Rule], events: list[Event]) -> set[str]:
    """The event_ids that a filter excludes, where these are all events known of a contact. No filter looks at another."""
    out = set()
    for rule in filters:
        looked_at = [event for event in events if rule.lower("event_type") in (None, event.event_type)]
        kind = {"condition": meeting_condition, "too_fast": too_fast, "burst": in_bursts}[rule.text("kind")]
        out |= {event.event_id for event in kind(rule, looked_at, events)}
    return out


def meeting_condition(rule: Rule, looked_at: list[Event], _) -> list[Event]:
    (_, comparison, operand), = rule.conditions("property")
    return [event for event in looked_at if holds_cached(comparison, operand, event.properties[rule.text("property")])]


def too_fast(rule: Rule, looked_at: list[Event], events: list[Event]) -> list[Event]:
    """Within so many seconds after an event of the other type, and of the same campaign where both have one."""
    before = [event for event in events if event.event_type == rule.lower("after_event_type")]
    return [
        event
        for event in looked_at
        if any(
            other is not event
            and follows_within(other, event, rule.number("seconds"))
            and (None in (event.properties["campaign"], other.properties["campaign"]) or event.properties["campaign"] == other.properties["campaign"])
            for other in before
        )
    ]


def in_bursts(rule: Rule, looked_at: list[Event], _) -> list[Event]:
    """One of at least so many events with different object_id or page_url within so many seconds."""
    out = []
    for first in looked_at:
        near = [event for event in looked_at if follows_within(first, event, rule.number("seconds"))]
        if len({(event.properties["object_id"], event.properties["page_url"]) for event in near}) >= rule.number("times"):
            out += near
    return out


def follows_within(first: Event, event: Event, seconds: Decimal) -> bool:
    passed = event.occurred_at - first.occurred_at
    return timedelta(0) <= passed and Decimal(passed // timedelta(microseconds=1)) <= seconds * 1_000_000


def count_filtered(staged: Staged, filters: list[Rule]) -> None:
    """Section 3: rows in = used + waiting + duplicates + filtered + rejected, by all that is known at the end."""
    counts = staged.counts["events"]
    counts["filtered"] = 0
    persons, survivors = defaultdict(list), persons_as_of(staged, date(9000, 1, 1))
    for contact_id, events in staged.events.items():
        persons[survivors[contact_id]] += events
    for name, owners in (("used", persons), ("waiting", staged.waiting)):
        out = sum(len(filtered(filters, events)) for events in owners.values())
        counts[name] -= out
        counts["filtered"] += out


# ---------------------------------------------------------------------------------------------------------------
# Section 4: comparisons
# ---------------------------------------------------------------------------------------------------------------


# Between the items of a reference list, where they stand in place of its name.
ITEMS = "\n"


def with_lists(rules: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """The rules with the items of a list in place of its name."""
    lists = {name: ITEMS.join(row["item"] for row in rows) for name, rows in group_by(rules.get("reference_lists", []), lambda row: row["list"]).items()}
    pairs = [(prefix + "comparison", prefix + "operand") for prefix in ("", "and_", "audience_")]
    return {
        seed: [row | {operand: lists[row[operand]] for comparison, operand in pairs if (row.get(comparison) or "").endswith("in_list")} for row in rows]
        for seed, rows in rules.items()
    }


def holds(comparison: str, operand: str | None, text: str | None, as_of: date | None = None) -> bool:
    """Does `text comparison operand` hold? A missing value satisfies is_missing alone."""
    if text is None:
        return comparison == "is_missing"
    if comparison == "is_missing":
        return False
    if comparison == "is_present":
        return True
    if comparison == "matches":
        return re.search(operand, text, re.IGNORECASE) is not None
    if comparison in ("less_than", "at_least", "between"):
        return number_holds(comparison, operand, number_or_none(text))
    if comparison in ("days_ago_at_most", "days_ago_at_least"):
        return days_ago_holds(comparison, int(operand), time_or_none(text), as_of)
    if comparison in ("in_list", "not_in_list"):
        return (text.lower() in operand.lower().split(ITEMS)) == (comparison == "in_list")
    return text_holds(comparison, operand.lower(), text.lower())


def number_holds(comparison: str, operand: str, x: Decimal | None) -> bool:
    """Numbers are compared as numbers, and what is no number satisfies nothing."""
    if x is None:
        return False
    bounds = [number_or_none(item) for item in operand.split("|")]
    if comparison == "less_than":
        return x < bounds[0]
    if comparison == "at_least":
        return x >= bounds[0]
    return bounds[0] <= x <= bounds[1]


def days_ago_holds(comparison: str, days: int, time: datetime | None, as_of: date) -> bool:
    """Whole days before the as-of date; what is no date, or comes later, was no days ago."""
    if time is None or time.date() > as_of:
        return False
    passed = (as_of - time.date()).days
    return passed <= days if comparison == "days_ago_at_most" else passed >= days


def text_holds(comparison: str, operand: str, text: str) -> bool:
    """Text is compared without case; lists are separated by |."""
    if comparison == "equals":
        return text == operand
    if comparison == "not_equals":
        return text != operand
    if comparison == "in":
        return text in operand.split("|")
    if comparison == "not_in":
        return text not in operand.split("|")
    if comparison == "contains":
        return operand in text
    if comparison == "starts_with":
        return text.startswith(operand)
    if comparison == "ends_with":
        return text.endswith(operand)
    if comparison == "has_item":
        return operand in re.split("[|;]", text)
    raise ValueError(f"unknown comparison {comparison!r}")


@functools.lru_cache(maxsize=200_000)
def holds_cached(comparison, operand, text, as_of=None):
    return holds(comparison, operand, text, as_of)


# ---------------------------------------------------------------------------------------------------------------
# Section 4: the rules as read from the seeds
# ---------------------------------------------------------------------------------------------------------------


class Rule:
    """A row of a seed whose cells are read as text, numbers, whole numbers or dates; empty is None."""

    def __init__(self, row: dict, further: list[Rule] = ()):
        self.row = {name: text_or_none(cell) for name, cell in row.items()}
        self.further = further  # its rows of rule_conditions
        self.cache = {}

    def text(self, name) -> str | None:
        return self.row.get(name)

    def lower(self, name) -> str | None:
        cell = self.row.get(name)
        return None if cell is None else cell.lower()

    def number(self, name) -> Decimal | None:
        if name not in self.cache:
            cell = self.row.get(name)
            self.cache[name] = None if cell is None else Decimal(cell)
        return self.cache[name]

    def date(self, name) -> date | None:
        if name not in self.cache:
            cell = self.row.get(name)
            self.cache[name] = None if cell is None else time_or_none(cell).date()
        return self.cache[name]

    def in_force(self, as_of: date) -> bool:
        """valid_from <= D < valid_to."""
        valid_from, valid_to = self.date("valid_from"), self.date("valid_to")
        return (valid_from is None or valid_from <= as_of) and (valid_to is None or as_of < valid_to)

    def conditions(self, subject: str) -> list[tuple[str, str, str | None]]:
        """The comparison, the second one and those of rule_conditions, where given, as (name, comparison, operand)."""
        if "conditions" not in self.cache:
            found = [
                (self.lower(prefix + subject), self.lower(prefix + "comparison"), self.text(prefix + "operand"))
                for prefix in ("", "and_")
                if self.text(prefix + "comparison") is not None
            ] + [(one.lower("name"), one.lower("comparison"), one.text("operand")) for one in self.further]
            self.cache["conditions"] = [amount_condition(*one) for one in found] if subject == "property" else found
        return self.cache["conditions"]


def amount_condition(name: str, comparison: str, operand: str | None) -> tuple[str, str, str | None]:
    """The amounts of events are numbers, also where they are equal to one: 99.90 is 99.9."""
    if name in ("duration_seconds", "value") and comparison in ("equals", "not_equals", "in", "not_in"):
        operand = "|".join(number_text(number_or_none(item)) or item for item in operand.split("|"))
    return name, comparison, operand


@dataclass
class Model:
    """One row of score_models with every rule that belongs to it."""

    rule: Rule
    event_rules: list[Rule]
    activity_rules: list[Rule]
    attribute_rules: list[Rule]
    groups: dict[str, Rule]
    bands: list[Rule]
    matrix: dict[tuple[str, str], Rule]
    disqualifications: list[Rule]
    account_model: Rule | None

    @property
    def model_id(self):
        return self.rule.text("model_id")

    def weight(self, dimension: str) -> Decimal:
        weight = self.rule.number(dimension + "_weight")
        return ONE if weight is None else weight


def scored_models(rules: dict[str, list[dict]]) -> list[Model]:
    """Models that are active or challenger are scored."""
    further = group_by((Rule(row) for row in rules.get("rule_conditions", [])), lambda rule: rule.text("rule_id"))
    by_model = {
        seed: group_by((Rule(row, further.get(row.get("rule_id"), [])) for row in rules.get(seed, [])), lambda rule: rule.text("model_id"))
        for seed in (
            "event_rules",
            "activity_rules",
            "attribute_rules",
            "rule_groups",
            "score_bands",
            "score_matrix",
            "disqualification_rules",
            "account_models",
        )
    }
    models = []
    for row in rules.get("score_models", []):
        rule = Rule(row)
        if rule.lower("status") not in SCORED_STATUSES:
            continue
        own = {seed: grouped.get(rule.text("model_id"), []) for seed, grouped in by_model.items()}
        models.append(
            Model(
                rule,
                own["event_rules"],
                own["activity_rules"],
                own["attribute_rules"],
                {group.text("rule_group"): group for group in own["rule_groups"]},
                own["score_bands"],
                {(cell.text("demographic_band"), cell.text("behavioural_band")): cell for cell in own["score_matrix"]},
                own["disqualification_rules"],
                next((row for row in own["account_models"] if row.lower("status") in SCORED_STATUSES), None),
            )
        )
    return sorted(models, key=lambda model: model.model_id)


def group_by(items, key):
    groups = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


# ---------------------------------------------------------------------------------------------------------------
# Section 4: event rules
# ---------------------------------------------------------------------------------------------------------------


def event_rule(rule: Rule, lead: Lead, weight: Decimal) -> tuple[int, Decimal] | None:
    """Steps 1 to 7: (matches, contribution), or None where the rule does not hold."""
    matches = matching_events(rule, lead)
    if len(matches) < max(1, rule.number("min_times") or 0):  # step 2
        return None
    by_age = amounts_by_age(rule, matches)
    by_age = cut_per_period(by_age, rule.number("max_per_period"), rule.number("period_days") or ONE)
    by_age = cut_newest_first(by_age, rule.number("max_times"))
    x = rounded(sum((amount * rule_weight(rule, age) for age, amount in by_age.items()), ZERO), 6)
    if rule.lower("scale") == "log2":
        x = log2_of_one_plus(x)
    points = bounded(rule.number("points") * x, rule.number("min_points"), rule.number("max_points"))
    # docs/scoring.md: one rule gives less than 10^12 points.
    return len(matches), bounded(rounded(weight * points, 4), -MOST_POINTS, MOST_POINTS)


def matching_events(rule: Rule, lead: Lead) -> list[tuple[int, Event]]:
    """Step 1: events of the type for which all conditions hold, age < within_days and that follow the event asked for."""
    within_days = rule.number("within_days")
    conditions = rule.conditions("property")
    return [
        (age, event)
        for age, event in lead.events_by_type.get(rule.lower("event_type"), ())
        if (within_days is None or age < within_days)
        and all(holds_cached(comparison, operand, event.properties[name], lead.as_of) for name, comparison, operand in conditions)
        and follows(rule, event, lead)
    ]


def follows(rule: Rule, event: Event, lead: Lead) -> bool:
    """Step 1: strictly after an event of after_event_type, by at most after_within_days x 24 hours."""
    if rule.lower("after_event_type") is None:
        return True
    days = rule.number("after_within_days")
    return any(
        other.occurred_at < event.occurred_at and (days is None or event.occurred_at - other.occurred_at <= int(days) * DAY)
        for _, other in lead.events_by_type.get(rule.lower("after_event_type"), ())
    )


def amounts_by_age(rule: Rule, matches) -> dict[int, Decimal]:
    """Step 3: what the matches of each day count, by age in days."""
    by_age = defaultdict(lambda: ZERO)
    for age, event in matches:
        by_age[age] += amount_of(rule, event)
    return by_age


def amount_of(rule: Rule, event: Event) -> Decimal:
    """Step 3: one match counts 1, or its amount / unit rounded to 6 decimals."""
    measure = rule.lower("measure") or "events"
    if measure == "events":
        return ONE
    return unit_amount(event.numbers[measure], rule.number("unit"))


@exact
def unit_amount(amount: Decimal | None, unit: Decimal | None) -> Decimal:
    """Step 3: a negative or missing amount counts 0."""
    if amount is None or amount < 0:
        return ZERO
    return rounded(amount / (ONE if unit is None else unit), 6)


def cut_per_period(by_age: dict[int, Decimal], cap: Decimal | None, period_days: Decimal) -> dict[int, Decimal]:
    """Step 4: per period floor(age / period_days) the amount is cut to max_per_period, the newest days first."""
    if cap is None:
        return by_age
    periods = group_by(by_age, lambda age: age // int(period_days))
    cut = {}
    for ages in periods.values():
        cut.update(cut_newest_first({age: by_age[age] for age in ages}, cap))
    return cut


def cut_newest_first(by_age: dict[int, Decimal], cap: Decimal | None) -> dict[int, Decimal]:
    """Step 4: a running total over the days, the newest first, stops at the cap."""
    if cap is None:
        return by_age
    cut = {}
    total = ZERO
    for age in sorted(by_age):
        before = min(total, cap)
        total += by_age[age]
        cut[age] = min(total, cap) - before
    return cut


def rule_weight(rule: Rule, age: int) -> Decimal:
    return decay_weight(rule.lower("decay") or "none", age, rule.number("decay_days"), rule.number("decay_percent"))


@functools.lru_cache(maxsize=100_000)
@exact
def decay_weight(decay: str, age: int, decay_days=None, decay_percent=None) -> Decimal:
    """Step 5: how much of its worth a day of that age keeps, rounded to 6 decimals."""
    if decay == "none":
        return ONE
    elapsed = Decimal(age) / Decimal(decay_days)
    if decay == "exponential":
        return rounded(Decimal("0.5") ** elapsed, 6)
    if decay == "linear":
        return rounded(max(ZERO, ONE - elapsed), 6)
    if decay == "step":
        steps = int(Decimal(age) // Decimal(decay_days))
        kept = ONE - Decimal(decay_percent) / 100
        return ONE if steps == 0 else rounded(kept**steps, 6)  # 0 to the power of 0 is 1
    raise ValueError(f"unknown decay {decay!r}")


@exact
def log2_of_one_plus(x: Decimal) -> Decimal:
    """Step 6: the scale log2."""
    return rounded((ONE + x).ln() / Decimal(2).ln(), 6)


def bounded(x: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    if high is not None and x > high:
        x = high
    if low is not None and x < low:
        x = low
    return x


# ---------------------------------------------------------------------------------------------------------------
# Section 4: activity rules and attribute rules
# ---------------------------------------------------------------------------------------------------------------


def activity_rule(rule: Rule, lead: Lead, weight: Decimal) -> tuple[int, Decimal] | None:
    """A band over a behavioural feature: lower <= x < upper gives weight * points."""
    events = feature_events(rule, lead)
    x = feature(rule.lower("feature"), events)
    lower, upper = rule.number("lower"), rule.number("upper")
    if x is None or (lower is not None and x < lower) or (upper is not None and x >= upper):
        return None
    return len(events), rounded(weight * rule.number("points"), 4)


def feature_events(rule: Rule, lead: Lead) -> list[tuple[int, Event]]:
    """The events that a feature is about: of the window and, where given, of one type."""
    event_type, within_days = rule.lower("event_type"), rule.number("within_days")
    events = lead.events if event_type is None else lead.events_by_type.get(event_type, [])
    return [(age, event) for age, event in events if within_days is None or age < within_days]


def feature(name: str, events: list[tuple[int, Event]]):
    """A behavioural feature. Without events counts and sums are 0, and days_since_* are missing."""
    if name == "events":
        return len(events)
    if name == "active_days":
        return len({age for age, _ in events})
    if name == "sessions":
        return sessions([event.occurred_at for _, event in events])
    if name == "seconds":
        return sum((event.numbers["duration_seconds"] or ZERO for _, event in events), ZERO)
    if name == "value":
        return sum((event.numbers["value"] or ZERO for _, event in events), ZERO)
    if name == "distinct_objects":
        return len(days_by_object(events))
    if name == "returned_objects":
        return sum(1 for days in days_by_object(events).values() if len(days) >= 2)
    if name == "days_since_last":
        return min((age for age, _ in events), default=None)
    if name == "days_since_first":
        return max((age for age, _ in events), default=None)
    raise ValueError(f"unknown feature {name!r}")


def sessions(times: list[datetime]) -> int:
    """A gap of over 30 minutes starts a new session."""
    times = sorted(times)
    return sum(1 for i, time in enumerate(times) if i == 0 or time - times[i - 1] > SESSION_GAP)


def days_by_object(events) -> dict[str, set[int]]:
    """The days on which each object was seen."""
    days = defaultdict(set)
    for age, event in events:
        if event.properties["object_id"] is not None:
            days[event.properties["object_id"]].add(age)
    return days


def attribute_rule(rule: Rule, lead: Lead, weight: Decimal) -> tuple[int, Decimal] | None:
    """Where all conditions hold: weight * points."""
    if not all(attribute_holds(lead, *condition) for condition in rule.conditions("attribute")):
        return None
    return 1, rounded(weight * rule.number("points"), 4)


def attribute_holds(lead: Lead, name: str, comparison: str, operand: str | None) -> bool:
    return holds_cached(comparison, operand, attribute_of(lead, name), lead.as_of)


def attribute_of(lead: Lead, name: str) -> str | None:
    return (lead.account if name.startswith("account.") else lead.version.named).get(name)


# ---------------------------------------------------------------------------------------------------------------
# Section 4: contributions, groups and bounds
# ---------------------------------------------------------------------------------------------------------------


def contributions_of(model: Model, lead: Lead, as_of: date) -> list[dict]:
    """Each rule that held is a row, also when it gives 0 points."""
    ledger = []
    for kind, evaluate, rules in (
        ("event", event_rule, model.event_rules),
        ("activity", activity_rule, model.activity_rules),
        ("attribute", attribute_rule, model.attribute_rules),
    ):
        for rule in rules:
            if not rule.in_force(as_of):
                continue
            dimension = model.groups[rule.text("rule_group")].lower("dimension")
            outcome = evaluate(rule, lead, model.weight(dimension))
            if outcome is not None:
                matches, points = outcome
                ledger.append(entry(rule.text("rule_id"), kind, rule.text("rule_group"), dimension, matches, points))
    return ledger


def entry(rule_id, kind, group, dimension, matches, points) -> dict:
    return {
        "rule_id": rule_id,
        "rule_kind": kind,
        "rule_group": group,
        "dimension": dimension,
        "matches": matches,
        "points": rounded(points, 4),
    }


def group_adjustments(model: Model, ledger: list[dict]) -> list[dict]:
    """The sum of a group's contributions is bounded, also that of a group without any."""
    adjustments = []
    for name, group in model.groups.items():
        total = sum((row["points"] for row in ledger if row["rule_group"] == name), ZERO)
        low, high = group.number("min_points"), group.number("max_points")
        adjustments += adjustment("group", total, low, high, name, group.lower("dimension"))
    return adjustments


def override_rows(model: Model, lead: Lead) -> list[dict]:
    """While valid_from <= D < valid_to its points are a row of the ledger, outside all groups, without a weight."""
    own = [one for one in lead.overrides if one.model_id == model.model_id]
    return [entry(f"override_{i}" if i > 1 else "override", "override", None, "total", None, one.points) for i, one in enumerate(own, 1)]


def model_adjustments(model: Model, total: Decimal) -> list[dict]:
    """The sum of the dimensions and overrides is bounded by the model's min_score and max_score."""
    return adjustment("model", total, model.rule.number("min_score"), model.rule.number("max_score"), None, "total")


def adjustment(what, total, low, high, group, dimension) -> list[dict]:
    """A bound that bites is a row of its own, so that the rows add up to the bounded sum."""
    difference = bounded(total, low, high) - total
    if difference == 0:
        return []
    bound = "_min" if difference > 0 else "_max"
    return [entry(what + bound, "adjustment", group, dimension, None, difference)]


def sum_of_dimension(ledger: list[dict], dimension: str) -> Decimal:
    return rounded(sum((row["points"] for row in ledger if row["dimension"] == dimension), ZERO), 4)


# ---------------------------------------------------------------------------------------------------------------
# Section 4: statuses, bands, matrix, rank
# ---------------------------------------------------------------------------------------------------------------


def status_of(model: Model, lead: Lead) -> str:
    """In this order: not_in_audience, disqualified, no_data, else scored."""
    if not in_audience(model, lead):
        return "not_in_audience"
    if any(disqualifies(model, rule, lead) for rule in model.disqualifications):
        return "disqualified"
    return "scored" if lead.has_data() else "no_data"


def in_audience(model: Model, lead: Lead) -> bool:
    name = model.rule.lower("audience_attribute")
    if name is None:
        return True
    if tests_stage(model, lead):
        return holds(model.rule.lower("audience_comparison"), model.rule.text("audience_operand"), lead.stage)
    return attribute_holds(lead, name, model.rule.lower("audience_comparison"), model.rule.text("audience_operand"))


def tests_stage(model: Model, lead: Lead) -> bool:
    """Section 10: an audience may test the stage, unless raw.contacts has a column of that name."""
    return model.rule.lower("audience_attribute") == "stage" and "stage" not in lead.version.named


def disqualifies(model: Model, rule: Rule, lead: Lead) -> bool:
    """An attribute for which the comparison holds, one event of the type by D, or the latest outcome by D of those that say what a lead is.

    These are qualified, won, lost, disqualified and what rules of the model name. Of two at one time the greater outcome_id is the later.
    """
    if rule.lower("source") == "event":
        return rule.lower("name") in lead.events_by_type
    if rule.lower("source") == "outcome":
        telling = {*STATES, *(one.lower("name") for one in model.disqualifications if one.lower("source") == "outcome")}
        return rule.lower("name") == max((one for one in lead.outcomes if one[2] in telling), default=(None,))[-1]
    return attribute_holds(lead, rule.lower("name"), rule.lower("comparison"), rule.text("operand"))


def bands_on(model: Model, dimension: str, x: Decimal, before: frozenset[str]) -> frozenset[str]:
    """A band is on once min_score is reached, and stays on until the score falls below keep_score."""
    on = set()
    for band in model.bands:
        if band.lower("dimension") != dimension:
            continue
        reach = band.number("min_score")
        keep = band.number("keep_score")
        if keep is None:
            keep = reach
        if reach is None or x >= reach or (band.text("band") in before and x >= keep):
            on.add(band.text("band"))
    return frozenset(on)


def highest_band(model: Model, dimension: str, on: frozenset[str]) -> str | None:
    candidates = [band for band in model.bands if band.lower("dimension") == dimension and band.text("band") in on]
    lowest = Decimal("-Infinity")  # a band without a min_score has no limit: it is the lowest of all
    best = max(
        candidates,
        key=lambda band: lowest if band.number("min_score") is None else band.number("min_score"),
        default=None,
    )
    return None if best is None else best.text("band")


def points_to_next_band(model: Model, band: str | None, score: Decimal) -> Decimal | None:
    """What the score lacks for the lowest of the bands above the one that the lead is in."""
    lowest = {row.text("band"): row.number("min_score") for row in model.bands if row.lower("dimension") == "total"}
    above = [reach for reach in lowest.values() if band is None or reach > lowest[band]]
    return min(above) - score if above else None


def rank_in_model(rows: list[dict]) -> None:
    """By score, the highest first, among the scored contacts of one model and date; ties share the smaller number."""
    scored = sorted((row for row in rows if row["status"] == "scored"), key=lambda row: -row["score"])
    for i, row in enumerate(scored):
        tied = i > 0 and scored[i - 1]["score"] == row["score"]
        row["rank_in_model"] = scored[i - 1]["rank_in_model"] if tied else i + 1


# ---------------------------------------------------------------------------------------------------------------
# Everything
# ---------------------------------------------------------------------------------------------------------------


@exact
def score(raw: dict[str, list[dict]], rules: dict[str, list[dict]], as_of_dates: list[date]) -> Result:
    """Score every contact that exists, with every scored model, on every as-of date."""
    from tests.reference.lifecycle import audience_stages, decide

    seeds, as_of_dates = rules, sorted(set(as_of_dates))
    staged = stage(raw)
    rows = [{column: text_or_none(cell) for column, cell in row.items()} for row in raw.get("overrides", [])]
    known_models = {row["model_id"] for row in rules.get("score_models", [])}
    staged.overrides, staged.counts["overrides"] = stage_overrides(rows, staged.contacts, known_models)
    rules = with_lists(rules)
    staged.shared = shared_since(staged, rules)
    models = scored_models(rules)
    filters = [Rule(row) for row in rules.get("event_filters", [])]
    count_filtered(staged, filters)
    memory: dict[tuple[str, str, str], frozenset[str]] = {}  # bands that are on, by model, contact and dimension
    contributions, scores, accounts, account_contributions = [], [], [], []
    stages = audience_stages(raw, seeds, as_of_dates) if any(model.rule.lower("audience_attribute") == "stage" for model in models) else {}
    for as_of in as_of_dates:
        leads = leads_as_of(staged, filters, as_of)
        for lead in leads:
            lead.stage = stages.get((as_of, lead.version.contact_id))
        remembered, memory = memory, {}  # who is not scored on a date leaves the bands
        for model in models:
            rows = []
            for lead in leads:
                row, ledger = score_lead(model, lead, as_of, remembered, memory)
                rows.append(row)
                contributions += ledger
            rank_in_model(rows)
            scores += rows
            if model.account_model is not None:
                found, ledger = score_accounts(model, rows, leads, as_of, remembered, memory)
                accounts += found
                account_contributions += ledger
    decide(raw, seeds, as_of_dates, scores)
    return Result(contributions, scores, staged.counts, accounts, account_contributions)


def leads_as_of(staged: Staged, filters: list[Rule], as_of: date) -> list[Lead]:
    leads = []
    persons = group_by(sorted(staged.contacts), persons_as_of(staged, as_of).get)
    for survivor, contact_ids in sorted(persons.items()):
        merged = [contact_id for contact_id in contact_ids if contact_id != survivor]
        events = [event for contact_id in contact_ids for event in staged.events.get(contact_id, [])]
        lead = lead_as_of(survivor, merged, sorted(events, key=lambda event: event.occurred_at), staged, filters, as_of)
        if lead is not None:
            leads.append(lead)
    return leads


def score_lead(model: Model, lead: Lead, as_of: date, remembered: dict, memory: dict) -> tuple[dict, list[dict]]:
    """One row of lead_scores and its contributions."""
    key = {"as_of_date": as_of, "model_id": model.model_id, "contact_id": lead.version.contact_id}
    row = {
        **key,
        "account_id": lead.version.account_id,
        "status": status_of(model, lead),
        "score": None,
        "behavioural_score": None,
        "demographic_score": None,
        "band": None,
        "behavioural_band": None,
        "demographic_band": None,
        "grade": None,
        "priority": None,
        "next_action": None,
        "points_to_next_band": None,
        "rank_in_model": None,
        "last_event_at": lead.events[-1][1].occurred_at if lead.events else None,
    }
    if row["status"] != "scored":
        return row, []

    ledger = contributions_of(model, lead, as_of)
    ledger += group_adjustments(model, ledger)
    row["behavioural_score"] = sum_of_dimension(ledger, "behavioural")
    row["demographic_score"] = sum_of_dimension(ledger, "demographic")
    ledger += override_rows(model, lead)
    ledger += model_adjustments(model, row["behavioural_score"] + row["demographic_score"] + sum_of_dimension(ledger, "total"))
    row["score"] = rounded(sum((line["points"] for line in ledger), ZERO), 4)

    for dimension, band, of in BANDS:
        place = (model.model_id, lead.version.contact_id, dimension)
        memory[place] = bands_on(model, dimension, row[of], remembered.get(place, frozenset()))
        row[band] = highest_band(model, dimension, memory[place])
    row["points_to_next_band"] = points_to_next_band(model, row["band"], row["score"])
    cell = model.matrix.get((row["demographic_band"], row["behavioural_band"]))
    if cell is not None:
        for name in ("grade", "priority", "next_action"):
            row[name] = cell.text(name)
    return row, [{**key, **line} for line in ledger]


# ---------------------------------------------------------------------------------------------------------------
# Section 10: accounts
# ---------------------------------------------------------------------------------------------------------------


def score_accounts(model: Model, rows: list[dict], leads: list[Lead], as_of: date, remembered: dict, memory: dict) -> tuple[list[dict], list[dict]]:
    """The accounts of the leads of one model and date: their rows, and what adds up to their scores."""
    lead_of = {lead.version.contact_id: lead for lead in leads}
    accounts, ledger = [], []
    for account_id, own in sorted(group_by([row for row in rows if row["account_id"] is not None], lambda row: row["account_id"]).items()):
        # Who is disqualified or not scored gives nothing and does not take out the account.
        scored = sorted((row for row in own if row["status"] == "scored"), key=lambda row: (-row["score"], row["contact_id"]))
        values = breadth_values(model.account_model, scored, lead_of)
        lines = roll_up(model.account_model, scored) + breadth_lines(model.account_model, values)
        row = {
            "as_of_date": as_of,
            "model_id": model.model_id,
            "account_id": account_id,
            "score": rounded(sum((line["points"] for line in lines), ZERO), 4) if scored else None,
            "band": None,
            "contacts": len(own),
            "scored_contacts": len(scored),
            "breadth": None if model.account_model.text("breadth_attribute") is None else len(values),
        }
        if scored:
            place = (model.model_id, account_id, "account")
            memory[place] = bands_on(model, "account", row["score"], remembered.get(place, frozenset()))
            row["band"] = highest_band(model, "account", memory[place])
        accounts.append(row)
        ledger += [{"as_of_date": as_of, "model_id": model.model_id, "account_id": account_id, **line} for line in lines]
    return accounts, ledger


def roll_up(rule: Rule, scored: list[dict]) -> list[dict]:
    """A row for each contact that counts, the best first."""
    kind = rule.lower("roll_up")
    if kind == "average":
        # The rounded mean of all, shared so that the rows add up to it: what the mean of the first k counted so far has grown by.
        total, means = ZERO, [ZERO]
        for row in scored:
            total += row["score"]
            means.append(rounded(total / len(scored), 4))
        points = [after - before for before, after in itertools.pairwise(means)]
    else:
        number = {"sum": len(scored), "max": 1, "top_sum": int(rule.number("top") or 0)}[kind]
        points = [row["score"] for row in scored[:number]]
    return [
        {"kind": "contact", "contact_id": row["contact_id"], "breadth_value": None, "contacts": 1, "points": x}
        for row, x in zip(scored, points, strict=False)
    ]


def breadth_values(rule: Rule, scored: list[dict], lead_of: dict[str, Lead]) -> dict[str, list[dict]]:
    """The distinct values of the breadth attribute among contacts with the least score or more, each with these contacts."""
    name, least = rule.lower("breadth_attribute"), rule.number("breadth_min_score")
    if name is None:
        return {}
    counting = [row for row in scored if least is None or row["score"] >= least]
    values = group_by(counting, lambda row: (attribute_of(lead_of[row["contact_id"]], name) or "").lower())
    return {value: rows for value, rows in values.items() if value}


def breadth_lines(rule: Rule, values: dict[str, list[dict]]) -> list[dict]:
    """Each value gives its points until the most is reached, that of the best contact first."""
    most, given, lines = rule.number("max_breadth_points"), ZERO, []
    for value, rows in sorted(values.items(), key=lambda item: (-max(row["score"] for row in item[1]), item[0])):
        x = rule.number("breadth_points")
        if most is not None:
            x = min(x, most - given)
        given += x
        lines.append({"kind": "breadth", "contact_id": None, "breadth_value": value, "contacts": len(rows), "points": rounded(x, 4)})
    return lines
