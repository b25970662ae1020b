"""Every example of docs/scoring.md, built in one run, gives what the page says.

An example is a heading and a block fenced as `example`. In a block, a line is a label, two or more spaces, and a text;
an indented line goes on with the one before. Labels:

    event_rules, ... [id]       a row of that seed: column=cell, column=cell
    contact [name]              a version of the contact: attribute=value, created=WHEN, updated=WHEN
    account NAME                a version of the account, in the same way
    events [name]               [N x] type WHEN [(property=value, at=10:00, received=WHEN, event_id=, visitor=)]; ...
    identified [name]           visitor WHEN
    outcomes [name]             outcome WHEN; ...
    override [name]             a row of raw.overrides: points=, reason=, author=, valid_from=WHEN, valid_to=WHEN
    WHAT [name] [rule or group] [sum =]... result, where WHAT is points, explanation, or a column of a mart
    account_WHAT NAME           [sum =]... result, where WHAT is a column of account_score_history
    2024-06-28                  WHAT ... = result, WHAT ... = result, as of that date

WHEN is today, tomorrow or "3 days ago". Sums are worked out here too, apart from the build.
"""

import ast
import csv
import operator
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor, log2

import pytest

from tests.conftest import PROJECT, run_build

# One worker, so one build.

PAGE = PROJECT / "docs" / "scoring.md"
AS_OF = date(2024, 6, 30)
FIRST = date(2024, 6, 26)
CRITERIA = ["scale_1_to_10", "scale_basis"]
OF_ACCOUNTS = "account_"
STAGES = ["journey", "stage", "stage_since", "cycle"]
EVENT_COLUMNS = (
    "event_id contact_id anonymous_id event_type occurred_at received_at channel campaign page_url object_id duration_seconds value"
).split()
GROUPS = {"event_rules": "behaviour", "activity_rules": "behaviour", "attribute_rules": "profile"}


def seed_columns():
    """The columns of each seed, each with its choices."""
    seeds = {}
    with open(PROJECT / "contract" / "rule_columns.csv", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            seeds.setdefault(row["file"], {})[row["column_name"]] = [choice for choice in row["choices"].split("|") if choice]
    return seeds


SEEDS = seed_columns()


# Reading the page


@dataclass
class Claim:
    """One result on the page."""

    as_of: date
    what: str
    contact: str
    name: str
    sums: list
    result: str


@dataclass
class Example:
    """A heading with its block; `id` names its model and begins the ids of its rules, contacts and events."""

    id: str
    rows: dict = field(default_factory=lambda: {seed: [] for seed in SEEDS})
    contacts: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    identities: list = field(default_factory=list)
    merges: list = field(default_factory=list)
    outcomes: list = field(default_factory=list)
    overrides: list = field(default_factory=list)
    accounts: list = field(default_factory=list)
    claims: list = field(default_factory=list)
    nothing_known: bool = False


def cells(text):
    """{"a": "1", "b": "x y"} of the text a=1, b=x y."""
    found = {}
    for item in text.split(", "):
        key, equals, value = item.partition("=")
        assert equals and key.isidentifier() and key not in found, f"not column=cell: {item!r} in {text!r}"
        found[key] = value
    return found


def moment(text, at="12:00"):
    """The time that "3 days ago" is, as text."""
    if text in ("today", "tomorrow"):
        days = {"today": 0, "tomorrow": -1}[text]
    else:
        found = re.fullmatch(r"(\d+) days? ago", text)
        assert found, f"not a time: {text!r}"
        days = int(found[1])
    return f"{AS_OF - timedelta(days=days)} {at}:00"


def read_event(text, contact, example):
    found = re.fullmatch(r"(?:(\d+) x )?(\w+) (today|tomorrow|\d+ days? ago)(?: \((.+)\))?", text)
    assert found, f"not an event: {text!r}"
    times, event_type, when, more = found.groups()
    more = cells(more) if more else {}
    occurred_at = moment(when, more.pop("at", "12:00"))
    received = more.pop("received", None)
    visitor = more.pop("visitor", None)
    event = {
        "contact_id": "" if visitor else f"{example.id}_{contact}",
        "anonymous_id": f"{example.id}_{visitor}" if visitor else "",
        "event_type": event_type,
        "occurred_at": occurred_at,
        "received_at": moment(received) if received else occurred_at,
    }
    event_id = more.pop("event_id", None)
    assert not set(more) - set(EVENT_COLUMNS), f"unknown property: {text!r}"
    for _ in range(int(times or 1)):
        example.events.append({**event, **more, "event_id": f"{example.id}_{event_id or len(example.events)}"})


def read_claim(as_of, words, text, example):
    """A claim from its label's words and the text [sum =]... result."""
    what, *names = words
    contact = names.pop(0) if names and names[0] in example.contacts else "lead"
    assert len(names) <= 1, f"unknown name: {' '.join(words)!r}"
    if what == "explanation":
        assert text.startswith("= "), text
        parts = ["", text.removeprefix("= ")]
    else:
        parts = re.split(r"(?:^| )= ", text)
    assert len(parts) > 1, f"no result: {text!r}"
    *sums, result = parts
    example.claims.append(Claim(as_of, what, contact, names[0] if names else "", [text for text in sums if text], result))


def read_block(slug, block):
    example = Example(slug)
    lines = []
    for line in block.splitlines():
        if line.startswith(" "):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    results = []
    for line in lines:
        label, text = re.split(r" {2,}", line, maxsplit=1)
        words = label.split(" ")
        name = words[1] if len(words) > 1 else ""
        if words[0] in SEEDS:
            row = cells(text)
            assert not set(row) - set(SEEDS[words[0]]), f"unknown column: {line!r}"
            example.rows[words[0]].append({"rule_id": name, **row})
        elif words[0] == "contact":
            version = {} if text == "nothing known" else cells(text)
            example.nothing_known |= not version
            example.contacts.setdefault(name or "lead", []).append(version)
        elif words[0] == "events":
            example.contacts.setdefault(name or "lead", [{}])
            for event in text.split("; "):
                read_event(event, name or "lead", example)
        elif words[0] == "identified":
            visitor, when = text.split(" ", 1)
            example.contacts.setdefault(name or "lead", [{}])
            example.identities.append((f"{slug}_{visitor}", f"{slug}_{name or 'lead'}", moment(when)))
        elif words[0] == "outcomes":
            example.contacts.setdefault(name or "lead", [{}])
            for item in text.split("; "):
                outcome, when = item.split(" ", 1)
                example.outcomes.append((f"{slug}_{len(example.outcomes)}", f"{slug}_{name or 'lead'}", outcome, moment(when)))
        elif words[0] == "override":
            row = {"contact_id": f"{slug}_{name or 'lead'}", "model_id": slug} | cells(text)
            example.overrides.append(row | {column: moment(row[column]) for column in ("valid_from", "valid_to") if column in row})
        elif words[0] == "account":
            version = cells(text)
            times = {"created_at": moment(version.pop("created", "400 days ago")), "updated_at": moment(version.pop("updated")) if "updated" in version else ""}
            example.accounts.append({"account_id": name, **times, **version})
        elif words[0] == "merged":
            into, survivor, when = text.split(" ", 2)
            assert into == "into" and {name, survivor} <= set(example.contacts), f"not a merge: {line!r}"
            example.merges.append((f"{slug}_{name}", f"{slug}_{survivor}", moment(when)))
        else:
            results.append((words, text))
    example.contacts = example.contacts or {"lead": [{}]}
    for words, text in results:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", words[0]):
            for item in text.split(", "):
                left, result = item.split(" = ")
                read_claim(date.fromisoformat(words[0]), left.split(" "), f"= {result}", example)
        else:
            read_claim(AS_OF, words, text, example)
    return example


def read_examples(page):
    examples = []
    for section in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        heading, text = section.split("\n", 1)
        blocks = re.findall(r"^```example\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
        assert len(blocks) == (0 if heading == "The comparisons" else 1), f"{heading}: has {len(blocks)} examples"
        examples += [read_block(re.sub(r"\W+", "_", heading.lower()).strip("_"), block) for block in blocks]
    assert len({example.id for example in examples}) == len(examples), "a heading stands twice"
    assert page.count("```") == 2 * len(examples), "a fenced block was not read"
    return examples


def read_comparisons(page):
    """The table of comparisons as examples: one contact per value, an attribute and an event rule on it."""
    table = page.split("| comparison | operand | holds for | does not hold for |\n")[1].split("\n\n")[0]
    examples = []
    for line in table.splitlines()[1:]:
        comparison, operand, *values = [cell.strip().replace("\0", "|") for cell in line.strip("|").replace("\\|", "\0").split("|")]
        comparison, operand = comparison.strip("`"), operand.strip("`")
        example = Example(f"comparison_{comparison}")
        condition = {"comparison": comparison, "operand": operand, "points": "1"}
        example.rows["attribute_rules"].append({"rule_id": "attribute", "attribute": "compared", **condition})
        example.rows["event_rules"].append({"rule_id": "property", "event_type": "click", "property": "campaign", **condition})
        if comparison == "in_list":
            example.rows["reference_lists"] = [{"list": operand, "item": item} for item in ("spring", "Autumn")]
        for holds, listed in zip((True, False), values, strict=True):
            for item in listed.split(", "):
                value = "" if item == "missing" else item.strip("`")
                assert item in ("missing", f"`{value}`"), line
                contact = f"value{len(example.contacts)}"
                example.contacts[contact] = [{"compared": value}]
                read_event(f"click today (campaign={value})", contact, example)
                for rule in ("attribute", "property"):
                    example.claims.append(Claim(AS_OF, "points", contact, rule, [], "+1.0000" if holds else "no row"))
        examples.append(example)
    return examples


TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = read_examples(TEXT) + read_comparisons(TEXT)


# Building the examples


def write(file, columns, rows):
    with open(file, "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def seed_rows(example):
    """The example's rows with what the page leaves out: ids, its model and groups, and its own contacts as audience."""
    rows = {seed: [dict(row) for row in found] for seed, found in example.rows.items()}
    groups = {row["rule_group"] for row in rows["rule_groups"]}
    for seed, group in GROUPS.items():
        for row in rows[seed]:
            row.setdefault("rule_group", group)
            if row["rule_group"] == group and group not in groups:
                groups.add(group)
                rows["rule_groups"].append({"rule_group": group, "dimension": "behavioural" if group == "behaviour" else "demographic"})
    assert len(rows["score_models"]) <= 1, example.id
    model = {"status": "active", **(rows["score_models"] or [{}])[0]}
    if "audience_attribute" not in model and not example.nothing_known:
        model |= {"audience_attribute": "example", "audience_comparison": "equals", "audience_operand": example.id}
    rows["score_models"] = [model]
    rows["account_models"] = [{"status": "active", **row} for row in rows["account_models"]]
    for seed, found in rows.items():
        for number, row in enumerate(found):
            row["model_id"] = example.id
            row["rule_id"] = f"{example.id}_{row.get('rule_id') or f'{seed}_{number}'}"
            row["filter_id"] = row["rule_id"]
            for column in {"model_id", "rule_id", "filter_id"} - set(SEEDS[seed]):
                del row[column]
    return rows


def contact_rows(example):
    for name, versions in example.contacts.items():
        for version in versions:
            row = {"contact_id": f"{example.id}_{name}", "created_at": moment(version.get("created", "400 days ago"))}
            if "updated" in version:
                row["updated_at"] = moment(version["updated"])
            if not example.nothing_known:
                row["example"] = example.id
            yield row | {key: value for key, value in version.items() if key not in ("created", "updated")}


@dataclass
class Found:
    """What the build gave, by as-of date, model and contact."""

    ledger: dict
    scores: dict
    criteria: dict
    accounts: dict
    stages: dict


def build_all(examples, folder):
    """Build examples in one run, as of five dates."""
    for name in ("raw", "rules"):
        (folder / name).mkdir()
    rows = {seed: [] for seed in SEEDS}
    for example in examples:
        for seed, own in seed_rows(example).items():
            rows[seed] += own
    for seed, columns in SEEDS.items():
        write(folder / "rules" / f"{seed}.csv", columns, rows[seed])
    contacts = [row for example in examples for row in contact_rows(example)]
    columns = ["contact_id", "created_at", "updated_at", "email", "account_id"]
    attributes = sorted({key for row in contacts for key in row} - set(columns))
    write(folder / "raw" / "contacts.csv", columns + attributes, contacts)
    write(folder / "raw" / "events.csv", EVENT_COLUMNS, [event for example in examples for event in example.events])
    columns = ["anonymous_id", "contact_id", "identified_at"]
    identities = [dict(zip(columns, row, strict=True)) for example in examples for row in example.identities]
    write(folder / "raw" / "identities.csv", columns, identities)
    columns = ["from_contact_id", "into_contact_id", "merged_at"]
    write(folder / "raw" / "merges.csv", columns, [dict(zip(columns, row, strict=True)) for example in examples for row in example.merges])
    columns = ["outcome_id", "contact_id", "outcome", "occurred_at"]
    outcomes = [dict(zip(columns, row, strict=True)) for example in examples for row in example.outcomes]
    write(folder / "raw" / "outcomes.csv", [*columns, "value"], outcomes)
    columns = ["contact_id", "model_id", "points", "reason", "author", "valid_from", "valid_to"]
    write(folder / "raw" / "overrides.csv", columns, [row for example in examples for row in example.overrides])
    accounts = [row for example in examples for row in example.accounts]
    columns = ["account_id", "created_at", "updated_at", "name"]
    write(folder / "raw" / "accounts.csv", columns + sorted({key for row in accounts for key in row} - set(columns)), accounts)

    options = "--raw", str(folder / "raw"), "--rules", str(folder / "rules"), "--as-of", f"{FIRST}..{AS_OF}", "--ledger", "all"
    build = run_build(folder / "warehouse", *options)
    assert build.code == 0, build.errors
    ledger = {}
    query = "select as_of_date, model_id, contact_id, rule_id, points, explanation from lead_score_contributions"
    for *key, rule_id, points, explanation in build.rows(query):
        rule = rule_id.removeprefix(f"{key[1]}_")
        assert rule not in ledger.setdefault(tuple(key), {}), (key, rule)
        ledger[tuple(key)][rule] = {"points": points, "explanation": explanation}
    results = sorted({c.what for e in examples for c in e.claims if not c.what.startswith(OF_ACCOUNTS)} - {"points", "explanation", *CRITERIA, *STAGES})
    query = f"select as_of_date, model_id, contact_id, {', '.join(results)} from main_intermediate.int_lead_scores"
    scores = {tuple(row[:3]): dict(zip(results, row[3:], strict=True)) for row in build.rows(query, "build.duckdb")}
    query = f"select as_of_date, model_id, contact_id, rule_group, {', '.join(CRITERIA)} from lead_score_criteria"
    criteria = {tuple(row[:4]): dict(zip(CRITERIA, row[4:], strict=True)) for row in build.rows(query)}
    columns = sorted({c.what.removeprefix(OF_ACCOUNTS) for e in examples for c in e.claims if c.what.startswith(OF_ACCOUNTS)})
    query = f"select as_of_date, model_id, account_id, {', '.join(columns)} from account_score_history"
    accounts = {tuple(row[:3]): dict(zip(columns, row[3:], strict=True)) for row in build.rows(query)}
    query = "select contact_id, string_agg(stage || ' ' || entered_on, ', ' order by cycle, entered_on) from lead_stage_changes group by all"
    journeys = dict(build.rows(query))
    query = "select contact_id, stage, stage_since, cycle from lead_scores join lead_stages using (contact_id, stage) where model_id = split_part(contact_id, '_', 1)"
    stages = {contact: dict(zip(STAGES, (journeys[contact], *row), strict=True)) for contact, *row in build.rows(query)}
    return Found(ledger, scores, criteria, accounts, stages)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return build_all(EXAMPLES, tmp_path_factory.mktemp("scoring_page"))


# Working out the sums


def rounded(value, digits=0):
    """Half away from zero."""
    scaled = abs(Fraction(value)) * 10**digits
    whole = floor(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**digits)


OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.USub: operator.neg}
FUNCTIONS = {"min": min, "max": max, "round": rounded, "floor": floor, "log2": lambda x: Fraction(log2(x))}


def worked_out(text):
    """The value of a sum on the page, such as 10 x 0.5 ^ (14 / 14)."""

    def value(node):
        match node:
            case ast.Constant(value=number) if type(number) in (int, float):
                return Fraction(str(number))
            case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
                return Fraction(value(base) ** value(exponent))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                return OPERATORS[type(sign)](value(left), value(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
            case ast.Call(func=ast.Name(id=name), args=[amount, ast.Constant(value=digits)]) if name == "round":
                return rounded(value(amount), digits)
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
                return Fraction(FUNCTIONS[name](*map(value, arguments)))
        raise AssertionError(f"not a sum: {text!r}")

    return value(ast.parse(text.replace(" x ", " * ").replace("^", "**"), mode="eval").body)


# The tests


def as_text(what, value):
    if value is None:
        return "none"
    if isinstance(value, Decimal):
        return f"{value:+.4f}" if what == "points" else f"{value:.4f}"
    return str(value)


def in_the_build(claim, example, found):
    """The text that the build gives for a claim."""
    key = (claim.as_of, example.id, f"{example.id}_{claim.contact}")
    if claim.what in ("points", "explanation"):
        rows = found.ledger.get(key, {})
        assert claim.name or len(rows) <= 1, f"which of {sorted(rows)}?"
        row = rows.get(claim.name) if claim.name else next(iter(rows.values()), None)
    elif claim.what.startswith(OF_ACCOUNTS):
        row = found.accounts.get((claim.as_of, example.id, claim.name))
        return "no row" if row is None else as_text(claim.what, row[claim.what.removeprefix(OF_ACCOUNTS)])
    elif claim.what in CRITERIA:
        row = found.criteria.get((*key, claim.name))
    elif claim.what in STAGES:
        assert claim.as_of == AS_OF
        row = found.stages.get(key[2])
    else:
        assert not claim.name, f"unknown name: {claim.name}"
        row = found.scores.get(key)
    return "no row" if row is None else as_text(claim.what, row[claim.what])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_an_example_of_the_page_gives_what_the_page_says(example, found):
    assert example.claims
    said = [(claim, claim.result) for claim in example.claims]
    assert [(claim, in_the_build(claim, example, found)) for claim in example.claims] == said


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_the_page_leaves_out_no_row_of_an_examples_ledger(example, found):
    told = {}
    for claim in example.claims:
        if claim.what == "points":
            told.setdefault((claim.as_of, claim.contact), set()).update([claim.name] if claim.result != "no row" else [])
    for (as_of, contact), rules in told.items():
        rows = found.ledger.get((as_of, example.id, f"{example.id}_{contact}"), {})
        assert len(rows) == len(rules) if rules == {""} else set(rows) == rules


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_the_sums_of_an_example_are_right(example):
    for claim in example.claims:
        values = [worked_out(text) for text in claim.sums]
        assert len(set(values)) <= 1, claim
        assert all(rounded(value, 4) == Fraction(claim.result) for value in values), claim


def test_every_option_of_the_rules_has_an_example():
    options, used = set(), set()
    for seed, columns in SEEDS.items():
        # Say what scores are judged by, how events of a source are called, what the call list shows, and what was seen of a rule, and change
        # none: docs/outcomes.md, docs/sources.md, docs/reading.md.
        if seed in ("conversion_goals", "event_names", "published_attributes", "rule_evidence"):
            continue
        for column, choices in columns.items():
            if column not in ("rule_id", "filter_id", "model_id", "rule_group", "status", "description"):
                options.add((seed, column, ""))
            kinds = ("measure", "decay", "feature", "source", "dimension", "kind", "normalise", "roll_up", "entered_by")
            if column in kinds or (seed, column) == ("attribute_rules", "comparison"):
                options.update((seed, column, choice) for choice in choices)
    options.add(("event_rules", "scale", "log2"))
    for example in EXAMPLES:
        for seed, rows in example.rows.items():
            used.update((seed, column, cell) for row in rows for column, given in row.items() for cell in ("", given))
    assert options - used == set()


def test_every_option_of_a_conversion_goal_is_on_the_page_of_outcomes():
    page = (PROJECT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and line.count("|") == 4]
    for column, choices in SEEDS["conversion_goals"].items():
        if column not in ("model_id", "description"):
            (row,) = [row for row in rows if row.startswith(f"| {column} |")]
            assert [choice for choice in choices if choice not in row] == []
