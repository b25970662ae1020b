"""Candidate rules, from the events and attributes of the training leads."""

import math
import re
from dataclasses import dataclass, field

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.tree import DecisionTreeClassifier

from support.queries import named, statements

SQL = "../calibration/candidates.sql"

HALF_LIVES = {14: ("recent", "in recent weeks"), 180: ("lasting", "in recent months")}

# Maximum numbers: event types, values of a property, texts of an attribute with their own bin, bands of a number.
MOST_TYPES, MOST_VALUES, MOST_TEXTS, MOST_BANDS = 20, 6, 30, 5

# A number with this share of the leads has a bin of its own.
OWN = 0.15

# Edges may move to a rounder number past this share of the leads. Numbers of days that people choose first.
MAY_MOVE, USUAL_DAYS = 0.02, (365, 180, 90, 60, 30, 14, 7)

# A text that names one thing: a number, a hash, a UUID.
ID = r"\W*\d+\W*|[0-9a-fA-F]{12,}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

# The numbers that macros/engine accepts.
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

# How a property of an event is said of it.
OF_PROPERTY = {"channel": "through {}", "campaign": "in campaign {}", "object_id": "of {}", "page": "on page {}"}


@dataclass
class Candidate:
    """A candidate rule: its seed and its cells without points.

    block: plain, detail, activity or attribute; source: its event type or attribute; said: its description; name: the end of its rule_id;
    feature and bins: the name of its feature and the matching bins, empty for a rule that counts events.
    """

    seed: str
    cells: dict
    block: str
    source: str
    said: str
    name: str
    feature: str = ""
    bins: tuple[int, ...] = ()

    @property
    def unit(self) -> str:
        """The family of the rule: the feature whose bins it matches, or the rule itself."""
        return self.feature or self.name


@dataclass
class Feature:
    """Divides the leads into bins: ordered numbers, or frequent texts and all others; then missing values.

    cells: cells of its rules, without the condition; step: the smallest difference of two numbers; begins: of each bin of numbers its lower limit.
    """

    name: str
    seed: str
    cells: dict
    step: float = 1.0
    texts: list[str] = field(default_factory=list)
    has_others: bool = False
    has_missing: bool = False
    begins: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The number of bins."""
        return len(self.begins) + len(self.texts) + self.has_others + self.has_missing

    def rule(self, bins: list[int]) -> Candidate | None:
        """The rule that matches exactly these bins (sorted), or None if one condition cannot: any set of texts, but only adjacent bins of numbers."""
        of, is_activity, known = self.cells, self.seed == "activity_rules", self.size - self.has_missing
        thing, called = words(of.get("event_type") or "event"), words(self.name)
        if bins == [known]:
            cells, said = ({"feature": "events", "lower": "0", "upper": "1"}, f"no {thing} so far") if is_activity else ({"comparison": "is_missing", "operand": ""}, f"{called} is not known")
        elif bins[-1] >= known or (self.begins and bins != list(range(bins[0], bins[-1] + 1))):
            return None
        elif self.begins:
            # The outermost bins are open.
            low, high = text_of(self.begins[bins[0]]) if bins[0] else "", text_of(self.begins[bins[-1] + 1]) if bins[-1] + 1 < known else ""
            last = text_of(self.begins[bins[-1] + 1] - self.step) if high else ""
            cells, said = ({"lower": low, "upper": high}, said_of_band(of, thing, low, high, last)) if is_activity else range_of(called, low, high, last)
        elif len(bins) == known:
            cells, said = {"comparison": "is_present", "operand": ""}, f"{called} is known"
        elif self.has_others and bins[-1] == known - 1:
            outside = [text for place, text in enumerate(self.texts) if place not in bins]
            cells, said = {"comparison": "not_in", "operand": "|".join(outside)}, f"{called} is none of {listed(outside)}" if len(outside) > 1 else f"{called} is not {outside[0]}"
        else:
            inside = [self.texts[place] for place in bins]
            cells, said = {"comparison": "in" if len(inside) > 1 else "equals", "operand": "|".join(inside)}, f"{called} is {listed(inside)}"
        name = f"{self.name}_{'_'.join(str(cell) for cell in cells.values() if cell != '')}"
        return Candidate(self.seed, of | cells, "activity" if is_activity else "attribute", of.get("event_type") or of.get("attribute", ""), capital(said), name, self.name, tuple(bins))


def said_of_band(of: dict, thing: str, low: str, high: str, last: str) -> str:
    """The description of low <= feature < high, with the last whole number below high."""
    if of["feature"].startswith("days_"):
        if not low and not high:
            return f"any {thing} so far"
        when = f"{low} days ago or earlier" if not high else f"in the last {high} days" if not low else f"{low} days ago" if low == last else f"{low} to {last} days ago"
        return f"{of['feature'].removeprefix('days_since_')} {thing} {when}"
    number = f"{low} or more" if not high else f"fewer than {high}" if not low else low if low == last else f"{low} to {last}"
    if high == "1" and not low:
        return f"no {thing} in the last {of['within_days']} days"
    if of["feature"] == "active_days":
        return f"active on {number} of the last {of['within_days']} days"
    return f"{number} {'object' if number == '1' else 'different objects'} of {thing} in the last {of['within_days']} days"


def range_of(called: str, low: str, high: str, last: str) -> tuple[dict, str]:
    """The condition low <= attribute < high, and its description."""
    if low and high:
        return {"comparison": "between", "operand": f"{low}|{last}"}, f"{called} of {low}" if low == last else f"{called} of {low} to {last}"
    if low:
        return {"comparison": "at_least", "operand": low}, f"{called} of {low} or more"
    return ({"comparison": "less_than", "operand": high}, f"{called} under {high}") if high else ({"comparison": "is_present", "operand": ""}, f"{called} is known")


def capital(text: str) -> str:
    """A text with a capital letter at its begin."""
    return text[:1].upper() + text[1:]


def words(text: str) -> str:
    """A name as words of a sentence."""
    return str(text).replace("_", " ")


def listed(texts: list[str]) -> str:
    """A few texts as a list in a sentence."""
    return " or ".join(texts if len(texts) < 6 else [*texts[:4], f"{len(texts) - 4} others"])


def text_of(number: float) -> str:
    """A number as a cell of a seed, with at most 6 decimals."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def roundest(low: float, high: float, first: tuple = ()) -> float:
    """The roundest number x with low < x <= high: one of `first`, else a multiple of the largest of ..., 100, 50, 20, 10, 5, 2, 1, ..."""
    for one in first:
        if low < one <= high:
            return float(one)
    for power in range(12, -7, -1):
        for step in (5, 2, 1):
            # Whole numbers of steps, because 0.1 is no binary fraction.
            times = math.floor(high / (step * 10.0**power) + 1e-9)
            found = round(times * step * 10.0**power, 6)
            if low < found <= high:
                return found
    return high


def of_events(connection, leave_out: set[str], allow_ids: bool = False) -> tuple[list[Candidate], list[Feature]]:
    """Rules that count events, and activity features, still without bins. Reads the table training (as_of_date, contact_id)."""
    connection.execute(statements(SQL, "seen"))
    rules, activity = [], []

    def count(name: str, said: str, **cells) -> None:
        for half_life, (span, when) in HALF_LIVES.items():
            shape = {"event_type": event_type, "measure": "events", "decay": "exponential", "decay_days": half_life, "scale": "log2"}
            rules.append(Candidate("event_rules", shape | cells, "detail" if cells else "plain", event_type, capital(f"{said} {when}"), f"{name}_{span}"))

    def watch(name: str, feature: str, event_type: str = "", within: int | str = "") -> None:
        activity.append(Feature(name, "activity_rules", {"feature": feature, "event_type": event_type, "within_days": within}))

    types = named(connection.execute(statements(SQL, "types"), {"leave_out": sorted(leave_out), "most": MOST_TYPES}))
    for row in types:
        event_type, called = row["event_type"], words(row["event_type"])
        count(event_type, called)
        for column, unit, of_unit in (("value", "value", ""), ("duration_seconds", "seconds", " seconds")):
            if row[column]:
                count(f"{event_type}_{column}", f"{unit} of {called}", measure=column, unit=text_of(max(roundest(0.5 * row[column][0], 1.5 * row[column][0]), 0.000001)))
                for amount in map(text_of, sorted({roundest(0.8 * amount, 1.1 * amount) for amount in row[column]})):
                    count(f"{event_type}_{column}_{amount}", f"{called} of {amount}{of_unit} or more", property=column, comparison="at_least", operand=amount)
        for column, said in OF_PROPERTY.items():
            values = connection.execute(statements(SQL, "values").format(column=column), {"event_type": event_type, "most": MOST_VALUES}).fetchall()
            for value, number in values:
                if (allow_ids or not (column == "object_id" or re.fullmatch(ID, value))) and (number < 0.95 * row["contacts"] or len(values) > 1):
                    cells = {"property": "page_url", "comparison": "contains"} if column == "page" else {"property": column, "comparison": "equals"}
                    count(f"{event_type}_{column}_{value}", f"{called} {said.format(value)}", **cells, operand=value)
        watch(f"{event_type}_last", "days_since_last", event_type)
        if row["objects"] > 1:
            watch(f"{event_type}_objects", "distinct_objects", event_type, 365)
    if types:
        watch("days_30", "active_days", within=30)
    return rules, activity


def of_attributes(connection, leave_out: set[str], allow_ids: bool = False) -> tuple[list[Feature], list[str]]:
    """The attributes with their bins, and warnings about them. Reads the table training (as_of_date, contact_id, weight, is_converted)."""
    connection.execute(statements(SQL, "described"))
    growing, calendar = (connection.execute(statements(SQL, part)).fetchall() for part in ("growing", "calendar"))
    told = [f"attribute {attribute} is excluded: nearly unique per contact and growing over time, like an id" for attribute, in growing]
    told += [f"attribute {attribute} is excluded: it drifts with the calendar ({100 * share:.0f} % of the differences in date), as months and interest rates do" for attribute, share in calendar if attribute not in leave_out]
    later = connection.execute("select coalesce(avg(is_later::int), 0) from described").fetchone()[0]
    if later > 0.1:
        told.append(f"{100 * later:.0f} % of the attributes were written after the date they are used for (updated_at): later entries by sales would leak the outcome")
    excluded = leave_out | {name for name, *_ in [*growing, *calendar]}
    values: dict[str, list[tuple]] = {}
    for attribute, *row in connection.execute(statements(SQL, "attributes")).fetchall():
        if attribute not in excluded and (allow_ids or not re.search("(^|_)id$", attribute)):
            values.setdefault(attribute, []).append(row)
    found = [binned(name, rows) for name, rows in values.items()]
    return [attribute for attribute in found if attribute.size > 1], told


def binned(name: str, rows: list) -> Feature:
    """The bins of an attribute. rows: (value in lower case or None, contacts)."""
    known = [row for row in rows if row[0] is not None]
    total, feature = sum(leads for _, leads in rows), Feature(name, "attribute_rules", {"attribute": name}, has_missing=len(known) < len(rows))
    numbers = [row for row in known if re.fullmatch(NUMBER, row[0]) and abs(float(row[0])) < 1e12]
    if len({float(value) for value, _ in numbers}) > 2 and sum(leads for _, leads in numbers) >= 0.95 * sum(leads for _, leads in known):
        feature.step = 10.0 ** -min(6, max(6 if "e" in value else len(value.partition(".")[2]) for value, _ in numbers))
        feature.begins = bins_of(*np.array(numbers, float).T, total, feature.step)
        return feature
    # A text with the list separator | cannot be a list item.
    frequent = sorted((-leads, value) for value, leads in known if leads >= max(30, 0.005 * total) and "|" not in value)
    feature.texts = [value for _, value in frequent[:MOST_TEXTS]]
    feature.has_others = len(feature.texts) < len(known)
    return feature


def bins_of(numbers: np.ndarray, leads: np.ndarray, total: float, step: float, first: tuple = ()) -> list[float]:
    """The lower limits of bins of numbers. leads: their contacts; first: as in roundest.

    A number with OWN or more of `total` has its own bin. Other limits are about every 5 % and at the 99th percentile: the roundest number
    within MAY_MOVE of the contacts. No bin has fewer than 0.5 % or 30 contacts.
    """
    known, group = np.unique(numbers.round(6), return_inverse=True)
    leads = np.bincount(group, leads).round(6)
    shares = leads.cumsum() / leads.sum()
    limits = set()
    for share in [*(np.arange(1, 20) / 20), 0.99]:
        at = np.searchsorted(shares, share - 1e-9)
        low, high = np.searchsorted(shares, shares[at] - MAY_MOVE), np.searchsorted(shares, shares[at] + MAY_MOVE, side="right")
        limits.add(roundest(known[max(min(low, at - 1), 0)], known[min(high, len(known) - 1)], first))
    for own in known[leads >= OWN * total]:
        limits |= {own, round(own + step, 6)}
    begins = [known[0], *sorted(limit for limit in limits if known[0] < limit <= known[-1])]
    while len(begins) > 1:
        few = np.flatnonzero(np.bincount(np.searchsorted(begins, known, side="right") - 1, leads, len(begins)) < max(30, 0.005 * total))
        if not len(few):
            break
        del begins[min(few[0] + 1, len(begins) - 1)]
    return [float(begin) for begin in begins]


def alike(leads: np.ndarray, won: np.ndarray, monotone: bool = True) -> list[list[int]]:
    """Groups of adjacent bins with similar conversion rates, at most MOST_BANDS: a decision tree, whose splits have a likelihood ratio of at least
    2.7, the 10 % point of chi-square. With monotone the rates also only rise or only fall, in the direction of their trend.
    """
    places, weight = np.arange(len(leads)), np.append(won, leads - won).clip(0)
    tree = DecisionTreeClassifier(
        criterion="entropy", max_leaf_nodes=MOST_BANDS, min_impurity_decrease=2.7 / (2 * np.log(2) * leads.sum()), monotonic_cst=[trend(won / leads, leads)] if monotone else None, random_state=0
    )  # fmt: skip
    tree.fit(np.tile(places, 2)[:, None], np.repeat([True, False], len(leads)), sample_weight=weight)
    return [group.tolist() for group in np.split(places, np.flatnonzero(np.diff(tree.apply(places[:, None]))) + 1)]


def trend(values: np.ndarray, weight: np.ndarray) -> int:
    """1 if the values rise with their place, else -1."""
    places = np.arange(len(values))
    return 1 if (weight * (places - np.average(places, weights=weight))) @ values >= 0 else -1


def one_way(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The values of neighbours, pooled until they only rise or only fall, in the direction of their trend (isotonic regression)."""
    return IsotonicRegression(increasing=trend(values, weight) > 0).fit_transform(np.arange(len(values)), values, sample_weight=weight)
