"""A synthetic set of raw tables and rules of any size, the same for the same sizes and version of DuckDB.

Skewed as real sets are: half of the contacts have few events and a few have thousands, the events of a contact come in
visits, one in five events is anonymous, one in a hundred is sent twice and one in fifty is received days late.
"""

import csv
from pathlib import Path

import duckdb

FIRST_DAY, DAYS = "2025-01-01", 365
LAST_DAY = "2025-12-31"
RULES = 40

# Sixteen types, the share of each in the events, and what its events carry.
EVENT_TYPES = {
    "page_view": 0.36, "product_view": 0.18, "email_open": 0.12, "email_sent": 0.10, "email_click": 0.05, "search": 0.05,
    "login": 0.04, "cart_add": 0.03, "download": 0.02, "form_submit": 0.01, "webinar": 0.01, "purchase": 0.01,
    "pricing_view": 0.008, "demo_request": 0.004, "trial_start": 0.004, "unsubscribe": 0.004,
}  # fmt: skip

EVENTS = """
    -- Four events make a visit: of one contact, on one day, within two hours.
    with numbers as (
        select i, hash(i, 2) / 18446744073709551616.0 as what, hash(i, 4) as n, i // 4 as visit
        from range({first}, {last}) as numbers (i)
    ),
    timed as (
        select
            i, n, what,
            cast(floor({contacts} * pow(hash(visit, 1) / 18446744073709551616.0, 2.5)) as bigint) as contact,
            date '{epoch}' + cast({first_day} + hash(visit, 3) % {days} as integer) + to_seconds(25200 + hash(visit, 12) % 36000 + n % 7200) as occurred_at
        from numbers
    ),
    events as (
        select
            'e' || i as event_id,
            case when n % 5 > 0 then 'c' || contact end as contact_id,
            case when n % 5 = 0 then 'v' || contact || '-' || n // 5 % 2 end as anonymous_id,
            {event_type} as event_type,
            occurred_at,
            occurred_at + case when n % 50 = 7 then to_seconds(n // 50 % 864000) else to_seconds(n // 50 % 90) end as received_at,
            case n // 7 % 4 when 0 then 'paid' when 1 then 'organic' when 2 then 'email' end as channel,
            case when n // 7 % 4 in (0, 2) then 'campaign-' || n // 11 % 40 end as campaign,
            case when what < 0.6 then 'https://example.com/' || case n // 13 % 10 when 0 then 'pricing' else 'page-' || n // 17 % 500 end end as page_url,
            case when what between 0.36 and 0.54 then 'p' || n // 19 % 2000 end as object_id,
            case when what < 0.54 then n // 23 % 600 end as duration_seconds,
            case when what > 0.9 then cast(n // 29 % 50000 / 100 as decimal(10, 2)) end as value,
            n
        from timed
    )
    select * exclude (n) from events
    union all
    select * exclude (n) replace (received_at + to_hours(6) as received_at) from events where n // 31 % 100 = 0
"""

CONTACTS = """
    with numbers as (select i, hash(i, 5) as n, version from range({contacts} + {contacts} // 8) as numbers (i), range(2) as versions (version))
    select
        'c' || i as contact_id,
        timestamp '2024-06-01' + to_days(cast(n % 210 as integer)) as created_at,
        timestamp '2024-06-01' + to_days(cast(n % 210 + version * 90 as integer)) as updated_at,
        'person' || i || '@company' || n // 3 % 50000 || '.example' as email,
        'a' || n // 3 % 50000 as account_id,
        list_extract(['de', 'fr', 'us', 'uk', 'nl', 'es', 'it', 'pl'], 1 + cast(n // 5 % 8 as integer)) as country,
        case when n // 7 % 10 > 1 then list_extract(['software', 'retail', 'banking', 'health', 'energy'], 1 + cast(n // 11 % 5 as integer)) end as industry,
        case when n // 13 % 10 > 2 then list_extract(['head of sales', 'marketing manager', 'engineer', 'student', 'vp marketing', 'owner'], 1 + cast(n // 17 % 6 as integer)) end as job_title,
        case when n // 19 % 10 > 2 then cast(floor(pow(10, (n // 23 % 4000) / 1000.0)) as bigint) + version end as employees,
        list_extract(['website', 'event', 'partner', 'import'], 1 + cast(n // 29 % 4 as integer)) as lead_source
    from numbers
    where version = 0 or n // 31 % 10 = 0
"""

IDENTITIES = """
    select 'v' || i || '-' || device as anonymous_id, 'c' || i as contact_id,
        timestamp '2025-01-01' + to_days(cast(hash(i, device, 6) % 400 as integer)) as identified_at
    from range({contacts}) as numbers (i), range(2) as devices (device)
    where hash(i, device, 7) % 4 > 0
"""

OUTCOMES = """
    select 'o' || i as outcome_id, 'c' || i as contact_id, case when hash(i, 8) % 3 = 0 then 'won' else 'lost' end as outcome,
        timestamp '2025-02-01' + to_days(cast(hash(i, 9) % 330 as integer)) as occurred_at, cast(hash(i, 10) % 100000 as decimal(12, 2)) as value
    from range({contacts}) as numbers (i)
    where hash(i, 11) % 20 = 0
"""

# One contact in twenty is merged into another, on any day of the year.
MERGES = """
    select 'c' || i as from_contact_id, 'c' || hash(i, 14) % {contacts} as into_contact_id,
        timestamp '2025-01-01' + to_seconds(hash(i, 15) % 31000000) as merged_at
    from range({contacts}) as numbers (i)
    where hash(i, 13) % 20 = 0 and hash(i, 14) % {contacts} <> i
"""


def raw_tables(folder: Path, events: int, contacts: int) -> None:
    """Write contacts, events, identities and outcomes as parquet: `events` events before copies in 365 days, and an eighth more contacts than have any."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"contacts": CONTACTS, "identities": IDENTITIES, "outcomes": OUTCOMES}
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        for table, query in tables.items():
            connection.execute(f"copy ({query.format(contacts=contacts)}) to '{folder / table}.parquet'")
        connection.execute(f"copy ({_events(contacts, 0, events, 0, DAYS)}) to '{folder / 'events.parquet'}'")


def merges(folder: Path, contacts: int) -> None:
    """Write merges of 5 % of the contacts."""
    with duckdb.connect() as connection:
        connection.execute(f"copy ({MERGES.format(contacts=contacts)}) to '{folder / 'merges.parquet'}'")


def one_more_day(folder: Path, events: int, contacts: int) -> None:
    """Add what the next day brings to events.parquet: 0.3 % of the events, one in twenty of them late by up to a month."""
    new = max(1, events * 3 // 1000)
    late = f"""select * replace (case when hash(event_id) % 20 = 0 then occurred_at - to_days(cast(hash(event_id) % 30 as integer)) else occurred_at end as occurred_at,
        occurred_at + to_seconds(30) as received_at) from ({_events(contacts, 2 * events, 2 * events + new, DAYS, 1)})"""
    old, more = folder / "events.parquet", folder / "events.new"
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"copy (from '{old}' union all {late}) to '{more}' (format parquet)")
    more.replace(old)


def _events(contacts: int, first: int, last: int, first_day: int, days: int) -> str:
    cases, reached = [], 0.0
    for event_type, share in EVENT_TYPES.items():
        reached += share
        cases.append(f"when what < {reached:.6f} then '{event_type}'")
    return EVENTS.format(
        contacts=contacts, first=first, last=last, first_day=first_day, days=days, epoch=FIRST_DAY, event_type=f"case {' '.join(cases)} else 'unsubscribe' end"
    )


# A model's rules as they repeat: of ten rules five or six are about events, two about habits, two or three about attributes.
EVENT_RULES = [
    {"event_type": "page_view", "points": "1", "decay": "exponential", "decay_days": "14", "scale": "log2"},
    {"event_type": "page_view", "points": "2", "decay": "exponential", "decay_days": "180", "scale": "log2"},
    {"event_type": "email_click", "points": "2", "max_per_period": "1", "within_days": "90", "max_points": "20"},
    {"event_type": "purchase", "measure": "value", "unit": "100", "points": "1.5", "decay": "linear", "decay_days": "180"},
    {"event_type": "page_view", "property": "page_url", "comparison": "contains", "operand": "pricing", "points": "3", "within_days": "60"},
    {"event_type": "webinar", "points": "10", "decay": "step", "decay_days": "30", "decay_percent": "25"},
    {"event_type": "product_view", "measure": "duration_seconds", "unit": "60", "points": "0.5", "max_per_period": "10", "decay": "exponential", "decay_days": "30"},
    {"event_type": "form_submit", "property": "channel", "comparison": "equals", "operand": "paid", "points": "8", "max_times": "3"},
    {"event_type": "unsubscribe", "points": "-15", "max_times": "1"},
    {"event_type": "download", "points": "4", "min_times": "2", "decay": "exponential", "decay_days": "60"},
    {"event_type": "demo_request", "points": "25", "decay": "exponential", "decay_days": "45", "scale": "log2"},
    {"event_type": "search", "points": "0.5", "max_per_period": "3", "period_days": "7", "within_days": "365"},
]  # fmt: skip
# One event in ten, by a filter of each kind.
FILTERS = [
    {"filter_id": "proxy", "event_type": "email_open", "kind": "condition", "property": "channel", "comparison": "equals", "operand": "organic"},
    {"filter_id": "at_once", "event_type": "email_click", "kind": "too_fast", "after_event_type": "email_sent", "seconds": "3600"},
    {"filter_id": "crawler", "event_type": "page_view", "kind": "burst", "seconds": "800", "times": "2"},
]  # fmt: skip
ACTIVITY_RULES = [
    {"feature": "active_days", "within_days": "28", "lower": "5", "points": "5"},
    {"feature": "days_since_last", "lower": "60", "points": "-8"},
    {"feature": "sessions", "within_days": "14", "lower": "3", "points": "4"},
    {"feature": "value", "event_type": "purchase", "within_days": "365", "lower": "500", "points": "10"},
    {"feature": "events", "event_type": "email_sent", "within_days": "90", "lower": "10", "points": "-2"},
]
ATTRIBUTE_RULES = [
    {"attribute": "industry", "comparison": "in", "operand": "software|banking", "points": "8"},
    {"attribute": "job_title", "comparison": "matches", "operand": "(^| )(head|vp|owner)", "points": "10"},
    {"attribute": "employees", "comparison": "between", "operand": "50|999", "points": "6"},
    {"attribute": "country", "comparison": "in", "operand": "de|fr|nl", "points": "4"},
    {"attribute": "industry", "comparison": "is_missing", "points": "-3"},
]
OTHER_SEEDS = {
    "rule_groups.csv": [
        {"model_id": model, "rule_group": group, "dimension": dimension, "min_points": "", "max_points": limit, "description": "synthetic"}
        for model in ("large", "small")
        for group, dimension, limit in (("events", "behavioural", "150"), ("habits", "behavioural", ""), ("firm", "demographic", "40"))
    ],
    "score_bands.csv": [
        {"model_id": model, "dimension": dimension, "band": band, "min_score": score, "keep_score": "", "description": "synthetic"}
        for model in ("large", "small")
        for dimension, bands in (("total", (("hot", "60"), ("warm", "25"), ("cold", "-1000"))), ("behavioural", (("high", "30"), ("low", "-1000"))), ("demographic", (("good", "10"), ("poor", "-1000"))))
        for band, score in bands
    ],
    "score_matrix.csv": [
        {"model_id": model, "demographic_band": fit, "behavioural_band": engagement, "grade": grade, "priority": str(priority), "next_action": "synthetic"}
        for model in ("large", "small")
        for priority, (fit, engagement, grade) in enumerate((("good", "high", "A1"), ("poor", "high", "B1"), ("good", "low", "A2"), ("poor", "low", "B2")), 1)
    ],
    "disqualification_rules.csv": [
        {"rule_id": "student", "model_id": "large", "source": "attribute", "name": "job_title", "comparison": "equals", "operand": "student", "reason": "student"}
    ],
}  # fmt: skip


def rules(folder: Path, contract: Path, count: int = RULES, filters: list[dict] = ()) -> None:
    """Write rule seeds with `count` rules in two models, `large` with two in three of them; `contract` is contract/rule_columns.csv."""
    with open(contract, encoding="utf-8", newline="") as handle:
        columns = {}
        for row in csv.DictReader(handle):
            columns.setdefault(row["file"], []).append(row["column_name"])
    models = [{"model_id": model, "status": "active", "behavioural_weight": "1", "demographic_weight": "1", "min_score": "0", "description": "synthetic"} for model in ("large", "small")]
    models[1] |= {"audience_attribute": "country", "audience_comparison": "in", "audience_operand": "de|fr|nl|us"}
    written = {"score_models.csv": models, "event_rules.csv": [], "activity_rules.csv": [], "attribute_rules.csv": [], "event_filters.csv": list(filters)} | OTHER_SEEDS
    kinds = ["event_rules.csv"] * 6 + ["activity_rules.csv"] * 2 + ["attribute_rules.csv"] * 2
    templates = {"event_rules.csv": EVENT_RULES, "activity_rules.csv": ACTIVITY_RULES, "attribute_rules.csv": ATTRIBUTE_RULES}
    groups = {"event_rules.csv": "events", "activity_rules.csv": "habits", "attribute_rules.csv": "firm"}
    for number in range(count):
        file = kinds[number % len(kinds)]
        of_kind = len(written[file])
        rule = dict(templates[file][of_kind % len(templates[file])])
        # The second time round it is another rule: of another type, or window.
        if file == "event_rules.csv" and of_kind >= len(EVENT_RULES):
            rule["event_type"] = list(EVENT_TYPES)[of_kind * 7 % len(EVENT_TYPES)]
        if file == "activity_rules.csv":
            rule["within_days"] = str(int(rule.get("within_days", 365)) + of_kind // len(ACTIVITY_RULES) % 3)
        identity = {"rule_id": f"r{number}", "model_id": "small" if number % 3 == 2 else "large", "rule_group": groups[file], "description": "synthetic"}
        if file == "event_rules.csv":
            identity |= {"measure": "events", "decay": "none", "scale": "linear"}
        written[file].append(identity | rule)
    folder.mkdir(parents=True, exist_ok=True)
    for file, rows in written.items():
        with open(folder / file, "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns[file.removesuffix(".csv")], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
