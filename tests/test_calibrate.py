"""What calibrate.py learns, writes, says and refuses, on small sets that are made here."""

import contextlib
import csv
import io
import os
import random
import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

import calibrate
from calibration import candidates, challenger, leads, measures, scorecard
from calibration.candidates import Candidate, Feature
from calibration.scorecard import Wishes, learn
from support import inputs
from support.inputs import WrongInput, columns_of_contract
from support.warehouse import facts_of, note
from tests.conftest import run_build
from tests.reference.scoring import read_csv_folder, score

FIRST = date(2025, 1, 5)
DATES = "2025-04-06..2025-07-27/28"
TRAIN_UNTIL = "2025-06-08"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run calibrate.py in this process with options: (exit code, what it printed, its errors). One warehouse, for dbt to know the project."""
    warehouse, before = tmp_path_factory.mktemp("calibrate"), dict(os.environ)

    def run_it(*options, capture):
        os.environ["COLUMNS"] = "300"
        code = calibrate.main(calibrate.parse_arguments(["--warehouse", str(warehouse), "--threads", "1", *map(str, options)]))
        return code, *capture.readouterr()

    run_it.warehouse = warehouse
    yield run_it
    # What dbt reads of the environment is set for it.
    os.environ.clear()
    os.environ.update(before)


def write(folder: Path, **tables) -> Path:
    """Write raw tables: rows of cells by column; a table without rows has its columns alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, columns in columns_of_contract("raw_columns.csv", "table_name").items():
        rows = tables.get(table, [])
        with open(folder / f"{table}.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(dict.fromkeys([*columns, *(rows[0] if rows else [])])), lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "erasures.csv").unlink(missing_ok=True)
    return folder


def outcome(contact: str, day: date, kind: str = "won") -> dict:
    return {"outcome_id": f"{contact}-{day}", "contact_id": contact, "outcome": kind, "occurred_at": f"{day} 12:00:00"}


def shop(folder: Path) -> Path:
    """300 customers over thirty weeks: visits bring purchases, complaints prevent them, and plan b buys twice as readily."""
    draw = random.Random(7)
    tables = {"contacts": [], "events": [], "outcomes": []}
    for number in range(300):
        contact, plan, wish = f"c{number}", draw.choice("ab"), draw.random()
        tables["contacts"].append({"contact_id": contact, "created_at": FIRST, "plan": plan, "shoe_size": draw.randint(36, 46)})
        warmth = 0.0
        for days in range(0, 224, 3):
            warmth *= 0.8
            for event_type, chance in (("visit", 0.4 * wish), ("complaint", 0.06), ("mail", 0.3)):
                if draw.random() < chance:
                    warmth += {"visit": 1, "complaint": -2, "mail": 0}[event_type]
                    day = FIRST + timedelta(days)
                    event = {"event_id": f"{contact}{event_type}{days}", "contact_id": contact, "event_type": event_type}
                    tables["events"].append(event | {"occurred_at": f"{day} 09:00:00", "received_at": f"{day} 09:00:00"})
            if draw.random() < 0.02 * (1 + (plan == "b")) * 2 ** min(warmth, 4):
                tables["outcomes"].append(outcome(contact, FIRST + timedelta(days + 1)))
    return write(folder, **tables)


def plans(folder: Path) -> Path:
    """On each of 20 days 100 contacts of plan a, 10 of which are won, and 100 of plan b, 50 of which are won."""
    tables = {"contacts": [], "outcomes": []}
    for day in range(20):
        for number in range(200):
            contact, is_b = f"p{day}_{number}", number % 2
            won = number // 2 < (50 if is_b else 10)
            begin = FIRST + timedelta(5 * day)
            tables["contacts"].append({"contact_id": contact, "created_at": begin, "plan": "ab"[is_b]})
            tables["outcomes"].append(outcome(contact, begin + timedelta(5), "won" if won else "lost"))
    return write(folder, **tables)


def seeds(folder: Path, goal: dict | None = None, **more) -> Path:
    """Rules with an active model hand; goal: cells of its conversion_goals row."""
    rows = {
        "score_models": [{"model_id": "hand", "status": "active", "behavioural_weight": 1, "demographic_weight": 1}],
        "rule_groups": [{"model_id": "hand", "rule_group": "visits", "dimension": "behavioural", "description": "Visits."}],
        "event_rules": [{"rule_id": "hand_visit", "model_id": "hand", "rule_group": "visits", "event_type": "visit", "measure": "events", "points": 5}],
        "score_bands": [{"model_id": "hand", "dimension": "total", "band": band, "min_score": least} for band, least in (("hot", 30), ("cold", -1000))],
        "conversion_goals": [{"model_id": "hand"} | goal] if goal else [],
    }
    return leads.write_seeds(folder, rows | more)


@pytest.fixture(scope="module")
def shop_raw(tmp_path_factory):
    return shop(tmp_path_factory.mktemp("shop") / "raw")


@pytest.fixture(scope="module")
def plans_raw(tmp_path_factory):
    return plans(tmp_path_factory.mktemp("plans") / "raw")


def of_model(rules: Path, seed: str, model: str) -> list[dict]:
    """The rows of a model in a seed."""
    return leads.rows_of(leads.read_seeds(rules), model, seed)


# ---- What is written ----


@pytest.fixture(scope="module")
def learnt(run, shop_raw, tmp_path_factory):
    """Points learnt from the shop, into rules that people have edited: (rules, files before, what was printed)."""
    # Its bands of accounts are those of the active model alone.
    bands = [("total", "hot", 30), ("total", "cold", -1000), ("account", "hot", 60), ("account", "cold", -1000)]
    more = {"score_bands": [{"model_id": "hand", "dimension": dimension, "band": band, "min_score": least} for dimension, band, least in bands]}
    more["account_models"] = [{"model_id": "hand", "roll_up": "sum", "status": "active"}]
    rules = seeds(tmp_path_factory.mktemp("rules") / "rules", {"outcome": "won", "within_days": 14, "eligible": "all"}, **more)
    models = rules / "score_models.csv"
    text = models.read_text(encoding="utf-8") + 'old,archived,,,,1,1,,,"said ""no"",\nthen went"\n#tried,draft,,,,1,1,,,5" screen\n'
    models.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    events = rules / "event_rules.csv"
    events.write_text(events.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    before = {file.name: file.read_bytes() for file in rules.iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        patch.setattr("sys.stdout", out)

        class Captured:
            @staticmethod
            def readouterr():
                out.flush()
                return out.buffer.getvalue().decode(), ""

        code, printed, _ = run("--raw", shop_raw, "--rules", rules, "--as-of", DATES, "--train-until", TRAIN_UNTIL, capture=Captured)
    assert code == 0, printed
    return rules, before, printed


def test_what_is_learnt_is_a_challenger_and_all_else_stays_to_the_byte(learnt):
    rules, before, printed = learnt
    after = {file.name: file.read_bytes() for file in rules.iterdir()}
    assert after.keys() == before.keys()
    for name, text in after.items():
        assert text.startswith(before[name])
        added = text[len(before[name]) :].decode()
        rows = list(csv.reader(io.StringIO(added.lstrip("\r\n"), newline="")))
        assert all("hand_learnt" in row for row in rows), name
    assert after["score_models.csv"].count(b"\r\n") == after["score_models.csv"].count(b"\n")
    (model,) = of_model(rules, "score_models", "hand_learnt")
    assert model["status"] == "challenger"
    assert of_model(rules, "score_models", "hand")[0]["status"] == "active"
    assert [(row["dimension"], row["band"]) for row in of_model(rules, "score_bands", "hand_learnt")] == [("total", "hot"), ("total", "cold")]
    assert f"{len(learnt_rules(rules))} rules of the challenger hand_learnt are in" in printed


def learnt_rules(rules: Path) -> list[dict]:
    """All learnt rules, of whatever seed."""
    return [row for seed in ("event_rules", "activity_rules", "attribute_rules") for row in of_model(rules, seed, "hand_learnt")]


def test_each_rule_has_whole_points_and_says_what_it_saw(learnt):
    rules, _, printed = learnt
    found, evidence = learnt_rules(rules), {row["rule_id"]: row for row in of_model(rules, "rule_evidence", "hand_learnt")}
    assert {"visit", "complaint"} <= {row.get("event_type") for row in found}
    plan = {row["operand"]: int(row["points"]) for row in found if row.get("attribute") == "plan"}
    assert plan.get("b", 0) > plan.get("a", 0)
    assert set(evidence) == {row["rule_id"] for row in found}
    for row in found:
        saw = evidence[row["rule_id"]]
        # A salesperson reads the description, so it has no statistics of the training.
        assert "%" not in row["description"] and "contacts" not in row["description"], row
        assert row["description"] in printed
        # No rule gives points against what it shows on its own.
        assert int(row["points"]) * (float(saw["rate_with"]) - float(saw["rate_without"])) > 0, row
        assert int(saw["contacts"]) >= 100 or int(saw["contacts_converted"]) >= 20
        assert float(saw["q_value"]) <= 0.1
        assert (saw["trained_from"], saw["trained_until"]) == ("2025-04-06", "2025-06-01")
    assert {row["rule_group"] for row in found if row.get("event_type") == "visit"} == {"visits"}


def test_the_same_input_gives_the_same_bytes(run, learnt, shop_raw, capsys):
    rules, _, printed = learnt
    before = {file.name: file.read_bytes() for file in rules.iterdir()}
    code, again, errors = run("--raw", shop_raw, "--rules", rules, "--as-of", DATES, "--train-until", TRAIN_UNTIL, capture=capsys)
    assert code == 0, errors
    assert {file.name: file.read_bytes() for file in rules.iterdir()} == before
    assert again.splitlines()[:-1] == printed.splitlines()[:-1]


def test_the_sql_scores_what_the_points_say_and_as_well_as_was_told(learnt, shop_raw, tmp_path):
    rules, _, printed = learnt
    build = run_build(tmp_path / "warehouse", "--raw", str(shop_raw), "--rules", str(rules), "--as-of", "2025-06-29..2025-07-27/28", "--as-of", "2025-08-17", tests=False)
    assert build.code == 0, build.errors
    plain = leads.write_seeds(tmp_path / "plain", leads.read_seeds(rules))
    reference = score(read_csv_folder(shop_raw), read_csv_folder(plain), [date(2025, 7, 27)])
    expected = {row["contact_id"]: row["score"] for row in reference.scores if row["model_id"] == "hand_learnt"}
    scored = "from lead_score_history where model_id = 'hand_learnt' and status = 'scored'"
    assert dict(build.rows(f"select contact_id, score {scored} and as_of_date = '2025-07-27'")) == expected
    assert len(expected) == 300

    won = {(row[0], row[1]) for row in build.rows("select contact_id, occurred_date from main_intermediate.int_outcomes", "build.duckdb")}
    past = build.rows(f"select as_of_date, contact_id, score::double {scored} and as_of_date < '2025-08-17'")
    converted = [any((contact, day + timedelta(days)) in won for days in range(1, 15)) for day, contact, _ in past]
    area = roc_auc_score(converted, [row[2] for row in past])
    assert re.search(rf"hand_learnt +{area:.3f} ", printed)
    people, buyers = {contact for _, contact, _ in past}, {contact for (_, contact, _), one in zip(past, converted, strict=True) if one}
    counted = f"{len(people):,} contacts as of 2025-06-29 to 2025-07-27: {len(buyers):,} converted (on {sum(converted):,} of {len(past):,} lead-dates)"
    assert f"Tested on {counted}" in printed
    assert build.rows("select count(*) from model_comparison where challenger_id = 'hand_learnt'") == [(300,)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("model_id,text\nm,1\nother,2\n", "model_id,text\nother,2\nm,new\n"),
        ('\ufeff"model_id",text\r\nother,"a\r\nm,""b"""\r\nm,"1\r\n2"\r\n', '\ufeff"model_id",text\r\nother,"a\r\nm,""b"""\r\nm,new\r\n'),
        ('model_id,text\nother,5" screen\nm,1\n#m,3', 'model_id,text\nother,5" screen\n#m,3\nm,new\n'),
        ("text,model_id\na\u2028b,m\nc\x85d,other\n\n", "text,model_id\nc\x85d,other\n\nnew,m\n"),
    ],
)
def test_only_the_rows_of_the_model_are_replaced(before, after):
    assert challenger.replaced(before, "m", [{"model_id": "m", "text": "new"}]) == after
    assert challenger.replaced(after, "m", [{"model_id": "m", "text": "new"}]) == after


# ---- What is learnt ----


def test_known_odds_come_back_as_points(run, plans_raw, tmp_path, capsys):
    rules = seeds(tmp_path / "rules")
    code, printed, errors = run("--raw", plans_raw, "--rules", rules, "--model", "second", capture=capsys)
    assert code == 0, errors
    # One of the two plans is enough: whoever has not the one has the other.
    (given,) = of_model(rules, "attribute_rules", "second")
    # 10 % are odds of 1 to 9, 50 % of 1 to 1: nine times as much, which is 3.17 doublings of 20 points each. What is drawn to the rate of all takes up to one.
    assert (given["description"], int(given["points"])) == ("Plan is a", pytest.approx(-20 * np.log2(9), abs=1.5))
    number = int(re.search(r"Trained on ([\d,]+) contacts", printed)[1].replace(",", ""))
    (saw,) = of_model(rules, "rule_evidence", "second")
    assert {name: saw[name] for name in ("contacts", "contacts_converted", "rate_with", "rate_without")} == {
        "contacts": str(number // 2), "contacts_converted": str(number // 20), "rate_with": "0.1000", "rate_without": "0.5000"
    }  # fmt: skip
    area = roc_auc_score([1] * 10 + [0] * 90 + [1] * 50 + [0] * 50, [0] * 100 + [1] * 100)
    assert re.search(rf"second +{area:.3f} ", printed)


def problem(columns: dict[str, np.ndarray], chance: np.ndarray, kind: str = "plain") -> scorecard.Problem:
    """Leads of as many contacts, with rules that count events."""
    converted = np.random.default_rng(3).random(len(chance)) < chance
    number = len(chance)
    rules = [Candidate("event_rules", {"event_type": name}, kind, name, name, name) for name in columns]
    day = np.datetime64("2025-01-01") + np.arange(number) * 200 // number
    return scorecard.Problem(sparse.csr_matrix(np.column_stack(list(columns.values()))), converted, np.ones(number), day, np.arange(number), rules, {}, {})


def confounded(number: int) -> scorecard.Problem:
    """Mails go to who visits, and take away from what visits bring: on their own they seem to help."""
    draw = np.random.default_rng(5)
    visits = draw.integers(0, 4, number).astype(float)
    mails = (visits + 2 * draw.random(number) > 2.5).astype(float)
    return problem({"visit": visits, "mail": mails}, 1 / (1 + np.exp(3.5 - 2 * visits + 2 * mails)))


@pytest.mark.parametrize(("signs", "number", "mail_counts"), [("accepted", 2000, False), ("free", 2000, True), ("free", 150, False)])
def test_signs_are_those_that_rules_show_unless_free(signs, number, mail_counts):
    learnt = learn(confounded(number), Wishes(signs), resamples=0)
    given = dict(zip([rule.source for rule in learnt.rules], learnt.points))
    assert given["visit"] > 10
    assert (given.get("mail", 0) < -10) == mail_counts
    # Under 100 contacts that converted, signs are never free.
    assert bool(learnt.told) == (number == 150)


def test_under_100_conversions_only_signed_rules_of_events_are_learnt():
    few = confounded(150)
    few.rules[1].block = "detail"
    learnt = learn(few, Wishes(), resamples=0)
    assert {rule.block for rule in learnt.rules} == {"plain"}
    assert f"{learnt.converted} contacts converted, fewer than 100: only sign-constrained event rules are fitted. Hand-set points may be better" in learnt.told[0]
    assert 10 < learnt.converted < 100


def test_what_tells_nearly_all_alone_is_named_as_a_leak():
    # 380 of 400 who sign convert and 20 of the other 3,600: of the entropy at 10 %, 0.325 nats, 0.1 * 0.199 + 0.9 * 0.034 = 0.051 are left, so 84 % are told.
    signed = np.arange(4000) % 10 == 0
    leaking = problem({"contract_signed": signed.astype(float), "visit": (np.arange(4000) % 3 == 0).astype(float)}, np.zeros(4000))
    leaking.converted = np.isin(np.arange(4000), np.r_[0:3800:10, 1:4000:200])
    (leak,) = learn(leaking, Wishes(), resamples=0).leaks
    assert leak == "Leakage? contract_signed alone explains 84 % of the conversions, as a column filled in after the outcome does. --leave-out contract_signed fits without it"
    leaking.converted = np.isin(np.arange(4000), np.r_[0:4000:20, 1:4000:20])
    assert learn(leaking, Wishes(), resamples=0).leaks == []


# ---- What people can defend ----


def drawn(seed: int, real: int, null: int, features: int = 0, contacts: int = 1200, dates: int = 6) -> scorecard.Problem:
    """Contacts on several dates with counts that hardly change between them: `real` counts bring conversions, `null` counts and numbers do not."""
    draw = np.random.default_rng(seed)
    contact = np.repeat(np.arange(contacts), dates)
    columns = {f"{'real' if number < real else 'null'}{number}": np.log2(1 + draw.poisson(draw.gamma(0.5, 1, contacts))[contact]) for number in range(real + null)}
    chance = 1 / (1 + np.exp(3.2 - 0.6 * sum(list(columns.values())[:real]) - draw.normal(0, 1, contacts)[contact]))
    days = np.datetime64("2025-01-05") + 7 * np.tile(np.arange(dates), contacts)
    flags = np.ones(len(contact), bool)
    study = leads.Study(leads.Goal("won", 7, "all"), False, days, contact, draw.random(len(contact)) < chance, np.ones(len(contact)), flags, ~flags, Path(), {})
    study.rules = [Candidate("event_rules", {"event_type": name}, "plain", name, name, name) for name in columns]
    numbers = {}
    for number in range(features):
        name = f"null_number{number}"
        study.activity.append(Feature(name, "activity_rules", {"feature": "distinct_objects", "event_type": name, "within_days": 365}))
        numbers[name] = draw.integers(0, 30, contacts)[contact].astype(float)
    return scorecard.problem_of(study, np.arange(len(contact)), sparse.csr_matrix(np.column_stack(list(columns.values()))), numbers)


def test_of_many_rules_without_effect_at_most_a_tenth_of_the_model_is_false():
    """False discovery rate, the mean share of false rules over 20 data sets: at most 10 %, and two standard errors of 20 draws. Every real effect is found."""
    shares = []
    for seed in range(20):
        kept, _, _ = scorecard.screened(drawn(seed, real=4, null=36, features=20), Wishes())
        sources = [rule.source for rule in kept.rules]
        assert {f"real{number}" for number in range(4)} <= set(sources)
        shares.append(np.mean([source.startswith("null") for source in sources]))
    assert np.mean(shares) <= 0.1 + 2 * np.std(shares) / np.sqrt(20)


def test_a_contact_on_many_dates_counts_once():
    """The same 40 contacts on one date and on 30: one effect, one p-value, though the second has 30 times the rows."""
    x, y = np.arange(40) % 2, np.isin(np.arange(40), [1, 3, 5, 7, 9, 11, 13, 2, 4])
    p = []
    for dates in (1, 30):
        contact = np.tile(np.arange(40), dates)
        days = np.datetime64("2025-01-05") + np.repeat(np.arange(dates), 40)
        one = scorecard.Problem(sparse.csr_matrix(x[contact][:, None].astype(float)), y[contact], np.ones(len(contact)), days, contact, [], {}, {})
        p.append(scorecard.p_value(scorecard.by_contact(one, one.points).toarray()))
        assert one.per_contact().sum() == pytest.approx(40)
    # By hand: 7 of 20 with it converted and 2 of 20 without; residuals are outcome - 9/40, and x - 1/2 is +-1/2. The sum is (7 - 2) / 2 = 2.5;
    # the variance is (9 * (31/40)^2 + 31 * (9/40)^2) / 4 = 1.74375; 2.5^2 / 1.74375 = 3.584, which chi-square of one degree exceeds with 5.8 %.
    assert p[0] == pytest.approx(0.0583, abs=0.0002)
    assert p[1] == pytest.approx(p[0], abs=1e-9)


def test_rules_that_say_the_same_are_one():
    draw = np.random.default_rng(1)
    visits, noise = draw.poisson(1, 2000).astype(float), draw.poisson(1, 2000).astype(float)
    columns = {"visit": visits, "visits_again": visits * 1.5, "nearly": visits + 0.05 * (draw.random(2000) < 0.02), "none": (visits == 0).astype(float), "other": noise}
    one = problem(columns, 1 / (1 + np.exp(3 - visits - noise)))
    one.rules[0].block = one.rules[2].block = "detail"
    assert [rule.name for rule in scorecard.without_doubles(one).rules] == ["visits_again", "none", "other"]
    flags = problem({"has": (visits > 0).astype(float), "has_not": (visits == 0).astype(float)}, 1 / (1 + np.exp(3 - visits)))
    assert len(scorecard.without_doubles(flags).rules) == 1


@pytest.mark.parametrize(("contacts", "converted", "holds"), [(99, 19, False), (100, 0, True), (30, 20, True)])
def test_a_rule_has_enough_contacts_or_conversions_behind_it(contacts, converted, holds):
    """Each contact is there on two dates: rows do not count."""
    contact = np.repeat(np.arange(200), 2)
    one = scorecard.Problem(sparse.csr_matrix((contact < contacts).astype(float)[:, None]), contact < converted, np.ones(400), np.full(400, np.datetime64("2025-01-05")), contact, [], {}, {})
    assert scorecard.supported(one, Wishes()).tolist() == [holds]
    assert scorecard.supported(one, Wishes(least_contacts=contacts)).all()


def test_bands_of_a_number_rise_or_fall_throughout_unless_they_may_turn():
    # Ages in bins of 100: rates of 2, 10, 30, 12, 40 %, and older ones as the last. The trend rises, so 30 and 12 % are pooled to 21 %.
    leads_of, won = np.full(8, 100.0), np.array([2.0, 10, 30, 12, 40, 40, 40, 40])
    assert candidates.alike(leads_of, won) == [[0], [1], [2, 3], [4, 5, 6, 7]]
    assert candidates.alike(leads_of, won, monotone=False) == [[0], [1], [2], [3], [4, 5, 6, 7]]
    # 48, 40, 20, 38, 10 %: 48 and 40 % are alike too (chi-square 2 * 4^2 / (100 * 0.44 * 0.56) = 1.3).
    assert candidates.alike(leads_of, 50 - won) == [[0, 1], [2, 3], [4, 5, 6, 7]]
    # 10 % of 400 and 14 % of 100 have a likelihood ratio of 2 * (130.04 + 40.50 - 171.16) = 1.25, below 2.7; 10 and 20 % have 6.8.
    assert candidates.alike(np.array([100.0, 300, 100]), np.array([10.0, 30, 14])) == [[0, 1, 2]]
    assert candidates.alike(np.array([100.0, 300, 100]), np.array([10.0, 30, 20])) == [[0, 1], [2]]


def test_a_bin_begins_at_a_round_number_and_has_enough_contacts():
    """1,000 contacts of the ages 18 to 67 alike, and 300 of exactly 0: a bin of its own; 0.5 % of 1,300 and 30 is the least."""
    ages = np.r_[np.zeros(300), np.repeat(np.arange(18.0, 68), 20)]
    begins = candidates.bins_of(ages, np.ones(1300), 1300, 1.0)
    assert begins[:2] == [0, 1]
    assert np.histogram(ages, [*begins, 99])[0].min() >= 30
    # 5 % of the contacts are 3.25 years, and an edge may move by 2 %, 1.3 years.
    assert {20.0, 30, 40, 50, 60} <= set(begins)


def test_an_activity_that_no_training_lead_has_gives_no_rule():
    feature = Feature("visit_objects", "activity_rules", {"feature": "distinct_objects", "event_type": "visit", "within_days": 365})
    count, flags = 200, np.arange(200) % 4 == 0
    known = {"as_of": np.full(count, np.datetime64("2024-06-30")), "contact": np.arange(count), "converted": flags, "weight": np.ones(count)}
    study = leads.Study(None, False, **known, train=~flags, test=flags, folder=Path(), raw={}, activity=[feature])
    problem = scorecard.problem_of(study, np.arange(count), sparse.csr_matrix((count, 0)), {feature.name: np.full(count, np.nan)})
    assert (problem.rules, problem.codes) == ([], {})


def test_points_of_bands_rise_or_fall_throughout():
    """Rates by size that rise, dip and rise: what is fitted freely is merged until it only rises."""
    draw = np.random.default_rng(4)
    size = draw.integers(0, 100, 6000).astype(float)
    chance = np.select([size < 20, size < 40, size < 60, size < 80], [0.05, 0.15, 0.3, 0.22], 0.45)
    flags = np.ones(6000, bool)
    study = leads.Study(leads.Goal("won", 7, "all"), False, np.datetime64("2025-01-05") + np.arange(6000) // 60, np.arange(6000), draw.random(6000) < chance, np.ones(6000), flags, ~flags, Path(), {})
    study.activity = [Feature("size", "activity_rules", {"feature": "distinct_objects", "event_type": "order", "within_days": 365})]
    found = learn(scorecard.problem_of(study, np.arange(6000), sparse.csr_matrix((6000, 0)), {"size": size}), Wishes(), resamples=0)
    given = sorted((rule.bins, points) for rule, points in zip(found.rules, found.points))
    assert len(given) >= 3
    assert [points for _, points in given] == sorted(points for _, points in given)
    # Edges are numbers that a person would choose.
    assert {float(rule.cells[end]) % 5 for rule in found.rules for end in ("lower", "upper") if rule.cells[end]} == {0}


@pytest.mark.parametrize(
    ("feature", "bins", "said"),
    [
        ("days_since_last", [0], "Last demo call in the last 14 days"),
        ("days_since_last", [1], "Last demo call 14 to 29 days ago"),
        ("days_since_last", [2], "Last demo call 30 days ago or earlier"),
        ("days_since_last", [0, 1, 2], "Any demo call so far"),
        ("days_since_last", [3], "No demo call so far"),
        ("active_days", [1, 2], "Active on 14 or more of the last 90 days"),
        ("distinct_objects", [0, 1], "Fewer than 30 different objects of demo call in the last 90 days"),
    ],
)
def test_a_band_is_said_in_the_words_of_a_marketer(feature, bins, said):
    cells = {"feature": feature, "event_type": "demo_call", "within_days": "" if feature.startswith("days") else 90}
    one = Feature("call", "activity_rules", cells, has_missing=True, begins=[0, 14, 30])
    assert one.rule(bins).said == said


@pytest.mark.parametrize(
    ("begins", "texts", "bins", "said", "operand"),
    [
        ([0, 50, 200], [], [1], "Company size of 50 to 199", "50|199"),
        ([0, 50, 200], [], [2], "Company size of 200 or more", "200"),
        ([], ["software", "retail"], [0], "Company size is software", "software"),
        ([], ["software", "retail"], [2], "Company size is none of software or retail", "software|retail"),
        ([], ["software", "retail"], [3], "Company size is not known", ""),
    ],
)
def test_an_attribute_is_said_in_the_words_of_a_marketer(begins, texts, bins, said, operand):
    rule = Feature("company_size", "attribute_rules", {"attribute": "company_size"}, 1.0, texts, bool(texts), True, begins).rule(bins)
    assert (rule.said, rule.cells["operand"]) == (said, operand)


def test_rules_for_everybody_or_for_the_others_of_another_rule_are_none():
    """Contacts with a demo convert five times as often, however long ago it was: one rule, not one for each and one for the rest."""
    # Of each 720 contacts in a row 360 have had one, 4 of them on each of 90 days ago, and one of these 4 converted; of the others every 20th did.
    place = np.arange(6000)
    ago, of_day = np.where(place % 2 == 0, place // 2 % 90, np.nan), place // 180 % 4
    flags, converted = np.ones(6000, bool), np.where(place % 2 == 0, of_day == place // 2 % 4, place // 2 % 20 == 0)
    study = leads.Study(leads.Goal("won", 7, "all"), False, np.datetime64("2025-01-05") + np.arange(6000) // 60, np.arange(6000), converted, np.ones(6000), flags, ~flags, Path(), {})
    study.activity = [Feature("demo_last", "activity_rules", {"feature": "days_since_last", "event_type": "demo", "within_days": ""})]
    found = learn(scorecard.problem_of(study, np.arange(6000), sparse.csr_matrix((6000, 0)), {"demo_last": ago}), Wishes(), resamples=0)
    (rule,) = found.rules
    # Odds of 1/3 against 1/19 are 2.66 doublings.
    assert (rule.said, found.points[0]) in (("Any demo so far", pytest.approx(53, abs=4)), ("No demo so far", pytest.approx(-53, abs=4)))


@pytest.mark.parametrize(("low", "high", "first", "found"), [(36.2, 37.9, (), 37), (44, 47, (), 45), (0.31, 0.38, (), 0.35), (43, 61, (60, 30), 60), (1180, 1290, (), 1200), (-3, 2, (), 0), (0.1, 0.3, (), 0.2), (7, 7.5, (), 7.5)])
def test_edges_are_the_roundest_numbers_between_two_values(low, high, first, found):
    assert candidates.roundest(low, high, first) == found


def test_at_most_as_many_rules_as_asked_and_what_that_costs():
    one = drawn(1, real=12, null=0)
    assert len(learn(one, Wishes(), resamples=0).rules) == 12
    few = learn(one, Wishes(most_rules=5), resamples=0)
    assert len(few.rules) == 5
    (told,) = [text for text in few.told if "at most" in text]
    cost = re.fullmatch(r"5 rules at most: all 12 would change the ROC AUC on a quarter of the training contacts by \+(0\.\d{4})", told)
    assert 0.02 < float(cost[1]) < 0.2


def test_what_turned_around_is_dropped_and_what_drifts_is_named():
    """Mails bring conversions until the last quarter and prevent them in it; visits always bring them."""
    draw = np.random.default_rng(6)
    mails, visits = draw.integers(0, 2, 8000).astype(float), draw.integers(0, 2, 8000).astype(float)
    late = np.arange(8000) >= 6000
    one = problem({"mail": mails, "visit": visits}, 1 / (1 + np.exp(2 - visits - np.where(late, -1.5, 1) * mails)))
    found = learn(one, Wishes(), resamples=0)
    assert [rule.source for rule in found.rules] == ["visit"]
    assert "dropped, because what they showed has turned since: mail" in found.told
    region = Feature("region", "attribute_rules", {"attribute": "region"}, texts=["north", "south"])
    moved = scorecard.Problem(one.points, one.converted, one.weight, one.day, one.contact, one.rules, {"region": np.where(late, mails, 0).astype(int)}, {"region": region})
    # All of the first three quarters are in the north and half of the last: (1 - 0.5) ln(1 / 0.5) + (0.5 - 0) ln(0.5 / 0.0001), far above 0.25.
    (told,) = scorecard.shifted(moved)
    assert told.startswith("attribute region drifts: its values in the latest quarter of the leads are others than before")
    moved.features["region"] = Feature("region", "activity_rules", {"feature": "days_since_last", "event_type": "mail"}, texts=["north", "south"])
    assert scorecard.shifted(moved)[0].startswith("days_since_last of mail drifts:")
    assert scorecard.shifted(scorecard.Problem(one.points, one.converted, one.weight, one.day, one.contact, one.rules, {"region": mails.astype(int)}, {"region": region})) == []


@pytest.mark.parametrize(("learnt_scores", "said"), [([4, 3, 2, 1], "Recommended: on 2025-01-05 to 2025-01-05 it ranks with ROC AUC 1.000"), ([1, 2, 3, 4], "Not recommended: on 2025-01-05 to 2025-01-05 it ranks with ROC AUC 0.000")])
def test_a_challenger_that_does_not_beat_the_points_by_hand_is_not_recommended(learnt_scores, said):
    flags = np.ones(4, bool)
    study = leads.Study(leads.Goal("won", 7, "all"), False, np.full(4, np.datetime64("2025-01-05")), np.arange(4), np.array([True, False, False, False]), np.ones(4), ~flags, flags, Path(), {})
    scores = {"hand": {"score": np.array([3.0, 4, 2, 1])}, "new": {"score": np.array(learnt_scores, float)}}
    assert challenger.recommendation(study, scores, "hand", "new").startswith(said)
    assert challenger.recommendation(study, {"new": scores["new"]}, "hand", "new") == ""


# ---- Measures ----


def test_measures_are_those_of_scikit_learn():
    draw = np.random.default_rng(2)
    scores, weight = draw.integers(0, 30, 500).astype(float), draw.random(500)
    converted = draw.random(500) < 0.02 * scores
    assert measures.auc(converted, scores) == pytest.approx(roc_auc_score(converted, scores), abs=1e-12)
    assert measures.auc(converted, scores, weight) == pytest.approx(roc_auc_score(converted, scores, sample_weight=weight), abs=1e-12)
    assert np.isnan(measures.auc(converted[:0], scores[:0]))
    # The one contact of a sample is drawn each time, and its leads keep the weight that they stand for.
    assert measures.resampled(measures.auc, converted, np.zeros(500, int), [scores], 2, weight=weight) == pytest.approx(roc_auc_score(converted, scores, sample_weight=weight), abs=1e-12)
    # The best two of twenty: one of ten scores 9 and surely counts, one of the four with 8, of which one converted: 1 + 1/4 of 2, against 4 of 20.
    scores = np.array([9, 8, 8, 8, 8, *range(-15, 0)], float)
    converted = np.isin(np.arange(20), [0, 2, 10, 11])
    assert measures.lift(converted, scores) == pytest.approx((1.25 / 2) / (4 / 20))


# ---- What is refused ----


def refused(run, capsys, rules: Path, *options) -> str:
    """The message of a run that must end with code 2 and write nothing."""
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in rules.glob("*")} if rules.parts[1] != "sys" else {}
    code, printed, errors = run("--rules", rules, *options, capture=capsys)
    assert code == 2, printed + errors
    assert before == ({file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in rules.glob("*")} if before else {})
    assert errors.startswith("Nothing was written. Errors:\n")
    assert "Traceback" not in errors
    return errors.split("\n", 1)[1].strip()


class Tables:
    """In place of a leads.Workspace: one event a day from March to July 2025 of each of five contacts, and outcomes."""

    folder = Path()

    def __init__(self, outcomes: list[tuple]):
        self.outcomes = outcomes

    @contextlib.contextmanager
    def built(self, *_):
        """What int_ models hold of it."""
        with duckdb.connect() as connection:
            connection.execute(
                """
                create schema main_intermediate;
                use main_intermediate;
                create table int_contact_versions as select 'c' || unnest(range(5)) as contact_id, timestamp '2025-01-01' as created_at, null::timestamp as updated_at;
                create table int_events as
                select contact_id, unnest(['visit', 'mail']) as event_type, unnest(range(date '2025-03-01', date '2025-08-01', interval 1 day))::date as occurred_date from int_contact_versions;
                alter table int_events add column known_date date;
                update int_events set known_date = occurred_date, event_type = coalesce(event_type, 'visit');
                create table int_outcomes (contact_id varchar, outcome varchar, occurred_date date, is_inherited boolean default false);
                """
            )
            if self.outcomes:
                connection.executemany("insert into int_outcomes values (?, ?, ?, default)", self.outcomes)
            yield connection


@pytest.mark.parametrize(
    ("outcomes", "given", "dates", "said"),
    [
        ([], {}, [], "raw.outcomes: has no row of a known contact; 10 contacts with outcome won are required, 100 for all kinds of rules, 350 for unconstrained signs"),
        ([("c1", "lost", "2025-04-01")], {}, [], "raw.outcomes: has no outcome won, only 1 lost; --outcome names another kind; 10 contacts with won are required"),
        ([("c1", "won", "2025-02-01")], {}, [], r"raw.outcomes: the last won is of 2025-02-01, before the first event \(2025-03-01\): nothing precedes them.* for at least 10 contacts"),
        (
            [("c1", "won", "2025-04-01")],
            {"within_days": 14},
            [date(2025, 7, 20)],
            "no as-of date is 14 days before the last day of the data, 2025-07-31: labels would be in the future. Use as-of dates up to 2025-07-17, or --within-days below 14",
        ),
        (
            [("c1", "won", "2025-04-01")],
            {"eligible": "event_open", "eligible_event_type": "offer"},
            [],
            "raw.events: has no event offer, which makes leads eligible; its types are visit or mail. --eligible-event-type",
        ),
        ([("c1", "won", "2025-04-01")], {"eligible": "event_open"}, [], "--eligible-event-type: is required with --eligible event_running or event_open"),
    ],
)
def test_tables_from_which_nothing_can_be_learnt_are_told(outcomes, given, dates, said):
    with pytest.raises(WrongInput, match=said):
        leads.look(Tables(outcomes), {}, {"score_models": [{"model_id": "hand", "status": "active"}]}, "hand", given, dates, None, set())


def test_models_that_cannot_be_written_or_followed_are_named(run, plans_raw, tmp_path, capsys):
    rules = seeds(tmp_path / "rules")
    read = leads.read_seeds(rules)
    with pytest.raises(WrongInput, match=r"--model hand: is active; only challengers and drafts are overwritten\. Use another name"):
        calibrate.model_like(read, None, "hand")
    with pytest.raises(WrongInput, match="--like nobody: must be one of hand"):
        calibrate.model_like(read, "nobody", None)
    assert calibrate.model_like(read, None, None) == ("hand", "hand_learnt")
    goals = [("other", ""), ("hand", "b"), ("hand", "a"), ("hand", "")]
    read["conversion_goals"] = [{"model_id": model, "goal_id": goal} for model, goal in goals]
    assert [row["goal_id"] for row in calibrate.goal_first(read, "hand", None) if row["model_id"] == "hand"] == ["", "a", "b"]
    assert [row["goal_id"] for row in calibrate.goal_first(read, "hand", "b") if row["model_id"] == "hand"] == ["b", "", "a"]
    with pytest.raises(inputs.WrongInput, match=r"--goal c: must be a goal_id of hand in conversion_goals.csv, which has b, a"):
        calibrate.goal_first(read, "hand", "c")
    assert "--model hand: is active" in refused(run, capsys, rules, "--raw", plans_raw, "--model", "hand")


@pytest.mark.skipif(not Path("/sys/kernel").exists(), reason="no folder that nobody can write to")
def test_rules_that_cannot_be_written_to_are_refused_before_any_work(run, plans_raw, capsys):
    assert "/sys/kernel: cannot be written: " in refused(run, capsys, Path("/sys/kernel"), "--raw", plans_raw)


WON = {"outcome": "won", "number": 40, "contacts": 40, "first_date": date(2025, 1, 2), "last_date": date(2025, 2, 1), "later": 0, "days": None}


def test_without_events_outcomes_must_come_after_their_contacts():
    with pytest.raises(WrongInput, match=r"none of 40 won is of a day after its contact's created_at.*10 contacts with a later outcome are required"):
        leads.check_outcomes({"outcomes": {"won": WON}}, leads.Goal("won", 30, "all"), True)


@pytest.mark.parametrize(
    ("converted", "until", "said"),
    [
        ([], None, "no lead is eligible on any as-of date"),
        ([0] * 40, None, "none of 40 leads as of 2025-01-05 to 2025-02-13 has an outcome won in the 7 days after: there is only one class, and 10 converted contacts are required"),
        ([1] * 40, None, "all of 40 leads .* only one class.* must also have unconverted contacts"),
        ([0, 0, 0, 0, 1] * 8, None, "contacts converted .*: 10 of each are required, 100 converted for all kinds of rules, 350 for unconstrained signs"),
        ([0, 1] * 20, date(2025, 1, 1), "--train-until 2025-01-01: is before the first as-of date with leads, 2025-01-05"),
        ([0, 1] * 20, date(2025, 2, 10), r"--train-until 2025-02-10: no as-of date with leads is 7 days later.*; the last date is 2025-02-13\. Use a date up to 2025-02-06"),
    ],
)
def test_leads_from_which_nothing_can_be_learnt_are_told(converted, until, said):
    days = np.array([FIRST + timedelta(number) for number in range(len(converted))], "datetime64[D]")
    numbers = np.arange(len(converted))
    found = {"as_of_date": days, "contact": numbers, "is_converted": np.array(converted), "weight": np.ones(len(converted)), "draw": numbers}
    with pytest.raises(WrongInput, match=said):
        leads.study_of(found, leads.Goal("won", 7, "all"), True, {"outcomes": {"won": WON}}, until, Path(), {})


# Numbers with a gap are doubles in an export of pandas.
@pytest.mark.parametrize(("c", "type_of_ids"), [("c", "varchar"), ("", "double")], ids=["text", "numbers"])
def test_a_sample_of_the_contacts_stands_for_all_and_keeps_their_rows_together(c, type_of_ids, tmp_path, monkeypatch):
    """Of 100 persons 20 have the outcome; with room for 30, 15 of them and 15 of the 80 others are taken, each for as many as there are."""
    monkeypatch.setattr(leads, "MOST_LEADS", 90)
    raw = {table: f"read_parquet('{tmp_path / table}.parquet')" for table in ("contacts", "events", "identities", "outcomes", "merges", "accounts")}
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create schema main_intermediate;
            -- 100 to 119 were merged into 0, 5, ..., 95; 0 to 19 have won, and so has 121 of nobody known.
            create view main_intermediate.int_contact_versions as select '{c}' || range as contact_id from range(120);
            create view main_intermediate.int_persons as select '{c}' || (100 + range) as contact_id, '{c}' || 5 * range as survivor_id, null::date as valid_to from range(20);
            create view main_intermediate.int_outcomes as select '{c}' || range as raw_contact_id, 'won' as outcome from range(20) union all select '{c}121', 'won' union all select '{c}50', 'lost';
            copy (select contact_id::{type_of_ids} as contact_id from main_intermediate.int_contact_versions) to '{tmp_path}/contacts.parquet';
            copy (select contact_id::{type_of_ids} as contact_id, null as anonymous_id, 7 as page from main_intermediate.int_contact_versions union all select null, 'v' || range, 7 from range(100)) to '{tmp_path}/events.parquet';
            copy (select 'v' || range as anonymous_id, ('{c}' || range)::{type_of_ids} as contact_id from range(100)) to '{tmp_path}/identities.parquet';
            copy (select raw_contact_id::{type_of_ids} as contact_id, outcome from main_intermediate.int_outcomes) to '{tmp_path}/outcomes.parquet';
            copy (select contact_id::{type_of_ids} as from_contact_id, survivor_id::{type_of_ids} as into_contact_id from main_intermediate.int_persons) to '{tmp_path}/merges.parquet';
            """
        )
        smaller = leads.sampled(connection, tmp_path, raw, leads.Goal("won", 7, "all"), 3)
        kept = dict(connection.execute(f"from read_parquet('{tmp_path}/kept.parquet')").fetchall())
        survivors = {contact: weight for contact, weight in kept.items() if int(contact.removeprefix(c)) < 100}
        assert sorted(survivors.values()) == [20 / 15] * 15 + [80 / 15] * 15
        assert {contact for contact, weight in survivors.items() if weight < 2} <= {f"{c}{number}" for number in range(20)}
        # A contact that was merged is taken with its survivor, or not at all.
        assert all((f"{c}{100 + number}" in kept) == (f"{c}{5 * number}" in kept) for number in range(20))
        of_table = {table: [tuple(f"{cell:.0f}" if type(cell) is float else cell for cell in row) for row in connection.execute(f"from {location}").fetchall()] for table, location in smaller.items() if table != "accounts"}
    assert {contact for (contact,) in of_table["contacts"]} == set(kept)
    assert sorted(of_table["events"], key=str) == sorted([(contact, None, 7) for contact in kept] + [(None, f"v{contact.removeprefix(c)}", 7) for contact in survivors], key=str)
    assert {contact for _, contact in of_table["identities"]} == set(survivors)
    assert {into for _, into in of_table["merges"]} == {f"{c}{number}" for number in range(0, 100, 5)} & set(kept)
    assert smaller["accounts"] == raw["accounts"]


def test_past_leads_are_arrays_and_contacts_stay_in_the_database(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 'c' || range as contact_id, 1 + range as weight from range(3)) to '{tmp_path}/kept.parquet'")
        found = leads.past_leads(
            connection, tmp_path, "select date '2025-01-05' + range::int % 2 as as_of_date, 'c' || range as contact_id, range = $wanted as is_converted from range(5)", {"wanted": 2}
        )
        # c3 and c4 are not in the sample. Leads are in the order of dates and contacts.
        assert found["contact"].tolist() == [0, 2, 1]
        assert found["weight"].tolist() == [1, 3, 2]
        assert found["is_converted"].tolist() == [False, True, False]
        assert {type(array) for array in found.values()} == {np.ndarray}
        days = found["as_of_date"].astype("datetime64[D]")
        study = leads.Study(leads.Goal("won", 7, "all"), False, days, found["contact"], found["is_converted"], found["weight"], days > days, days > days, tmp_path, {})
        leads.put(connection, "wanted", study, np.array([1, 2]))
        assert connection.execute("from wanted order by place").fetchall() == [(1, date(2025, 1, 5), "c2", True, 3.0), (2, date(2025, 1, 6), "c1", False, 2.0)]


def test_a_run_leaves_no_contact_on_disk(run, learnt):
    """An erasure does not reach the workspace."""
    left = [path for path in (run.warehouse / "calibrate").iterdir() if path.name not in ("logs", "target")]
    assert {path.name for path in left} == {".lock", "runs.jsonl"}
    assert sum(path.stat().st_size for path in left if path.name != ".lock") == 0


def test_a_workspace_is_emptied_after_an_error_and_after_a_run_that_was_killed(tmp_path):
    files = ("kept.parquet", "past.parquet", "build.duckdb.wal", "build.duckdb.tmp/1.block", "next/lead_scores.duckdb", "raw/contacts.parquet", "sample/contacts.parquet", "rules/event_rules.csv")

    def filled():
        for file in files:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text("c1")

    def left():
        return {path.name for path in tmp_path.iterdir()} - {".lock"}

    filled()
    with pytest.raises(RuntimeError), leads.Workspace(tmp_path):
        assert left() <= {"build.duckdb"}
        filled()
        raise RuntimeError
    assert left() == set()


def test_without_options_the_folders_are_those_of_the_warehouse(run, plans_raw, tmp_path, capsys):
    (tmp_path / "warehouse").mkdir()
    note(tmp_path / "warehouse", "remembered.json", facts_of(plans_raw, tmp_path / "gone"))
    code, _, errors = run("--warehouse", tmp_path / "warehouse", "--like", "nobody", capture=capsys)
    assert (code, errors) == (2, f"Nothing was written. Errors:\n{tmp_path / 'gone'}: cannot be written: No such file or directory; --rules must be the folder that the challenger is written to\n")


@pytest.mark.parametrize("renamed", range(6))
def test_a_challenger_is_in_all_of_its_files_or_in_none_wherever_writing_stops(tmp_path, monkeypatch, renamed):
    """The run is killed after so many renames; whoever reads the seeds next sees a whole challenger or none."""
    rules, rename, done = tmp_path / "rules", os.replace, []
    rows = {"score_models": [{"model_id": "m", "status": "challenger"}], "rule_groups": [{"model_id": "m", "rule_group": "g"}], "score_bands": [{"model_id": "m", "band": "hot"}]}
    leads.write_seeds(rules, {})

    def replace(*arguments):
        if len(done) == renamed:
            raise KeyboardInterrupt
        done.append(arguments)
        rename(*arguments)

    monkeypatch.setattr(os, "replace", replace)
    with contextlib.suppress(KeyboardInterrupt):
        challenger.put(rules, "m", rows)
    monkeypatch.setattr(os, "replace", rename)
    inputs.copy_rules(rules, tmp_path / "warehouse")
    whole = [name for name in rows if leads.read_seeds(rules)[name]]
    assert whole == ([] if renamed == 0 else list(rows))
    assert [path.name for path in rules.iterdir() if path.suffix != ".csv"] == []
