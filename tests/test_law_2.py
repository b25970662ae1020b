"""Laws 2 and 10, day by day in random worlds and in a week worked out by hand.

Rows that land by the time their received day is scored: any sequence of daily refreshes equals a full refresh over the same dates, row for row.
Rows that land late: the latest date is scored as from nothing, given the published bands of the date before; no other date changes; and after the
dates that the summary names are asked for again, all equals a full refresh.

LEAD_SCORING_LAW_2_SEEDS=N plays more seeds, LEAD_SCORING_LAW_2_TURNS=N longer ones,
LEAD_SCORING_LAW_2_FAST=1 leaves out the data tests. To play one seed alone, a shorter
prefix of it, or one without some operations:

    LEAD_SCORING_LAW_2_SEEDS=7: LEAD_SCORING_LAW_2_TURNS=3 LEAD_SCORING_LAW_2_WITHOUT=copies,2:identify pytest tests/test_law_2.py -k days
"""

import itertools
import os
import random
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import Build, run_build
from tests.day_player import World
from tests.reference.scoring import read_csv_folder
from tests.reference.strategies import RAW_HEADERS, RULE_HEADERS, Case, complete, write_case
from tests.refresh import attached, differences, differences_now, history, inconsistent, options_for, run, wrong_bands

SEEDS = os.environ.get("LEAD_SCORING_LAW_2_SEEDS", "1")
FAST = bool(os.environ.get("LEAD_SCORING_LAW_2_FAST"))
TURNS = int(os.environ.get("LEAD_SCORING_LAW_2_TURNS", "2"))
WITHOUT = frozenset(filter(None, os.environ.get("LEAD_SCORING_LAW_2_WITHOUT", "").split(",")))

# Playing a seed


class Play:
    """A warehouse that is refreshed day by day, and what must stand in it. In a punctual one rows land in time, and dates are scored in their order."""

    def __init__(self, seed: int, folder: Path, is_punctual: bool = False):
        self.world = World(seed, WITHOUT, is_punctual)
        self.seed, self.folder, self.warehouse, self.is_punctual = seed, folder, folder / "daily", is_punctual
        # Of the published file: its dates, its rows of the history and of scored_dates, and dates whose date before was scored after them.
        self.dates, self.scored, self.facts, self.disordered = set(), {}, {}, set()
        self.count, self.kept = 0, []
        self.rules_change, self.erasures = seed % 2 == 1 and not is_punctual, seed % 4 in (1, 2)
        self.tests = seed % 4 == 0 and not FAST

    def say(self, text) -> None:
        self.world.log.append(f"    {text}")

    def days_asked(self, rnd) -> list[str]:
        """The --as-of options of a run."""
        today = self.world.today
        if self.is_punctual:
            latest = max(self.dates, default=today - timedelta(days=3))
            in_order = [[str(today)], [f"{min(latest + timedelta(days=1), today)}..{today}"]]
            return rnd.choice(in_order + [[]] * 3 if self.world.latest_date() >= latest else in_order)
        earlier = today - timedelta(days=rnd.randint(1, 20))
        return rnd.choice([
            [], [], [], [], [str(today)], [str(today)], [str(today), str(earlier)], [str(earlier)],
            [str(max(self.dates, default=today))], [str(rnd.choice(sorted(self.dates) or [today]))],
            [f"{today - timedelta(days=2)}..{today}"], [str(today + timedelta(days=rnd.randint(1, 3)))],
        ])  # fmt: skip

    def named(self, texts) -> set[date]:
        """The dates that those options name."""
        found = set()
        for text in texts:
            ends, _, step = text.partition("/")
            first, last = (date.fromisoformat(end) for end in (ends.split("..") * 2)[:2])
            found |= {first + timedelta(days=n) for n in range(0, (last - first).days + 1, int(step or 1))}
        return found

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
            assert not list((self.warehouse / "next").glob("*")), "a published build left something in next/"
            self.published(self.named(texts))
            return True
        assert (file.read_bytes() if file.exists() else b"") == before, "a build that did not succeed changed the published file"
        assert build.code == -9 if stop else build.code in (1, 2), build.errors
        return False

    def published(self, named) -> None:
        """After a success: dates of the run are scored by the rules of now, and all others are as they were published (law 10)."""
        build = Build(0, "", "", self.warehouse)
        held = {row[0] for row in build.rows("select as_of_date from scored_dates")}
        new = (named or {self.world.latest_date()}) - self.dates
        assert held == self.dates | new, (sorted(held), sorted(self.dates | new))
        of_the_run = named | new | {max(held)}
        found = history(self.warehouse)
        self.unchanged(found, of_the_run)
        facts = {(row[0], row[1]): row[2:] for row in build.rows("select as_of_date, model_id, rules_version, rules_fingerprint, rows_known, known_version, late_rows from scored_dates")}
        current = dict(build.rows("select distinct model_id, rules_version from lead_scores"))
        for as_of in of_the_run:
            models = {model: fact for (of, model), fact in facts.items() if of == as_of}
            assert {model: fact[0] for model, fact in models.items()} == current, f"{as_of} was scored by {models}, not by {current}"
            assert {fact[-1] for fact in models.values()} == {0}, f"{as_of} is scored, and has late rows: {models}"
        kept = {pair: fact[:-1] for pair, fact in facts.items() if pair[0] not in of_the_run}
        assert kept == {pair: fact[:-1] for pair, fact in self.facts.items() if pair[0] not in of_the_run}, "what a date was scored on changed"
        if self.is_punctual:
            assert not [(str(as_of), fact) for (as_of, _), fact in facts.items() if fact[-1] != 0], "rows that landed in time are late"
        wrong = inconsistent(self.warehouse) or wrong_bands(self.warehouse, of_the_run, read_csv_folder(self.folder / "rules"))
        assert not wrong, "changes, versions, trends or bands do not fit the history:\n" + "\n".join(map(str, wrong))
        in_order = sorted(held)
        self.disordered = (self.disordered | {after for before, after in itertools.pairwise(in_order) if before in of_the_run}) - of_the_run
        self.dates, self.scored, self.facts, self.count = held, found, facts, self.count + len(of_the_run)
        # By other rules than those of now, or without a model that came later.
        self.older = {as_of for as_of in held if {model: fact[0] for (of, model), fact in facts.items() if of == as_of} != current}

    def unchanged(self, found, of_the_run) -> None:
        """Rows of other dates than those of the run are as they were published, but for persons who were erased."""
        erased = {row["contact_id"] for row in self.world.raw["erasures"]}
        for pair in {pair for pair in found.keys() | self.scored.keys() if pair[0] not in of_the_run}:
            version, rows = self.scored.get(pair, (None, set()))
            wanted = {row for row in rows if row[0] not in erased}
            has_version, has = found.get(pair, (None, set()))
            assert has_version == version or not wanted, f"{pair}: was published by rules {version}, is by {has_version}"
            assert has == wanted, f"{pair} was published and changed:\n{sorted(map(str, wanted ^ has))[:6]}"

    def files_change(self, rnd) -> None:
        """Files of the warehouse are lost or put back as they were after an earlier run: with build.duckdb nothing goes, with the published file what came since."""
        kind, build, file = rnd.random(), self.warehouse / "build.duckdb", self.warehouse / "lead_scores.duckdb"
        if self.kept and kind < 0.25:
            folder, state = rnd.choice(self.kept)
            if kind < 0.15:
                self.say(f"build.duckdb of {folder.name} is put back")
                shutil.copy(folder / build.name, build)
                (self.warehouse / "build.duckdb.wal").unlink(missing_ok=True)
            else:
                self.say(f"the published file of {folder.name} is put back")
                shutil.copy(folder / file.name, self.folder / "put back")
                os.replace(self.folder / "put back", file)
                self.dates, self.scored, self.facts, self.disordered, self.older = state
        elif kind < 0.35 and build.exists():
            self.say("build.duckdb is lost")
            build.unlink()

    def keep(self, turn: int) -> None:
        """Files of the warehouse as they are now, and what stands in them."""
        folder = self.folder / f"turn {turn}"
        folder.mkdir()
        for name in ("build.duckdb", "lead_scores.duckdb"):
            shutil.copy(self.warehouse / name, folder / name)
        self.kept.append((folder, (self.dates, self.scored, self.facts, self.disordered, self.older)))

    def turn(self, turn: int) -> None:
        rnd = random.Random(f"{self.seed} {turn} run")
        self.world.play_turn(turn, self.rules_change, self.erasures)
        self.files_change(random.Random(f"{self.seed} {turn} files"))
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
        self.keep(turn)
        if kind > 0.92:
            shutil.copytree(self.warehouse, self.folder / "before")
            self.refresh(texts)
            self.same(self.folder / "before", "the same run twice")

    def same(self, other: Path, what: str) -> None:
        found = differences(self.warehouse, other)
        assert not found, "\n".join([what, *found])
        shutil.rmtree(other)

    def stale(self) -> list[str]:
        """The --as-of options that the summary names for dates with late rows."""
        build = Build(0, "", "", self.warehouse)
        late = {row[0] for row in build.rows("select as_of_date from scored_dates where late_rows > 0")}
        found = build.rows("select subject, finding from scoring_findings where topic = 'rows are late'")
        assert len(found) == bool(late), (late, found)
        texts = [text for _, finding in found for text in re.findall(r"--as-of ([\d./-]*\d)", finding)]
        assert [subject for subject, _ in found] == ([str(min(late))] if late else [])
        assert self.named(texts) == {as_of for as_of in self.dates if late and min(late) <= as_of < max(self.dates)}
        return texts

    def compare(self, full_refresh: bool) -> None:
        """What is published equals a fresh warehouse that is asked for all its dates, once what is stale is asked for again."""
        if not self.is_published:
            assert self.refresh([]), self.world.log[-1]
        fresh = run(self.folder, self.folder / "fresh", *options_for(self.dates))
        assert fresh.code == 0, fresh.errors
        found = differences_now(self.warehouse, fresh.warehouse)
        assert not found, "\n".join(["before stale dates are asked for again", *found])
        texts, others = self.stale(), self.older | self.disordered
        if self.is_punctual:
            assert not texts and not others, (texts, others)
        # Bands remember the date before.
        texts += [str(as_of) for as_of in sorted(self.dates - self.named(texts)) if others and as_of >= min(others)]
        if texts:
            assert self.refresh(texts), self.world.log[-1]
            assert not self.stale() and not self.older | self.disordered
        if full_refresh:
            again = run(self.folder, shutil.copytree(self.warehouse, self.folder / "again"), "--full-refresh", *options_for([max(self.dates)]))
            assert again.code == 0, again.errors
            found = differences(again.warehouse, fresh.warehouse)
            assert not found, "\n".join(["--full-refresh against a fresh warehouse", *found])
            shutil.rmtree(again.warehouse)
        self.same(fresh.warehouse, "daily refreshes against a fresh warehouse")


def seeds():
    first, _, rest = SEEDS.partition(":")
    return range(int(first)) if not _ else range(int(first), int(rest or int(first) + 1))


@pytest.mark.parametrize("is_punctual", [True, False], ids=["in_time", "late"])
@pytest.mark.parametrize("seed", seeds())
def test_laws_2_and_10_days_in_any_order_equal_a_full_refresh(seed, is_punctual, tmp_path):
    play = Play(seed, tmp_path, is_punctual)
    try:
        for turn in range(TURNS):
            play.turn(turn)
        play.compare(full_refresh=seed % 2 == 1)
    except AssertionError as difference:
        raise AssertionError(f"{difference}\nseed {seed}\n" + "\n".join(play.world.log)) from None
    print(f"seed {seed}: {play.count} scored dates compared")


def test_law_2_events_that_were_read_are_matched_anew_with_other_items_of_a_list(tmp_path, raw, rules):
    """The list stands in the first, second and further condition of a rule. c06 viewed p1 three times, p2 and p3 twice, p4 once, and once nothing named."""
    with open(rules / "event_rules.csv", "a", encoding="utf-8") as file:
        for rule_id, conditions in (("first", "object_id,in_list,objects,,,"), ("second", "page_url,is_missing,,object_id,not_in_list,objects"), ("third", ",,,,,")):
            file.write(f"{rule_id},core,site,product_view,{conditions},events,,1,,,,,,,,,,,,,,\n")
    (rules / "rule_conditions.csv").write_text("rule_id,name,comparison,operand\nthird,object_id,in_list,objects\n")
    def build(warehouse: str):
        done = run_build(tmp_path / warehouse, "--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30", tests=False)
        assert done.code == 0, done.errors
        return done

    for items, matches in (("p1", [3, 5, 3]), ("p1 p3", [5, 3, 5]), ("P3", [2, 6, 2])):
        (rules / "reference_lists.csv").write_text("list,item\n" + "".join(f"objects,{item}\n" for item in items.split()))
        found = build("refreshed").rows("select matches from lead_score_contributions where rule_id in ('first', 'second', 'third') order by rule_id")
        assert found == [(number,) for number in matches], items
    build("fresh")
    assert differences_now(tmp_path / "refreshed", tmp_path / "fresh") == []


def test_law_2_probabilities_and_evaluation_equal_those_of_a_full_refresh(tmp_path):
    """Worlds of few contacts state none, so weeks of the sample data: two runs, one after the other, against all at once."""
    for warehouse, weeks in (("daily", "2017-10-01..2017-12-10/7"), ("daily", "2017-12-17..2017-12-31/7"), ("fresh", "2017-10-01..2017-12-31/7")):
        build = run_build(tmp_path / warehouse, "--as-of", weeks, tests=False)
        assert build.code == 0, build.errors
    assert build.rows("select count(distinct as_of_date) > 3 from lead_score_history where conversion_probability is not null") == [(True,)]
    assert differences(tmp_path / "daily", tmp_path / "fresh") == []


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
        # So that something can be evaluated.
        (0, "outcomes", {"outcome_id": "o1", "contact_id": "ana", "outcome": "won", "occurred_at": f"{WEEK[0]} 15:00:00"}),
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


def told(build: Build, topic: str) -> list[tuple]:
    return build.rows(f"select subject, finding from scoring_findings where topic = '{topic}'")


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """Days 0 to 4, each after the last; on day 2 a stopped run for a date that nobody asks for again; then the stale dates again; then an earlier date."""
    played = Week(tmp_path_factory.mktemp("week"))
    for number in range(5):
        played.day(number)
        if number == 2:
            assert played.refresh("stopped", "--as-of", NEVER, stop=70).code == -9
        played.refresh(number)
    played.keep("once")
    # Otherwise the build would see no change of its input, and do nothing.
    (played.folder / "raw" / "events.csv").touch()
    played.refresh("twice")
    played.keep("twice")
    played.refresh("again", "--as-of", f"{WEEK[0]}..{WEEK[3]}")
    played.keep("again")
    played.refresh("earlier", "--as-of", BEFORE)
    fresh = run(played.folder, played.folder / "fresh", *options_for(WEEK))
    assert fresh.code == 0, fresh.errors
    return played


def test_law_2_the_latest_date_is_scored_as_by_a_fresh_build(week):
    assert differences_now(week.folder / "once", week.folder / "fresh") == []


def test_law_2_the_week_equals_a_fresh_build_of_it_once_the_stale_dates_were_asked_for_again(week):
    assert differences(week.folder / "once", week.folder / "fresh") != []
    assert differences(week.folder / "again", week.folder / "fresh") == []


def test_law_10_rows_that_land_change_no_date_that_is_published(week):
    for number in range(1, 5):
        assert week.after[number - 1].items() <= week.after[number].items()


def test_late_rows_are_counted_for_each_date_and_told_with_the_option_that_rescores(week):
    """Two events received on day 0 land on day 2, and a contact created on day 1; on day 3 a version of day 2."""
    once, again = (Build(0, "", "", week.folder / name) for name in ("once", "again"))
    late = "select as_of_date, late_rows from scored_dates order by as_of_date"
    assert [rows for _, rows in once.rows(late)] == [2, 3, 1, 0, 0]
    [(first, finding)] = told(once, "rows are late")
    assert first == WEEK[0]
    assert "3 published as-of dates" in finding and f"--as-of {WEEK[0]}..{WEEK[3]};" in finding and "--full-refresh" in finding
    assert [rows for _, rows in again.rows(late)] == [0] * 5
    assert told(again, "rows are late") == []


def test_a_late_event_counts_from_the_day_it_is_received(week):
    assert week.scores(1, "ana") == {0: 0, 1: 7}
    assert week.scores(4, "ana") == week.scores("again", "ana") == {0: 0, 1: 7, 2: 6, 3: 5, 4: 4}


def test_an_event_that_lands_after_its_received_day_counts_on_dates_that_are_scored_since(week):
    assert week.scores(1, "ann") == {0: 0, 1: 0}
    assert week.scores(2, "ann") == {0: 0, 1: 0, 2: 8}
    assert week.scores("again", "ann") == {0: 10, 1: 9, 2: 8, 3: 7, 4: 6}


def test_a_copy_that_lands_later_but_was_received_earlier_takes_the_place_of_the_other(week):
    assert week.scores(1, "ben") == {0: 0, 1: 9}
    assert week.scores(2, "ben") == {0: 0, 1: 9, 2: 5}
    assert week.scores("again", "ben") == {0: 7, 1: 6, 2: 5, 3: 4, 4: 3}


def test_an_identification_brings_the_events_before_it_from_its_day_on(week):
    assert week.scores(0, "cem") == {0: 0}
    assert week.scores(1, "cem") == {0: 0, 1: 8}
    assert week.scores(3, "cem") == {0: 0, 1: 8, 2: 7, 3: 6}, "the second identification changes nothing"
    assert week.scores("again", "cem") == {0: 0, 1: 8, 2: 7, 3: 6, 4: 5}


def test_a_contact_that_lands_after_its_events_has_them(week):
    assert week.scores(1, "dia") == {}
    assert week.scores(2, "dia") == {2: 8}
    assert week.scores("again", "dia") == {1: 9, 2: 8, 3: 7, 4: 6}


def test_a_version_that_lands_late_counts_on_dates_that_are_scored_since(week):
    assert week.scores(2, "max") == {0: 0, 1: 10, 2: 9}
    assert week.scores(3, "max") == {0: 0, 1: 10, 2: 9, 3: 13}
    assert week.scores("again", "max") == {0: 0, 1: 10, 2: 14, 3: 13, 4: 12}


def test_a_band_is_kept_over_refreshes_at_its_thresholds(week):
    """39.9999 is no 40; 40 is; 35 keeps; 34.9999 loses; 39.9999 does not reach again."""
    assert [week.after[number][day, "kim"][1] for number, day in enumerate(WEEK)] == ["warm", "hot", "hot", "warm", "warm"]
    assert [week.after[4][day, "kim"][1] for day in WEEK] == ["warm", "hot", "hot", "warm", "warm"]
    assert [week.after["again"][day, "kim"][1] for day in WEEK] == ["warm", "hot", "hot", "warm", "warm"]


def test_law_3_the_same_run_again_gives_the_same_rows(week):
    assert week.after["twice"] == week.after[4]
    assert differences(week.folder / "once", week.folder / "twice") == []


def test_an_earlier_date_joins_the_history_and_its_bands_are_remembered_by_dates_that_are_scored_since(week):
    assert (week.after["again"][WEEK[0], "lea"], week.after["again"].get((BEFORE, "lea"))) == ((36, "warm"), None)
    assert week.after["again"].items() <= week.after["earlier"].items()
    assert week.after["earlier"][BEFORE, "lea"] == (40, "hot")
    build = Build(0, "", "", week.warehouse)
    assert [str(row[0]) for row in build.rows("select distinct as_of_date from lead_scores")] == [WEEK[-1]]
    build = run(week.folder, week.keep("remembered"), "--as-of", WEEK[0])
    assert build.code == 0, build.errors
    assert build.rows(f"select score, band, band_since from lead_score_history where contact_id = 'lea' and as_of_date = '{WEEK[0]}'") == [
        (36, "hot", date.fromisoformat(BEFORE))
    ]


def test_a_stopped_run_leaves_no_date(week):
    assert {day for day, _ in week.after[2]} == set(WEEK[:3])


def test_a_column_that_gets_another_name_changes_the_latest_date_and_the_others_when_they_are_asked_for(week):
    contacts, renamed = week.folder / "raw" / "contacts.csv", week.keep("renamed")
    points = "select distinct cast(as_of_date as varchar) from lead_score_history where demographic_score <> 0 order by 1"
    assert Build(0, "", "", renamed).rows(points) == [(day,) for day in WEEK[2:]]
    text = contacts.read_text(encoding="utf-8")
    contacts.write_text(text.replace("country", "land", 1), encoding="utf-8")
    build = run(week.folder, renamed)
    found, stale = build.rows(points), told(build, "rows are late")
    full = run(week.folder, renamed, "--full-refresh")
    contacts.write_text(text, encoding="utf-8")
    assert (build.code, full.code) == (0, 0), build.errors + full.errors
    assert found == [(day,) for day in WEEK[2:4]]
    assert f"--as-of {BEFORE}..{WEEK[3]};" in stale[0][1]
    assert full.rows(points) == []


def test_rules_that_change_leave_earlier_dates_alone_and_the_summary_says_when_evaluation_is_due(week):
    """The Sunday before the week is scored, then points change: of its week the new rules scored nothing, of the week they scored the latest date."""
    warehouse, rules = week.keep("other rules"), week.folder / "rules" / "event_rules.csv"
    sunday, rows = "2024-06-23", "select * from lead_score_history where as_of_date = '{}' order by all"
    before = run(week.folder, warehouse, "--as-of", sunday)
    assert before.code == 0, before.errors
    assert told(before, "evaluation is due") == []
    published = {day: before.rows(rows.format(day)) for day in (sunday, BEFORE, *WEEK)}
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace(",10,", ",20,", 1), encoding="utf-8")
    assert rules.read_text(encoding="utf-8") != text
    changed = run(week.folder, warehouse)
    due, left = told(changed, "evaluation is due"), {day: changed.rows(rows.format(day)) for day in published}
    evaluated = run(week.folder, warehouse, "--evaluate", "2")
    rules.write_text(text, encoding="utf-8")
    assert (changed.code, evaluated.code) == (0, 0), changed.errors + evaluated.errors
    assert [day for day in published if left[day] != published[day]] == [WEEK[4]]
    assert [subject for subject, _ in due] == ["--evaluate 2"] and "m (1 week)" in due[0][1]
    assert told(evaluated, "evaluation is due") == []
    assert [day for day in published if evaluated.rows(rows.format(day)) != left[day]] == [sunday]


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
