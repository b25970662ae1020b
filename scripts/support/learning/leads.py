"""Past leads and what became of them, and what rules gave them, both read from the project's own tables."""

import contextlib
import csv
import hashlib
import shutil
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from scipy import sparse

from support import inputs, warehouse
from support.inputs import WrongInput
from support.learning import candidates
from support.learning.candidates import Candidate

ELIGIBLE = "all", "not_converted", "event_running", "event_open", "new"

# Training leads (contacts x as-of dates) above which not all contacts that never converted are taken, and those taken weigh more.
MOST_LEADS = 150_000

# Contacts that converted: the least to learn anything from, and those from which more than signed points of events are learnt.
LEAST, ENOUGH = 10, 100

# As-of dates that are chosen where none are given: at most so many, at least a week apart.
MOST_DATES = 40


@dataclass(frozen=True)
class Goal:
    """What is to be predicted: an outcome of this kind within so many days, of the leads that are eligible (docs/calibration.md)."""

    outcome: str = "won"
    within_days: int = 30
    eligible: str = "all"
    eligible_event_type: str | None = None
    eligible_within_days: int | None = None


def goal_of(rules: Path, model: str, **given) -> Goal:
    """The goal of a model: what is `given` (not None), else its row of conversion_goals.csv, else the defaults. Raises WrongInput."""
    file, row = rules / "conversion_goals.csv", {}
    if file.exists():
        with open(file, encoding="utf-8-sig", newline="") as handle:
            row = next((row for row in csv.DictReader(handle) if row.get("model_id") == model), {})
    cells = {one.name: given.get(one.name) or row.get(one.name) or one.default for one in fields(Goal)}
    for name in ("within_days", "eligible_within_days"):
        if cells[name] is not None:
            if not (str(cells[name]).isdigit() and int(cells[name]) >= 1):
                raise WrongInput(f"{name} of {model}: {cells[name]}: must be a whole number of days, at least 1")
            cells[name] = int(cells[name])
    if cells["outcome"] not in ("won", "qualified", "lost", "disqualified"):
        raise WrongInput(f"outcome of {model}: {cells['outcome']}: must be won, qualified, lost or disqualified")
    if cells["eligible"] not in ELIGIBLE:
        raise WrongInput(f"eligible of {model}: {cells['eligible']}: must be one of {', '.join(ELIGIBLE)}")
    if cells["eligible"].startswith("event_") and not cells["eligible_event_type"]:
        raise WrongInput(f"eligible_event_type of {model}: must be given where eligible is {cells['eligible']}")
    return Goal(**cells)


# ---- Which leads are judged, and what became of them. To be replaced by the project's int_lead_outcomes. ----

LEADS = """
    with goal as (
        select $outcome::varchar as outcome, $days::int as days, lower($event_type::varchar) as event_type, $event_days::int as event_days,
            $until::date as until
    ),
    dates as (select unnest($dates::date[]) as as_of_date),
    contacts as (select contact_id, min(created_at)::date as created_date from main_intermediate.int_contact_versions group by contact_id),
    outcomes as (select * from main_intermediate.int_outcomes),
    wanted as (select * from outcomes where outcome = (select outcome from goal)),
    events as (
        select * from main_intermediate.int_events where contact_id is not null and event_type = (select event_type from goal)
    ),
    existing as (select as_of_date, contact_id, created_date from dates inner join contacts on created_date <= as_of_date),
    first_won as (select contact_id, min(occurred_date) as first_date from wanted group by contact_id),
    first_closed as (select contact_id, min(occurred_date) as first_date from outcomes group by contact_id),
    eligible as ({eligible}),
    converted as (
        select distinct eligible.as_of_date, eligible.contact_id
        from eligible
        inner join wanted
            on eligible.contact_id = wanted.contact_id
            and wanted.occurred_date > eligible.as_of_date
            and wanted.occurred_date <= eligible.as_of_date + (select days from goal)
    )
    select eligible.as_of_date, eligible.contact_id, converted.contact_id is not null as is_converted
    from eligible left join converted using (as_of_date, contact_id)
    where eligible.as_of_date + (select days from goal) <= (select until from goal)
"""

ELIGIBLE_LEADS = {
    "all": "select as_of_date, contact_id from existing",
    "not_converted": """
        select as_of_date, contact_id from existing left join first_won using (contact_id)
        where first_date is null or first_date > as_of_date
    """,
    # Contacts of the last days that are still open: with as-of dates as many days apart, each is judged once.
    "new": """
        select as_of_date, contact_id from existing left join first_closed using (contact_id)
        where (first_date is null or first_date > as_of_date) and as_of_date - created_date < coalesce((select event_days from goal), 7)
    """,
    "event_running": """
        select distinct as_of_date, contact_id
        from existing inner join events using (contact_id)
        where
            events.occurred_date <= as_of_date and events.known_date <= as_of_date
            and case
                when duration_seconds is null then as_of_date - events.occurred_date < (select event_days from goal)
                else occurred_at + to_seconds(duration_seconds::double) >= (as_of_date + 1)::timestamp
            end
    """,
    "event_open": """
        with last_events as (
            select as_of_date, contact_id, max(occurred_at) as last_at from existing inner join events using (contact_id)
            where events.occurred_date <= as_of_date and events.known_date <= as_of_date group by all
        )
        select as_of_date, contact_id from last_events as candidates
        where not exists (
            select 1 from outcomes
            where outcomes.contact_id = candidates.contact_id and outcomes.occurred_date <= as_of_date and outcomes.occurred_at >= last_at
        )
    """,
    # Without events, a contact's first as-of date tells all that any date would: it is judged once, while it is new and open.
    "once": """
        select as_of_date, contact_id
        from contacts asof inner join dates on created_date <= as_of_date
        left join first_closed using (contact_id)
        where
            (first_date is null or first_date > as_of_date)
            and as_of_date - created_date < coalesce(
                (select event_days from goal),
                (select max(gap) from (select as_of_date - lag(as_of_date) over (order by as_of_date) as gap from dates)),
                999999
            )
    """,
}

# ---- ----


@dataclass
class Study:
    """Past leads, a row each in the order of as-of date and contact, and the rules to try on those of the training dates.

    as_of: n dates (datetime64[D]); contact: n numbers, of `contacts`; converted, weight: n; train, test: n flags.
    raw, scored_on: raw tables and as-of date by which rules are tried (per lead, as_of but for contacts without events).
    """

    goal: Goal
    is_once: bool
    as_of: np.ndarray
    contact: np.ndarray
    contacts: list[str]
    converted: np.ndarray
    weight: np.ndarray
    train: np.ndarray
    test: np.ndarray
    raw: dict[str, str]
    scored_on: np.ndarray
    rules: list[Candidate] = field(default_factory=list)
    activity: list[Candidate] = field(default_factory=list)
    attributes: list[candidates.Attribute] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    also: object = None


class Workspace:
    """A warehouse of its own in which rules are tried: `built` gives its tables, and all of it goes when it is closed."""

    def __init__(self, folder: Path, threads: int | None = None):
        self.folder, self.threads, self.stack = folder, threads, contextlib.ExitStack()

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.stack.enter_context(warehouse.held(self.folder, 0))
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, *error):
        self.stack.close()

    @contextlib.contextmanager
    def built(self, raw: dict[str, str], rules: dict[str, list[dict]], dates: list, nodes: list[str]):
        """Build `nodes` and all that they need from raw tables and rules as of dates, and give a connection to them. Raises RuntimeError."""
        for file in self.folder.glob("build.duckdb*"):
            file.unlink()
        write_seeds(self.folder / "rules", rules)
        copy = inputs.copy_rules(self.folder / "rules", self.folder)
        settings = {"as_of": ",".join(map(str, dates)), "ledger": "latest", "keep_history_days": "", "max_rejected_percent": 100, "publish_email": "no"}
        dbt = warehouse.Dbt(self.folder, raw, copy.folder, settings, self.threads)
        selection = ["--select", *(f"+{node}" for node in nodes), "--exclude-resource-type", "test", "unit_test"]
        try:
            done = dbt.run("parse") and dbt.run("build", "--no-write-json", *selection)
        finally:
            shutil.rmtree(copy.folder, ignore_errors=True)
        if not done:
            inputs.check_raw_files(raw)
            raise RuntimeError("\n".join(dbt.failures()))
        with warehouse.connect_build(self.folder) as connection:
            yield connection


def write_seeds(folder: Path, rules: dict[str, list[dict]]) -> None:
    """Write a whole folder of rule seeds; a seed that is not in `rules` has no rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, columns in inputs.columns_of_contract("rule_columns.csv", "file").items():
        with open(folder / f"{seed}.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(rules.get(seed, []))


def look(workspace: Workspace, raw: dict[str, str], goal: Goal, who: dict[str, list[dict]], dates: list[date], train_until: date | None, leave_out: set[str], also=None) -> Study:
    """Find the past leads, label them, part them by date, and propose the rules to try. Raises WrongInput.

    who: seed rows that say who is scored, of the model "tried"; dates: as-of dates, or none for those of the data;
    also: a function of the connection and the study whose result the study keeps. It may read the table past (place, as_of_date, contact_id).
    """
    with workspace.built(raw, who, [date(2000, 1, 1)], ["int_events", "int_outcomes", "int_contact_versions", "int_contact_attributes"]) as connection:
        known = known_dates(connection)
        is_once = known["events"] == 0
        check_outcomes(known, goal)
        dates, chosen = (dates, False) if dates else (default_dates(known, goal, is_once), True)
        parameters = {
            "dates": [str(one) for one in dates], "outcome": goal.outcome, "days": goal.within_days, "until": str(known["until"]),
            "event_type": goal.eligible_event_type, "event_days": goal.eligible_within_days,
        }
        query = LEADS.format(eligible=ELIGIBLE_LEADS["once" if is_once and goal.eligible in ("all", "not_converted", "new") else goal.eligible])
        connection.execute(f"create temp table past as select row_number() over (order by as_of_date, contact_id) - 1 as place, * from ({query})", parameters)
        rows = connection.execute("select as_of_date, contact_id, is_converted from past order by place").fetchnumpy()
        as_of = rows["as_of_date"].astype("datetime64[D]")
        check_leads(known, goal, dates, as_of, rows["is_converted"], chosen)
        contacts, contact = np.unique(rows["contact_id"].astype(str), return_inverse=True)
        study = Study(goal, is_once, as_of, contact, list(contacts), rows["is_converted"].astype(bool), np.ones(len(as_of)), *parted(as_of, contact, contacts, goal, train_until), raw, as_of)
        check_training(study)
        sample(study)
        connection.execute("create temp table training as select as_of_date, contact_id, is_converted, cast(1 as double) as weight from past limit 0")
        taken = np.flatnonzero(study.train & (study.weight > 0))
        connection.execute("insert into training select as_of_date, contact_id, is_converted, weight from past inner join (select unnest($1::int[]) as place, unnest($2::double[]) as weight) using (place)", [taken.tolist(), study.weight[taken].tolist()])
        if not is_once:
            study.rules, study.activity = candidates.of_events(connection, leave_out)
        study.attributes, told = candidates.of_attributes(connection, leave_out)
        study.rules += [attribute.rule([place]) for attribute in study.attributes for place in range(attribute.size)]
        study.told += told
        study.also = also(connection, study) if also else None
        restrict(study, connection, workspace.folder / "raw")
    return study


def known_dates(connection) -> dict:
    """How many events and outcomes of contacts there are, and from when to when."""
    names = "events", "first_event", "last_event", "first_created", "last_created", "until"
    known = dict(zip(names, connection.execute(
        """
        with events as (select count(*) as number, min(occurred_date) as first_date, max(known_date) as last_date from main_intermediate.int_events where contact_id is not null),
        contacts as (select min(created_at)::date as first_date, max(created_at)::date as last_date, max(updated_at)::date as last_update from main_intermediate.int_contact_versions)
        select events.number, events.first_date, events.last_date, contacts.first_date, contacts.last_date,
            greatest(events.last_date, contacts.last_date, (select max(occurred_date) from main_intermediate.int_outcomes))
        from events, contacts
        """
    ).fetchone()))
    known["outcomes"] = connection.execute(
        """
        select outcome, count(*), min(occurred_date), max(occurred_date), count(distinct outcomes.contact_id),
            count(*) filter (occurred_date > created_date), median(occurred_date - created_date) filter (occurred_date > created_date)
        from main_intermediate.int_outcomes as outcomes
        inner join (select contact_id, min(created_at)::date as created_date from main_intermediate.int_contact_versions group by contact_id) using (contact_id)
        group by outcome order by 2 desc, 1
        """
    ).fetchall()
    return known


def check_outcomes(known: dict, goal: Goal) -> None:
    """Whether there are outcomes of the kind that is wanted. Raises WrongInput."""
    found = {kind: rest for kind, *rest in known["outcomes"]}
    if not found:
        raise WrongInput(f"raw.outcomes: has no row of a known contact; {LEAST} contacts with outcome {goal.outcome} are the least to learn from, {ENOUGH} allow more, 350 all")
    if goal.outcome not in found:
        others = ", ".join(f"{rest[0]:,} {kind}" for kind, rest in found.items())
        raise WrongInput(f"raw.outcomes: has no outcome {goal.outcome}, only {others}; --outcome takes another kind, and {LEAST} contacts with {goal.outcome} are the least")
    number, first, last, contacts, later, _ = found[goal.outcome]
    if known["events"] and last < known["first_event"]:
        raise WrongInput(f"raw.outcomes: the last {goal.outcome} is of {last}, before the first event ({known['first_event']}): nothing tells of them beforehand. Events of the weeks before the outcomes are missing")
    if not known["events"] and not later:
        raise WrongInput(
            f"raw.outcomes: none of {number:,} {goal.outcome} is of a day after its contact's created_at, so none can be told beforehand."
            f" created_at must be the day on which the contact was known; {LEAST} contacts with a later outcome are the least"
        )


def default_dates(known: dict, goal: Goal, is_once: bool) -> list[date]:
    """As-of dates whose within_days are over. With events, weeks apart from when a quarter of the time has gone; without, each day on which contacts may begin."""
    last = known["until"] - timedelta(goal.within_days)
    if is_once:
        first, step = known["first_created"], goal.eligible_within_days or 1
        last = min(last, known["last_created"] + timedelta(step - 1))
    else:
        first = max(known["first_event"], known["first_created"])
        last = min(last, known["last_event"])
        first += (last - first) // 4
        step = max(7, 7 * -(-(last - first).days // (7 * MOST_DATES)))
    return [last - timedelta(step * number) for number in range(max(0, (last - first).days // step + 1))][::-1]


def check_leads(known: dict, goal: Goal, dates: list[date], as_of, converted, chosen: bool) -> None:
    """Whether there are leads of both classes. Raises WrongInput."""
    until, days = known["until"], goal.within_days
    if not dates or min(dates) + timedelta(days) > until:
        missing = f"no as-of date is {days} days before the last day of the data, {until}" if chosen or not dates else f"the {days} days after {min(dates)} are not over on {until}, the last day of the data"
        raise WrongInput(f"{missing}: labels would lie in the future. Take as-of dates up to {until - timedelta(days)}, or --within-days of less than {days}")
    if not len(as_of):
        raise WrongInput(f"no lead is eligible ({goal.eligible}{' ' + goal.eligible_event_type if goal.eligible_event_type else ''}) on any of {len(dates):,} as-of dates from {min(dates)} to {max(dates)}")
    if not converted.any():
        found = {kind: rest for kind, *rest in known["outcomes"]}[goal.outcome]
        later = f"; half of them come {int(found[5])} days or more after the contact: --within-days sets the {days} days" if found[5] is not None and found[5] > days else ""
        raise WrongInput(
            f"none of {len(as_of):,} leads on {len(np.unique(as_of)):,} as-of dates from {min(dates)} to {max(dates)} has an outcome {goal.outcome} within {days} days after:"
            f" there is one class only. {found[0]:,} such outcomes are from {found[1]} to {found[2]}{later}"
        )
    if converted.all():
        raise WrongInput(
            f"all of {len(as_of):,} leads have an outcome {goal.outcome} within {days} days: there is one class only. raw.contacts must also hold the contacts that did not convert,"
            f" at least as many as did"
        )


def parted(as_of, contact, contacts, goal: Goal, train_until: date | None) -> tuple[np.ndarray, np.ndarray]:
    """Which leads to learn from, and which to test on: those of later dates, beginning within_days after the last to learn from.

    Without train_until, the last quarter of the leads is for the test. Where there are fewer than three dates, a quarter of the contacts is.
    """
    days = np.unique(as_of)
    if train_until is None and len(days) < 3:
        is_test = np.array([one % 4 == 0 for one in map(number_of, contacts)])[contact]
        return ~is_test, is_test
    if train_until is None:
        last = np.sort(as_of)[int(0.75 * (len(as_of) - 1))] - np.timedelta64(goal.within_days, "D")
        last = max(last, days[0])
    else:
        last = np.datetime64(train_until)
    return as_of <= last, as_of >= last + np.timedelta64(goal.within_days, "D")


def number_of(text: str) -> int:
    """A number that is a text's own, the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def check_training(study: Study) -> None:
    """Whether what is to be learnt from has both classes, and enough. Raises WrongInput."""
    contacts = len(np.unique(study.contact[study.train & study.converted]))
    if not study.train.any():
        raise WrongInput(f"--train-until: is before the first as-of date with leads, {study.as_of.min()}")
    if contacts < LEAST:
        raise WrongInput(
            f"{contacts:,} contacts converted ({study.goal.outcome} within {study.goal.within_days} days) up to {study.as_of[study.train].max()}:"
            f" {LEAST} are the least to learn from, {ENOUGH} allow more than signed points"
        )
    if study.converted[study.train].all():
        raise WrongInput(f"all leads up to {study.as_of[study.train].max()} converted: there is one class only; leads that did not convert are missing")


def sample(study: Study) -> None:
    """Where there are more than MOST_LEADS to learn from, of the contacts that never converted take as many as keep to it, and weigh them for the rest."""
    train = study.train
    if train.sum() <= MOST_LEADS:
        return
    ever = np.zeros(len(study.contacts), bool)
    ever[study.contact[train & study.converted]] = True
    kept = train & ever[study.contact]
    share = max(MOST_LEADS - kept.sum(), MOST_LEADS // 4) / (train & ~kept).sum()
    if share >= 1:
        return
    chosen = np.array([number_of("sample " + one) for one in study.contacts]) < share * 2**48
    study.weight = np.where(train & ~kept, np.where(chosen[study.contact], 1 / share, 0.0), 1.0)
    study.told.append(f"of the contacts that never converted {100 * share:.1f} % are taken, with {1 / share:.1f} times the weight")


def restrict(study: Study, connection, folder: Path) -> None:
    """Where it saves work, make raw tables of the contacts to learn from alone. Contacts without events get the version of their as-of date, as of one date for all."""
    taken = study.train & (study.weight > 0)
    number = connection.execute("select count(distinct contact_id) from main_intermediate.int_contact_versions").fetchone()[0]
    if study.is_once or len(np.unique(study.contact[taken])) < 0.7 * number:
        folder.mkdir()
        study.raw = raw_of(connection, folder, "past" if study.is_once else "training", study.is_once)
    if study.is_once:
        study.scored_on = np.full(len(study.as_of), study.as_of.max())


def raw_of(connection, folder: Path, leads: str, is_once: bool) -> dict[str, str]:
    """Write raw tables of the contacts of a table of leads (as_of_date, contact_id), from the tables that were built; with is_once each contact's version of its date alone."""
    tables = {
        "contacts": f"""
            select versions.contact_id, versions.created_at, {"null::timestamp" if is_once else "versions.updated_at"} as updated_at, attributes.* exclude (version_hash)
            from main_intermediate.int_contact_versions as versions
            inner join (pivot main_intermediate.int_contact_attributes on attribute using any_value(value) group by version_hash) as attributes using (version_hash)
            semi join {leads} as leads
                on versions.contact_id = leads.contact_id
                {"and (valid_from is null or as_of_date >= valid_from) and (valid_to is null or as_of_date < valid_to)" if is_once else ""}
            order by all
        """,
        # What was known later than received is written as received then: the visitor's contact stands in the row already.
        "events": f"""
            select event_id, contact_id, null::varchar as anonymous_id, event_type, occurred_at, greatest(received_at, known_date::timestamp) as received_at,
                channel, campaign, page_url, object_id, duration_seconds, value
            from main_intermediate.int_events as events semi join {leads} as leads using (contact_id)
            order by all
        """,
        "identities": "select null::varchar as anonymous_id, null::varchar as contact_id, null::timestamp as identified_at limit 0",
        "outcomes": "select null::varchar as outcome_id, null::varchar as contact_id, null::varchar as outcome, null::timestamp as occurred_at, null::double as value limit 0",
    }
    for table, query in tables.items():
        connection.execute(f"copy ({query}) to '{str(folder / table).replace(chr(39), 2 * chr(39))}.parquet'")
    return inputs.raw_locations(folder)


@dataclass
class Features:
    """What the tried rules gave the leads that are learnt from: rows are `place`, n x p `points` of event and attribute rules, and numbers of activity features (nan: missing)."""

    place: np.ndarray
    points: sparse.csr_matrix
    numbers: dict[str, np.ndarray]


def features(workspace: Workspace, study: Study, who: dict[str, list[dict]]) -> Features:
    """Score the leads that are learnt from by every rule to try, one point each, with the project's own models."""
    rules = dict(who) | {"rule_groups": [{"model_id": "tried", "rule_group": "tried", "dimension": "behavioural"}]}
    for number, rule in enumerate([*study.rules, *study.activity]):
        rules.setdefault(rule.seed, []).append({**rule.cells, "rule_id": str(number), "model_id": "tried", "rule_group": "tried", "points": 1})
    taken = np.flatnonzero(study.train & (study.weight > 0))
    dates = np.unique(study.scored_on[taken])
    with workspace.built(study.raw, rules, list(dates), ["int_leads", "int_event_points", "int_behaviour_features", "int_attribute_matches", "int_activity_rules"]) as connection:
        connection.execute(
            """
            create temp table taken as
            select rows.place, leads.as_of_date, leads.contact_id, leads.version_hash
            from (select unnest($1::int[]) as place, unnest($2::varchar[]) as contact_id, unnest($3::date[]) as as_of_date) as rows
            inner join main_intermediate.int_leads as leads using (as_of_date, contact_id)
            where leads.status = 'scored'
            """,
            [taken.tolist(), [study.contacts[one] for one in study.contact[taken]], [str(one) for one in study.scored_on[taken]]],
        )
        place = np.sort(connection.execute("select place from taken").fetchnumpy()["place"])
        cells = connection.execute(
            """
            select place, rule_id::int as rule, points::double as points from main_intermediate.int_event_points inner join taken using (as_of_date, contact_id)
            union all
            select place, rule_id::int as rule, 1 as points from main_intermediate.int_attribute_matches inner join taken using (version_hash)
            order by place, rule
            """
        ).fetchnumpy()
        points = sparse.csr_matrix((cells["points"].astype(float), (np.searchsorted(place, cells["place"]), cells["rule"])), shape=(len(place), len(study.rules)))
        numbers = {}
        for number, rule in enumerate(study.activity, len(study.rules)):
            feature = rule.cells["feature"]
            column = np.full(len(place), np.nan if feature.startswith("days_since") else 0.0)
            found = connection.execute(
                f"""
                select place, {feature}::double as number
                from main_intermediate.int_behaviour_features inner join taken using (as_of_date, contact_id)
                where window_id = (select window_id from main_intermediate.int_activity_rules where rule_id = ?) and {feature} is not null
                """,
                [str(number)],
            ).fetchnumpy()
            column[np.searchsorted(place, found["place"])] = found["number"]
            numbers[rule.family] = column
    return Features(place, points, numbers)
