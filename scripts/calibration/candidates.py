"""Candidate rules, from the events and attributes of the training leads."""

import itertools
import math
import re
from dataclasses import dataclass

HALF_LIVES = {14: ("recent", "lately"), 180: ("lasting", "in the long run")}

# Maximum numbers: event types, values of a property, texts of an attribute with their own bin, bins of numbers.
MOST_TYPES, MOST_VALUES, MOST_TEXTS, MOST_BINS = 20, 6, 30, 12

# The numbers that macros/engine accepts.
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"

CALLED = {
    "days_since_last": "days since the last {}",
    "days_since_first": "days since the first {}",
    "distinct_objects": "different objects of {}",
    "active_days": "days with {}",
}


@dataclass
class Candidate:
    """A candidate rule: its seed and its cells without points.

    block: plain, detail, activity, attribute or pair; source: its event type or attribute; said: its description; name: the end of its
    rule_id; parts: features (by name) and their matching bins, empty for a rule that counts events.
    """

    seed: str
    cells: dict
    block: str
    source: str
    said: str
    name: str
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def unit(self) -> str:
        """The family of the rule: the features whose bins it matches, or the rule itself."""
        return " and ".join(name for name, _ in self.parts) or self.name


@dataclass
class Feature:
    """Divides the leads into bins: ordered numbers, or frequent texts and all others; then missing values.

    cells: cells of its rules, without the condition; numbers: [lowest, highest, leads, conversions, is a single value] per bin; step: the
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
        self.begins = begins_of(self.numbers, self.step)
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
        said = said if said.startswith("no ") else f"{self.called} {said}"
        return Candidate(self.seed, self.cells | cells, block, source, said, name, ((self.name, tuple(bins)),))

    @property
    def called(self) -> str:
        """Its name in a description."""
        if self.seed == "attribute_rules":
            return words(self.name)
        return CALLED[self.cells["feature"]].format(self.thing) + self.span

    @property
    def thing(self) -> str:
        """The counted thing."""
        return words(self.cells["event_type"] or "event")

    @property
    def span(self) -> str:
        """The time window."""
        return f" in {self.cells['within_days']} days" if self.cells["within_days"] else ""

    def _condition(self, bins: list[int], block: str) -> tuple[dict, str] | None:
        known = self.size - self.has_missing
        if bins == [known] and self.has_missing:
            return ({"comparison": "is_missing", "operand": ""}, "missing") if block == "attribute" else ({"feature": "events", "lower": "0", "upper": "1"}, f"no {self.thing} so far")
        if bins[-1] >= known:
            return None
        if self.numbers:
            return self._between(bins, block)
        if len(bins) == known:
            return {"comparison": "is_present", "operand": ""}, "known"
        inside, outside = [self.texts[place] for place in bins if place < len(self.texts)], [text for place, text in enumerate(self.texts) if place not in bins]
        if len(inside) < len(bins):
            return {"comparison": "not_in", "operand": "|".join(outside)}, f"other than {listed(outside) if len(outside) < 6 else f'the {len(outside)} usual values'}"
        return {"comparison": "in" if len(inside) > 1 else "equals", "operand": "|".join(inside)}, listed(inside)

    def _between(self, bins: list[int], block: str) -> tuple[dict, str] | None:
        """The range from the first bin to the last. The outermost bins are open."""
        if bins != list(range(bins[0], bins[-1] + 1)):
            return None
        low = text_of(self.begins[bins[0]]) if bins[0] else ""
        high = text_of(self.begins[bins[-1] + 1]) if bins[-1] + 1 < len(self.numbers) else ""
        if block == "activity":
            if high == "1" and not low and not self.cells["feature"].startswith("days_"):
                return {"lower": low, "upper": high}, f"no {self.thing}{self.span}"
            return {"lower": low, "upper": high}, f"{low} to under {high}" if low and high else f"under {high}" if high else f"{low or 0} or more"
        if not low or not high:
            cells = {"comparison": "at_least", "operand": low} if low else {"comparison": "less_than", "operand": high} if high else {"comparison": "is_present", "operand": ""}
            return cells, f"of {low} or more" if low else f"below {high}" if high else "known"
        last = text_of(self.begins[bins[-1] + 1] - self.step)
        return {"comparison": "between", "operand": f"{low}|{last}"}, low if low == last else f"{low} to {last}"


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


def nice(number: float, steps: tuple = (1, 2, 5, 10)) -> float:
    """The number of ..., 0.2, 0.5, 1, 2, 5, 10, 20, ... with the nearest ratio."""
    power = 10.0 ** math.floor(math.log10(number))
    return max(min((power * step for step in steps), key=lambda one: abs(math.log(one / number))), 0.000001)


def of_events(connection, leave_out: set[str]) -> tuple[list[Candidate], list[Feature]]:
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
            rules.append(Candidate("event_rules", shape | cells, "detail" if cells else "plain", event_type, f"{said} {when}", f"{name}_{span}"))

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
                count(f"{event_type}_{column}", event_type, f"{words(column)} of {called}", measure=column, unit=text_of(nice(amounts[0])))
                for amount in map(text_of, sorted({float(f"{amount:.1e}") for amount in amounts})):
                    count(f"{event_type}_{column}_{amount}", event_type, f"{called} with {words(column)} of {amount} or more", property=column, comparison="at_least", operand=amount)
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
                if number < 0.95 * touched or len(values) > 1:
                    cells = {"property": "page_url", "comparison": "contains"} if column == "page" else {"property": column, "comparison": "equals"}
                    count(f"{event_type}_{column}_{value}", event_type, f"{called} with {words(column)} {value}", **cells, operand=value)
        watch(f"{event_type}_last", "days_since_last", event_type)
        if objects > 1:
            watch(f"{event_type}_objects", "distinct_objects", event_type, 365)
    if types:
        watch("last", "days_since_last")
        watch("first", "days_since_first")
        watch("days_30", "active_days", within=30)
        watch("days_90", "active_days", within=90)
    return rules, activity


def of_attributes(connection, leave_out: set[str]) -> tuple[list[Feature], list[str]]:
    """The attributes with their bins, and warnings about them. Reads the table training (as_of_date, contact_id, weight, is_converted)."""
    connection.execute(
        """
        create temp table described as
        select training.contact_id, training.weight, training.is_converted, versions.created_at, versions.updated_at::date > training.as_of_date as is_later,
            attributes.attribute, attributes.value
        from training
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
    later = connection.execute("select coalesce(avg(is_later::int), 0) from described").fetchone()[0]
    if later > 0.1:
        told.append(f"{100 * later:.0f} % of the attributes were written after the date they are used for (updated_at): later entries by sales would leak the outcome")
    values: dict[str, list[tuple]] = {}
    query = "select attribute, value, sum(weight), sum(weight * is_converted::int) from described group by attribute, value order by attribute, value"
    for attribute, value, leads, conversions in connection.execute(query).fetchall():
        values.setdefault(attribute, []).append((value, round(leads, 6), round(conversions, 6)))
    found = [binned(name, rows) for name, rows in values.items() if name not in leave_out and (name,) not in growing]
    return [attribute for attribute in found if attribute.size > 1], told


def binned(name: str, rows: list[tuple]) -> Feature:
    """The bins of an attribute. rows: (value or None, leads, conversions), weighted."""
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


def parts_of(values: list[tuple], total: float) -> list[list]:
    """Bins of numbers, as in Feature. values: (number, leads, conversions), sorted.

    A value with 15 % or more of `total` has its own bin. Other values are cut every 5 % and at the 99th percentile. No bin has fewer than 0.5 % or 30 leads.
    """
    least, all_leads = max(30, 0.005 * total), sum(leads for _, leads, _ in values)
    parts, running = [], 0.0
    for number, leads, conversions in values:
        own = leads >= 0.15 * total
        crossed = parts and (parts[-1][2] >= 0.05 * all_leads or running - parts[-1][2] < 0.99 * all_leads <= running)
        if not parts or own or parts[-1][4] or crossed:
            parts.append([number, number, leads, conversions, own])
        else:
            parts[-1][1:4] = number, parts[-1][2] + leads, parts[-1][3] + conversions
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


def alike(parts: list[list]) -> list[list[int]]:
    """Groups of adjacent bins with similar conversion rates: chi-square below 2.7, its 10 % point (ChiMerge, Kerber 1992), and at most MOST_BINS groups."""
    merged = [[[place], *part[2:]] for place, part in enumerate(parts)]

    def unlike(left: list, right: list) -> float:
        if left[3] or right[3]:
            return math.inf
        rate = (left[2] + right[2]) / (left[1] + right[1])
        return sum((part[2] - part[1] * rate) ** 2 / max(part[1] * rate * (1 - rate), 1e-9) for part in (left, right))

    while len(merged) > 1:
        lowest, place = min((unlike(*merged[place : place + 2]), place) for place in range(len(merged) - 1))
        if lowest == math.inf or (lowest > 2.7 and len(merged) <= MOST_BINS):
            break
        left, right = merged[place : place + 2]
        merged[place : place + 2] = [[left[0] + right[0], left[1] + right[1], left[2] + right[2], False]]
    return [part[0] for part in merged]


def begins_of(parts: list[list], step: float) -> list[float]:
    """The lower limit of each bin of numbers, without gaps and with as few digits as the values allow."""
    found = [parts[0][0]] if parts else []
    for left, right in itertools.pairwise(parts):
        begin = right[0]
        if left[4]:
            begin = left[1] + step
        elif not right[4]:
            rounded = (math.floor(right[0] * 10.0**digits + 1e-9) / 10.0**digits for digits in range(-12, 7))
            begin = next((one for one in rounded if left[1] < one <= right[0]), right[0])
        found.append(begin)
    return found
