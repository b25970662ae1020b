"""The report page: it says what was computed, changes with the marts, and never fails a build. In a browser: it works, and data stays text."""

import csv
import html
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from support import report
from tests.conftest import HAND_COMPUTED, PROJECT, b2b_rules, run_build
from tests.test_hostile_input import COLUMNS, TEXTS, contact, visit, visit_rules, write_csv

MARKUP = {
    "script": "<script>window.hacked = 1</script>",
    "end of the script": "</script><script>window.hacked = 2</script>",
    "image": "<img src=x onerror='window.hacked = 3'>",
    "end of an attribute": "\" onclick=\"window.hacked = 4\" autofocus onfocus='window.hacked = 5",
    "end of the style": "</style><svg onload=window.hacked=6>",
    "comment": "<!-- ",
    "entity": "&lt;b&gt; &amp;amp;",
    "address": "javascript:window.hacked=7",
    "a long word": "w" * 400,
}


def page_of(published: Path) -> str:
    """The page of a published file."""
    with duckdb.connect(str(published), read_only=True) as connection:
        return report.page(connection)


def words(page: str) -> str:
    """The text of a page on one line."""
    text = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).replace("\N{NO-BREAK SPACE}", " ").split())


def expected(date: str) -> dict[str, dict]:
    """The hand-computed scores of the active model on a date, by contact."""
    with open(HAND_COMPUTED / "expected_scores.csv", encoding="utf-8", newline="") as file:
        return {row["contact_id"]: row for row in csv.DictReader(file) if (row["as_of_date"], row["model_id"]) == (date, "core")}


# What the page says.


@pytest.fixture(scope="module")
def hand_page(hand_computed_build):
    """The page of the hand-computed set."""
    return page_of(hand_computed_build.published)


def test_the_first_sentences_count_what_was_computed_by_hand(hand_page):
    now, before = expected("2024-06-30"), expected("2024-06-29")
    scored = [row for row in now.values() if row["status"] == "scored"]
    bands = Counter(row["band"] or "no band" for row in scored)
    hot = {date: {key for key, row in rows.items() if row["band"] == "hot"} for date, rows in (("now", now), ("before", before))}
    said = words(hand_page)
    counts = ", ".join(f"{bands[band]} {band}" for band in ("hot", "warm", "cold", "no band"))
    assert f"{len(scored)} of {len(now)} leads have a score: {counts}." in said
    assert f"{len(hot['now'] - hot['before'])} lead became hot and {len(hot['before'] - hot['now'])} left that band since 29 Jun 2024. Now hot: {', '.join(sorted(hot['now'] - hot['before']))}." in said


def test_the_call_list_goes_by_priority_then_score(hand_page):
    scored = [row for row in expected("2024-06-30").values() if row["status"] == "scored"]
    wanted = sorted(scored, key=lambda row: (int(row["priority"]), -float(row["score"]), row["contact_id"]))
    rows = re.findall(r'<tr role="row" data-band="(.*?)" data-grade="(.*?)".*?<bdi>(.*?)</bdi>.*?<b>(.*?)</b>', hand_page, re.DOTALL)
    assert [(name, score.replace("\N{MINUS SIGN}", "-")) for _, _, name, score in rows] == [(row["contact_id"], report.number(row["score"], 1).replace("\N{MINUS SIGN}", "-")) for row in wanted]
    assert [row[:2] for row in rows] == [(row["band"], row["grade"]) for row in wanted]


def test_a_ledger_has_every_row_that_counts(hand_page):
    with open(HAND_COMPUTED / "expected_contributions.csv", encoding="utf-8", newline="") as file:
        wanted = Counter(row["contact_id"] for row in csv.DictReader(file) if (row["as_of_date"], row["model_id"]) == ("2024-06-30", "core"))
    for lead in re.split(r'<tr role="row" data-band', hand_page)[1:]:
        name = re.search("<bdi>(.*?)</bdi>", lead)[1]
        ledger = re.search('<ul class="ledger">(.*?)</ul>', lead, re.DOTALL)
        assert (ledger[1].count("<li>") if ledger else 0) == wanted[name], name


def test_moves_grid_and_rows_are_those_computed_by_hand(hand_computed_build):
    with duckdb.connect(str(hand_computed_build.published), read_only=True) as connection:
        found = report.tables(connection, 5)
    now, before = expected("2024-06-30"), expected("2024-06-29")

    def place(row):
        return "new" if row is None else row["band"] or "no band" if row["status"] == "scored" else row["status"].replace("_", " ")

    moves = Counter((place(before.get(key)), place(row)) for key, row in now.items())
    assert {(row["moved_from"], row["moved_to"]): row["leads"] for row in found["moves"]} == {move: count for move, count in moves.items() if move[0] != move[1]}
    grid = Counter((row["demographic_band"], row["behavioural_band"], row["grade"]) for row in now.values() if row["status"] == "scored")
    assert {(row["fit"], row["engagement"], row["grade"]): row["leads"] for row in found["grid"]} == grid
    # tests/hand_computed/README.md, last paragraph.
    rows = {row["table_name"]: [int(row[f"rows_{column}"]) for column in ("in", "used", "waiting", "duplicate", "rejected")] for row in found["rows"]}
    assert rows["contacts"] == [46, 45, 0, 0, 1]
    assert rows["events"] == [196, 184, 2, 2, 8]
    assert sum(row["excluded_rows"] for row in found["reasons"] if row["table_name"] == "events") == 8
    assert len(found["leads"]) == 5


def test_classes_of_scores_hold_every_lead_once(hand_computed_build):
    with duckdb.connect(str(hand_computed_build.published), read_only=True) as connection:
        classes = report.tables(connection, 1)["scores"]
    scores = [float(row["score"]) for row in expected("2024-06-30").values() if row["status"] == "scored"]
    for row in classes:
        same = [other for other in classes if other["class_number"] == row["class_number"]]
        assert sum(other["leads"] for other in same) == sum(row["from_score"] <= score < row["to_score"] for score in scores)
    assert sum(row["leads"] for row in classes) == len(scores)
    assert len({row["class_number"] for row in classes}) <= 26


@pytest.mark.parametrize(
    ("value", "digits", "signed", "shown"),
    [("1234.5", 0, False, "1,235"), ("-0.25", 1, True, "−0.3"), ("0.04", 1, True, "0.0"), ("-0.04", 1, True, "0.0"), ("2.5", 1, True, "+2.5"), (None, 1, False, "–")],
)
def test_numbers_are_written_for_people(value, digits, signed, shown):
    assert report.number(value, digits, signed) == shown


@pytest.mark.parametrize(("value", "end"), [("0", "1"), ("1", "1"), ("1.01", "1.5"), ("680", "800"), ("2469", "2500"), ("0.349", "0.4"), ("99", "100")])
def test_an_axis_ends_at_a_round_number(value, end):
    assert report.rounded_up(value) == report.Decimal(end)


def test_a_page_has_as_many_leads_as_fit(hand_computed_build, monkeypatch):
    whole = page_of(hand_computed_build.published)
    monkeypatch.setattr(report, "LEADS", (200, 5))
    monkeypatch.setattr(report, "MOST_BYTES", len(whole.encode()) - 1)
    assert len(page_of(hand_computed_build.published).encode()) < report.MOST_BYTES
    monkeypatch.setattr(report, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match="the page has more than 100 bytes"):
        page_of(hand_computed_build.published)


# Marts and page.

DATE = ["--as-of", "2024-06-30"]
HAND = ["--raw", str(HAND_COMPUTED / "raw"), "--rules", str(HAND_COMPUTED / "rules")]


def test_bands_and_attributes_that_differ_only_in_case_or_blanks_are_apart(hand_computed_build, tmp_path):
    file = tmp_path / "lead_scores.duckdb"
    shutil.copyfile(hand_computed_build.published, file)
    with duckdb.connect(str(file)) as connection:
        for table in ("lead_scores", "lead_score_history", "call_list"):
            connection.execute(f"update {table} set band = 'Hot' where band = 'hot' and contact_id = (select min(contact_id) from call_list where band in ('hot', 'Hot'))")
        connection.execute("alter table call_list add column town varchar; update call_list set town = if(place % 2 = 0, 'New  York', 'new york')")
    page = page_of(file)
    assert {"Hot", "hot"} <= set(re.findall(r'<option value="(.*?)"', page))
    assert {"New  York", "new york"} <= set(re.findall(r'<option value="(.*?)"', page))


def test_marts_and_page_change_together(built, build):
    link = built.warehouse / "report.html"
    assert not link.exists()
    done = build(*HAND, *DATE, report=True)
    assert done.code == 0, done.errors
    assert link.resolve().parent == done.published.resolve().parent
    assert link.stat().st_mode & 0o077 == 0
    assert f"Report {link}" in done.output
    [(time,)] = done.rows("select max(finished_at) from scoring_runs")
    assert f"{time:%H:%M} UTC" in words(link.read_text(encoding="utf-8"))
    # A run without news publishes again, and a page with it.
    before = link.resolve()
    again = build(*HAND, *DATE, report=True)
    assert "nothing new" in again.output
    assert before != link.resolve()
    assert link.resolve().parent == again.published.resolve().parent
    # A page of an earlier build does not stay.
    assert build(*HAND, *DATE).code == 0
    assert not link.is_symlink()
    # A page that cannot be written changes nothing else.
    link.mkdir()
    before = done.published.resolve()
    done = build(*HAND, *DATE, report=True)
    assert done.code == 0
    assert f"Warning there is no report page; the scores are published. {link}: cannot be written: Is a directory" in done.output
    assert done.published.resolve() != before
    assert done.rows("select count(*) from lead_scores") == [(82,)]


def test_marts_of_another_version_give_a_message_and_no_page(tmp_path):
    (tmp_path / "report.html").write_text("of the build before")
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute("create table lead_scores (contact_id varchar)")
    page = report.Page(tmp_path)
    page.write(tmp_path / "marts.duckdb")
    page.switch()
    assert page.problem.startswith(f"{tmp_path / 'report.html'}: cannot be written: ")
    assert not page.is_written
    assert not (tmp_path / "report.html").exists()


# In a browser.

LARGE, PHONE = (1280, "light"), (390, "dark")


@pytest.fixture(scope="module")
def browser():
    """Debian's chromium, or another that LEAD_SCORING_BROWSER names, without a window."""
    path = os.environ.get("LEAD_SCORING_BROWSER") or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not path:
        assert not os.environ.get("CI"), "CI needs a browser: apt-get install chromium"
        pytest.skip("no browser: install chromium, or name one in LEAD_SCORING_BROWSER")
    # scripts/test.py installs it.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # In a container, as root, chromium's own sandbox cannot start. It opens only files of these tests.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def nothing(folder: Path):
    """A build of raw tables without rows."""
    raw = folder / "raw"
    raw.mkdir()
    for table, columns in COLUMNS.items():
        write_csv(raw / f"{table}.csv", columns, [])
    return run_build(folder / "warehouse", "--raw", str(raw), "--rules", str(visit_rules(folder / "rules")), *DATE, tests=False)


def hostile(folder: Path):
    """A build in which every text that the page shows is hostile."""
    raw, texts = folder / "raw", [*TEXTS.values(), *MARKUP.values()]
    raw.mkdir()
    rows = {
        "contacts": [contact(text, account_id=text, email=text, employees=number % 3) for number, text in enumerate(texts)] + [contact("buyer"), contact("silent")],
        "events": [visit(text, f"visit of {text}", channel=text, campaign=text) for text in (*texts, "buyer")]
        + [visit(text, f"no rule {text}", event_type=text) for text in texts],
        "outcomes": [{"outcome_id": "o1", "contact_id": "buyer", "outcome": "won", "occurred_at": "2024-06-20", "value": "50"}],
        "accounts": [{"account_id": text, "created_at": "2024-01-01", "name": f"Account {text}"} for text in texts],
    }
    for table, columns in (COLUMNS | {"accounts": ["account_id", "created_at", "updated_at", "name"]}).items():
        write_csv(raw / f"{table}.csv", columns, rows.get(table, []))
    bad = MARKUP["script"]
    rules = visit_rules(
        folder / "rules",
        score_bands=[{"model_id": "m", "dimension": dimension, "band": bad, "min_score": "0"} for dimension in ("total", "behavioural", "demographic")],
        score_matrix=[{"model_id": "m", "demographic_band": bad, "behavioural_band": bad, "grade": bad, "priority": "1", "next_action": bad}],
        lifecycle_stages=[
            {"stage": "lead", "position": "1", "kind": "open", "entered_by": "created"},
            {"stage": bad, "position": "2", "kind": "open", "entered_by": "event", "name": "visit"},
            {"stage": "customer", "position": "3", "kind": "won", "entered_by": "outcome", "name": "won"},
        ],
        published_attributes=[{"attribute": "email"}, {"attribute": "employees"}],
        account_models=[{"model_id": "m", "roll_up": "sum", "status": "active"}],
        event_rules=[{"rule_id": f"r{number}", "model_id": "m", "rule_group": "g", "event_type": "visit", "points": "1", "description": text} for number, text in enumerate(MARKUP.values())],
    )
    return run_build(folder / "warehouse", "--raw", str(raw), "--rules", str(rules), *DATE, tests=False)


def sample(folder: Path):
    """A build of three dates of the sample data, of which outcomes evaluate two."""
    return run_build(folder / "warehouse", "--as-of", "2017-12-03..2017-12-31/14", tests=False)


def b2b(folder: Path):
    """A build of the B2B example on two dates: accounts, stages, people merged, bots."""
    rules, raw = b2b_rules(folder / "rules"), PROJECT / "examples" / "b2b" / "raw"
    return run_build(folder / "warehouse", "--raw", str(raw), "--rules", str(rules), "--as-of", "2026-09-23", "--as-of", "2026-09-30", tests=False)


class Made(NamedTuple):
    """A page, and the marts that it was made from."""

    file: Path
    marts: Path


@pytest.fixture(scope="module")
def pages(tmp_path_factory, hand_computed_build):
    """Each page, by name."""
    made = {"hand": hand_computed_build}
    for make in (nothing, hostile, sample, b2b):
        made[make.__name__] = make(tmp_path_factory.mktemp(make.__name__))
        assert made[make.__name__].code == 0, made[make.__name__].errors
    folder = tmp_path_factory.mktemp("pages")
    for name, one in made.items():
        (folder / f"{name}.html").write_text(page_of(one.published), encoding="utf-8")
    return {name: Made(folder / f"{name}.html", one.published) for name, one in made.items()}


@pytest.fixture
def opened(browser, pages):
    """Open a page as a person does: opened(name, width, colours). It must not need the network, nor report an error."""
    contexts, problems = [], []

    def open_page(name: str, width: int = 1280, colours: str = "light", **more):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours, offline=True, **more))
        page = contexts[-1].new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if request.url == pages[name].file.as_uri() else problems.append(request.url))
        page.goto(pages[name].file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def test_funnel_accounts_and_call_list_of_one_buyer_and_one_silent_lead(pages):
    """Everyone else is known since 1 January, and visited on 10 June, which gives 10 + 1 per hostile rule. The buyer won ten days later."""
    with duckdb.connect(str(pages["hostile"].marts), read_only=True) as connection:
        found = report.tables(connection, 200)
    texts, bad = len(TEXTS) + len(MARKUP), MARKUP["script"]
    columns = ("stage", "entered", "moved_on", "median_days", "p90_days", "leads", "value")
    assert [tuple(row[column] for column in columns) for row in found["funnel"]] == [
        ("lead", texts + 2, texts + 1, 161, 161, 1, None),
        (bad, texts + 1, 1, 10, 10, texts, None),
        ("customer", 1, 0, None, None, 1, 50),
    ]
    assert [(row["month"], row["stage"], row["entered"]) for row in found["funnel_months"]] == [("2024-01", "lead", texts + 2), ("2024-06", bad, texts + 1), ("2024-06", "customer", 1)]
    assert [(row["leads"], row["scored"], row["to_call"]) for row in found["models"]] == [(texts + 2, texts + 2, texts + 1)]
    leads = {row["contact_id"]: row for row in found["leads"]}
    assert len(leads) == texts + 1
    assert "buyer" not in leads
    assert (leads["silent"]["stage"], leads["silent"]["account_id"], leads["silent"]["account_score"]) == ("lead", None, None)
    score = 10 + len(MARKUP)
    assert {(row["score"], row["account_score"], row["stage"]) for row in leads.values() if row["contact_id"] != "silent"} == {(score, score, bad)}
    assert leads["ABC"]["account_name"] == "Account ABC"
    assert [(row["score"], row["contacts"], row["scored_accounts"]) for row in found["accounts"]] == [(score, 1, texts)] * 25


@pytest.mark.parametrize("view", [LARGE, PHONE])
@pytest.mark.parametrize("name", ["sample", "b2b", "hand", "nothing", "hostile"])
def test_a_page_renders_at_any_width(name, view, opened):
    page = opened(name, *view)
    assert page.evaluate("document.documentElement.scrollWidth") <= view[0]
    assert page.locator("h1").inner_text().startswith("Lead scores")
    assert page.get_by_role("heading", name="Data", exact=True).is_visible()
    # Every figure has a title, and either a chart or table, or what is missing.
    for figure in page.locator("figure").all():
        assert figure.locator("h4").inner_text()
        assert figure.locator("[role=img], table, p").count()


@pytest.mark.parametrize("view", [LARGE, PHONE])
@pytest.mark.parametrize("name", ["hand", "nothing", "hostile", "b2b"])
def test_a_page_has_no_barrier_that_axe_finds(name, view, opened):
    """Contrast, names, headings, tables: the rules of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    # The page's own policy would keep the checker out.
    found = Axe().run(opened(name, *view, bypass_csp=True))
    assert found.violations_count == 0, found.generate_report()


def test_attributes_show_only_if_they_are_published_and_filter_if_they_have_few_values(opened, hand_page):
    assert "@example.com" not in hand_page
    page = opened("hostile")
    assert "email: ABC" in page.locator("table.calls").inner_text()
    assert page.get_by_role("combobox").count() == 2  # Stage is the other.
    page.get_by_role("combobox", name="employees").select_option("1")
    texts = len(TEXTS) + len(MARKUP)
    assert len(shown_leads(page)) == len(range(1, texts, 3))


def test_hostile_text_stays_text(opened):
    page = opened("hostile")
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == 1
    assert page.locator("img, svg, iframe, [onclick], [onerror], [onload], [onfocus], main a:not([href^='#'])").count() == 0
    texts = page.locator("table.calls > tbody > tr > th > bdi").evaluate_all("cells => cells.map(cell => cell.textContent)")
    # Control characters, and those that change the direction of the text around them, are spaces.
    unprintable = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    wanted = [unprintable.sub(" ", text).strip() for text in (*TEXTS.values(), *MARKUP.values(), "silent")]
    assert {text.strip() for text in texts} == {text if len(text) <= 80 else text[:80] + "…" for text in wanted}
    page.get_by_role("searchbox", name="Search").fill("<script>")
    page.locator("details summary").first.click()
    assert page.evaluate("window.hacked") is None


def test_a_script_that_got_into_a_page_would_not_run(browser, pages, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(pages["hand"].file.read_text(encoding="utf-8").replace("<main>", "<main><script>window.hacked = 1</script>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(bad.as_uri())
    # The page's own script has run.
    assert page.locator("form.filters").is_visible()
    assert page.evaluate("window.hacked") is None


def shown_leads(page) -> list[str]:
    """The leads that the call list shows."""
    rows = page.locator("table.calls > tbody > tr")
    return [row.locator("th bdi").first.inner_text() for row in rows.all() if row.is_visible()]


def test_filters_and_search_show_the_leads_that_they_say(opened):
    page = opened("hand")
    scored = [row for row in expected("2024-06-30").values() if row["status"] == "scored"]
    everyone = sorted(row["contact_id"] for row in scored)
    assert sorted(shown_leads(page)) == everyone
    # Neither filter includes the other.
    cold, grade = ({row["contact_id"] for row in scored if row[column] == value} for column, value in (("band", "cold"), ("grade", "B3")))
    assert cold & grade and cold - grade and grade - cold
    page.get_by_role("combobox", name="Band").select_option("cold")
    assert sorted(shown_leads(page)) == sorted(cold)
    told = page.locator("form.filters output")
    assert told.inner_text() == f"{len(cold)} of {len(scored)} leads"
    page.get_by_role("combobox", name="Grade").select_option("B3")
    assert sorted(shown_leads(page)) == sorted(cold & grade)
    page.get_by_role("combobox", name="Band").select_option("all")
    assert sorted(shown_leads(page)) == sorted(grade)
    page.get_by_role("combobox", name="Grade").select_option("all")
    assert sorted(shown_leads(page)) == everyone
    assert told.inner_text() == f"{len(scored)} leads"
    page.get_by_role("searchbox", name="Search").fill(" C13")
    assert shown_leads(page) == ["c13"]
    page.get_by_role("searchbox", name="Search").press("Enter")
    assert page.locator("table.calls").is_visible()
    page.get_by_role("searchbox", name="Search").fill("nobody of this name")
    assert shown_leads(page) == []
    assert told.inner_text() == f"0 of {len(scored)} leads"


@pytest.mark.parametrize("view", [LARGE, PHONE])
def test_a_ledger_unfolds_by_keyboard(view, opened):
    page = opened("hand", *view)
    first = page.locator("table.calls > tbody > tr").first
    assert not first.locator(".ledger").is_visible()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert first.locator(".ledger").is_visible()
    assert first.locator(".ledger li.sum").inner_text().split()[-1] == "score"


def test_the_printed_page_is_the_list_as_filtered_on_white(opened, tmp_path):
    page = opened("hand", colours="dark")
    page.get_by_role("combobox", name="Band").select_option("hot")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("nav", "form.filters", "details.numbers"):
        assert not page.locator(hidden).first.is_visible()
    assert len(shown_leads(page)) == sum(row["band"] == "hot" for row in expected("2024-06-30").values())
    page.pdf(path=str(tmp_path / "page.pdf"), format="A4")
    assert 0 < (tmp_path / "page.pdf").read_bytes().count(b"/Type /Page\n") < 20


def test_without_scripts_the_whole_list_shows(opened):
    page = opened("hand", java_script_enabled=False)
    assert not page.locator("form.filters").is_visible()
    assert page.locator("table.calls > tbody > tr").count() == sum(row["status"] == "scored" for row in expected("2024-06-30").values())
