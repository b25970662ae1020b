"""Past leads with their conversion labels and their points, all from the project's own models."""

import contextlib
import csv
import shutil
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from scipy import sparse

from calibration import candidates
from calibration.candidates import Candidate, Feature
from support import inputs, warehouse
from support.dbt_project import Dbt
from support.endings import BuildFailed, WrongInput
from support.erasures import id_of
from support.queries import literal, named, statements

# Required converted contacts: for any fit, for all kinds of rules, for unconstrained signs.
LEAST, ENOUGH, MANY = 10, 100, 350

# More leads (contacts x dates) than this: a sample of the contacts, weighted by their number. Maximum number of default dates.
MOST_LEADS, MOST_DATES = 240_000, 40

# The model of the candidate rules.
TRIED = "tried"

SQL = "../calibration/leads.sql"

# What a run makes in its workspace, besides the tables.
KEPT, PAST = "kept.parquet", "past.parquet"
MADE = ("rules", "raw", "sample", KEPT, PAST)

Rows = dict[str, list[dict]]  # The rows of seeds, by seed name; a row maps columns to cells.


@dataclass(frozen=True)
class Goal:
    """The goal to predict: an outcome within some days, for eligible leads (conversion_goals.csv)."""

    outcome: str
    within_days: int
    eligible: str
    eligible_event_type: str | None = None
    eligible_within_days: int | None = None

    def __str__(self):
        who = f"{self.eligible} {self.eligible_event_type}" if self.eligible_event_type else self.eligible
        return f"{self.outcome} within {self.within_days} days, eligible {who}"


@dataclass
class Study:
    """Past leads, one row each, ordered by as-of date and contact, and the candidate rules of the training leads.

    as_of: n dates (datetime64[D]); contact: n whole numbers, one per contact; converted, train, test: n flags; weight: n, the leads that a
    lead of the sample stands for. Contact ids stay in files of the workspace's `folder`, as does the sample.
    is_once: without events, each contact is evaluated on one date. raw: the raw tables to score; rules: counting rules and single bins.
    """

    goal: Goal
    is_once: bool
    as_of: np.ndarray
    contact: np.ndarray
    converted: np.ndarray
    weight: np.ndarray
    train: np.ndarray
    test: np.ndarray
    folder: Path
    raw: dict[str, str]
    rules: list[Candidate] = field(default_factory=list)
    activity: list[Feature] = field(default_factory=list)
    attributes: list[Feature] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def learnt_from(self) -> np.ndarray:
        """The places of the training leads."""
        return np.flatnonzero(self.train)


class Workspace(contextlib.ExitStack):
    """A separate warehouse for candidate rules. Closing it deletes all that it has of contacts; no erasure would reach it. `time_zones` are those of the sources (sources.time_zones)."""

    def __init__(self, folder: Path, tell=lambda text: None, threads: int | None = None, time_zones: str = ""):
        super().__init__()
        self.folder, self.tell, self.threads, self.time_zones = folder.resolve(), tell, threads, time_zones

    def __enter__(self):
        self.enter_context(warehouse.held(self.folder, 0))
        self.callback(self._clear, *MADE)
        # A killed run has deleted nothing.
        self._clear(*MADE)
        return self

    def _clear(self, *names: str) -> None:
        """Delete the tables, and these files and folders."""
        for place in (self.folder / warehouse.NEXT, *self.folder.glob("build.duckdb*"), *(self.folder / name for name in names)):
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)

    @contextlib.contextmanager
    def built(self, raw: dict[str, str], rules: Path | Rows, dates: list, nodes: list[str], what: str):
        """Build `nodes` and their parents from raw tables and rules as of dates, and yield a connection.

        Raises WrongInput for wrong rules or raw tables, BuildFailed if dbt fails.
        """
        self.tell(what)
        self._clear()
        # The workspace has no history.
        warehouse.prepare_next(self.folder)
        folder = rules if isinstance(rules, Path) else write_seeds(self.folder / "rules", rules)
        copy = inputs.copy_rules(folder, self.folder)
        settings = {"as_of": ",".join(map(str, dates)), "ledger": "latest", "keep_history_days": "", "max_rejected_percent": 100, "publish_email": "no"}
        settings["source_time_zones"] = self.time_zones
        dbt = Dbt(self.folder, raw, copy.folder, settings, self.threads)
        selected = [f"+{node}" for node in ["int_rule_problems", *nodes]]
        try:
            done = dbt.parse() and dbt.run("build", "--no-write-json", "--select", *selected, "--exclude-resource-type", "test")
            problems = dbt.rule_problems(folder, copy)
        finally:
            shutil.rmtree(copy.folder, ignore_errors=True)
        if problems:
            raise WrongInput("\n".join(problems))
        if not done:
            inputs.check_raw_files(raw)
            raise BuildFailed("\n".join(dbt.failures()))
        with warehouse.connect_build(self.folder) as connection:
            yield connection


def read_seeds(folder: Path) -> Rows:
    """The rows of all rule seeds of a folder that inputs.copy_rules accepts."""
    rows = {}
    for seed in inputs.columns_of_contract("rule_columns.csv", "file"):
        file = folder / f"{seed}.csv"
        if file.exists():
            with open(file, encoding="utf-8-sig", newline="") as handle:
                rows[seed] = list(csv.DictReader(handle))
    return rows


def write_seeds(folder: Path, rows: Rows) -> Path:
    """Write a complete folder of rule seeds and return it. A seed that is not in `rows` gets only its header."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, columns in inputs.columns_of_contract("rule_columns.csv", "file").items():
        with open(folder / f"{seed}.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n", restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows.get(seed, []))
    return folder


def rows_of(seeds: Rows, model: str, *names: str) -> list[dict]:
    """The rows of a model in the named seeds."""
    return [row for name in names for row in seeds.get(name, []) if row.get("model_id") == model]


def tried_by(seeds: Rows, like: str, **more: list[dict]) -> Rows:
    """Seeds with the model TRIED, which has the audience and disqualifications of model `like`, all filters and lists, and the seeds `more`."""
    (model,) = rows_of(seeds, like, "score_models")
    audience = {column: cell for column, cell in model.items() if column.startswith("audience")}
    disqualified = [row | {"model_id": TRIED} for row in rows_of(seeds, like, "disqualification_rules")]
    shared = {seed: seeds.get(seed, []) for seed in ("event_filters", "reference_lists")}
    return {"score_models": [{"model_id": TRIED, "status": "active"} | audience], "disqualification_rules": disqualified, **shared, **more}


def look(workspace: Workspace, raw: dict[str, str], seeds: Rows, like: str, given: dict, dates: list[date], train_until: date | str | None, leave_out: set[str], allow_ids: bool = False, also=None) -> Study:
    """Find the past leads of a model, label them, split them by date, and propose candidate rules. Raises WrongInput.

    given: cells of the goal from the command line, or None; dates: as-of dates, empty for dates from the data; train_until: the last training
    date, None for three quarters of the leads, or "contacts" to train on three quarters of the contacts; also: a function that is
    called with the connection and the study, while events, attributes and the table past (place, as_of_date, contact_id) exist.
    """
    nodes = ["int_events", "int_outcomes", "int_contact_versions", "stg_contact_attributes"]

    def studied(connection, part: str, parameters: dict) -> Study:
        leads = past_leads(connection, workspace.folder, statements(SQL, part), parameters)
        return proposed(connection, study_of(leads, goal, is_once, known, train_until, workspace.folder, raw), leave_out, allow_ids, also)

    with workspace.built(raw, tried_by(seeds, like), [date(2000, 1, 1)], nodes, "reading events, contacts and outcomes") as connection:
        (known,) = named(connection.execute(statements(SQL, "known")))
        known["outcomes"] = {row["outcome"]: row for row in named(connection.execute(statements(SQL, "outcomes")))}
        is_once = not known["events"]
        goal = goal_of(next(iter(rows_of(seeds, like, "conversion_goals")), None), given, known, is_once)
        check_outcomes(known, goal, is_once)
        check_event_type(connection, goal)
        until = min(known["until"], date(9000, 1, 1))
        chosen = dates or default_dates(known, goal, is_once)
        if not chosen or min(chosen) + timedelta(goal.within_days) > until:
            raise WrongInput(
                f"no as-of date is {goal.within_days} days before the last day of the data, {until}: labels would be in the future."
                f" Use as-of dates up to {until - timedelta(goal.within_days)}, or --within-days below {goal.within_days}"
            )
        raw = sampled(connection, workspace.folder, raw, goal, 1 if is_once else len(chosen))
        if is_once:
            return studied(connection, "once", {"outcome": goal.outcome, "days": goal.within_days, "open_days": goal.eligible_within_days, "until": until, "dates": chosen})
    row = {"model_id": TRIED, "evaluated_days": 99999} | {name: cell for name, cell in asdict(goal).items() if cell is not None}
    with workspace.built(raw, tried_by(seeds, like, conversion_goals=[row]), [*chosen, until], [*nodes, "int_lead_outcomes"], "labelling past leads") as connection:
        return studied(connection, "labelled", {"dates": chosen})


def sampled(connection, folder: Path, raw: dict[str, str], goal: Goal, dates: int) -> dict[str, str]:
    """The raw tables, of a sample of the contacts if there are more than MOST_LEADS leads. What a contact stands for is its weight in the file
    KEPT.
    """
    # Tables of connectors are not files with these columns.
    room = 10**9 if any("." in table for table in raw) else MOST_LEADS // dates
    connection.execute(statements(SQL, "kept"), {"outcome": goal.outcome, "room": room})
    connection.execute(f"copy kept to {literal(folder / KEPT)}")
    if connection.execute("select max(weight) = 1 from kept").fetchone()[0]:
        return raw
    (folder / "sample").mkdir()
    connection.execute(f"create temp table visitors as select {id_of('anonymous_id')} as anonymous_id from {raw['identities']} where {id_of('contact_id')} in (select contact_id from kept)")
    smaller = dict(raw)
    for table in {"contacts", "events", "outcomes", "identities", "contact_attributes", "overrides", "merges"} & raw.keys():
        column = "into_contact_id" if table == "merges" else "contact_id"
        also = f"or {id_of('anonymous_id')} in (select anonymous_id from visitors)" if table in ("events", "identities") else ""
        file = literal(folder / "sample" / f"{table}.parquet")
        connection.execute(f"copy (select * from {raw[table]} where {id_of(column)} in (select contact_id from kept) {also}) to {file}")
        smaller[table] = f"read_parquet({file})"
    return smaller


def past_leads(connection, folder: Path, query: str, given: dict) -> dict:
    """The leads of a query of as_of_date, contact_id, is_converted, as arrays. Whose they are stays in the file PAST: place, contact_id."""
    connection.execute(
        f"""
        create temp table labelled as
        select row_number() over (order by as_of_date, contact_id) - 1 as place, dense_rank() over (order by contact_id) - 1 as contact, *
        from ({query}) inner join read_parquet({literal(folder / KEPT)}) using (contact_id)
        """,
        given,
    )
    connection.execute(f"copy (select place, contact_id from labelled order by place) to {literal(folder / PAST)}")
    draw = "('0x' || left(md5(contact_id), 12))::bigint"
    return connection.execute(f"select as_of_date, contact, is_converted::boolean as is_converted, weight, {draw} as draw from labelled order by place").fetchnumpy()


def proposed(connection, study: Study, leave_out: set[str], allow_ids: bool, also) -> Study:
    """The study with candidate rules; without events also with smaller raw tables."""
    put(connection, "past", study, np.arange(len(study.as_of)))
    put(connection, "training", study, study.learnt_from)
    if not study.is_once:
        study.rules, study.activity = candidates.of_events(connection, leave_out, allow_ids)
    study.attributes, told = candidates.of_attributes(connection, leave_out, allow_ids)
    study.rules += [attribute.rule([place]) for attribute in study.attributes for place in range(attribute.size)]
    study.told += told
    if also:
        also(connection, study)
    if study.is_once:
        study.raw = raw_of(connection, study.folder / "raw")
    return study


def goal_of(row: dict | None, given: dict, known: dict, is_once: bool) -> Goal:
    """The goal: given cells, else the row of conversion_goals, else defaults from the data. Raises WrongInput."""
    cells = {name: cell for name, cell in (row or {}).items() if cell} | {name: cell for name, cell in given.items() if cell is not None}
    outcome = cells.get("outcome", "won").lower()
    of = known["outcomes"].get(outcome, {"contacts": 0, "number": 0, "days": None})
    again = row is not None or of["number"] > 1.02 * of["contacts"]
    within = next((days for days in (7, 14, 30, 60, 90, 180) if days >= (of["days"] or 30)), 365) if is_once else 30
    numbers = {name: int(cells[name]) if cells.get(name) else default for name, default in (("within_days", within), ("eligible_within_days", None))}
    goal = Goal(outcome, eligible=cells.get("eligible", "all" if again and not is_once else "not_converted"), eligible_event_type=(cells.get("eligible_event_type") or "").lower() or None, **numbers)
    if goal.eligible.startswith("event_") != bool(goal.eligible_event_type):
        raise WrongInput(f"--eligible-event-type: is required with --eligible event_running or event_open, and allowed with no other; --eligible is {goal.eligible}")
    return goal


def check_outcomes(known: dict, goal: Goal, is_once: bool) -> None:
    """Check that there are outcomes of the goal's kind. Raises WrongInput."""
    found = known["outcomes"]
    if not found:
        raise WrongInput(f"raw.outcomes: has no row of a known contact; {LEAST} contacts with outcome {goal.outcome} are required, {ENOUGH} for all kinds of rules, {MANY} for unconstrained signs")
    if goal.outcome not in found:
        others = ", ".join(f"{rest['number']:,} {kind}" for kind, rest in found.items())
        raise WrongInput(f"raw.outcomes: has no outcome {goal.outcome}, only {others}; --outcome names another kind; {LEAST} contacts with {goal.outcome} are required")
    of = found[goal.outcome]
    if not is_once and of["last_date"] < known["first_event"]:
        raise WrongInput(
            f"raw.outcomes: the last {goal.outcome} is of {of['last_date']}, before the first event ({known['first_event']}): nothing precedes them."
            f" Events of the weeks before the outcomes are missing, for at least {LEAST} contacts"
        )
    if is_once and not of["later"]:
        raise WrongInput(
            f"raw.outcomes: none of {of['number']:,} {goal.outcome} is of a day after its contact's created_at, so none can be predicted."
            f" created_at must be the day on which the contact was known; {LEAST} contacts with a later outcome are required"
        )


def check_event_type(connection, goal: Goal) -> None:
    """Check that there are events of the type that makes leads eligible. Raises WrongInput."""
    types = [row[0] for row in connection.execute("select event_type from main_intermediate.int_events group by 1 order by count(*) desc, 1").fetchall()]
    if goal.eligible_event_type and goal.eligible_event_type not in types:
        found = f"its types are {candidates.listed(types)}" if types else "it has none at all"
        raise WrongInput(f"raw.events: has no event {goal.eligible_event_type}, which makes leads eligible; {found}. --eligible-event-type, or the model's row of conversion_goals.csv, names another")


def default_dates(known: dict, goal: Goal, is_once: bool) -> list[date]:
    """As-of dates whose within_days have ended: every day with new contacts; with events, weeks apart, after the first quarter of the time."""
    last = known["until"] - timedelta(goal.within_days)
    if is_once:
        first, step = known["first_created"], 1
        last = min(last, known["last_created"])
    else:
        first, last = max(known["first_event"], known["first_created"]), min(last, known["last_event"])
        first += (last - first) // 4
        step = max(7, 7 * -(-(last - first).days // (7 * MOST_DATES)))
    return [last - timedelta(step * number) for number in range(max(0, (last - first).days // step + 1))][::-1]


def study_of(leads: dict, goal: Goal, is_once: bool, known: dict, train_until: date | str | None, folder: Path, raw: dict[str, str]) -> Study:
    """The study of labelled leads, from the arrays of past_leads. Raises WrongInput if no fit is possible."""
    as_of, converted, contact, of = leads["as_of_date"].astype("datetime64[D]"), leads["is_converted"].astype(bool), leads["contact"], known["outcomes"][goal.outcome]
    if not len(as_of):
        raise WrongInput(f"no lead is eligible on any as-of date ({goal}): events, contacts or dates are missing")
    found = f"{len(as_of):,} leads as of {as_of.min()} to {as_of.max()}"
    if not converted.any():
        raise WrongInput(
            f"none of {found} has an outcome {goal.outcome} in the {goal.within_days} days after: there is only one class, and {LEAST} converted contacts are required."
            f" {of['number']:,} such outcomes are from {of['first_date']} to {of['last_date']}; as-of dates before them, or more --within-days, would see them"
        )
    if converted.all():
        raise WrongInput(
            f"all of {found} have an outcome {goal.outcome} in the {goal.within_days} days after: there is only one class."
            " raw.contacts must also have unconverted contacts, at least as many as converted ones"
        )
    study = Study(goal, is_once, as_of, contact, converted, leads["weight"].astype(float), *parted(as_of, leads["draw"], goal, train_until), folder, raw)
    if not study.train.any():
        raise WrongInput(f"--train-until {train_until}: is before the first as-of date with leads, {as_of.min()}")
    if not study.test.any():
        latest = as_of.max() - np.timedelta64(goal.within_days, "D")
        raise WrongInput(
            f"--train-until {train_until}: no as-of date with leads is {goal.within_days} days later, so no date is left for the test; the last date is {as_of.max()}."
            f" Use a date up to {latest}, some weeks earlier for a meaningful test, or add later as-of dates"
        )
    won, lost = (people(contact[study.train & flags]) for flags in (converted, ~converted))
    if won < LEAST or lost < LEAST:
        raise WrongInput(
            f"{won:,} contacts converted ({goal}) and {lost:,} did not, as of dates up to {as_of[study.train].max()}:"
            f" {LEAST} of each are required, {ENOUGH} converted for all kinds of rules, {MANY} for unconstrained signs. Outcomes, or earlier as-of dates, are missing"
        )
    if study.weight.max() > 1:
        study.told.append(f"{people(contact):,} contacts are a sample: they stand for {study.weight[np.unique(contact, return_index=True)[1]].sum():,.0f}. What the training data showed of a rule is estimated for all of them")
    return study


def people(contact: np.ndarray) -> int:
    """The number of different contacts."""
    return len(np.unique(contact))


def parted(as_of, draw, goal: Goal, train_until: date | str | None) -> tuple[np.ndarray, np.ndarray]:
    """Flags of the training leads and of the test leads. The test dates are at least within_days after the last training date.

    Without train_until the last quarter of the leads is the test. If too few dates leave too few training leads, a quarter of the contacts is.
    """
    if train_until == "contacts":
        return draw % 4 != 0, draw % 4 == 0
    within = np.timedelta64(goal.within_days, "D")
    last = np.sort(as_of)[int(0.75 * (len(as_of) - 1))] - within if train_until is None else np.datetime64(train_until)
    train = as_of <= last
    if train_until is None and train.mean() < 0.4:
        return draw % 4 != 0, draw % 4 == 0
    return train, as_of >= last + within


def put(connection, table: str, study: Study, places: np.ndarray, as_of: np.ndarray | None = None) -> None:
    """Create a temporary table of leads: place, as_of_date, contact_id, is_converted, weight."""
    days = (study.as_of[places] if as_of is None else as_of).astype("datetime64[D]").astype(int)
    connection.register("chosen_leads", {"place": places, "days": days, "is_converted": study.converted[places], "weight": study.weight[places]})
    connection.execute(
        f"""
        create temp table {table} as
        select place, date '1970-01-01' + days::int as as_of_date, contact_id, is_converted, weight
        from chosen_leads inner join read_parquet({literal(study.folder / PAST)}) using (place)
        """
    )
    connection.unregister("chosen_leads")


def raw_of(connection, folder: Path) -> dict[str, str]:
    """Write raw tables of a study without events: each contact as it was on its as-of date, and no other table."""
    folder.mkdir()
    connection.execute(f"copy ({statements(SQL, 'contacts')}) to {literal(folder / 'contacts.parquet')}")
    for table, columns in inputs.columns_of_contract("raw_columns.csv", "table_name").items():
        if table in ("events", "identities", "outcomes"):
            connection.execute(f"copy (select {', '.join(f'null::varchar as {column}' for column in columns)} limit 0) to {literal(folder / f'{table}.parquet')}")
    return inputs.raw_locations(folder)


def scored_on(study: Study, places: np.ndarray) -> np.ndarray:
    """The as-of dates to score leads on. With is_once one date for all, because the raw tables have each contact's version of its own date."""
    return np.full(len(places), study.as_of.max()) if study.is_once else study.as_of[places]


def features(workspace: Workspace, study: Study, seeds: Rows, like: str) -> tuple[np.ndarray, sparse.csr_matrix, dict[str, np.ndarray]]:
    """What each candidate rule gives the training leads at one point, computed by the project's own models.

    Returns the places of m leads, m x p points of study.rules, and m numbers per feature of study.activity (nan: missing).
    """
    rules = tried_by(seeds, like, rule_groups=[{"model_id": TRIED, "rule_group": TRIED, "dimension": "behavioural"}])
    for number, rule in enumerate([*study.rules, *study.activity]):
        rules.setdefault(rule.seed, []).append({**rule.cells, "rule_id": str(number), "model_id": TRIED, "rule_group": TRIED, "points": 1})
    places, counted = study.learnt_from, len(study.rules)
    as_of, tried = scored_on(study, places), counted + len(study.activity)
    with workspace.built(study.raw, rules, np.unique(as_of).tolist(), ["int_leads", "int_rule_points"], f"scoring {len(places):,} past leads by {tried:,} rules to try") as connection:
        put(connection, "wanted", study, places, as_of)
        connection.execute(statements(SQL, "points"))
        places = connection.execute("select place from taken order by place").fetchnumpy()["place"]
        cells = connection.execute("select line, rule, points from given where rule < ?", [counted]).fetchnumpy()
        points = sparse.csr_matrix((cells["points"], (cells["line"], cells["rule"])), shape=(len(places), counted))
        numbers = {}
        for number, feature in enumerate(study.activity, counted):
            found = connection.execute("select line, number from given where rule = ? and number is not null", [number]).fetchnumpy()
            numbers[feature.name] = np.full(len(places), np.nan if feature.cells["feature"].startswith("days_since") else 0.0)
            numbers[feature.name][found["line"]] = found["number"]
    return places, points, numbers


def scores(workspace: Workspace, study: Study, seeds: Path | Rows, places: np.ndarray, what: str) -> dict[str, dict[str, np.ndarray]]:
    """Scores of leads per scored model: score, behavioural_score, demographic_score and their bands ('' for none), m each. A lead that is not
    scored (audience) ranks below all others.
    """
    as_of = scored_on(study, places)
    columns = [f"coalesce(found.{part}score::double, -1e9) as {part}score, coalesce(found.{part}band, '') as {part}band" for part in ("", "behavioural_", "demographic_")]
    query = f"""
        select {', '.join(columns)}
        from wanted left join (select * from main_intermediate.int_lead_scores where model_id = ? and score is not null) as found using (as_of_date, contact_id)
        order by place
    """
    with workspace.built(study.raw, seeds, np.unique(as_of).tolist(), ["int_lead_scores"], what) as connection:
        put(connection, "wanted", study, places, as_of)
        models = connection.execute("select model_id from main_staging.stg_score_models order by 1").fetchall()
        return {model: connection.execute(query, [model]).fetchnumpy() for (model,) in models}
