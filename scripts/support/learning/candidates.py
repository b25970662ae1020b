"""Which rules are tried: what the events and attributes of the leads to learn from allow, each with one point."""

import math
import re
from dataclasses import dataclass

HALF_LIVES = {14: ("recent", "lately"), 180: ("lasting", "in the long run")}

# The most that are tried: event types, values of a property, values of an attribute with a bin of their own, bins of numbers.
MOST_TYPES, MOST_VALUES, MOST_TEXTS, MOST_BINS = 20, 6, 30, 12

# What macros/engine reads as a number.
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


@dataclass
class Candidate:
    """A rule that is tried: its seed and cells, without points.

    block: plain, detail, activity, attribute or pair; family: what belongs together, such as the bins of an attribute;
    source: the event type or attribute; said: what a person calls it; name: what its rule_id ends in.
    """

    seed: str
    cells: dict
    block: str
    family: str
    source: str
    said: str
    name: str
    bins: tuple[int, ...] = ()


def words(text: str) -> str:
    """A name as it stands in a sentence."""
    return str(text).replace("_", " ")


def nice(number: float) -> float:
    """The nearest by ratio of 1, 2, 5, 10, 20, ... and 0.5, 0.2, ..."""
    power = 10.0 ** math.floor(math.log10(number))
    return min((power * step for step in (1, 2, 5, 10)), key=lambda one: abs(math.log(one / number)))


def text_of(number: float) -> str:
    """A number as a seed's cell holds it: up to 6 decimals."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def of_events(connection, leave_out: set[str]) -> tuple[list[Candidate], list[Candidate]]:
    """Event rules, and activity features (cells without a band yet). Reads the table training (as_of_date, contact_id, is_converted, weight)."""
    connection.execute(
        """
        create temp table seen as
        select events.*, occurred_date > (select quantile_disc(as_of_date, 0.5) from training) as is_late
        from main_intermediate.int_events as events semi join training using (contact_id)
        where known_date <= (select max(as_of_date) from training)
        """
    )
    contacts = connection.execute("select count(distinct contact_id) from training").fetchone()[0]
    types = connection.execute(
        """
        select event_type, count(distinct contact_id), count(*), count(*) filter (value > 0), count(*) filter (duration_seconds > 0), count(distinct object_id)
        from seen group by event_type having count(distinct contact_id) >= ? order by 2 desc, 1
        """,
        [max(20, contacts // 500)],
    ).fetchall()
    types = [row for row in types if row[0] not in leave_out][:MOST_TYPES]
    rules, activity = [], []

    def counted(name: str, block: str, event_type: str, said: str, **cells) -> None:
        for half_life, (span, when) in HALF_LIVES.items():
            shape = {"event_type": event_type, "measure": "events", "decay": "exponential", "decay_days": half_life, "scale": "log2"}
            rules.append(Candidate("event_rules", shape | cells, block, name, event_type, f"{said} {when}", f"{name}_{span}"))

    def watched(name: str, feature: str, event_type: str = "", within: int | str = "") -> None:
        cells = {"feature": feature, "event_type": event_type, "within_days": within}
        activity.append(Candidate("activity_rules", cells, "activity", name, event_type, observed(cells), name))

    for event_type, touched, events, with_value, with_seconds, objects in types:
        called = words(event_type)
        counted(event_type, "plain", event_type, called)
        for column, short, number in (("value", "value", with_value), ("duration_seconds", "time", with_seconds)):
            if number < 0.2 * events:
                continue
            cuts = connection.execute(
                f"select quantile_cont({column}::double, [0.5, 0.75, 0.9, 0.97]) from seen where event_type = ? and {column} > 0", [event_type]
            ).fetchone()[0]
            counted(f"{event_type}_{short}", "detail", event_type, f"{short} of {called}", measure=column, unit=text_of(max(nice(cuts[0]), 0.000001)))
            cuts = sorted({nice_cut(cut) for cut in cuts})
            for cut in [cut for cut, before in zip(cuts, [0, *cuts]) if cut >= 1.25 * before]:
                at_least = {"property": column, "comparison": "at_least", "operand": text_of(cut)}
                counted(f"{event_type}_{short}_{text_of(cut)}", "detail", event_type, f"{called} with {words(column)} of {text_of(cut)} or more", **at_least)
        for column, operand, comparison in (
            ("channel", "channel", "equals"),
            ("campaign", "campaign", "equals"),
            ("object_id", "object_id", "equals"),
            ("page_url", r"regexp_extract(page_url, '^(?:[a-zA-Z]+://[^/]*)?(/[^/?#]+)', 1)", "contains"),
        ):
            # A campaign of the past tells nothing of the next one: what is tried was there early and late.
            values = connection.execute(
                f"""
                select min({operand}) as operand, count(distinct contact_id) as contacts
                from seen where event_type = ? and {operand} <> '' group by lower({operand})
                having contacts >= ? and count(distinct contact_id) filter (is_late) >= 10 and count(distinct contact_id) filter (not is_late) >= 10
                order by contacts desc, operand limit {MOST_VALUES}
                """,
                [event_type, max(30, contacts // 100)],
            ).fetchall()
            for text, number in values:
                if number < 0.95 * touched or len(values) > 1:
                    cells = {"property": column, "comparison": comparison, "operand": text}
                    counted(f"{event_type}_{column}_{text}", "detail", event_type, f"{called} with {words(column)} {text}", **cells)
        watched(f"{event_type}_last", "days_since_last", event_type)
        if objects > 1:
            watched(f"{event_type}_objects", "distinct_objects", event_type, 365)
    if types:
        watched("last", "days_since_last")
        watched("first", "days_since_first")
        watched("days_30", "active_days", within=30)
        watched("days_90", "active_days", within=90)
    return rules, activity


def observed(cells: dict) -> str:
    """What the feature of an activity rule is called."""
    of = words(cells["event_type"] or "event")
    called = {"days_since_last": f"days since the last {of}", "days_since_first": f"days since the first {of}", "distinct_objects": f"different objects of {of}", "active_days": f"days with {of}"}
    return called[cells["feature"]] + (f" in {cells['within_days']} days" if cells["within_days"] else "")


def nice_cut(number: float) -> float:
    """A number with two digits, 12 of 12.34."""
    return float(f"{number:.1e}")


@dataclass
class Attribute:
    """An attribute whose values are parted into bins: first numbers in their order, or frequent texts and the rest of them, then the missing.

    numbers: [lowest, highest, leads, conversions, is a value's own] per bin; texts: the frequent ones, of which lists are made.
    """

    name: str
    numbers: list[list]
    decimals: int
    texts: list[str]
    has_others: bool
    has_missing: bool

    def __post_init__(self):
        self.begins = edges(self.numbers, self.decimals) if self.numbers else []
        self.size = len(self.numbers) + len(self.texts) + self.has_others + self.has_missing

    def condition(self, bins: list[int]) -> tuple[dict, str] | None:
        """The comparison and operand that hold for these bins (sorted) and no others, and what it is called; None where no single one does."""
        known = self.size - self.has_missing
        if bins == [known] and self.has_missing:
            return {"comparison": "is_missing", "operand": ""}, "missing"
        if bins == list(range(known)):
            return {"comparison": "is_present", "operand": ""}, "known"
        if bins[-1] >= known:
            return None
        if self.texts:
            inside = [self.texts[place] for place in bins if place < len(self.texts)]
            outside = [text for text in self.texts if text not in inside]
            if len(inside) < len(bins):
                return {"comparison": "not_in", "operand": "|".join(outside)}, f"not {' or '.join(outside) if len(outside) < 5 else 'a frequent one'}"
            return {"comparison": "in" if len(inside) > 1 else "equals", "operand": "|".join(inside)}, " or ".join(inside)
        if bins != list(range(bins[0], bins[-1] + 1)):
            return None
        low, high = self.begins[bins[0]], self.begins[bins[-1] + 1] if bins[-1] + 1 < len(self.numbers) else None
        if bins[0] and self.numbers[bins[0] - 1][4]:
            low = self.numbers[bins[0] - 1][1] + 10.0**-self.decimals
        if bins[0] == 0 and not self.numbers[0][4]:
            return {"comparison": "less_than", "operand": text_of(high)}, f"below {text_of(high)}"
        if high is None and not (len(bins) == 1 and self.numbers[-1][4]):
            return {"comparison": "at_least", "operand": text_of(low)}, f"of {text_of(low)} or more"
        last = self.numbers[bins[-1]][1] if self.numbers[bins[-1]][4] else high - 10.0**-self.decimals
        return {"comparison": "between", "operand": f"{text_of(low)}|{text_of(last)}"}, text_of(low) if low == last else f"{text_of(low)} to {text_of(last)}"

    def rule(self, bins: list[int]) -> Candidate:
        """The rule that holds for these bins."""
        cells, said = self.condition(bins)
        name = f"{self.name}_{cells['comparison']}_{cells['operand']}"
        return Candidate("attribute_rules", {"attribute": self.name, **cells}, "attribute", self.name, self.name, f"{words(self.name)} {said}", name, tuple(bins))


def of_attributes(connection, leave_out: set[str]) -> tuple[list[Attribute], list[str]]:
    """The attributes, and what is told of those that are left out. Reads the table training."""
    connection.execute(
        """
        create temp table described as
        select training.contact_id, training.weight, training.is_converted, versions.created_at, attributes.attribute, attributes.value
        from training
        inner join main_intermediate.int_contact_versions as versions
            on
                training.contact_id = versions.contact_id
                and (versions.valid_from is null or training.as_of_date >= versions.valid_from)
                and (versions.valid_to is null or training.as_of_date < versions.valid_to)
        inner join main_intermediate.int_contact_attributes as attributes using (version_hash)
        where attributes.attribute not in ('email', 'account_id')
        """
    )
    # A number that nearly every contact has for itself and that grows with time is an id or a date, and says nothing of later contacts.
    growing = connection.execute(
        """
        with numbered as (
            select attribute, try_cast(value as double) as number, min(created_at) as created_at, count(distinct contact_id) as contacts
            from described group by all
        ),
        ranked as (
            select attribute, contacts, number, rank() over (partition by attribute order by number) as place,
                rank() over (partition by attribute order by created_at) as time_place
            from numbered
        )
        select attribute from ranked group by attribute
        having count(number) > 0.95 * sum(contacts) and count(*) >= 100 and abs(corr(place, time_place)) > 0.95 order by attribute
        """
    ).fetchall()
    told = [f"attribute {attribute} is left out: a number of nearly every contact's own that grows with time" for attribute, in growing]
    values: dict[str, list[tuple]] = {}
    for attribute, *row in connection.execute(
        """
        select attribute, value, sum(weight)::double, sum(weight * is_converted::int)::double
        from described group by attribute, value order by attribute, value
        """
    ).fetchall():
        values.setdefault(attribute, []).append(tuple(row))
    found = [binned(name, rows) for name, rows in values.items() if name not in leave_out and (name,) not in growing]
    return [attribute for attribute in found if attribute.size > 1], told


def binned(name: str, rows: list[tuple]) -> Attribute:
    """The bins of an attribute. rows: (value or None, leads, conversions), weighted."""
    total = sum(leads for _, leads, _ in rows)
    missing = sum(leads for value, leads, _ in rows if value is None)
    numbers: dict[float, list[float]] = {}
    texts: dict[str, float] = {}
    decimals = 0
    for value, leads, conversions in rows:
        if value is not None:
            texts[value.lower()] = texts.get(value.lower(), 0) + leads
            if re.fullmatch(NUMBER, value) and abs(float(value)) < 1e12:
                one = numbers.setdefault(round(float(value), 6), [0.0, 0.0])
                one[0] += leads
                one[1] += conversions
                decimals = max(decimals, 6 if "e" in value.lower() else len(value.partition(".")[2]))
    least = max(30, 0.005 * total)
    if len(numbers) > 2 and sum(leads for leads, _ in numbers.values()) >= 0.95 * (total - missing):
        parts = numeric_parts([(number, *numbers[number]) for number in sorted(numbers)], total, least)
        return Attribute(name, parts, min(6, decimals), [], False, missing > 0)
    # A list cannot hold the bar that parts its items.
    frequent = sorted((text for text in texts if texts[text] >= least and "|" not in text), key=lambda text: (-texts[text], text))[:MOST_TEXTS]
    return Attribute(name, [], 0, frequent, len(frequent) < len(texts), missing > 0)


def numeric_parts(values: list[tuple], total: float, least: float) -> list[list]:
    """Bins of numbers: [lowest, highest, leads, conversions, is a value's own]. values: (number, leads, conversions), sorted.

    A value with 15 % or more of `total` is a bin of its own. The others are cut at each 5 % and at the 99th, none smaller than `least`.
    """
    step, tail = 0.05 * sum(leads for _, leads, _ in values), 0.99 * sum(leads for _, leads, _ in values)
    parts, running = [], 0.0
    for number, leads, conversions in values:
        own = leads >= 0.15 * total
        crossed = parts and (parts[-1][2] >= step or (running >= tail and running - parts[-1][2] < tail))
        if not parts or own or parts[-1][4] or crossed:
            parts.append([number, number, leads, conversions, own])
        else:
            parts[-1][1] = number
            parts[-1][2] += leads
            parts[-1][3] += conversions
        running += leads
    place = 0
    while place + 1 < len(parts):
        left, right = parts[place : place + 2]
        if min(left[2], right[2]) < least and not (left[4] or right[4]):
            parts[place : place + 2] = [[left[0], right[1], left[2] + right[2], left[3] + right[3], False]]
            place = max(0, place - 1)
        else:
            place += 1
    return parts


def alike(parts: list[list], most: int = MOST_BINS) -> list[list[int]]:
    """The places of neighbouring bins that convert alike: Pearson's chi-square of the two below 2.7, its 10 % point (ChiMerge, Kerber 1992)."""
    merged = [[[place], *part[2:]] for place, part in enumerate(parts)]

    def unlike(left: list, right: list) -> float:
        if left[3] or right[3]:
            return math.inf
        rate = (left[2] + right[2]) / (left[1] + right[1])
        return sum((part[2] - part[1] * rate) ** 2 / max(part[1] * rate * (1 - rate), 1e-9) for part in (left, right))

    while len(merged) > 1:
        lowest, place = min((unlike(*merged[place : place + 2]), place) for place in range(len(merged) - 1))
        if lowest == math.inf or (lowest > 2.7 and len(merged) <= most):
            break
        left, right = merged[place : place + 2]
        merged[place : place + 2] = [[left[0] + right[0], left[1] + right[1], left[2] + right[2], False]]
    return [part[0] for part in merged]


def edges(parts: list[list], decimals: int) -> list[float]:
    """Where each bin begins, with as few digits as the values between two bins allow."""
    found = [parts[0][0]]
    for left, right in zip(parts, parts[1:]):
        place = right[0]
        if not right[4]:
            for digits in range(-12, decimals + 1):
                rounded = math.floor(right[0] * 10.0**digits + 1e-9) / 10.0**digits
                if left[1] < rounded <= right[0]:
                    place = rounded
                    break
        found.append(place)
    return found
