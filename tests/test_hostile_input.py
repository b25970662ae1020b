"""Whatever the input: good rows are scored, bad rows are set aside with a reason, or one message and exit code 2. Law 9, law 5.

The world has one model in which a visit gives 10 points, so every score below is worked out by counting visits.
"""

import ctypes
import gzip
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

import duckdb
import pytest

from tests.conftest import PROJECT, run_build

COLUMNS = {
    "contacts": "contact_id,created_at,updated_at,email,account_id,country,employees".split(","),
    "events": "event_id,contact_id,anonymous_id,event_type,occurred_at,received_at,channel,campaign,page_url,object_id,duration_seconds,value".split(","),
    "identities": "anonymous_id,contact_id,identified_at".split(","),
    "outcomes": "outcome_id,contact_id,outcome,occurred_at,value".split(","),
}
KEYS = {"contacts": "contact_id", "events": "event_id", "identities": "anonymous_id", "outcomes": "outcome_id"}
CONTACT = {"created_at": "2024-01-01", "country": "de"}
VISIT = {"event_type": "visit", "occurred_at": "2024-06-10 10:00:00", "received_at": "2024-06-10 10:00:05"}
AS_OF = ["--as-of", "2024-06-30"]

# Text that something might take for more than text: as an id of a contact, an event and a visitor, and in every cell of a rule.
TEXTS = {
    "single quote": "O'Brien",
    "double quotes": 'the "big" one',
    "two single quotes": "''",
    "backslash at the end": "C:\\",
    "percent signs": "100%s %(x)s %%",
    "SQL": "'; drop table lead_scores; --",
    "SQL comment": "a /* b",
    "SQL dollar quote": "$$ select 1 $$",
    "question mark and dollar": "? $1 :x",
    "Jinja expression": "{{ ref('x') }}",
    "Jinja of a secret": "{{ env_var('HOME') }}",
    "Jinja raw": "{% raw %}",
    "Jinja set": "{% set x = 1 %}",
    "Jinja comment": "{# x #}",
    "Jinja end": "}} %} #}",
    "one brace": "{name}",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f600",
    "right to left": "\u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c",
    "combining": "e\u0301\u0323",
    "newline": "first\nsecond",
    "tab": "first\tsecond",
    "commas and semicolons": "a,b;c",
    "markup": "[/red][bold]",
    "spreadsheet formula": "=1+cmd()",
    "null": "null",
    "NaN": "nan",
    "number": "007",
    "comment": "# no comment",
    "path": "../../../etc/passwd",
    "capitals": "ABC",
    "a space at each end": " x ",
    "terminal escape": "\x1b[31mred",
}

# A second visit with one odd cell, beside a good one: the column, the cell, the visitor's score, the reason if it is rejected.
CELLS = {
    "value 1e400": ("value", "1e400", 10, "value is not a number"),
    "value NaN": ("value", "NaN", 10, "value is not a number"),
    "value infinity": ("value", "infinity", 10, "value is not a number"),
    "value -inf": ("value", "-inf", 10, "value is not a number"),
    "value 1e-400": ("value", "1e-400", 20, None),
    "value 10^12": ("value", "1000000000000", 10, "value is not a number"),
    "value with a comma": ("value", "12,5", 10, "value is not a number"),
    "value with underscores": ("value", "1_000", 10, "value is not a number"),
    "value hexadecimal": ("value", "0x10", 10, "value is not a number"),
    "value in Arabic digits": ("value", "\u0663", 10, "value is not a number"),
    "value of 5,000 digits": ("value", "1" * 5000, 10, "value is not a number"),
    "value Jinja": ("value", "{{ 1 }}", 10, "value is not a number"),
    "value SQL": ("value", "1); drop table x; --", 10, "value is not a number"),
    "duration negative": ("duration_seconds", "-1", 10, "duration_seconds is negative"),
    "duration minus nothing": ("duration_seconds", "-0", 20, None),
    "duration text": ("duration_seconds", "long", 10, "duration_seconds is not a number"),
    "date 0000-00-00": ("occurred_at", "0000-00-00", 10, "occurred_at is not a valid timestamp"),
    "date 0000-00-00 00:00:00": ("occurred_at", "0000-00-00 00:00:00", 10, "occurred_at is not a valid timestamp"),
    "date 9999-12-31": ("occurred_at", "9999-12-31", 10, "occurred_at is not a valid timestamp"),
    "date in year 20225": ("occurred_at", "20225-01-01", 10, "occurred_at is not a valid timestamp"),
    "date 30 February": ("occurred_at", "2024-02-30", 10, "occurred_at is not a valid timestamp"),
    "date infinity": ("occurred_at", "infinity", 10, "occurred_at is not a valid timestamp"),
    "date now": ("occurred_at", "now", 10, "occurred_at is not a valid timestamp"),
    "date with a slash": ("occurred_at", "10/06/2024", 10, "occurred_at is not a valid timestamp"),
    "date as seconds": ("occurred_at", "1718013600", 10, "occurred_at is not a valid timestamp"),
    "date of two-digit year": ("occurred_at", "24-06-10", 10, "occurred_at is not a valid timestamp"),
    "date BC": ("occurred_at", "2024-06-10 (BC)", 10, "occurred_at is not a valid timestamp"),
    "leap second": ("occurred_at", "2024-06-10 23:59:60", 10, "occurred_at is not a valid timestamp"),
    "hour 25": ("occurred_at", "2024-06-10 25:00:00", 10, "occurred_at is not a valid timestamp"),
    "hour and half of the day": ("occurred_at", "2024-06-10 10:00 PM", 10, "occurred_at is not a valid timestamp"),
    "time Jinja": ("occurred_at", "{{ run_started_at }}", 10, "occurred_at is not a valid timestamp"),
    "time of an unknown zone": ("occurred_at", "2024-06-10 10:00:00 Mars/Olympus", 10, "occurred_at is not a valid timestamp"),
    "received 0000-00-00": ("received_at", "0000-00-00", 10, "received_at is not a valid timestamp"),
    "received 9999-12-31": ("received_at", "9999-12-31", 10, "received_at is not a valid timestamp"),
    "received nothing": ("received_at", "", 10, "received_at is missing"),
    "received a day and a second before it occurred": ("received_at", "2024-06-09 09:59:59", 10, "received more than a day before it occurred"),
    "received a day before it occurred": ("received_at", "2024-06-09 10:00:00", 20, None),
    "time in UTC": ("occurred_at", "2024-06-10T09:00:00Z", 20, None),
    "time with an offset": ("occurred_at", "2024-06-10T09:00:00.123456789+02:00", 20, None),
    "time of a named zone": ("occurred_at", "2024-06-10 09:00:00 Europe/Berlin", 20, None),
    # 22:30 on the as-of date in New York is after it in UTC; 01:30 of the next day in Tokyo is on it.
    "time after the date by its zone": ("received_at", "2024-06-30 22:30:00-04:00", 10, None),
    "time on the date by its zone": ("received_at", "2024-07-01 01:30:00+09:00", 20, None),
    "nonsense offset": ("occurred_at", "2024-06-10T10:00:00+99:99", 10, "occurred_at is not a valid timestamp"),
    "type in capitals": ("event_type", "VISIT", 20, None),
    "type missing": ("event_type", "", 10, "event_type is missing"),
    "type SQL": ("event_type", "visit'; drop table x; --", 10, None),
    "type emoji": ("event_type", "\U0001f600", 10, None),
    "cell of 1 MB": ("page_url", "x" * 1_000_000, 20, None),
    "cell of emoji": ("campaign", "\U0001f600" * 1000, 20, None),
    "cell with a NUL": ("campaign", "a\0b", 20, None),
    "id missing": ("event_id", "", 10, "event_id is missing"),
    "contact missing": ("contact_id", "", 10, "contact_id and anonymous_id are missing"),
    "contact unknown": ("contact_id", "nobody'; --", 10, "contact_id is unknown"),
    "id of 10,000 letters": ("event_id", "i" * 10_000, 20, None),
}

# What a contact's number of employees is worth where the rule asks for at least 100: 1 point.
EMPLOYEES = {"1e3": 1, "100": 1, "99.999999": 0, "1e400": 0, "NaN": 0, "infinity": 0, "=1000": 0, "\u0661\u0660\u0660\u0660": 0, "1" * 40: 0, "{{ 1000 }}": 0}


@dataclass
class Case:
    """Rows of one kind of input, the scores that they must give (None: no data), and the rows that must be rejected: key, reason."""

    scores: dict[str, int | None]
    contacts: list[dict] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    identities: list[dict] = field(default_factory=list)
    outcomes: list[dict] = field(default_factory=list)
    rejected: dict[str, list[tuple[str | None, str]]] = field(default_factory=dict)


def contact(contact_id, **cells):
    """A row of contacts."""
    return CONTACT | {"contact_id": contact_id} | cells


def visit(contact_id, event_id, **cells):
    """A row of events that gives 10 points."""
    return VISIT | {"contact_id": contact_id, "event_id": event_id} | cells


def cases() -> dict[str, Case]:
    """Every case of good and bad rows by its name."""
    found = {}
    for name, text in TEXTS.items():
        visitor = f"visitor of {name}"
        found[f"id: {name}"] = Case(
            {text: 10, visitor: 10},
            contacts=[contact(text, account_id=text, email=text, country=text), contact(visitor)],
            events=[
                visit(text, text, channel=text, campaign=text, page_url=text, object_id=text),
                visit("", f"anonymous {name}", anonymous_id=text),
            ],
            identities=[{"anonymous_id": text, "contact_id": visitor, "identified_at": "2024-06-11"}],
            outcomes=[{"outcome_id": text, "contact_id": text, "outcome": "won", "occurred_at": "2024-06-12"}],
        )
    for name, (column, cell, score, reason) in CELLS.items():
        odd = visit(name, f"odd: {name}") | {column: cell}
        found[name] = Case(
            {name: score},
            contacts=[contact(name)],
            events=[visit(name, f"good: {name}"), odd],
            rejected={"events": [(odd["event_id"] or None, reason)]} if reason else {},
        )
    for number, (cell, points) in enumerate(EMPLOYEES.items()):
        found[f"attribute {cell[:20]}"] = Case({f"employer {number}": points}, contacts=[contact(f"employer {number}", employees=cell)])
    found |= {
        "a contact without events and attributes": Case({"silent": None}, contacts=[{"contact_id": "silent", "created_at": "2024-01-01"}]),
        "a contact without events": Case({"quiet": 0}, contacts=[contact("quiet")]),
        "100,000 events of a contact in a day": Case(
            {"busy": 1_000_000},
            contacts=[contact("busy")],
            events=[visit("busy", f"busy {number}") for number in range(100_000)],
        ),
        "an event twice": Case({"twice": 10}, contacts=[contact("twice")], events=[visit("twice", "same")] * 2),
        "a contact twice": Case({"double": 10}, contacts=[contact("double")] * 2, events=[visit("double", "double")]),
        "a contact created 0000-00-00": Case(
            {},
            contacts=[contact("never", created_at="0000-00-00")],
            events=[visit("never", "never")],
            rejected={"contacts": [("never", "created_at is not a valid timestamp")], "events": [("never", "contact_id is unknown")]},
        ),
        "a contact created never": Case(
            {}, contacts=[contact("blank", created_at="")], rejected={"contacts": [("blank", "created_at is missing")]}
        ),
        "a contact without an id": Case({}, contacts=[contact("")], rejected={"contacts": [(None, "contact_id is missing")]}),
        "a contact updated in the year 20225": Case(
            {"odd version": 10},
            contacts=[contact("odd version"), contact("odd version", updated_at="20225-06-01")],
            events=[visit("odd version", "odd version")],
            rejected={"contacts": [("odd version", "updated_at is not a valid timestamp")]},
        ),
        "an attribute of 1 MB": Case({"big": 10}, contacts=[contact("big", country="x" * 1_000_000)], events=[visit("big", "big")]),
        "an identification at 0000-00-00": Case(
            {"hidden": 0},
            contacts=[contact("hidden")],
            events=[visit("", "hidden", anonymous_id="v hidden")],
            identities=[{"anonymous_id": "v hidden", "contact_id": "hidden", "identified_at": "0000-00-00"}],
            rejected={"identities": [("v hidden", "identified_at is not a valid timestamp")]},
        ),
        "an identification as nobody": Case(
            {},
            identities=[{"anonymous_id": "v nobody", "contact_id": "{{ nobody }}", "identified_at": "2024-06-01"}],
            rejected={"identities": [("v nobody", "contact_id is unknown")]},
        ),
        "an outcome with a name of its own": Case(
            {"lead 1": 0},
            contacts=[contact("lead 1")],
            outcomes=[{"outcome_id": "o1", "contact_id": "lead 1", "outcome": "won'; --", "occurred_at": "2024-06-01"}],
        ),
        "an outcome worth NaN": Case(
            {"lead 2": 0},
            contacts=[contact("lead 2")],
            outcomes=[{"outcome_id": "o2", "contact_id": "lead 2", "outcome": "won", "occurred_at": "2024-06-01", "value": "NaN"}],
            rejected={"outcomes": [("o2", "value is not a number")]},
        ),
    }
    return found


CASES = cases()


def write_csv(path, columns, rows, encoding="utf-8", newline="\n"):
    """A csv file with every cell in quotes."""
    quoted = (",".join('"' + str(row.get(column, "")).replace('"', '""') + '"' for column in columns) for row in rows)
    text = newline.join([",".join(columns), *quoted, ""])
    path.write_bytes(text.encode(encoding))


def write_rules(folder, **rows):
    """The rule seeds: headers of the project's own, and these rows."""
    folder.mkdir()
    for path in (PROJECT / "seeds").glob("*.csv"):
        columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        write_csv(folder / path.name, columns, rows.get(path.stem, []))
    return folder


def visit_rules(folder, **more):
    """Rules in which a visit gives 10 points and a large contact 1."""
    rows = {
        "score_models": [{"model_id": "m", "status": "active"}],
        "rule_groups": [{"model_id": "m", "rule_group": "g", "dimension": "behavioural"}, {"model_id": "m", "rule_group": "f", "dimension": "demographic"}],
        "event_rules": [{"rule_id": "visited", "model_id": "m", "rule_group": "g", "event_type": "visit", "points": "10"}],
        "attribute_rules": [
            {"rule_id": "large", "model_id": "m", "rule_group": "f", "attribute": "employees", "comparison": "at_least", "operand": "100", "points": "1"}
        ],
    }
    return write_rules(folder, **{name: rows.get(name, []) + more.get(name, []) for name in {*rows, *more}})


def scores_of(build):
    """Score by contact in the model of visits."""
    return dict(build.rows("select contact_id, score from lead_scores where model_id = 'm'"))


def rejected_by(build, table):
    """Key and reason of every rejected row of a raw table."""
    rows = build.rows(f"select {KEYS[table]}, rejected_because from rejected_{table}")
    return sorted((key or "", reason) for key, reason in rows)


# Good and bad rows: one build of them all, in csv.


@pytest.fixture(scope="module")
def hostile_build(tmp_path_factory):
    """One build of every row of every case: events with a byte order mark, identities with Windows line ends."""
    folder = tmp_path_factory.mktemp("hostile")
    raw = folder / "raw"
    raw.mkdir()
    extra = {"contacts": ["wei\"rd", "{{ x }}", "'; drop table x; --", "100%", "\U0001f600"], "events": ["event_type_2", "select"]}
    for table, columns in COLUMNS.items():
        rows = [row for case in CASES.values() for row in getattr(case, table)]
        names = ['"' + name.replace('"', '""') + '"' for name in extra.get(table, [])]
        write_csv(
            raw / f"{table}.csv",
            columns + names,
            rows,
            encoding="utf-8-sig" if table == "events" else "utf-8",
            newline="\r\n" if table == "identities" else "\n",
        )
    return run_build(folder / "warehouse", "--raw", str(raw), "--rules", str(visit_rules(folder / "rules")), *AS_OF)


@pytest.fixture(scope="module")
def hostile_results(hostile_build):
    """Score by contact, and the rejected rows by table."""
    assert hostile_build.code == 0, hostile_build.errors
    return scores_of(hostile_build), {table: rejected_by(hostile_build, table) for table in KEYS}


@pytest.mark.parametrize("name", CASES)
def test_good_rows_are_scored_and_bad_ones_are_set_aside_with_their_reason(name, hostile_results):
    case, (scores, rejected) = CASES[name], hostile_results
    assert {key: scores.get(key) for key in case.scores} == case.scores
    for table, rows in case.rejected.items():
        for key, reason in rows:
            assert (key or "", reason) in rejected[table]


@pytest.mark.parametrize("table", KEYS)
def test_law_5_of_hostile_rows_none_is_lost_and_none_is_rejected_without_cause(table, hostile_build):
    assert hostile_build.code == 0, hostile_build.errors
    wanted = sorted((key or "", reason) for case in CASES.values() for key, reason in case.rejected.get(table, []))
    assert rejected_by(hostile_build, table) == wanted
    rows_in = sum(len(getattr(case, table)) for case in CASES.values())
    counts = hostile_build.rows(
        "select sum(rows_in)::integer, sum(rows_used + rows_waiting + rows_duplicate + rows_rejected)::integer, sum(rows_rejected)::integer"
        f" from raw_row_counts where table_name = '{table}'"
    )
    assert counts == [(rows_in, rows_in, len(wanted))]


def test_the_hostile_rows_build_says_nothing_but_its_summary(hostile_build):
    assert hostile_build.errors == ""
    tables = [row[0] for row in hostile_build.rows("select table_name from duckdb_tables()")]
    assert "lead_scores" in tables


# Types that no export should have, and rules whose text is hostile: one build, in parquet.


@pytest.fixture(scope="module")
def typed_build(tmp_path_factory):
    """Parquet files of odd types, without rows where allowed, and for each hostile text rules made of nothing but it."""
    folder = tmp_path_factory.mktemp("typed")
    raw = folder / "raw"
    raw.mkdir()
    texts = list(TEXTS.values())
    with duckdb.connect() as connection:
        connection.execute("create table texts (number integer, hostile varchar)")
        connection.executemany("insert into texts values (?, ?)", list(enumerate(texts)))
        for name, query in {
            "contacts": """
                select number as contact_id, '2024-01-01' as created_at, date '2024-01-02' as updated_at, null as email, 1.5::decimal(38, 10) as account_id,
                    hostile as tag, null as wrong, [1, 2] as a_list, {'a': 1} as a_struct, map {'a': 1} as a_map, 'a\\xFF'::blob as a_blob,
                    true as a_flag, interval 1 day as an_interval, time '10:00' as a_time, 'infinity'::double as employees
                from texts
                union all
                select 1000 + number, '2024-01-01', null, null, null, null, hostile, null, null, null, null, null, null, null, 'nan'::double from texts
                union all
                select 5000, '0000-00-00', null, null, null, null, null, null, null, null, null, null, null, null, null
            """,
            "events": """
                select * replace (occurred_at::timestamp_ns as occurred_at, received_at::date as received_at) from (
                select number::hugeint as event_id, number::double as contact_id, null as anonymous_id, hostile as event_type,
                    timestamp_ns '2024-06-09 23:00:00.123456789' as occurred_at, date '2024-06-10' as received_at, 1 as channel,
                    hostile as campaign, hostile::blob as page_url, uuid() as object_id, null::integer[] as duration_seconds, 'infinity'::double as value
                from texts where false
                union all
                select number, number, null, hostile, '2024-06-09 23:00:00.123456789', '2024-06-10', 1, hostile, 'x'::blob, uuid(), null, null from texts
                union all
                -- The last nanosecond of the as-of date is of that date.
                select 2000 + number, 0, null, 'visit', '2024-06-30 23:59:59.999999999', '2024-06-30', 1, null, null, null, null, null from texts
                union all
                select 3000, 0, null, 'visit', '2024-06-09', '2024-06-10', 1, null, null, null, [1], null
                union all
                select 3001, 0, null, 'visit', '2024-06-09', '2024-06-10', 1, null, null, null, null, 'infinity'
                union all
                select 3002, 0, null, 'visit', 'infinity', '2024-06-10', 1, null, null, null, null, 1e300)
            """,
            "identities": "select null as anonymous_id, null as contact_id, null as identified_at where false",
            "outcomes": "select 1 as outcome_id, 1 as contact_id, true as outcome, 5 as occurred_at, [5] as value where false",
        }.items():
            connection.execute(f"copy ({query}) to '{raw / name}.parquet'")
    rules = {name: [] for name in ("score_models", "rule_groups", "event_rules", "attribute_rules", "score_bands", "score_matrix", "disqualification_rules")}
    for text in texts:
        model = {"model_id": text}
        audience = {"audience_attribute": "tag", "audience_comparison": "not_equals", "audience_operand": f"not {text}"}
        rules["score_models"].append(model | audience | {"status": "active", "description": text})
        rules["rule_groups"] += [
            model | {"rule_group": f"g {text}", "dimension": "behavioural", "description": text},
            model | {"rule_group": f"f {text}", "dimension": "demographic", "description": text},
        ]
        rules["event_rules"].append(
            model
            | {"rule_id": f"e {text}", "rule_group": f"g {text}", "event_type": text, "property": "campaign", "comparison": "contains", "operand": text}
            | {"points": "10", "description": text}
        )
        rules["attribute_rules"].append(
            model
            | {"rule_id": f"a {text}", "rule_group": f"f {text}", "attribute": "tag", "comparison": "equals", "operand": text}
            | {"and_attribute": "tag", "and_comparison": "in", "and_operand": f"{text}|{text} or so", "points": "5", "description": text}
        )
        rules["score_bands"] += [model | {"dimension": dimension, "band": text, "min_score": "1", "description": text} for dimension in ("behavioural", "demographic", "total")]
        rules["score_matrix"].append(model | {"demographic_band": text, "behavioural_band": text, "grade": text, "priority": "1", "next_action": text})
        rules["disqualification_rules"].append(
            {"rule_id": f"d {text}", "model_id": "m", "source": "attribute", "name": "wrong", "comparison": "equals", "operand": text, "reason": text}
        )
    return run_build(folder / "warehouse", "--raw", str(raw), "--rules", str(visit_rules(folder / "rules", **rules)), *AS_OF)


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_a_rule_is_text(name, typed_build):
    assert typed_build.code == 0, typed_build.errors
    text, number = TEXTS[name], list(TEXTS).index(name)
    with duckdb.connect(str(typed_build.published), read_only=True) as connection:
        query = "select score, band, behavioural_band, demographic_band, grade, next_action, reason_1, reason_2 from lead_scores where model_id = ? and contact_id = ?"
        found = connection.execute(query, [text, str(number)]).fetchall()
        ledger = connection.execute(
            "select rule_id, points from lead_score_contributions where model_id = ? and contact_id = ? order by points", [text, str(number)]
        ).fetchall()
        versions = connection.execute("select count(*) from rules_versions where model_id = ?", [text]).fetchall()
        query = "select status from lead_scores where model_id = ? and contact_id = ?"
        outside = connection.execute(query, [text, str(1000 + number)]).fetchall()
    assert ledger == [(f"a {text}", 5), (f"e {text}", 10)]
    assert found == [(15, text, text, text, text, text, f"+10.0 {text}, 1 time", f"+5.0 {text}")]
    assert outside == [("not_in_audience",)]
    assert versions[0][0] > 0


@pytest.mark.parametrize("name", TEXTS)
def test_the_reason_of_a_disqualification_is_text(name, typed_build):
    assert typed_build.code == 0, typed_build.errors
    text, number = TEXTS[name], list(TEXTS).index(name)
    with duckdb.connect(str(typed_build.published), read_only=True) as connection:
        query = "select status, status_reason from lead_scores where model_id = 'm' and contact_id = ?"
        assert connection.execute(query, [str(1000 + number)]).fetchall() == [("disqualified", text)]


def test_odd_types_are_read_or_their_rows_set_aside(typed_build):
    assert typed_build.code == 0, typed_build.errors
    scores = scores_of(typed_build)
    assert scores["0"] == 10 * len(TEXTS)
    assert scores["1"] == 0
    assert "5000" not in scores
    assert rejected_by(typed_build, "contacts") == [("5000", "created_at is not a valid timestamp")]
    assert rejected_by(typed_build, "events") == [
        ("3000", "duration_seconds is not a number"),
        ("3001", "value is not a number"),
        ("3002", "occurred_at is not a valid timestamp"),
    ]


def test_names_that_colour_a_screen_are_told_and_not_carried_out(typed_build):
    assert typed_build.errors == ""
    assert "Leads of" in typed_build.output
    assert "\x1b" not in typed_build.output


def test_tables_of_nothing_but_a_header_are_published_as_tables_without_rows(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for table, columns in COLUMNS.items():
        write_csv(raw / f"{table}.csv", columns, [])
    done = run_build(tmp_path / "warehouse", "--raw", str(raw), "--rules", str(visit_rules(tmp_path / "rules")))
    assert done.code == 0, done.errors
    assert done.rows("select count(*) from lead_scores") == [(0,)]
    assert "Published, but no lead is scored" in done.output


# What cannot be used as a whole: exit code 2 before dbt starts, one message, and the published file as it was.


def small_world(folder):
    """A small good world: raw tables in csv and rules."""
    raw = folder / "raw"
    raw.mkdir()
    rows = {"contacts": [contact("a"), contact("b")], "events": [visit("a", "e1"), visit("b", "e2")]}
    for table, columns in COLUMNS.items():
        write_csv(raw / f"{table}.csv", columns, rows.get(table, []))
    visit_rules(folder / "rules")
    return folder


@pytest.fixture
def world(tmp_path):
    """A small good world to damage."""
    return small_world(tmp_path)


def ended(world, capsys, monkeypatch):
    """Run build.py's main in this process, where dbt must not start; its exit code and standard error."""
    import build
    from support import dbt_project

    class NoDbt:
        def __init__(self, *_):
            raise AssertionError("dbt was started")

    monkeypatch.setattr(dbt_project, "Dbt", NoDbt)
    published = world / "warehouse" / "lead_scores.duckdb"
    published.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(published)) as connection:
        connection.execute("create or replace table lead_scores as select 'the last good one' as contact_id")
    before = published.read_bytes()
    mask = os.umask(0o077)
    try:
        code = build.main(build.parse_arguments(["--raw", str(world / "raw"), "--rules", str(world / "rules"), "--warehouse", str(world / "warehouse")]))
    finally:
        os.umask(mask)
    assert published.read_bytes() == before
    return code, capsys.readouterr().err


def append(file, data):
    """Add bytes to a file."""
    with open(file, "ab") as handle:
        handle.write(data)


def to_parquet(file, damage):
    """Turn a csv file into parquet, and damage its bytes."""
    parquet = file.with_suffix(".parquet")
    with duckdb.connect() as connection:
        connection.execute(f"copy (select t.*, repeat(md5(n::varchar), 9) as filler from read_csv('{file}', all_varchar = true) t, range(2000) r(n)) to '{parquet}'")
    file.unlink()
    parquet.write_bytes(damage(parquet.read_bytes()))


def garbled(data):
    """Bytes of a parquet file whose footer is whole but whose pages of all columns but the first are not."""
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return data[: end // 4] + b"\xff" * (end - end // 4) + data[end:]


def replace(file, old, new):
    """Replace bytes of a file."""
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new, 1))


def linked(file, target):
    """Put a link in the place of a file."""
    file.unlink()
    file.symlink_to(target)


def directory(file):
    """Put a folder in the place of a file."""
    file.unlink()
    file.mkdir()


def pipe(file):
    """Put a pipe that nobody writes to in the place of a file."""
    file.unlink()
    os.mkfifo(file)


# Damage to a raw table, and what the message must hold.
RAW_DAMAGE = {
    "an empty file": (lambda raw: (raw / "contacts.csv").write_bytes(b""), ["contacts.csv: row 1: is empty"]),
    "nothing but line ends": (lambda raw: (raw / "contacts.csv").write_bytes(b"\n\n\n"), ["contacts.csv: row 1: is empty"]),
    "nothing but a byte order mark": (lambda raw: (raw / "contacts.csv").write_bytes(b"\xef\xbb\xbf"), ["contacts.csv: row 1"]),
    "an empty parquet file": (lambda raw: to_parquet(raw / "events.csv", lambda data: b""), ["events.parquet: cannot be read"]),
    "a truncated parquet file": (lambda raw: to_parquet(raw / "events.csv", lambda data: data[:-100]), ["events.parquet: cannot be read"]),
    "half a parquet file": (lambda raw: to_parquet(raw / "events.csv", lambda data: data[: len(data) // 2]), ["events.parquet: cannot be read"]),
    "a parquet file that is a directory": (lambda raw: ((raw / "events.csv").unlink(), (raw / "events.parquet").mkdir()), ["events.parquet: has no *.parquet file"]),
    "a csv file that is a directory": (lambda raw: directory(raw / "events.csv"), ["events.csv: must be a file"]),
    "a pipe": (lambda raw: pipe(raw / "events.csv"), ["events.csv: must be a file"]),
    "a link to nothing": (lambda raw: linked(raw / "events.csv", "nowhere"), ["events.parquet: is missing (or events.csv, or a folder events of parquet or csv files)"]),
    "a link to itself": (lambda raw: linked(raw / "events.csv", "events.csv"), ["events.parquet: is missing (or events.csv, or a folder events of parquet or csv files)"]),
    "a file that gives an error when read": (lambda raw: linked(raw / "events.csv", "/proc/self/mem"), ["events.csv: cannot be read"]),
    "one column missing": (lambda raw: replace(raw / "events.csv", b"received_at", b"received"), ["events.csv: row 1, column received_at: is missing"]),
    "a header that is not there": (
        lambda raw: replace(raw / "outcomes.csv", b"outcome_id,contact_id,outcome,occurred_at,value\n", b'"o1","a","won","2024-06-01","1"\n'),
        ["outcomes.csv: row 1, column outcome_id: is missing", "outcomes.csv: row 1, column occurred_at: is missing"],
    ),
    "semicolons": (
        lambda raw: (raw / "identities.csv").write_text("anonymous_id;contact_id;identified_at\n"),
        ["identities.csv: row 1: the columns are separated by semicolons; use commas"],
    ),
    "a web page": (lambda raw: (raw / "identities.csv").write_text("<html><body>502 Bad Gateway</body></html>\n"), ["identities.csv: row 1, column anonymous_id: is missing"]),
    "a gzip file": (lambda raw: (raw / "identities.csv").write_bytes(gzip.compress((raw / "identities.csv").read_bytes())), ["identities.csv: row 1"]),
    "UTF-16": (lambda raw: (raw / "identities.csv").write_bytes("anonymous_id,contact_id,identified_at\n".encode("utf-16")), ["identities.csv: row 1: is not UTF-8"]),
    "Latin-1 in the header": (lambda raw: replace(raw / "contacts.csv", b"country", "gr\u00f6\u00dfe".encode("latin-1")), ["contacts.csv: row 1: is not UTF-8"]),
    "a quote that does not end": (lambda raw: append(raw / "contacts.csv", b'"c,2024-01-01,,,,,\n'), ["contacts.csv: row 4"]),
    "a quote that ends too early": (lambda raw: append(raw / "contacts.csv", b'"c"d,2024-01-01,,,,,\n'), ["contacts.csv: row 4"]),
    "a quote that does not end in a cell of text": (lambda raw: append(raw / "contacts.csv", b'c,2024-01-01,,,,"de,\nd,2024-01-01,,,,de,\n'), ["contacts.csv: row 4"]),
    "a folder without files": (lambda raw: ((raw / "events.csv").unlink(), (raw / "events").mkdir()), ["events: has no *.parquet file"]),
    "a folder beside a file": (lambda raw: (raw / "events").mkdir(), ["events.csv: duplicates events; keep one of them"]),
    "one CRLF among LF": (lambda raw: append(raw / "contacts.csv", b'c,2024-01-01,,,,de,"5"\r\n'), ["contacts.csv: row 4: ends with CRLF, the rows before it with LF"]),
    "a cell too many": (lambda raw: append(raw / "contacts.csv", b"c,2024-01-01,,,,de,,x,y\n"), ["contacts.csv: row 4", "Expected Number of Columns: 7"]),
    "a cell too few": (lambda raw: append(raw / "contacts.csv", b"c,2024-01-01\n"), ["contacts.csv: row 4", "2"]),
    "a cell of 3 MB": (lambda raw: append(raw / "contacts.csv", b"c,2024-01-01,,,," + b"x" * 3_000_000 + b",\n"), ["contacts.csv: a row is longer than 2 MB"]),
}

# Damage to a rule seed, and what the message must hold.
RULE_DAMAGE = {
    "an empty file": (lambda rules: (rules / "event_rules.csv").write_bytes(b""), ["event_rules.csv: row 1: is empty"]),
    "a missing file": (lambda rules: (rules / "event_rules.csv").unlink(), ["event_rules.csv: is missing"]),
    "a directory": (lambda rules: directory(rules / "event_rules.csv"), ["event_rules.csv: "]),
    "a file that gives an error when read": (lambda rules: linked(rules / "event_rules.csv", "/proc/self/mem"), ["event_rules.csv: cannot be read"]),
    "a link to itself": (lambda rules: linked(rules / "event_rules.csv", "event_rules.csv"), ["event_rules.csv: cannot be read"]),
    "one column missing": (lambda rules: replace(rules / "score_bands.csv", b",keep_score", b""), ["score_bands.csv: row 1, column keep_score: is missing"]),
    "an extra column": (lambda rules: replace(rules / "score_bands.csv", b",keep_score", b",keep_score,{{ x }}"), ["score_bands.csv: row 1, column {{ x }}: is unknown"]),
    "a column twice": (lambda rules: replace(rules / "score_bands.csv", b",keep_score", b",keep_score,band"), ["score_bands.csv: row 1, column band: is duplicated"]),
    "semicolons": (
        lambda rules: (rules / "score_bands.csv").write_text("model_id;dimension;band\nm;total;hot\n"),
        ["score_bands.csv: row 1: the columns are separated by semicolons; use commas"],
    ),
    "a cell too many": (lambda rules: append(rules / "score_bands.csv", b"m,total,hot,1,,,,\n"), ["score_bands.csv: row 2: has 8 cells; the header has 6"]),
    "a quote that does not end": (lambda rules: append(rules / "score_bands.csv", b'm,total,"hot,1,,\n'), ["score_bands.csv: row 2"]),
    "a quote that ends too early": (lambda rules: append(rules / "score_bands.csv", b'm,total,"hot"s,1,,\n'), ["score_bands.csv: row 2"]),
    "Latin-1": (lambda rules: append(rules / "score_bands.csv", "m,total,hei\u00df,1,,\n".encode("latin-1")), ["score_bands.csv: row 2: is not UTF-8 text; save the file as CSV UTF-8"]),
    "UTF-16": (lambda rules: (rules / "score_bands.csv").write_bytes("model_id".encode("utf-16")), ["score_bands.csv: ", "is not UTF-8 text"]),
    "a NUL": (lambda rules: append(rules / "score_bands.csv", b"m,total,h\0t,1,,\n"), ["score_bands.csv: row 2"]),
    "a cell of 1 MB": (lambda rules: append(rules / "score_bands.csv", b"m,total,hot,1,," + b"x" * 1_000_000 + b"\n"), ["score_bands.csv: row 2"]),
}


@pytest.mark.parametrize("name", RAW_DAMAGE)
def test_a_raw_table_that_cannot_be_used_is_named_in_one_message(name, world, capsys, monkeypatch):
    damage, parts = RAW_DAMAGE[name]
    damage(world / "raw")
    code, errors = ended(world, capsys, monkeypatch)
    assert code == 2, errors
    assert [part for part in parts if part not in errors] == []
    first, *problems = errors.strip().splitlines()
    assert first == "Nothing was published. Errors:"
    assert [line for line in problems if not line.startswith(str(world / "raw"))] == []
    assert max(map(len, problems)) < 600


def test_a_raw_table_may_be_a_folder_of_parquet_files(world):
    """Two files, one in a folder that names a column, one with a column more: the rows of both, and a change inside is noticed."""
    from support import inputs

    (world / "raw" / "contacts.csv").unlink()
    folder = world / "raw" / "contacts"
    for name, columns in {"country=de/1": "'a' as contact_id", "country=fr/2": "'b' as contact_id, '007' as tag"}.items():
        (folder / name).parent.mkdir(parents=True)
        duckdb.execute(f"copy (select {columns}, '2024-01-01' as created_at, null as updated_at, null as email, null as account_id) to '{folder / name}.parquet'")
    location = inputs.raw_locations(world / "raw")["contacts"]
    assert duckdb.sql(f"select contact_id, country, tag from {location} order by 1").fetchall() == [("a", "de", None), ("b", "fr", "007")]
    before = inputs.raw_files(world / "raw")
    duckdb.execute(f"copy (select 'c' as contact_id) to '{folder / 'country=de' / '3.parquet'}'")
    assert inputs.raw_files(world / "raw") != before
    with pytest.raises(inputs.WrongInput, match=r"3\.parquet: column created_at: is missing"):
        inputs.raw_locations(world / "raw")


def test_a_raw_table_may_be_a_folder_of_csv_files(world):
    """Files of one header are one pattern, which files may join; columns are matched by name; a wrong file is named."""
    from support import inputs

    (world / "raw" / "contacts.csv").unlink()
    folder = world / "raw" / "contacts"
    (folder / "2024").mkdir(parents=True)
    header = "contact_id,created_at,updated_at,email,account_id"
    (folder / "1.csv").write_text(f"{header}\na,2024-01-01,,,\n")
    (folder / "2024" / "2.csv").write_text(f'{header}\n"b",2024-01-01,,,"x\ny"\n')
    location = inputs.raw_locations(world / "raw")["contacts"]
    assert "**/*.csv" in location
    assert duckdb.sql(f"select contact_id, account_id from {location} order by 1").fetchall() == [("a", None), ("b", "x\ny")]
    before = inputs.raw_files(world / "raw")
    (folder / "3.csv").write_text("tag,account_id,email,updated_at,created_at,contact_id\n007,,,,2024-01-01,c\n")
    assert inputs.raw_files(world / "raw") != before
    location = inputs.raw_locations(world / "raw")["contacts"]
    assert duckdb.sql(f"select contact_id, created_at, tag from {location} order by 1").fetchall() == [("a", "2024-01-01", None), ("b", "2024-01-01", None), ("c", "2024-01-01", "007")]
    inputs.check_raw_files({"contacts": location})
    (folder / "3.csv").write_text("contact_id,email\nc,\n")
    with pytest.raises(inputs.WrongInput, match=r"3\.csv: row 1, column created_at: is missing"):
        inputs.raw_locations(world / "raw")
    (folder / "3.csv").write_text(f"{header}\nc,2024-01-01,,,,x,y\n")
    with pytest.raises(inputs.WrongInput, match=r"3\.csv: row 2"):
        inputs.raw_locations(world / "raw")
    (folder / "3.csv").rename(folder / "_3.csv")
    (folder / "country=de").mkdir()
    (folder / "country=de" / "4.csv").write_text(f"{header}\n")
    with pytest.raises(inputs.WrongInput) as told:
        inputs.raw_locations(world / "raw")
    assert str(told.value).splitlines() == [
        f"{folder / '_3.csv'}: looks unfinished by its name; wait until it is written, or remove it",
        f"{folder / 'country=de' / '4.csv'}: is in a folder that names a column; write the column into the file, or write it as parquet",
    ]


@pytest.mark.parametrize("name", RULE_DAMAGE)
def test_a_rule_seed_that_cannot_be_used_is_named_in_one_message(name, world, capsys, monkeypatch):
    damage, parts = RULE_DAMAGE[name]
    damage(world / "rules")
    code, errors = ended(world, capsys, monkeypatch)
    assert code == 2, errors
    assert [part for part in parts if part not in errors] == []
    first, *problems = errors.strip().splitlines()
    assert first == "Nothing was published. Errors:"
    assert [line for line in problems if not line.startswith(str(world / "rules"))] == []
    assert max(map(len, problems)) < 600


@pytest.mark.parametrize("name", ["raw", "rules", "warehouse"])
def test_a_file_in_the_place_of_a_folder_is_named(name, world, capsys, monkeypatch):
    import build

    (world / name).rename(world / "aside") if (world / name).exists() else None
    (world / name).write_bytes(b"")
    code = build.main(build.parse_arguments(["--raw", str(world / "raw"), "--rules", str(world / "rules"), "--warehouse", str(world / "warehouse")]))
    errors = capsys.readouterr().err
    assert code == 2, errors
    assert f"{world / name}: " in errors


def test_a_raw_folder_that_vanishes_after_it_was_checked_is_named(world, capsys, monkeypatch):
    from support import inputs

    checked = inputs.raw_locations

    def then_gone(folder):
        locations = checked(folder)
        folder.rename(world / "aside")
        return locations

    monkeypatch.setattr(inputs, "raw_locations", then_gone)
    code, errors = ended(world, capsys, monkeypatch)
    assert code == 2, errors
    assert str(world / "raw") in errors


def without_root_privileges():
    """Give up, for the program that is run next, root's right to read what nobody may read."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="drops root's privileges as Linux does")
@pytest.mark.parametrize("place", ["files of the raw tables, folder of the rules", "folder of the raw tables, a file of the rules", "folder above both"])
def test_what_may_not_be_read_is_named(place, world):
    above = world / "above"
    above.mkdir()
    raw, rules = (world / "raw").rename(above / "raw"), (world / "rules").rename(above / "rules")
    to_parquet(raw / "events.csv", lambda data: data)
    closed, wanted = {
        "files of the raw tables, folder of the rules": (
            [raw / "contacts.csv", raw / "events.parquet", rules],
            [f"{raw / 'contacts.csv'}: cannot be read: Permission denied", f"{raw / 'events.parquet'}: cannot be read", f"{rules}"],
        ),
        "folder of the raw tables, a file of the rules": (
            [raw, rules / "score_bands.csv"],
            [f"{raw}", f"{rules / 'score_bands.csv'}: cannot be read: Permission denied"],
        ),
        "folder above both": ([above], [f"{raw}: ", f"{rules}: "]),
    }[place]
    for path in closed:
        path.chmod(0)
    try:
        command = [sys.executable, str(PROJECT / "scripts" / "build.py"), "--raw", str(raw), "--rules", str(rules), "--warehouse", str(world / "warehouse")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=without_root_privileges)
    finally:
        for path in closed:
            path.chmod(0o700)
    assert "Traceback" not in done.stderr
    assert done.returncode == 2, done.stderr
    assert [line for line in wanted if line not in done.stderr] == []


def test_a_published_file_that_is_broken_is_named(world):
    """A build goes on from its history; one that does not open must not be lost without a word."""
    warehouse = world / "warehouse"
    warehouse.mkdir()
    (warehouse / "lead_scores.duckdb").write_bytes(b"this is no database" * 1000)
    done = run_build(warehouse, "--raw", str(world / "raw"), "--rules", str(world / "rules"))
    assert done.code == 2, done.output
    assert "Traceback" not in done.errors
    assert "lead_scores.duckdb" in done.errors
    assert done.published.read_bytes() == b"this is no database" * 1000


# Cells of rules that cannot be used: the row after the good one of each seed, told all at once.
RULE_CELLS = {
    "points 1e400": ("event_rules", {"points": "1e400"}, "points: 1e400: must be a number"),
    "points NaN": ("event_rules", {"points": "NaN"}, "points: NaN: must be a number"),
    "points infinity": ("event_rules", {"points": "infinity"}, "points: infinity: must be a number"),
    "points SQL": ("event_rules", {"points": "1); drop table x; --"}, "points: 1); drop table x; --: must be a number"),
    "points Jinja": ("event_rules", {"points": "{{ 1/0 }}"}, "points: {{ 1/0 }}: must be a number"),
    "points in Arabic digits": ("event_rules", {"points": "\u0663"}, "points: \u0663: must be a number"),
    "date 0000-00-00": ("event_rules", {"valid_from": "0000-00-00"}, "valid_from: 0000-00-00: must be a date"),
    "date now": ("event_rules", {"valid_from": "now"}, "valid_from: now: must be a date"),
    "date infinity": ("event_rules", {"valid_to": "infinity"}, "valid_to: infinity: must be a date"),
    "date Jinja": ("event_rules", {"valid_to": "{{ run_started_at }}"}, "valid_to: {{ run_started_at }}: must be a date"),
    "group SQL": ("event_rules", {"rule_group": "g' or 'a'='a"}, "rule_group: g' or 'a'='a: must be a rule_group of the model"),
    "model Jinja": ("event_rules", {"model_id": "{% raw %}"}, "model_id: {% raw %}: must be a model_id"),
    "a decay that is markup": ("event_rules", {"decay": "[/red]"}, "decay: [/red]: must be one of none"),
    "an expression that looks ahead": (
        "event_rules",
        {"property": "page_url", "comparison": "matches", "operand": "(?=x)"},
        "operand: (?=x): must be a valid regular expression",
    ),
    "an expression that explodes": (
        "event_rules",
        {"property": "page_url", "comparison": "matches", "operand": "((a{1000}){1000}){1000}"},
        "operand: ((a{1000}){1000}){1000}: must be a valid regular expression",
    ),
    "an operand that is no number": (
        "attribute_rules",
        {"comparison": "at_least", "operand": "1e400"},
        "operand: 1e400: must be a number for at_least",
    ),
    "a range of NaN": ("attribute_rules", {"comparison": "between", "operand": "NaN|NaN"}, "operand: NaN|NaN: must be low|high"),
    "an attribute that is missing": ("attribute_rules", {"attribute": ""}, "attribute: (empty): must not be empty"),
    "a comparison of emoji": ("attribute_rules", {"comparison": "\U0001f600"}, "comparison: \U0001f600: must be one of equals"),
}


@pytest.fixture(scope="module")
def wrong_rules_build(tmp_path_factory):
    """One build of a small world with every cell of RULE_CELLS, and the lines that it must tell."""
    folder = tmp_path_factory.mktemp("wrong")
    small_world(folder)
    good = {
        "event_rules": {"rule_id": "e", "model_id": "m", "rule_group": "g", "event_type": "visit", "points": "10"},
        "attribute_rules": {"rule_id": "a", "model_id": "m", "rule_group": "f", "attribute": "country", "comparison": "is_present", "points": "1"},
    }
    rows, wanted = {"event_rules": [], "attribute_rules": []}, []
    for number, (seed, cells, problem) in enumerate(RULE_CELLS.values()):
        rows[seed].append(good[seed] | {"rule_id": f"{seed} {number}"} | cells)
        wanted.append(f"{seed}.csv: row {2 + len(rows[seed])}, column {problem}")
    return run_build(folder / "warehouse", "--raw", str(folder / "raw"), "--rules", str(visit_rules(folder / "bad", **rows))), wanted


def test_cells_of_rules_that_cannot_be_used_are_named_and_none_is_run(wrong_rules_build):
    done, wanted = wrong_rules_build
    assert done.code == 2, done.output
    assert [line for line in wanted if line not in done.errors] == []
    assert "Traceback" not in done.errors
    # One wrong cell may make another wrong, but no other row.
    rows = {line.partition(", column")[0].rpartition("/")[2] for line in done.errors.strip().splitlines()[1:]}
    assert rows == {line.partition(", column")[0] for line in wanted}
    assert not done.published.exists()


def test_a_raw_file_that_vanishes_or_proves_broken_during_the_build_is_named(wrong_rules_build):
    """One that is there when the files are checked and gone when dbt reads it; one that is in Latin-1 after its ids, after the rows that are looked at first.

    The problems of the last run's rules are not this run's. A parquet file whose footer alone is whole is found before dbt starts.
    """
    warehouse = wrong_rules_build[0].warehouse
    raw, rules = warehouse.parent / "raw", warehouse.parent / "rules"
    append(raw / "outcomes.csv", b"".join(b"o%d,a,won,2024-06-01,5\n" % number for number in range(20_000)) + "o,a,won,2024-06-01,5 \u00a3\n".encode("latin-1"))
    command = [sys.executable, str(PROJECT / "scripts" / "build.py"), "--raw", str(raw), "--rules", str(rules), "--warehouse", str(warehouse)]
    log = warehouse / "logs" / "dbt.log"
    size = log.stat().st_size
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and log.stat().st_size == size:
            time.sleep(0.02)
        kept = (raw / "contacts.csv").read_bytes()
        (raw / "contacts.csv").unlink()
        output, errors = process.communicate()
    assert process.returncode == 2, output + errors
    assert "Traceback" not in errors
    assert f"{raw / 'contacts.csv'}: cannot be read" in errors
    assert f"{raw / 'outcomes.csv'}: row 2" in errors
    assert "must be a number" not in errors
    assert not (warehouse / "lead_scores.duckdb").exists()
    (raw / "contacts.csv").write_bytes(kept)
    to_parquet(raw / "events.csv", garbled)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{raw / 'events.parquet'}: cannot be read" in done.stderr
    assert not (warehouse / "lead_scores.duckdb").exists()
