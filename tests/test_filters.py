"""Filters on data with scanners of known truth, and what a filter does in a refresh."""

import random
import shutil
from datetime import datetime, timedelta

import pytest

from tests.conftest import PROJECT, run_build
from tests.reference.strategies import RAW_HEADERS, RULE_HEADERS, Case, complete, write_case

DAY = datetime(2024, 6, 3)
AS_OF = "2024-06-30"
RULES = {
    "score_models": [{"model_id": "m", "status": "active", "behavioural_weight": "1", "demographic_weight": "1"}],
    "rule_groups": [{"model_id": "m", "rule_group": "mail", "dimension": "behavioural"}],
    "event_rules": [
        {"rule_id": "click", "model_id": "m", "rule_group": "mail", "event_type": "email_click", "points": "5", "decay": "exponential", "decay_days": "14", "scale": "log2"},
        {"rule_id": "price", "model_id": "m", "rule_group": "mail", "event_type": "email_click", "property": "page_url", "comparison": "contains", "operand": "pricing", "points": "9"},
        {"rule_id": "open", "model_id": "m", "rule_group": "mail", "event_type": "email_open", "points": "1", "max_times": "5"},
    ],
    "activity_rules": [
        {"rule_id": "sessions", "model_id": "m", "rule_group": "mail", "feature": "sessions", "within_days": "30", "lower": "2", "points": "3"},
        {"rule_id": "objects", "model_id": "m", "rule_group": "mail", "feature": "distinct_objects", "lower": "3", "points": "2"},
        {"rule_id": "recent", "model_id": "m", "rule_group": "mail", "feature": "days_since_last", "event_type": "email_click", "upper": "8", "points": "4"},
    ],
    "disqualification_rules": [{"rule_id": "gone", "model_id": "m", "source": "event", "name": "email_unsubscribe", "reason": "unsubscribed"}],
}  # fmt: skip


def write(folder, raw, rules=RULES):
    write_case(Case(complete(raw, RAW_HEADERS), complete(rules, RULE_HEADERS), []), folder / "raw", folder / "rules")


def built(folder, name, *options):
    build = run_build(folder / name, "--raw", str(folder / "raw"), "--rules", str(folder / "rules"), "--ledger", "all", *options)
    assert build.code == 0, build.errors
    return build


def contact(contact_id):
    return {"contact_id": contact_id, "created_at": "2024-01-01", "email": f"{contact_id}@example.com", "industry": "software"}


def newsletters(seed, contacts=80, mailings=4):
    """Weekly mailings: who reads, and which scanner looks at the mail before. An event's id begins with who caused it.

    `patient` scanners wait as long as people do, and `hasty` people are as fast as scanners; `bot` and `person` are the others.
    """
    rnd, events = random.Random(seed), []

    def add(who, contact_id, event_type, at, campaign, link=None):
        page = link is not None and f"https://example.com/{['pricing', 'blog', 'jobs', 'demo', 'legal', 'stop'][link]}"
        row = {"event_id": f"{who}{len(events)}", "contact_id": contact_id, "event_type": event_type, "occurred_at": str(at), "campaign": campaign}
        events.append(row | {"received_at": str(at + timedelta(seconds=rnd.choice([0, 1, 90]))), "channel": "email", "page_url": page or None})

    for number in range(contacts):
        contact_id = f"c{number}"
        # Half of the companies have no scanner; a patient scanner is not to be told from a person.
        scanner = ["none", "none", "none", "at once", "later", "prefetch", "patient"][number % 7]
        for mailing in range(mailings):
            campaign, at = f"week {mailing}", DAY + timedelta(days=7 * mailing, hours=8, milliseconds=rnd.randrange(600_000))
            add("person", contact_id, "email_delivered", at, campaign)
            if scanner in ("at once", "later"):
                start = at + timedelta(seconds=rnd.uniform(0.5, 4) if scanner == "at once" else rnd.uniform(60, 600))
                for link in range(rnd.randint(3, 6)):
                    add("bot", contact_id, "email_click", start + timedelta(seconds=0.2 * link), campaign, link)
            if scanner == "prefetch":
                add("bot", contact_id, "email_open", at + timedelta(seconds=rnd.uniform(0.2, 1.9)), campaign)
            if scanner == "patient":
                add("patient", contact_id, "email_click", at + timedelta(seconds=rnd.uniform(20, 60)), campaign, rnd.randrange(6))
            if rnd.random() < 0.6:
                # One in sixty reads at the very moment.
                read = at + timedelta(seconds=1.5 if rnd.random() < 1 / 60 else rnd.uniform(30, 200_000))
                add("hasty" if read - at < timedelta(seconds=2) else "person", contact_id, "email_open", read, campaign)
                for link in rnd.sample(range(6), rnd.choice([0, 0, 1, 1, 2, 3])):
                    read += timedelta(seconds=rnd.uniform(1.5, 90))
                    add("hasty" if read - at < timedelta(seconds=5) else "person", contact_id, "email_click", read, campaign, link)
        if number % 9 == 0:
            add("person", contact_id, "email_unsubscribe", DAY + timedelta(days=26), None)
    return {"contacts": [contact(f"c{number}") for number in range(contacts)], "events": events}


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A build with the starter filters, and its raw tables."""
    folder = tmp_path_factory.mktemp("scanned")
    raw = newsletters(7)
    write(folder, raw)
    for name in ("event_filters", "reference_lists"):
        shutil.copy(PROJECT / "seeds" / f"{name}.csv", folder / "rules")
    return folder, raw, built(folder, "warehouse", "--as-of", AS_OF)


def test_the_starter_filters_find_scanners_and_leave_people(scanned):
    _, raw, build = scanned
    found = {row[0] for row in build.rows("select event_id from filtered_events where event_type <> 'email_delivered'")}
    who = {name: {row["event_id"] for row in raw["events"] if row["event_id"].startswith(name)} for name in ("bot", "patient", "hasty", "person")}
    assert found == who["bot"] | who["hasty"]
    scanners = who["bot"] | who["patient"]
    precision, recall = len(found & scanners) / len(found), len(found & scanners) / len(scanners)
    print({name: len(events) for name, events in who.items()}, f"{len(found)} filtered, precision {precision:.3f}, recall {recall:.3f}")
    # The figures of docs/scoring.md.
    assert (round(precision, 3), round(recall, 3)) == (0.977, 0.907)
    filters = {"email_click_at_delivery", "email_click_burst", "email_open_at_delivery", "email_delivered"}
    assert {row[0] for row in build.rows("select distinct filter_id from filtered_events")} == filters


def test_what_was_sent_to_a_lead_is_no_action_of_the_lead(scanned):
    """Of some leads the last event is a delivery: it is not what they did last."""
    _, raw, build = scanned
    delivered = {row["event_id"]: (row["contact_id"], str(row["occurred_at"])) for row in raw["events"] if row["event_type"] == "email_delivered"}
    assert {row[0] for row in build.rows("select event_id from filtered_events where filter_id = 'email_delivered'")} == set(delivered)
    last = {row["contact_id"]: max(str(other["occurred_at"]) for other in raw["events"] if other["contact_id"] == row["contact_id"]) for row in raw["events"]}
    assert set(last.items()) & set(delivered.values())
    assert set(build.rows("select contact_id, last_event_at::varchar from lead_scores")) & set(delivered.values()) == set()


def test_a_filtered_event_counts_nowhere(scanned, tmp_path):
    """Without the filtered rows, and without filters, all leads are the same."""
    _, raw, build = scanned
    found = {row[0] for row in build.rows("select event_id from filtered_events")}
    write(tmp_path, raw | {"events": [row for row in raw["events"] if row["event_id"] not in found]})
    without = built(tmp_path, "warehouse", "--as-of", AS_OF)
    assert without.rows("select count(*) from filtered_events") == [(0,)]
    for table in ("lead_scores", "lead_score_contributions", "lead_score_criteria", "campaign_performance", "lead_score_history"):
        query = f"select * exclude (rules_version) from {table}" if "rules_version" in columns(build, table) else f"from {table}"
        assert sorted(build.rows(query), key=str) == sorted(without.rows(query), key=str), table
    assert len(without.rows("from lead_scores")) == 80
    (counts,) = build.rows("select sum(rows_in), sum(rows_used), sum(rows_filtered) from raw_row_counts where table_name = 'events'")
    assert counts == (len(raw["events"]), len(raw["events"]) - len(found), len(found))


def columns(build, table):
    return {row[0] for row in build.rows(f"select column_name from duckdb_columns() where table_name = '{table}'")}


def click(number, occurred, received, link):
    return {"event_id": f"e{number}", "contact_id": "a", "event_type": "email_click", "occurred_at": occurred, "received_at": received, "page_url": link}


BURST = {"event_filters": [{"filter_id": "burst", "event_type": "email_click", "kind": "burst", "seconds": "2", "times": "2"}]}


def test_an_event_that_comes_later_changes_no_published_date_and_is_not_told_as_late(tmp_path):
    first = click(1, "2024-06-29 23:59:59", "2024-06-29 23:59:59", "/a")
    write(tmp_path, {"contacts": [contact("a")], "events": [first]}, RULES | BURST)
    assert built(tmp_path, "daily").rows("select matches from lead_score_contributions where rule_id = 'click'") == [(1,)]
    second = click(2, "2024-06-30 00:00:01", "2024-06-30 00:00:01", "/b")
    write(tmp_path, {"contacts": [contact("a")], "events": [first, second]}, RULES | BURST)
    daily = built(tmp_path, "daily")
    # The scored dates are 06-29, with the first click, and 06-30, without a click.
    assert daily.rows("from lead_score_contributions where rule_id = 'click'") == []
    assert daily.rows("select as_of_date::varchar, last_event_at::varchar from main_intermediate.int_lead_scores", "build.duckdb") == [("2024-06-30", None)]
    ((before, score),) = daily.rows("select as_of_date::varchar, score from lead_score_history order by as_of_date limit 1")
    assert (before, score > 0) == ("2024-06-29", True)
    assert daily.rows("select max(late_rows), count(*) from scored_dates") == [(0, 2)]
    assert daily.rows("select event_id, filtered_from::varchar from filtered_events order by all") == [("e1", "2024-06-30"), ("e2", "2024-06-30")]
    fresh = built(tmp_path, "fresh", "--as-of", "2024-06-29..2024-06-30")
    for table in ("lead_score_history", "filtered_events", "raw_row_counts", "scored_dates"):
        assert sorted(daily.rows(f"from {table}"), key=str) == sorted(fresh.rows(f"from {table}"), key=str), table


def test_a_changed_filter_changes_the_next_scores_and_the_rules_version(tmp_path):
    clicks = [click(1, "2024-06-30 10:00:00", "2024-06-30 10:00:00", "/a"), click(2, "2024-06-30 10:00:01", "2024-06-30 10:00:01", "/b")]
    found = []
    for rules in (RULES | BURST, RULES, RULES | {"event_filters": [BURST["event_filters"][0] | {"seconds": "0.5"}]}, RULES | BURST):
        write(tmp_path, {"contacts": [contact("a")], "events": clicks}, rules)
        build = built(tmp_path, "warehouse")
        ((version,),) = build.rows("select distinct rules_version from lead_scores")
        found.append((version, build.rows("select matches from lead_score_contributions where rule_id = 'click'")))
    assert [rows for _, rows in found] == [[], [(2,)], [(2,)], []]
    assert found[0] == found[3]
    assert len({version for version, _ in found}) == 3
    assert built(tmp_path, "warehouse").rows("select rule_id from rules_versions where file = 'event_filters'") != []
