"""Law 2: a full refresh equals any sequence of daily refreshes over the same dates, row for row.

LEAD_SCORING_LAW_2_SEEDS=N plays more seeds, LEAD_SCORING_LAW_2_TURNS=N longer ones,
LEAD_SCORING_LAW_2_FAST=1 leaves out the data tests. To play one seed alone, a shorter
prefix of it, or one without some operations:

    LEAD_SCORING_LAW_2_SEEDS=7: LEAD_SCORING_LAW_2_TURNS=3 LEAD_SCORING_LAW_2_WITHOUT=copies,2:identify pytest tests/test_law_2.py -k days
"""

import os
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import Build
from tests.day_player import World
from tests.reference.strategies import RAW_HEADERS, RULE_HEADERS, Case, complete, write_case
from tests.refresh import attached, differences, history, inconsistent, options_for, run

SEEDS = os.environ.get("LEAD_SCORING_LAW_2_SEEDS", "1")
FAST = bool(os.environ.get("LEAD_SCORING_LAW_2_FAST"))
TURNS = int(os.environ.get("LEAD_SCORING_LAW_2_TURNS", "2"))
WITHOUT = frozenset(filter(None, os.environ.get("LEAD_SCORING_LAW_2_WITHOUT", "").split(",")))

# Playing a seed


class Play:
    """A warehouse that is refreshed day by day, and what must stand in it."""

    def __init__(self, seed: int, folder: Path):
        self.world = World(seed, WITHOUT)
        self.seed, self.folder, self.warehouse = seed, folder, folder / "daily"
        self.dates, self.stopped_dates, self.scored, self.older, self.count = set(), set(), {}, set(), 0
        # Where rules do not change, every row of every table is compared.
        self.rules_change, self.erasures = seed % 2 == 1, seed % 4 in (1, 2)
        self.tests = seed % 4 == 0 and not FAST

    def say(self, text) -> None:
        self.world.log.append(f"    {text}")

    def days_asked(self, rnd) -> list[str]:
        """The --as-of options of a run."""
        today = self.world.today
        earlier = today - timedelta(days=rnd.randint(1, 20))
        return rnd.choice([
            [], [], [], [], [str(today)], [str(today)], [str(today), str(earlier)], [str(earlier)],
            [str(max(self.dates, default=today))], [str(rnd.choice(sorted(self.dates) or [today]))],
            [f"{today - timedelta(days=2)}..{today}"], [str(today + timedelta(days=rnd.randint(1, 3)))],
        ])  # fmt: skip

    def asked(self, texts) -> set[date]:
        """The dates that those options mean."""
        ends = [[date.fromisoformat(end) for end in text.split("..")] for text in texts]
        named = {a + timedelta(days=n) for a, b in ((pair[0], pair[-1]) for pair in ends) for n in range((b - a).days + 1)}
        return named or {self.world.latest_date()}

    def refresh(self, texts, stop=None, tests=False) -> bool:
        """One run. Whatever becomes of it, the published file is whole; after a success it holds what it must."""
        self.world.write(self.folder)
        file = self.warehouse / "lead_scores.duckdb"
        before = file.read_bytes() if file.exists() else b""
        options = [option for text in texts for option in ("--as-of", text)]
        build = run(self.folder, self.warehouse, *options, tests=tests or self.tests, stop=stop)
        self.say(f"run {' '.join(options)} stop={stop}: exit code {build.code} {build.errors if build.code in (1, 2) else ''}")
        self.is_published = build.code == 0
        if self.is_published:
            self.published(self.asked(texts))
            return True
        assert (file.read_bytes() if file.exists() else b"") == before, "a build that did not succeed changed the published file"
        assert build.code == -9 if stop else build.code in (1, 2), build.errors
        self.stopped_dates |= self.asked(texts)
        if stop == "publish":
            # It was done but for publishing: dates of its rules have been corrected by what came late.
            self.scored = {pair: rows for pair, rows in self.scored.items() if pair in self.older}
        return False

    def published(self, asked) -> None:
        """After a success: the history holds the dates asked for; rows that older rules made stay as they were."""
        build = Build(0, "", "", self.warehouse)
        held = {row[0] for row in build.rows("select as_of_date from scored_dates")}
        assert self.dates | asked <= held <= self.dates | asked | self.stopped_dates, (sorted(held), sorted(self.dates | asked))
        current = dict(build.rows("select distinct model_id, rules_version from lead_scores"))
        erased = {row["contact_id"] for row in self.world.raw["erasures"]}
        found = history(self.warehouse)
        wrong = inconsistent(self.warehouse)
        assert not wrong, f"lead_score_changes or rules_versions do not fit the history: {wrong}"
        for pair, (version, rows) in self.scored.items():
            if version == current.get(pair[1]) or pair[0] in asked | self.stopped_dates:
                continue
            wanted = {row for row in rows if row[0] not in erased}
            has_version, has = found.get(pair, (None, set()))
            assert has_version == version or not wanted, f"{pair}: was made by rules {version}, is by {has_version}"
            assert has == wanted, f"{pair} of older rules changed:\n{sorted(map(str, wanted ^ has))[:6]}"
        self.dates, self.stopped_dates, self.scored, self.count = held, set(), found, self.count + len(held)
        self.older = {pair for pair, (version, _) in found.items() if version != current.get(pair[1])}
        # A model that came later has no scores of the dates before it, until they are asked for.
        with_scores = set(build.rows("select as_of_date, model_id from scored_dates"))
        without = {(as_of, model) for as_of in held for model in current} - with_scores
        assert not {pair for pair in without if pair[0] in asked}, f"dates that were asked for lack models: {without}"
        self.older |= without

    def turn(self, turn: int) -> None:
        rnd = random.Random(f"{self.seed} {turn} run")
        self.world.play_turn(turn, self.rules_change, self.erasures)
        self.is_published = False
        kind = rnd.random()
        if kind < 0.25:
            texts, stop = self.days_asked(rnd), rnd.choice([rnd.randint(1, 95), rnd.randint(1, 180), "publish"])
            self.refresh(texts, stop)
            if rnd.randint(0, 1):
                return
        elif kind < 0.35 and self.dates:
            rows = self.world.failing_rows()
            self.world.raw["events"] += rows
            assert not self.refresh([], tests=True), "rows that cannot be used were no failure"
            self.world.raw["events"] = [row for row in self.world.raw["events"] if row not in rows]
        texts = self.days_asked(rnd)
        assert self.refresh(texts), self.world.log[-1]
        if kind > 0.92:
            shutil.copytree(self.warehouse, self.folder / "before")
            self.refresh(texts)
            self.same(self.folder / "before", "the same run twice", set())

    def same(self, other: Path, what: str, older) -> None:
        found = differences(self.warehouse, other, older)
        assert not found, "\n".join([what, *found])
        shutil.rmtree(other)

    def compare(self, full_refresh: bool) -> None:
        """The played warehouse equals a fresh one that is asked for all its dates, and after a full refresh all of it does."""
        if not self.is_published:
            assert self.refresh([]), self.world.log[-1]
        fresh = run(self.folder, self.folder / "fresh", *options_for(self.dates))
        assert fresh.code == 0, fresh.errors
        if full_refresh:
            again = run(self.folder, shutil.copytree(self.warehouse, self.folder / "again"), "--full-refresh", *options_for([max(self.dates)]))
            assert again.code == 0, again.errors
            found = differences(again.warehouse, fresh.warehouse)
            assert not found, "\n".join(["--full-refresh against a fresh warehouse", *found])
            shutil.rmtree(again.warehouse)
        self.same(fresh.warehouse, "daily refreshes against a fresh warehouse", self.older)


def seeds():
    first, _, rest = SEEDS.partition(":")
    return range(int(first)) if not _ else range(int(first), int(rest or int(first) + 1))


@pytest.mark.parametrize("seed", seeds())
def test_law_2_days_in_any_order_equal_a_full_refresh(seed, tmp_path):
    play = Play(seed, tmp_path)
    try:
        for turn in range(TURNS):
            play.turn(turn)
        play.compare(full_refresh=seed % 2 == 1)
    except AssertionError as difference:
        raise AssertionError(f"{difference}\nseed {seed}\n" + "\n".join(play.world.log)) from None
    print(f"seed {seed}: {play.count} scored dates compared")


# A week worked out by hand. `visit` gives 10 points, one less each day; `basket` gives its value on its day.
# Bands: hot from 40, kept from 35; warm from 15.

WEEK = ["2024-06-26", "2024-06-27", "2024-06-28", "2024-06-29", "2024-06-30"]
BEFORE, NEVER = "2024-06-25", "2024-07-15"


def landed(number: int) -> dict[str, list[dict]]:
    """What the raw tables hold on the day of that number, 0 to 4."""

    def visit(event_id, occurred, received=None, **cells):
        times = {"occurred_at": f"{occurred} 10:00:00", "received_at": f"{received or occurred} 11:00:00"}
        return {"event_id": event_id, "event_type": "visit", **times, **cells}

    def baskets(contact_id, values):
        return [
            (max(days, 0), "events", visit(f"{contact_id}{days}", BEFORE if days < 0 else WEEK[days], contact_id=contact_id, event_type="basket", value=value))
            for days, value in values.items()
        ]

    def contact(contact_id, created):
        return {"contact_id": contact_id, "created_at": created, "country": "France"}

    names = ["ana", "ann", "ben", "cem", "kim", "lea", "max", "erased-zoe"]
    rows = [(0, "contacts", contact(name, "2024-06-01")) for name in names] + [
        # ana: a late event. ann: an event that was received in time but lands two days later.
        (1, "events", visit("a1", "2024-06-24", WEEK[1], contact_id="ana")),
        (2, "events", visit("a2", WEEK[0], contact_id="ann")),
        # ben: a copy that lands after the other, but was received before it, and says something else.
        (1, "events", visit("b1", WEEK[0], WEEK[1], contact_id="ben")),
        (2, "events", visit("b1", "2024-06-23", WEEK[0], contact_id="ben")),
        # cem: identified after the events, then somebody else is identified as the same visitor.
        (0, "events", visit("c1", BEFORE, anonymous_id="v1")),
        (1, "identities", {"anonymous_id": "v1", "contact_id": "cem", "identified_at": f"{WEEK[1]} 09:00:00"}),
        (2, "identities", {"anonymous_id": "v1", "contact_id": "ana", "identified_at": f"{WEEK[2]} 09:00:00"}),
        # dia: the events come before the contact.
        (0, "events", visit("d1", WEEK[0], contact_id="dia")),
        (2, "contacts", contact("dia", WEEK[1])),
        # max: a new version that lands on its day, and one that lands a day late.
        (1, "events", visit("m1", WEEK[1], contact_id="max")),
        (3, "contacts", contact("max", "2024-06-01") | {"updated_at": f"{WEEK[2]} 12:00:00", "country": "Peru"}),
        (0, "events", visit("event-of-erased-zoe", WEEK[0], anonymous_id="visitor-of-erased-zoe")),
        (1, "events", visit("event-of-erased-zoe-2", WEEK[1], contact_id="erased-zoe", page_url="/erased-zoe")),
        (0, "identities", {"anonymous_id": "visitor-of-erased-zoe", "contact_id": "erased-zoe", "identified_at": f"{WEEK[0]} 12:00:00"}),
    ]  # fmt: skip
    # kim: at and around the thresholds. lea: hot on the day before the week, between the thresholds on its first.
    rows += baskets("kim", {0: "39.9999", 1: "40", 2: "35", 3: "34.9999", 4: "39.9999"}) + baskets("lea", {-1: "40", 0: "36"})
    return {table: [row for day, of, row in rows if of == table and day <= number] for table in RAW_HEADERS}


RULES = {
    "score_models": [{"model_id": "m", "status": "active", "behavioural_weight": "1", "demographic_weight": "1"}],
    "rule_groups": [{"rule_group": "acts", "dimension": "behavioural"}, {"rule_group": "who", "dimension": "demographic"}],
    "event_rules": [
        {"rule_id": "visit", "rule_group": "acts", "event_type": "visit", "points": "10", "decay": "linear", "decay_days": "10"},
        {"rule_id": "basket", "rule_group": "acts", "event_type": "basket", "measure": "value", "points": "1", "within_days": "1"},
    ],
    "attribute_rules": [{"rule_id": "peru", "rule_group": "who", "attribute": "country", "comparison": "equals", "operand": "Peru", "points": "5"}],
    "score_bands": [
        {"dimension": "total", "band": "hot", "min_score": "40", "keep_score": "35"},
        {"dimension": "total", "band": "warm", "min_score": "15"},
    ],
}  # fmt: skip


class Week:
    """The warehouse of the week. after[k]: (date, contact) -> score and band in the history after the k-th day's refresh."""

    def __init__(self, folder: Path):
        self.folder, self.warehouse, self.after = folder, folder / "daily", {}
        self.rules = complete({seed: [row | {"model_id": "m"} for row in rows] for seed, rows in RULES.items()}, RULE_HEADERS)

    def day(self, number: int) -> None:
        write_case(Case(complete(landed(number), RAW_HEADERS), self.rules, []), self.folder / "raw", self.folder / "rules")

    def refresh(self, name, *options: str, stop=None) -> Build:
        build = run(self.folder, self.warehouse, *options, stop=stop)
        if stop is None:
            assert build.code == 0, build.errors
            rows = build.rows("select as_of_date, contact_id, score, band from lead_score_history")
            self.after[name] = {(str(as_of), contact): (float(score), band) for as_of, contact, score, band in rows}
        return build

    def keep(self, name: str) -> Path:
        return Path(shutil.copytree(self.warehouse, self.folder / name))

    def scores(self, name, contact_id) -> dict[str, float]:
        """Day of the week (number) -> score."""
        return {WEEK.index(as_of): score for (as_of, contact), (score, _) in self.after[name].items() if contact == contact_id and as_of in WEEK}


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """Days 0 to 4, each after the last; on day 2 a stopped run for a date that nobody asks for again; then an earlier date."""
    played = Week(tmp_path_factory.mktemp("week"))
    for number in range(5):
        played.day(number)
        if number == 2:
            assert played.refresh("stopped", "--as-of", NEVER, stop=70).code == -9
        played.refresh(number)
    played.keep("once")
    # Otherwise the build would see that nothing is new, and do nothing.
    (played.folder / "raw" / "events.csv").touch()
    played.refresh("twice")
    played.keep("twice")
    played.refresh("earlier", "--as-of", BEFORE)
    fresh = run(played.folder, played.folder / "fresh", *options_for([BEFORE, *WEEK]))
    assert fresh.code == 0, fresh.errors
    return played


def test_law_2_the_whole_week_equals_a_fresh_build_of_all_its_dates(week):
    assert differences(week.folder / "daily", week.folder / "fresh") == []


def test_a_late_event_counts_from_the_day_it_is_received(week):
    assert week.scores(1, "ana") == {0: 0, 1: 7}
    assert week.scores(4, "ana") == {0: 0, 1: 7, 2: 6, 3: 5, 4: 4}


def test_an_event_that_lands_after_its_received_day_changes_the_dates_since(week):
    assert week.scores(1, "ann") == {0: 0, 1: 0}
    assert week.scores(2, "ann") == {0: 10, 1: 9, 2: 8}


def test_a_copy_that_lands_later_but_was_received_earlier_takes_the_place_of_the_other(week):
    assert week.scores(1, "ben") == {0: 0, 1: 9}
    assert week.scores(2, "ben") == {0: 7, 1: 6, 2: 5}


def test_an_identification_brings_the_events_before_it_from_its_day_on(week):
    assert week.scores(0, "cem") == {0: 0}
    assert week.scores(1, "cem") == {0: 0, 1: 8}
    assert week.scores(3, "cem") == {0: 0, 1: 8, 2: 7, 3: 6}, "the second identification changes nothing"


def test_a_contact_that_lands_after_its_events_has_them(week):
    assert week.scores(1, "dia") == {}
    assert week.scores(2, "dia") == {1: 9, 2: 8}


def test_a_version_that_lands_late_changes_the_dates_since(week):
    assert week.scores(2, "max") == {0: 0, 1: 10, 2: 9}
    assert week.scores(3, "max") == {0: 0, 1: 10, 2: 14, 3: 13}


def test_a_band_is_kept_over_refreshes_at_its_thresholds(week):
    """39.9999 is no 40; 40 is; 35 keeps; 34.9999 loses; 39.9999 does not reach again."""
    assert [week.after[number][day, "kim"][1] for number, day in enumerate(WEEK)] == ["warm", "hot", "hot", "warm", "warm"]
    assert [week.after[4][day, "kim"][1] for day in WEEK] == ["warm", "hot", "hot", "warm", "warm"]


def test_later_data_leaves_earlier_dates_unchanged(week):
    for number in range(1, 5):
        touched = {1: {"none"}, 2: {"ann", "ben", "dia"}, 3: {"max"}, 4: {"none"}}[number]
        before = {key: value for key, value in week.after[number - 1].items() if key[1] not in touched}
        assert before.items() <= week.after[number].items()


def test_law_3_the_same_run_again_gives_the_same_rows(week):
    assert week.after["twice"] == week.after[4]
    assert differences(week.folder / "once", week.folder / "twice") == []


def test_an_earlier_date_joins_the_history_and_its_bands_are_remembered(week):
    assert (week.after[4][WEEK[0], "lea"], week.after[4].get((BEFORE, "lea"))) == ((36, "warm"), None)
    assert (week.after["earlier"][BEFORE, "lea"], week.after["earlier"][WEEK[0], "lea"]) == ((40, "hot"), (36, "hot"))
    build = Build(0, "", "", week.warehouse)
    assert [str(row[0]) for row in build.rows("select distinct as_of_date from lead_scores")] == [WEEK[-1]]


def test_a_stopped_run_leaves_no_date(week):
    assert {day for day, _ in week.after[2]} == set(WEEK[:3])


def test_a_column_that_gets_another_name_changes_the_dates_before(week):
    contacts, renamed = week.folder / "raw" / "contacts.csv", week.keep("renamed")
    points = "select count(*) from lead_score_history where demographic_score <> 0"
    assert Build(0, "", "", renamed).rows(points) != [(0,)]
    text = contacts.read_text(encoding="utf-8")
    contacts.write_text(text.replace("country", "land", 1), encoding="utf-8")
    build = run(week.folder, renamed)
    contacts.write_text(text, encoding="utf-8")
    assert build.code == 0, build.errors
    assert build.rows(points) == [(0,)]


def test_an_erased_contact_leaves_no_row_in_any_table(week):
    def tables_that_name(warehouse, text):
        with attached(it=warehouse) as connection:
            tables = connection.execute("select database_name, schema_name, table_name from duckdb_tables() where database_name <> 'memory'").fetchall()
            places = [".".join(f'"{part}"' for part in table) for table in tables]
            return [place for place in places if connection.execute(f"select count(*) from {place} as t where cast(t as text) like '%{text}%'").fetchone()[0]]

    erased = week.keep("erased")
    assert len(tables_that_name(erased, "erased-zoe")) > 5
    (week.folder / "raw" / "erasures.csv").write_text("contact_id,requested_at\nerased-zoe,2024-06-30 12:00:00\n")
    build = run(week.folder, erased)
    assert build.code == 0, build.errors
    assert tables_that_name(erased, "erased-zoe") == []
    assert len(build.rows("from lead_scores")) == len(Build(0, "", "", week.warehouse).rows("from lead_scores")) - 1
