"""One lead in the terminal: what is published of it, and what the models say of it with further events and by earlier rules."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from support import erasures, findings, inputs, queries, what_if
from tests.conftest import HAND_COMPUTED, run_build, run_script


def explain(warehouse, *options):
    """Run scripts/explain.py, in a terminal of 80 columns as its output is no terminal, with all sets: 8 are enough for a reader."""
    return run_script("explain", warehouse.parent, [*options, "--warehouse", warehouse], SHOWN=99)


def sets_of(output: str) -> dict[str, tuple[str, str]]:
    """The sets of events in the output, with score, and band and grade. A long name goes on in the next line."""
    lines = output.split("Would reach ")[1].split("\n\n")[0].splitlines()[1:]
    start, found = lines[0].index("score") - 3, []
    for line in lines[1:]:
        row = re.fullmatch(r" (.+?)  +(-?[\d.]+)  (\w+, \w+)  .*", line)
        if row:
            found.append([row[1], (row[2], row[3])])
        else:
            found[-1][0] += f" {line[:start].strip()}"
    return dict(found)


def test_a_lead_has_its_ledger_its_timeline_and_all_smallest_sets_of_events_that_reach_the_next_band(hand_computed_build):
    done = explain(hand_computed_build.warehouse, "c01")
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines() if not line.startswith("Would reach")) <= 80
    squeezed = re.sub(" +", " ", done.stdout)
    # tests/hand_computed/expected_scores.csv and expected_contributions.csv; 40 - 17 = 23.
    for text in (
        "Score 17: behaviour 9, fit 8",
        "Band warm since 2024-06-29 (1 day); 23 points to the next band",
        "Grade A3, priority 5",
        "Next action nurture",
        "+9 site visited the site: 12 times",
        "+5 profile software industry",
        "+3 profile home market",
        # raw/events.csv: one visit on 06-30, four on 06-29, eight until 06-23.
        "2024-06-30 17 warm 1 visit",
        "2024-06-29 17 warm 4 visit",
        "2024-06-23 14 cold 8 visit",
        "The rules were the same on all dates of the history.",
    ):
        assert text in squeezed
    # 17 and what each event gives on its own day. Pairs hold no event that reaches hot (40) alone.
    assert {what: float(score) for what, (score, _) in sets_of(done.stdout).items()} == {
        "meeting (meeting held today)": 45,  # e160, value 28
        "quote_request (value of quotes)": 167,  # 64 / 128 = 0.5; x 300 = 150
        "download": 217,  # 200; the promotion has ended
        "consultant_contact": 217,
        "purchase (large purchase, purchase value)": 47,  # value 1000: 20 at most, 3 and 7
        "2 x demo_request": 57,
        # With a demo request, 20, three more points are enough.
        "account_registration + demo_request": 43,
        "cart + demo_request": 42,
        "demo_request + email_reply": 42,
        "demo_request + form": 45,
        "demo_request + newsletter_signup": 40,
        "demo_request + payment": 40,  # value 50: 3
        "demo_request + product_time (minutes on a product, stayed with a product)": 46.8594,  # log2(1 + 1.25) = 1.169925; x 8 = 9.3594; + 0.5
        "demo_request + product_time (minutes on a product)": 43.4588,  # log2(1 + 0.75) = 0.807355; x 8 = 6.45884
        "demo_request + purchase (purchase value)": 40.6667,  # 33.335 / 100 x 2 = 0.6667; + 3
        "demo_request + remarketing_click (came back by remarketing)": 41,
        "demo_request + time_on_site (minutes on the site)": 40,  # 3600 / 60 x 0.1 = 6, at most 3
        "demo_request + webinar": 47,
        "chat + demo_request": 42,
        "demo_request + email_click (seasonal e-mail clicked)": 40,
        "demo_request + page_view (pricing page viewed, shop page viewed outside a campaign)": 40.5,  # 2 + 1.5
        "demo_request + survey (happy in the survey)": 42,
    }
    # Nothing personal is left.
    assert [path.name for path in (hand_computed_build.warehouse / "explain").iterdir()] == [".lock"]
    assert not inputs.place_of_rules(hand_computed_build.warehouse / "explain" / "copies").exists()


def test_a_set_reaches_a_band_that_the_lead_keeps(hand_computed_build):
    """c36 was warm on 06-29 and has 11.9999 on 06-30: one visit more keeps warm (12), though warm begins at 15."""
    done = explain(hand_computed_build.warehouse, "c36")
    assert done.returncode == 0, done.stderr
    assert sets_of(done.stdout)["visit"] == ("12.9999", "warm, C2")


def test_a_kind_of_events_is_a_type_with_the_rules_that_its_events_match_and_its_latest_event():
    # e1 and e2 are of one kind; e3 matches two signals; nobody looks at e5; e6 is too old, e7 comes later, e8 is filtered; e9 matches its signal until the day before.
    with duckdb.connect() as connection:
        connection.execute("""
            create table int_as_of_dates as from (values (date '2024-06-29', false), (date '2024-06-30', true)) as rows (as_of_date, is_latest);
            create table stg_event_rules as from (values
                ('visits', 'all_visits', 'visit', true), ('pricing', 'pricing_page', 'visit', false),
                ('pricing_again', 'pricing_page', 'visit', false), ('long', 'long_visit', 'visit', false)
            ) as rows (rule_id, signal_id, event_type, is_plain);
            create table stg_activity_rules as from (values ('logins', 'login'), ('any', null)) as rows (rule_id, event_type);
            create table int_rules as from (values
                ('visits', 'visited the site'), ('pricing', 'saw the pricing page'), ('pricing_again', 'saw prices'), ('long', 'stayed')
            ) as rows (rule_id, label);
            create table int_signal_matches as
            select
                event_id, event_type, counted_for, received_date::date as received_date, filtered_date::date as filtered_date,
                null::date as holds_from, holds_until::date as holds_until, occurred_at::timestamp as occurred_at
            from (values
                ('e1', 'visit', 'types', '2024-06-01', null, null, '2024-06-01 10:00:00'),
                ('e2', 'visit', 'types', '2024-06-02', null, null, '2024-06-02 10:00:00'),
                ('e3', 'visit', 'types', '2024-06-03', null, null, '2024-06-03 10:00:00'),
                ('e3', 'visit', 'pricing_page', '2024-06-03', null, null, null),
                ('e3', 'visit', 'long_visit', '2024-06-03', null, null, null),
                ('e4', 'login', 'types', '2024-04-02', null, null, '2024-04-02 10:00:00'),
                ('e5', 'chat', 'types', '2024-06-03', null, null, '2024-06-03 10:00:00'),
                ('e6', 'login', 'types', '2024-04-01', null, null, '2024-06-03 10:00:00'),
                ('e7', 'login', 'types', '2024-07-01', null, null, '2024-06-30 10:00:00'),
                ('e8', 'login', 'types', '2024-06-03', '2024-06-30', null, '2024-06-03 10:00:00'),
                ('e9', 'visit', 'types', '2024-06-01', null, null, '2024-06-01 09:00:00'),
                ('e9', 'visit', 'pricing_page', '2024-06-01', null, '2024-06-30', null)
            ) as rows (event_id, event_type, counted_for, received_date, filtered_date, holds_until, occurred_at);
        """)
        query = f"select event_type, rules, event_id, events from ({queries.analysis(findings.Made(connection).table, 'event_kinds')}) order by event_id"
        assert connection.execute(query).fetchall() == [
            ("visit", None, "e2", 3),
            ("visit", "saw prices, saw the pricing page, stayed", "e3", 1),
            ("login", None, "e4", 1),
        ]


def test_the_rules_before_are_those_published_then(built, build, rules):
    """c36 met on 06-30, value 11.9999. At 2 points the meeting gives 23.9998: warm from 15. Both seeds are changed afterwards: they do not count."""
    seed = rules / "event_rules.csv"
    text = seed.read_text(encoding="utf-8")
    old, new = ("ce_meeting,core,intent,meeting,,,,,,,value,,1,", "ce_meeting,core,intent,meeting,,,,,,,value,,2,")
    assert old in text
    seed.write_text(text.replace(old, new), encoding="utf-8")
    done = build("--raw", str(HAND_COMPUTED / "raw"), "--rules", str(rules), "--as-of", "2024-06-30")
    assert done.code == 0, done.errors
    seed.write_text(text.replace(old, old.replace(",1,", ",9,")), encoding="utf-8")

    done = explain(built.warehouse, "c36")
    assert done.returncode == 0, done.stderr
    assert "By the rules of 2024-06-29: score 11.9999 (cold, C2, nurture). By the rules of today: score 23.9998 (warm, C2, nurture)." in done.stdout
    assert "  event_rules.csv ce_meeting: points = 1 -> points = 2\n" in done.stdout
    # 23.9998 + 20; 8 (form) and 10 (webinar) reach 40 only together.
    assert sets_of(done.stdout)["demo_request"] == ("43.9998", "hot, C1")
    assert sets_of(done.stdout)["form + webinar"] == ("41.9998", "hot, C1")

    # An earlier version of the project accepted more days.
    with duckdb.connect(str(built.published)) as connection:
        earlier = "rule_id = 'ce_visit' and rules_version not in (select rules_version from lead_scores)"
        connection.execute(f"update rules_versions set rule_row = regexp_replace(rule_row, 'within_days = [0-9]+', 'within_days = 100000') where {earlier}")
    done = explain(built.warehouse, "c36")
    assert done.returncode == 0, done.stderr
    said = r"By the rules before: not scored, because they are refused now, such as event_rules.csv: row \d+, column within_days: 100000: must not be above 99999"
    assert re.search(said, done.stdout)
    assert sets_of(done.stdout)["demo_request"] == ("43.9998", "hot, C1")
    assert "  event_rules.csv ce_visit: within_days = 100000 -> within_days = 30\n" in done.stdout


def test_a_merged_lead_is_copied_with_all_its_contacts_and_visitors(tmp_path, raw, rules):
    """c21, of visitors a1 and a3, is merged into c02, and c30 has its e-mail address: 11 + 8 + 1 points as of 06-30, all in other groups or below their bounds."""
    (raw / "merges.csv").write_text("from_contact_id,into_contact_id,merged_at\nc21,c02,2024-06-02\n")
    (rules / "identity_rules.csv").write_text("attribute,normalise,except_list\nemail,email,\n")
    text = (raw / "contacts.csv").read_text(encoding="utf-8")
    (raw / "contacts.csv").write_text(text.replace("c30@example.com", "c02@example.com"), encoding="utf-8")
    made = run_build(tmp_path / "merged", "--raw", str(raw), "--rules", str(rules), "--as-of", "2024-06-30", tests=False)
    assert made.code == 0, made.errors
    done = explain(made.warehouse, "c02")
    assert done.returncode == 0, done.stderr
    squeezed = re.sub(r"\s+", " ", done.stdout)
    assert "Score 20: behaviour 16, fit 4" in squeezed
    assert "Merged c21 (raw.merges), c30 (identity_rules: email)" in squeezed
    assert sets_of(done.stdout)["download"] == ("220", "hot, B1")

    for contact, said in (("c21", "c21: is part of c02 since 2024-06-02 (raw.merges); explain c02\n"), ("c30", "c30: is part of c02 since ")):
        refused = explain(made.warehouse, contact)
        assert refused.returncode == 2
        assert refused.stderr.startswith(said)


def test_an_id_without_a_lead_or_a_warehouse_without_scores_is_one_message(built, tmp_path):
    erasures.note(built.warehouse, erasures.ERASED, {"salt": "s", "erased": [erasures._hash("s", "c77")]})
    older = tmp_path / "older"
    older.mkdir()
    with duckdb.connect(str(older / "lead_scores.duckdb")) as connection:
        connection.execute("create table lead_scores as select 'c01' as contact_id, 'core' as model_id, 1 as score")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "lead_scores.duckdb").write_text("no database")
    for warehouse, options, said in (
        (built.warehouse, ["c1"], "c1: is no contact as of 2024-06-30; similar: c01, c10, c11, c12, c13"),
        (built.warehouse, ["nobody@example.com"], "nobody@example.com: is no contact as of 2024-06-30"),
        (built.warehouse, ["c42"], "c42: was rejected: created_at is missing; correct the row in raw.contacts"),
        (built.warehouse, ["c77"], "c77: was erased; nothing of this contact is kept"),
        (built.warehouse, ["c01", "--model", "old"], "--model old: is not a scored model; must be one of core, trial"),
        (tmp_path / "none", ["c01"], f"{tmp_path / 'none'}: has no published scores; run build.py"),
        (older, ["c01"], f"{older / 'lead_scores.duckdb'}: was published by another version of the project; run build.py"),
        (broken, ["c01"], f"{broken / 'lead_scores.duckdb'}: cannot be opened: "),
    ):
        done = explain(warehouse, *options)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert done.stderr.startswith(said) and done.stderr.count("\n") == 1, done.stderr


def test_without_the_raw_tables_the_published_part_is_shown(built, tmp_path):
    quick = explain(built.warehouse, "c41", "--model", "core", "--quick")
    assert quick.returncode == 0, quick.stderr
    assert "none: disqualified, throw-away address" in quick.stdout

    def raw_is(folder: Path) -> None:
        remembered = json.loads((built.warehouse / "remembered.json").read_text())
        (built.warehouse / "remembered.json").write_text(json.dumps(remembered | {"raw": str(folder)}))

    raw_is(tmp_path / "gone")
    done = explain(built.warehouse, "c01")
    assert done.returncode == 2
    assert "23 points to the next band" in done.stdout
    assert done.stderr == f"{tmp_path / 'gone'}: is not a folder; --raw must be the folder with contacts, events, identities, outcomes\n"

    # Another visit has come since.
    raw = Path(shutil.copytree(HAND_COMPUTED / "raw", tmp_path / "raw"))
    with open(raw / "events.csv", "a", encoding="utf-8") as handle:
        handle.write("new,c01,,visit,2024-06-30 12:00:00,2024-06-30 12:00:05,,,,,,\n")
    raw_is(raw)
    done = explain(built.warehouse, "c01")
    assert done.returncode == 0, done.stderr
    assert "Next band: not shown. The raw tables have changed since the scores were published; run build.py." in done.stdout

    (built.warehouse / "build.duckdb").unlink()
    done = explain(built.warehouse, "c01")
    assert done.returncode == 1
    assert "23 points to the next band" in done.stdout
    assert done.stderr.startswith("Not explained further: ") and "build.duckdb" in done.stderr


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("description = a, b = c, points = 3", {"description": "a, b = c", "points": "3"}),
        # A name that is out of order is part of the cell before.
        ("operand = x, description = y, points = 3", {"operand": "x, description = y", "points": "3"}),
        ("points = 3\n, 4", {"points": "3\n, 4"}),
    ],
)
def test_a_rule_row_is_taken_apart_into_its_cells(row, cells):
    assert what_if.cells(row, ["rule_id", "points", "operand", "description"]) == cells
