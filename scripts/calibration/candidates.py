"""Candidate rules, from the events and attributes of the training leads."""

import bisect
import itertools
import math
import re
from dataclasses import dataclass

HALF_LIVES = {14: ("recent", "in recent weeks"), 180: ("lasting", "in recent months")}

# Maximum numbers: event types, values of a property, texts of an attribute with their own bin, bands of a number.
MOST_TYPES, MOST_VALUES, MOST_TEXTS, MOST_BANDS = 20, 6, 30, 5

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

    cells: cells of its rules, without the condition; numbers: [lowest, highest, contacts, conversions, is a single value] per bin; step: the
    smallest difference of two values.
    """

    name: str
    seed: str
    cells: dict
    numbers: list[list]
    step: float
    texts: list[str]
    has_others: bool
    has_missing: bool

    def __post_init__(self):
        self.begins = begins_of(self.numbers, self.step, USUAL_DAYS if self.cells.get("feature", "").startswith("days_") else ())
        self.size = len(self.numbers) + len(self.texts) + self.has_others + self.has_missing
        # One condition can match any set of texts, but only adjacent bins of numbers.
        self.is_ordered = bool(self.numbers)

    def rule(self, bins: list[int]) -> Candidate | None:
        """The rule that matches exactly these bins (sorted), or None if one condition cannot."""
        block = "activity" if self.seed == "activity_rules" else "attribute"
        condition = self._condition(bins, block)
        if not condition:
            return None
        cells, said = condition
        source = self.cells.get("event_type") or self.cells.get("attribute", "")
        name = f"{self.name}_{'_'.join(str(cell) for cell in cells.values() if cell != '')}"
        return Candidate(self.seed, self.cells | cells, block, source, capital(said), name, self.name, tuple(bins))

    @property
    def thing(self) -> str:
        """The event in a description."""
        return words(self.cells["event_type"] or "event")

    def _condition(self, bins: list[int], block: str) -> tuple[dict, str] | None:
        known, called = self.size - self.has_missing, words(self.name)
        if bins == [known] and self.has_missing:
            return ({"comparison": "is_missing", "operand": ""}, f"{called} is not known") if block == "attribute" else ({"feature": "events", "lower": "0", "upper": "1"}, f"no {self.thing} so far")
        if bins[-1] >= known:
            return None
        if self.numbers:
            return self._band(bins) if block == "activity" else self._between(bins, called)
        if len(bins) == known:
            return {"comparison": "is_present", "operand": ""}, f"{called} is known"
        inside, outside = [self.texts[place] for place in bins if place < len(self.texts)], [text for place, text in enumerate(self.texts) if place not in bins]
        if len(inside) < len(bins):
            return {"comparison": "not_in", "operand": "|".join(outside)}, f"{called} is none of {listed(outside)}" if len(outside) > 1 else f"{called} is not {outside[0]}"
        return {"comparison": "in" if len(inside) > 1 else "equals", "operand": "|".join(inside)}, f"{called} is {listed(inside)}"

    def _limits(self, bins: list[int]) -> tuple[str, str] | None:
        """The lowest number of these bins and that of the next one; '' for none. The outermost bins are open. None if there is a gap."""
        if bins != list(range(bins[0], bins[-1] + 1)):
            return None
        return text_of(self.begins[bins[0]]) if bins[0] else "", text_of(self.begins[bins[-1] + 1]) if bins[-1] + 1 < len(self.numbers) else ""

    def _band(self, bins: list[int]) -> tuple[dict, str] | None:
        """A band of an activity feature."""
        limits = self._limits(bins)
        if not limits:
            return None
        (low, high), within, feature = limits, self.cells["within_days"], self.cells["feature"]
        last = text_of(float(high) - 1) if high else ""
        if feature.startswith("days_"):
            when = f"{low} days ago or earlier" if low and not high else f"in the last {high} days" if not low else f"{low} days ago" if low == last else f"{low} to {last} days ago"
            said = f"{'last' if feature.endswith('last') else 'first'} {self.thing} {when}" if low or high else f"any {self.thing} so far"
        else:
            number = f"{low} or more" if low and not high else f"fewer than {high}" if not low else low if low == last else f"{low} to {last}"
            if high == "1" and not low:
                said = f"no {self.thing} in the last {within} days"
            elif feature == "active_days":
                said = f"active on {number} of the last {within} days"
            else:
                said = f"{number} {'object' if number == '1' else 'different objects'} of {self.thing} in the last {within} days"
        return {"lower": low, "upper": high}, said

    def _between(self, bins: list[int], called: str) -> tuple[dict, str] | None:
        """A range of an attribute."""
        limits = self._limits(bins)
        if not limits:
            return None
        low, high = limits
        if not low or not high:
            cells = {"comparison": "at_least", "operand": low} if low else {"comparison": "less_than", "operand": high} if high else {"comparison": "is_present", "operand": ""}
            return cells, f"{called} of {low} or more" if low else f"{called} under {high}" if high else f"{called} is known"
        last = text_of(self.begins[bins[-1] + 1] - self.step)
        return {"comparison": "between", "operand": f"{low}|{last}"}, f"{called} of {low}" if low == last else f"{called} of {low} to {last}"


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


def nice(number: float) -> float:
    """The number of ..., 0.2, 0.5, 1, 2, 5, 10, 20, ... with the nearest ratio."""
    power = 10.0 ** math.floor(math.log10(number))
    return max(min((power * step for step in (1, 2, 5, 10)), key=lambda one: abs(math.log(one / number))), 0.000001)


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
    connection.execute(
        """
        create temp table seen as
        select events.*, occurred_date > (select quantile_disc(as_of_date, 0.5) from training) as is_late,
            regexp_extract(page_url, '^(?:[a-zA-Z]+://[^/]*)?(/[^/?#]+)', 1) as page
        from main_intermediate.int_events as events semi join training using (contact_id)
        where filtered_date is null and known_date <= (select max(as_of_date) from training)
        """
    )
    contacts = connection.execute("select count(distinct contact_id) from training").fetchone()[0]
    types = connection.execute(
        """
        select event_type, count(distinct contact_id) as contacts, count(distinct object_id), count(*) filter (value > 0) > 0.2 * count(*),
            count(*) filter (duration_seconds > 0) > 0.2 * count(*)
        from seen group by event_type having contacts >= ? order by contacts desc, event_type
        """,
        [max(20, contacts // 500)],
    ).fetchall()
    rules, activity = [], []

    def count(name: str, event_type: str, said: str, **cells) -> None:
        for half_life, (span, when) in HALF_LIVES.items():
            shape = {"event_type": event_type, "measure": "events", "decay": "exponential", "decay_days": half_life, "scale": "log2"}
            rules.append(Candidate("event_rules", shape | cells, "detail" if cells else "plain", event_type, capital(f"{said} {when}"), f"{name}_{span}"))

    def watch(name: str, feature: str, event_type: str = "", within: int | str = "") -> None:
        cells = {"feature": feature, "event_type": event_type, "within_days": within}
        activity.append(Feature(name, "activity_rules", cells, [], 1.0, [], False, False))

    types = [row for row in types if row[0] not in leave_out][:MOST_TYPES]
    for event_type, touched, objects, *has_amount in types:
        called = words(event_type)
        count(event_type, event_type, called)
        for column, has in zip(("value", "duration_seconds"), has_amount):
            if has:
                query = f"select quantile_cont({column}::double, [0.5, 0.75, 0.9, 0.97]) from seen where event_type = ? and {column} > 0"
                amounts = connection.execute(query, [event_type]).fetchone()[0]
                count(f"{event_type}_{column}", event_type, f"{'value' if column == 'value' else 'seconds'} of {called}", measure=column, unit=text_of(nice(amounts[0])))
                for amount in map(text_of, sorted({roundest(0.8 * amount, 1.1 * amount) for amount in amounts})):
                    said = f"{called} of {amount} or more" if column == "value" else f"{called} of {amount} seconds or more"
                    count(f"{event_type}_{column}_{amount}", event_type, said, property=column, comparison="at_least", operand=amount)
        for column in ("channel", "campaign", "object_id", "page"):
            # A past campaign says nothing about the next one, so a value must occur early and late.
            values = connection.execute(
                f"""
                select min({column}), count(distinct contact_id) as contacts from seen where event_type = ? and {column} <> '' group by lower({column})
                having contacts >= ? and count(distinct contact_id) filter (is_late) >= 10 and count(distinct contact_id) filter (not is_late) >= 10
                order by contacts desc, 1 limit {MOST_VALUES}
                """,
                [event_type, max(30, contacts // 100)],
            ).fetchall()
            for value, number in values:
                if (allow_ids or not (column == "object_id" or re.fullmatch(ID, value))) and (number < 0.95 * touched or len(values) > 1):
                    cells = {"property": "page_url", "comparison": "contains"} if column == "page" else {"property": column, "comparison": "equals"}
                    count(f"{event_type}_{column}_{value}", event_type, f"{called} {OF_PROPERTY[column].format(value)}", **cells, operand=value)
        watch(f"{event_type}_last", "days_since_last", event_type)
        if objects > 1:
            watch(f"{event_type}_objects", "distinct_objects", event_type, 365)
    if types:
        watch("last", "days_since_last")
        watch("first", "days_since_first")
        watch("days_30", "active_days", within=30)
        watch("days_90", "active_days", within=90)
    return rules, activity


def of_attributes(connection, leave_out: set[str], allow_ids: bool = False) -> tuple[list[Feature], list[str]]:
    """The attributes with their bins, and warnings about them. Reads the table training (as_of_date, contact_id, weight, is_converted).

    Contacts are counted, not dates: the dates of a contact before a conversion share its weight, and so do its other dates.
    """
    connection.execute(
        """
        create temp table described as
        select training.contact_id, training.weight / training.dates as weight, training.is_converted, training.as_of_date, versions.created_at,
            versions.updated_at::date > training.as_of_date as is_later, attributes.attribute, attributes.value
        from (select *, count(*) over (partition by contact_id, is_converted) as dates from training) as training
        inner join main_intermediate.int_contact_versions as versions
            on
                training.contact_id = versions.contact_id
                and (versions.valid_from is null or training.as_of_date >= versions.valid_from)
                and (versions.valid_to is null or training.as_of_date < versions.valid_to)
        inner join main_staging.stg_contact_attributes as attributes using (version_hash)
        where attributes.attribute not in ('email', 'account_id')
        """
    )
    # A nearly unique number that grows with time is an id or a date, and predicts nothing for later contacts.
    growing = connection.execute(
        """
        with numbered as (
            select attribute, try_cast(value as double) as number, min(created_at) as created_at, count(distinct contact_id) as contacts
            from described group by attribute, number
        ),
        ranked as (
            select *, rank() over (partition by attribute order by number) as place, rank() over (partition by attribute order by created_at) as time_place
            from numbered
        )
        select attribute from ranked group by attribute
        having count(number) > 0.95 * sum(contacts) and count(*) >= 100 and abs(corr(place, time_place)) > 0.95 order by attribute
        """
    ).fetchall()
    told = [f"attribute {attribute} is excluded: nearly unique per contact and growing over time, like an id" for attribute, in growing]
    # The share of the variance of the dates that the values explain (adjusted R squared): months and rates of interest have their own dates.
    calendar = connection.execute(
        """
        with of_value as (
            select attribute, value, sum(weight) as leads, count(*) as number, sum(weight * epoch(as_of_date) / 86400) / sum(weight) as day, sum(weight * (epoch(as_of_date) / 86400) ** 2) as square
            from described where value is not null group by attribute, value
        ),
        of_attribute as (
            select attribute, sum(leads) as leads, sum(number) as number, count(*) as kinds, sum(leads * day) / sum(leads) as day, sum(square) as square, sum(leads * day ** 2) as explained
            from of_value group by attribute
        )
        select attribute, round(1 - (square - explained) / (square - leads * day ** 2) * (number - 1) / (number - kinds), 6) as share from of_attribute
        where number > 2 * kinds and square - leads * day ** 2 > 0.001 * leads and share >= 0.5 order by attribute
        """
    ).fetchall()
    told += [f"attribute {attribute} is excluded: it drifts with the calendar ({100 * share:.0f} % of the differences in date), as months and interest rates do" for attribute, share in calendar if attribute not in leave_out]
    later = connection.execute("select coalesce(avg(is_later::int), 0) from described").fetchone()[0]
    if later > 0.1:
        told.append(f"{100 * later:.0f} % of the attributes were written after the date they are used for (updated_at): later entries by sales would leak the outcome")
    values: dict[str, list[tuple]] = {}
    query = "select attribute, value, sum(weight), sum(weight * is_converted::int) from described group by attribute, value order by attribute, value"
    for attribute, value, leads, conversions in connection.execute(query).fetchall():
        values.setdefault(attribute, []).append((value, round(leads, 6), round(conversions, 6)))
    excluded = leave_out | {name for name, *_ in growing + calendar} | (set() if allow_ids else {name for name in values if re.search("(^|_)id$", name)})
    found = [binned(name, rows) for name, rows in values.items() if name not in excluded]
    return [attribute for attribute in found if attribute.size > 1], told


def binned(name: str, rows: list[tuple]) -> Feature:
    """The bins of an attribute. rows: (value or None, contacts, conversions), weighted."""
    total, missing = sum(leads for _, leads, _ in rows), sum(leads for value, leads, _ in rows if value is None)
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
    cells = {"attribute": name}
    if len(numbers) > 2 and sum(leads for leads, _ in numbers.values()) >= 0.95 * (total - missing):
        parts = parts_of([(number, *numbers[number]) for number in sorted(numbers)], total)
        return Feature(name, "attribute_rules", cells, parts, 10.0 ** -min(6, decimals), [], False, missing > 0)
    # A text with the list separator | cannot be a list item.
    frequent = sorted((text for text in texts if texts[text] >= max(30, 0.005 * total) and "|" not in text), key=lambda text: (-texts[text], text))[:MOST_TEXTS]
    return Feature(name, "attribute_rules", cells, [], 0.0, frequent, len(frequent) < len(texts), missing > 0)


def parts_of(values: list[tuple], total: float, first: tuple = ()) -> list[list]:
    """Bins of numbers, as in Feature. values: (number, contacts, conversions), sorted; first: as in roundest.

    A value with 15 % or more of `total` has its own bin. Other values are cut about every 5 % and at the 99th percentile, at the roundest
    number within MAY_MOVE of the contacts. No bin has fewer than 0.5 % or 30 contacts.
    """
    least, reached = max(30, 0.005 * total), list(itertools.accumulate(leads for _, leads, _ in values))
    cuts, places = [], [bisect.bisect_left(reached, share * reached[-1]) for share in [0.05 * number for number in range(1, 20)] + [0.99]]
    for place in places:
        low = bisect.bisect_left(reached, reached[place] - MAY_MOVE * reached[-1])
        high = min(bisect.bisect_right(reached, reached[place] + MAY_MOVE * reached[-1]), len(values) - 1)
        cuts.append(roundest(values[max(min(low, place - 1), 0)][0], values[max(high, place)][0], first))
    parts = []
    for number, leads, conversions in values:
        own = leads >= 0.15 * total
        if not parts or own or parts[-1][4] or any(parts[-1][1] < cut <= number for cut in cuts):
            parts.append([number, number, leads, conversions, own])
        else:
            parts[-1][1:4] = number, parts[-1][2] + leads, parts[-1][3] + conversions
    place = 0
    while place + 1 < len(parts):
        left, right = parts[place : place + 2]
        if min(left[2], right[2]) < least and not (left[4] or right[4]):
            parts[place : place + 2] = [[left[0], right[1], left[2] + right[2], left[3] + right[3], False]]
            place = max(0, place - 1)
        else:
            place += 1
    return parts


def alike(parts: list[list], monotone: bool = True) -> list[list[int]]:
    """Groups of adjacent bins with similar conversion rates: chi-square below 2.7, its 10 % point (ChiMerge, Kerber 1992), and at most
    MOST_BANDS groups. With monotone the rates also only rise or only fall, in the direction of their trend.
    """
    merged = [[[place], *part[2:]] for place, part in enumerate(parts)]

    def unlike(left: list, right: list) -> float:
        if left[3] or right[3]:
            return math.inf
        rate = (left[2] + right[2]) / (left[1] + right[1])
        return sum((part[2] - part[1] * rate) ** 2 / max(part[1] * rate * (1 - rate), 1e-9) for part in (left, right))

    def merge(place: int) -> None:
        left, right = merged[place : place + 2]
        merged[place : place + 2] = [[left[0] + right[0], left[1] + right[1], left[2] + right[2], False]]

    while len(merged) > 1:
        lowest, place = min((unlike(*merged[place : place + 2]), place) for place in range(len(merged) - 1))
        if lowest == math.inf or (lowest > 2.7 and len(merged) <= MOST_BANDS):
            break
        merge(place)
    contacts = [part[2] for part in parts]
    middle = sum(place * number for place, number in enumerate(contacts)) / sum(contacts)
    rate = sum(part[3] for part in parts) / sum(contacts)
    trend = sum((place - middle) * (part[3] - rate * part[2]) for place, part in enumerate(parts))
    while monotone:
        wrong = [(unlike([*merged[place][:3], False], [*merged[place + 1][:3], False]), place) for place in range(len(merged) - 1)
                 if (merged[place + 1][2] / merged[place + 1][1] - merged[place][2] / merged[place][1]) * trend < 0]  # fmt: skip
        if not wrong:
            break
        merge(min(wrong)[1])
    return [part[0] for part in merged]


def begins_of(parts: list[list], step: float, first: tuple = ()) -> list[float]:
    """The lower limit of each bin of numbers, without gaps: a single value's own, else the roundest."""
    found = [parts[0][0]] if parts else []
    for left, right in itertools.pairwise(parts):
        found.append(left[1] + step if left[4] else right[0] if right[4] else roundest(left[1], right[0], first))
    return found
