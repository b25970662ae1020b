"""What tools outside read: crm_sync with its times, the sender scripts/sync.py, and call_list."""

import csv
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import duckdb
import pytest

import sync
from tests.conftest import PROJECT, run_build
from tests.reference.strategies import RAW_HEADERS, RULE_HEADERS, Case, complete, write_case

PERSON = "erase-me-4711"
# An id with the separators of the hash.
ODD = "o|~d"

RULES = {
    "score_models": [
        {"model_id": "m", "status": "active", "behavioural_weight": "1", "demographic_weight": "1"},
        {"model_id": "n", "status": "active", "behavioural_weight": "1", "demographic_weight": "1"},
        {"model_id": "trial", "status": "challenger", "behavioural_weight": "1", "demographic_weight": "1"},
    ],
    "rule_groups": [{"model_id": model, "rule_group": f"acts_{model}", "dimension": "behavioural"} for model in ("m", "n", "trial")],
    "event_rules": [
        {"rule_id": "visit", "model_id": "m", "rule_group": "acts_m", "event_type": "visit", "points": "10"},
        {"rule_id": "order", "model_id": "n", "rule_group": "acts_n", "event_type": "order", "points": "5"},
        {"rule_id": "open", "model_id": "trial", "rule_group": "acts_trial", "event_type": "visit", "points": "1"},
    ],
    "score_bands": [{"model_id": "m", "dimension": "total", "band": band, "min_score": low} for band, low in (("hot", "20"), ("cold", "0"))],
    "lifecycle_stages": [
        {"stage": "lead", "position": "1", "kind": "open", "entered_by": "created"},
        {"stage": "customer", "position": "2", "kind": "won", "entered_by": "outcome", "name": "won"},
    ],
    "next_actions": [
        {"model_id": "m", "precedence": "1", "kind": "won", "priority": "5", "next_action": "thank"},
        {"model_id": "m", "precedence": "2", "band": "hot", "priority": "1", "next_action": "call"},
    ],
    "account_models": [{"model_id": "m", "roll_up": "sum", "status": "active"}],
}


class World:
    """Raw tables and rules that a test changes between runs."""

    def __init__(self, folder, build):
        self.folder, self.build = folder, build
        self.raw = {table: [] for table in RAW_HEADERS}
        self.rules = {name: [dict(row) for row in rows] for name, rows in RULES.items()}
        self.erased, self.published_attributes = [], None

    def contact(self, contact, created="2024-05-01", **cells):
        self.raw["contacts"].append({"contact_id": contact, "created_at": created, "industry": "it", **cells})

    def event(self, contact, at, event_type="visit"):
        self.raw["events"].append({"event_id": f"e{len(self.raw['events'])}", "contact_id": contact, "event_type": event_type, "occurred_at": at, "received_at": at})

    def run(self, *options, tests=False):
        write_case(Case(complete(self.raw, RAW_HEADERS), complete(self.rules, RULE_HEADERS), []), self.folder / "raw", self.folder / "rules")
        if self.erased:
            (self.folder / "raw" / "erasures.csv").write_text("contact_id,requested_at\n" + "".join(f"{contact},\n" for contact in self.erased))
        if self.published_attributes:
            (self.folder / "rules" / "published_attributes.csv").write_text("attribute,description\n" + "".join(f"{name},\n" for name in self.published_attributes))
        done = self.build("--raw", str(self.folder / "raw"), "--rules", str(self.folder / "rules"), *options, tests=tests)
        assert done.code == 0, done.errors + done.output
        return done


def rows_of(done) -> dict[str, dict]:
    """The published rows of a build by sync_key, as sync.py sends them."""
    return rows_in(done.warehouse)


def rows_in(warehouse) -> dict[str, dict]:
    """The same of a warehouse."""
    with duckdb.connect(str(warehouse / "lead_scores.duckdb"), read_only=True) as connection:
        found = connection.execute("from crm_sync")
        names = [column[0] for column in found.description]
        return {row["sync_key"]: row for row in ({name: sync.cell(value) for name, value in zip(names, each, strict=True)} for each in found.fetchall())}


def key_of(contact, model="m") -> str:
    return row_hash(contact, model)


def row_hash(*texts) -> str:
    """By the definition, written apart from the SQL."""
    cells = ["" if text is None else "=" + text.replace("~", "~~").replace("|", "~p") for text in texts]
    return hashlib.md5("|".join(cells).encode()).hexdigest()


def number(value) -> str | None:
    return None if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


class Service(ThreadingHTTPServer):
    """A service that takes a batch once by its Idempotency-Key, and fails as it is told: its answers are drawn from `ways`."""

    def __init__(self, ways=("take",), seed=1):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ways, self.random, self.seen, self.requests, self.versions = ways, random.Random(seed), set(), [], []
        self.state, self.answer = {}, (200, b"{}")
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}/rows"

    def take(self, key, body):
        if key in self.seen:
            return
        self.seen.add(key)
        for row in body.get("rows", []):
            before = self.state.get(row["sync_key"])
            assert before is None or before["row_hash"] != row["row_hash"], "the same row twice"
            assert before is None or before["changed_at"] < row["changed_at"]
            self.state[row["sync_key"]] = row
            self.versions.append((row["sync_key"], row["changed_at"]))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        service, body = self.server, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service.requests.append((self.command, dict(self.headers), body))
        way = service.random.choice(service.ways)
        if way in ("take", "lose"):
            service.take(self.headers["Idempotency-Key"], body)
        if way in ("lose", "hang up"):
            # Taken or not: the sender gets no answer.
            self.close_connection = True
            self.connection.close()
            return
        status, text = service.answer if way == "take" else (int(way), b"not now")
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if status in (429, 503):
            self.send_header("Retry-After", "0")
        if status == 302:
            self.send_header("Location", service.url)
        self.end_headers()
        self.wfile.write(text)

    do_PATCH = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    made = []

    def make(*arguments, **named):
        made.append(Service(*arguments, **named))
        return made[-1]

    yield make
    for one in made:
        one.shutdown()
        one.server_close()


def send(*arguments, stop_at=None) -> int:
    """Run sync.py in a process of its own, which ends at its n-th step: before or after a request, before or after a file is on the disk."""

    def stoppable(function, steps):
        def step(*given, **named):
            steps[0] += 1
            if steps[0] == stop_at:
                os._exit(77)
            done = function(*given, **named)
            steps[0] += 1
            if steps[0] == stop_at:
                os._exit(77)
            return done

        return step

    def child():
        import requests

        steps = [0]
        if stop_at:
            time.sleep = lambda _: None
            os.fsync = stoppable(os.fsync, steps)
            requests.Session.request = stoppable(requests.Session.request, steps)
        sys.stdout = sys.stderr = open(os.devnull, "w")
        os._exit(sync.main(sync.parse_arguments([str(argument) for argument in arguments])))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    return process.exitcode


def send_until_done(draw, *arguments) -> int:
    """Run sync.py again and again, stopped at random, until one run ends by itself. Returns the number of runs."""
    for attempt in range(1, 200):
        code = send(*arguments, stop_at=draw.randint(1, 4 + attempt))
        assert code in (0, 1, 77)
        if code == 0:
            return attempt
    raise AssertionError("no run ended")


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Five days of runs. Returns the warehouse as each run left it for readers, with the (contact, model, is_deleted) of the rows that the run changed."""
    folder = tmp_path_factory.mktemp("days")
    world = World(folder, lambda *options, tests: run_build(folder / "warehouse", *options, tests=tests))
    before, played = {}, []

    def play(*options, tests=False):
        """Run, check the times of the rows, and keep the published file. Returns what changed, and all rows."""
        nonlocal before
        done = world.run(*options, tests=tests)
        now = rows_of(done)
        (started,) = max(done.rows("select started_at from scoring_runs"))
        assert set(before) <= set(now), "a row is gone"
        changed = set()
        for key, row in now.items():
            plain = {name: value for name, value in row.items() if name != "changed_at"}
            if key in before and plain == {name: value for name, value in before[key].items() if name != "changed_at"}:
                assert row["changed_at"] == before[key]["changed_at"]
                continue
            assert row["changed_at"] == sync.cell(started)
            assert key not in before or row["row_hash"] != before[key]["row_hash"]
            changed.add((row["contact_id"], row["model_id"], row["is_deleted"]))
        before = now
        kept = folder / f"run {len(played)}"
        kept.mkdir()
        shutil.copyfile(done.published, kept / "lead_scores.duckdb")
        played.append(kept)
        return changed, now

    # Day 1: everything is new. The challenger has no rows.
    for contact, account in (("a", "acme"), ("b", "acme"), ("c", None), (PERSON, None), ("f", "zeta"), (ODD, None)):
        world.contact(contact, account_id=account)
        world.event(contact, "2024-06-01 09:00:00")
    changed, rows = play(tests=True)
    assert changed == {(contact, model, False) for contact in ("a", "b", "c", PERSON, "f", ODD) for model in ("m", "n")}
    # The hashes by their definition, for a lead with and one without an account.
    for contact in ("a", ODD):
        row = rows[key_of(contact)]
        cells = [row[name] for name in ("account_id", "status", "status_reason")]
        cells += [number(row[name]) for name in ("score", "behavioural_score", "demographic_score")]
        cells += [row[name] for name in ("band", "behavioural_band", "demographic_band", "grade")]
        cells += [None if row["priority"] is None else str(row["priority"]), row["next_action"], row["reason_1"], row["reason_2"], row["reason_3"]]
        assert row["row_hash"] == row_hash("lead", contact, None, *cells, row["stage"], number(row["account_score"]), row["account_band"])
    assert (rows[key_of("a")]["score"], rows[key_of("a")]["account_score"], rows[key_of("a")]["stage"]) == (10, 20, "lead")
    # Day 2, in the morning: e is new; a gets hot, which changes the account of b too.
    world.contact("e")
    world.event("a", "2024-06-02 08:00:00")
    assert play()[0] == {("e", "m", False), ("e", "n", False), ("a", "m", False), ("b", "m", False)}
    # In the evening, only f. Then the same again: nothing.
    world.event("f", "2024-06-02 18:00:00", "order")
    assert play()[0] == {("f", "n", False)}
    assert play("--full-refresh")[0] == set()
    # Day 3: c is merged into e, and f is deleted in the source.
    world.raw["merges"].append({"from_contact_id": "c", "into_contact_id": "e", "merged_at": "2024-06-03 07:00:00"})
    world.raw["contacts"] = [row for row in world.raw["contacts"] if row["contact_id"] != "f"]
    world.event(ODD, "2024-06-03 08:00:00", "order")
    changed, rows = play()
    assert changed == {("c", "m", True), ("c", "n", True), ("e", "m", False), ("f", "m", True), ("f", "n", True), (ODD, "n", False)}
    assert (rows[key_of("c")]["merged_into"], rows[key_of("f")]["merged_into"]) == ("e", None)
    assert {name for name, value in rows[key_of("c")].items() if value is not None} == {"sync_key", "model_id", "contact_id", "merged_into", "is_deleted", "row_hash", "changed_at"}
    assert rows[key_of("c")]["row_hash"] == row_hash("deleted", "c", "e")
    # Day 4: a person is erased. Nothing but the keys stays.
    world.erased.append(PERSON)
    world.event("b", "2024-06-04 08:00:00", "order")
    changed, rows = play(tests=True)
    assert changed == {(None, "m", True), (None, "n", True), ("b", "n", False)}
    assert rows[key_of(PERSON)]["row_hash"] == row_hash("deleted", None, None)
    assert PERSON.encode() not in (played[-1] / "lead_scores.duckdb").read_bytes()
    # Day 5: the model n is archived, f is back. Then the survivor of the merge is erased: its id goes from the row of c as well. And the date is forgotten.
    world.rules["score_models"][1]["status"] = "archived"
    world.contact("f", account_id="zeta")
    world.event("a", "2024-06-05 08:00:00", "order")
    changed, rows = play()
    assert changed == {(contact, "n", True) for contact in ("a", "b", "e", ODD)} | {("f", "m", False)}
    world.erased.append("e")
    changed, rows = play("--forget", "2024-06-05", "--as-of", "2024-06-04")
    assert changed >= {(None, "m", True), (None, "n", True)}
    assert not any("e" in (row["contact_id"], row["merged_into"]) for row in rows.values())
    play()
    return played


@pytest.mark.parametrize("seed", range(1, 9))
def test_five_days_of_a_consumer_that_is_stopped_at_random(days, tmp_path, service, seed):
    draw = random.Random(seed)
    crm = service(("take", "take", "take", "lose", "hang up", "503", "429"), seed=seed)
    file, stops = tmp_path / "rows.csv", 0
    for run in days:
        to_crm = ["--to", "http", crm.url, "--warehouse", run, "--batch", "2", "--per-second", "1000", "--journal", tmp_path / "http.jsonl"]
        to_file = ["--to", "csv", file, "--warehouse", run, "--batch", "3", "--journal", tmp_path / "csv.jsonl"]
        if run == days[-1] or draw.random() < 0.6:
            stops += send_until_done(draw, *to_crm) - 1
            assert crm.state == rows_in(run), "something was missed"
        elif draw.random() < 0.7:
            # The run stops half-way, and the next one finds other rows.
            send(*to_crm, stop_at=draw.randint(1, 12))
        if run == days[-1] or draw.random() < 0.6:
            stops += send_until_done(draw, *to_file) - 1
            assert in_file(file) == {key: in_csv(row) for key, row in rows_in(run).items()}
        elif draw.random() < 0.7:
            send(*to_file, stop_at=draw.randint(1, 12))
    assert len(crm.versions) == len(set(crm.versions))
    print(f"seed {seed}: {len(crm.versions)} row versions taken in {len(crm.requests)} requests, {stops} runs stopped")
    assert stops > 5 and len(crm.requests) > len(crm.seen)


def in_csv(row: dict) -> dict:
    """The cells of a row as the csv file has them, without the form of its numbers."""
    return {name: "" if value is None else str(value) for name, value in row.items() if name in ("sync_key", "contact_id", "status", "band", "reason_1", "is_deleted", "row_hash")}


def in_file(file) -> dict[str, dict]:
    """The last row of each key; no row is there twice."""
    with open(file, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == len({(row["sync_key"], row["changed_at"]) for row in rows}), "a row twice"
    found = {row["sync_key"]: row for row in rows}
    return {key: {name: row[name] for name in in_csv(row)} for key, row in found.items()}


# The sender


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A warehouse with five leads, one deleted and one erased."""
    folder = tmp_path_factory.mktemp("sync")
    world = World(folder, lambda *options, tests: run_build(folder / "warehouse", *options, tests=tests))
    for number_of, contact in enumerate(("hubspot:1", "b", "c", PERSON, '=cmd("x")')):
        world.contact(contact, account_id="acme")
        for hour in range(number_of):
            world.event(contact, f"2024-06-01 0{hour}:00:00")
    world.run()
    world.raw["contacts"] = [row for row in world.raw["contacts"] if row["contact_id"] != "b"]
    world.erased.append(PERSON)
    world.run()
    return folder / "warehouse"


@pytest.fixture
def warehouse(published, tmp_path):
    return shutil.copytree(published, tmp_path / "warehouse")


def run_sync(capsys, *arguments) -> tuple[int, str, str]:
    code = sync.main(sync.parse_arguments([str(argument) for argument in arguments]))
    return (code, *capsys.readouterr())


def test_a_dry_run_tells_what_would_be_sent_and_sends_nothing(warehouse, service, capsys):
    crm = service()
    code, output, _ = run_sync(capsys, "--to", "http", crm.url, "--warehouse", warehouse, "--dry-run", "--batch", "4")
    assert code == 0
    assert output.startswith("10 rows would be sent, 4 of them deletions, in 3 batches\n")
    assert len(json.loads(output.split("\n", 1)[1])["rows"]) == 4
    assert crm.requests == [] and not (warehouse / "sync.jsonl").exists()


def test_a_dry_run_that_is_read_no_further_ends_as_if_it_were(warehouse):
    """As by `| head`."""
    command = [sys.executable, str(PROJECT / "scripts" / "sync.py"), "--to", "csv", "rows.csv", "--warehouse", str(warehouse), "--dry-run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == ("", 0)


def test_the_journal_tells_what_was_sent_and_the_second_run_sends_nothing(warehouse, service, capsys, monkeypatch):
    monkeypatch.setenv("LEAD_SCORING_SYNC_TOKEN", "secret")
    crm = service()
    arguments = ["--to", "http", crm.url + "?key=hidden", "--warehouse", warehouse, "--batch", "4", "--per-second", str(1 / 60)]
    pauses = []
    monkeypatch.setattr(sync.time, "sleep", pauses.append)
    code, output, _ = run_sync(capsys, *arguments)
    assert code == 0 and output.startswith("10 rows sent, up to 20")
    assert [len(body["rows"]) for _, _, body in crm.requests] == [4, 4, 2]
    assert {headers["Authorization"] for _, headers, _ in crm.requests} == {"Bearer secret"}
    assert len({headers["Idempotency-Key"] for _, headers, _ in crm.requests}) == 3
    # At most one a minute: two pauses, less what the requests took.
    assert pauses[0] == 0 and len(pauses) == 3 and all(30 < pause <= 60 for pause in pauses[1:])
    lines = [json.loads(line) for line in (warehouse / "sync.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["sending", "sent"] * 3
    last = max(crm.state.values(), key=lambda row: (row["changed_at"], row["sync_key"]))
    assert lines[-1]["up_to"] == [last["changed_at"].replace("T", " ").removesuffix("Z"), last["sync_key"]]
    text = (warehouse / "sync.jsonl").read_text()
    assert "secret" not in text and "hidden" not in text and PERSON not in text
    assert os.stat(warehouse / "sync.jsonl").st_mode & 0o077 == 0
    assert run_sync(capsys, *arguments)[:2] == (0, "Nothing has changed since the last run.\n")
    assert len(crm.requests) == 3


def test_a_line_of_the_journal_that_a_stopped_run_did_not_finish_is_cut_off(warehouse, tmp_path, capsys):
    arguments = ["--to", "csv", tmp_path / "rows.csv", "--warehouse", warehouse, "--batch", "3"]
    assert run_sync(capsys, *arguments)[0] == 0
    lines = (warehouse / "sync.jsonl").read_bytes().splitlines(keepends=True)
    # As if the last batch was written and its line was not.
    (warehouse / "sync.jsonl").write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    rows = (tmp_path / "rows.csv").read_bytes()
    assert run_sync(capsys, *arguments)[:2] == (0, f"1 rows sent, up to {json.loads(lines[-1])['up_to'][0]}\n")
    assert (tmp_path / "rows.csv").read_bytes() == rows
    assert run_sync(capsys, *arguments)[:2] == (0, "Nothing has changed since the last run.\n")


def test_a_refused_batch_stops_the_run_and_loses_nothing(warehouse, service, capsys):
    crm = service(("take",))
    arguments = ["--to", "http", crm.url, "--warehouse", warehouse, "--batch", "6", "--per-second", "1000", "--retries", "2"]
    crm.answer = (400, b"unknown field")
    taken, crm.take = crm.take, lambda *_: None
    code, _, errors = run_sync(capsys, *arguments)
    assert (code, errors) == (1, f"Stopped. Errors:\n{crm.url}: answered 400 Bad Request: unknown field; correct the cause and run it again\n")
    assert len(crm.requests) == 1
    crm.answer, crm.ways = (200, b"{}"), ("503",)
    # What was refused is cut anew. What got no answer is pending.
    code, _, errors = run_sync(capsys, *arguments, "--batch", "5")
    assert code == 1 and "answered 503" in errors and "run it again later" in errors
    assert [len(body["rows"]) for _, _, body in crm.requests] == [6, 5, 5, 5]
    crm.ways, crm.take = ("take",), taken
    # The pending batch keeps its rows and its key.
    assert run_sync(capsys, *arguments, "--batch", "1")[0] == 0
    assert [len(body["rows"]) for _, _, body in crm.requests[4:]] == [5, 1, 1, 1, 1, 1]
    assert crm.requests[4][1]["Idempotency-Key"] == crm.requests[3][1]["Idempotency-Key"]
    assert len(crm.state) == 10


def test_a_redirect_is_refused(warehouse, service, capsys):
    crm = service(("302",))
    code, _, errors = run_sync(capsys, "--to", "http", crm.url, "--warehouse", warehouse)
    assert code == 1 and "answered 302" in errors and len(crm.requests) == 1


def test_a_service_that_is_not_there(warehouse, capsys):
    code, _, errors = run_sync(capsys, "--to", "http", "http://127.0.0.1:9/rows", "--warehouse", warehouse, "--retries", "1")
    assert code == 1
    assert errors == "Stopped. Errors:\nhttp://127.0.0.1:9/rows: no answer after 1 retries: ConnectionError; run it again later\n"


def test_wrong_input_is_told_and_nothing_is_sent(warehouse, tmp_path, service, capsys):
    crm = service()
    to = ["--to", "http", crm.url]
    file = warehouse / "lead_scores.duckdb"

    def told(*arguments):
        code, output, errors = run_sync(capsys, *arguments)
        assert code == 2 and output == ""
        assert errors.startswith("Nothing was sent. Errors:\n")
        return errors.removeprefix("Nothing was sent. Errors:\n").strip()

    assert told(*to, "--warehouse", tmp_path / "nowhere") == f"{tmp_path}/nowhere/lead_scores.duckdb: is missing; run build.py first, or name the folder with --warehouse"
    at = ["--warehouse", warehouse]
    assert told(*to, *at, "--journal", tmp_path / "no folder" / "j") == f"{tmp_path}/no folder/j: the journal cannot be written: No such file or directory; nothing was sent"
    assert told(*to, *at, "--journal", tmp_path) == f"{tmp_path}: the journal cannot be written: Is a directory; nothing was sent"
    (tmp_path / "broken").write_text("no journal\n")
    assert told(*to, *at, "--journal", tmp_path / "broken").startswith(f"{tmp_path}/broken: row 1: is not a line of the journal; ")
    (tmp_path / "other.csv").write_text("rows of another\n")
    assert told("--to", "csv", tmp_path / "other.csv", *at).startswith(f"{tmp_path}/other.csv: exists, but the journal {warehouse}/sync.jsonl does not know it; ")
    assert (tmp_path / "other.csv").read_text() == "rows of another\n"
    (warehouse / "sync.jsonl").unlink()
    assert run_sync(capsys, "--to", "csv", tmp_path / "rows.csv", *at)[0] == 0
    assert told(*to, *at) == f"{warehouse}/sync.jsonl: row 1: is about csv {tmp_path}/rows.csv, not http {crm.url}; name another --journal"
    whole = (tmp_path / "rows.csv").read_text()
    (tmp_path / "rows.csv").write_text(whole[:100])
    assert told("--to", "csv", tmp_path / "rows.csv", *at) == f"{tmp_path}/rows.csv: is shorter than after the last run; restore it, or move it away"
    (tmp_path / "rows.csv").write_text(whole)
    with open(warehouse / "sync.jsonl") as held:
        from support.environment import locked

        assert locked(held)
        assert told("--to", "csv", tmp_path / "rows.csv", *at) == f"{warehouse}/sync.jsonl: another run of sync.py has it open; wait until it ends"
    with duckdb.connect(str(file)) as connection:
        connection.execute("update crm_sync set changed_at = changed_at - interval 1 day")
    assert ": is older than what was sent: it changed last at " in told("--to", "csv", tmp_path / "rows.csv", *at)
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table crm_sync")
    assert told(*to, *at) == f"{file}: has no table crm_sync, because an earlier version of the project published it; run build.py first"
    file.unlink()
    file.write_text("no database, but a text of some length that is no database")
    assert told(*to, *at).startswith(f"{file}: cannot be read: ")
    assert crm.requests == []


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--to", "ftp", "x"], "--to must be csv FILE or http URL"),
        (["--to", "http", "example.com"], "must be a URL that begins with https:// or http://"),
        (["--to", "http", "http://x:99999/rows"], "a port, one from 0 to 65535"),
        (["--to", "http", "http://x:port/rows"], "a port, one from 0 to 65535"),
        (["--to", "http", "http://[::1/rows"], "must be a URL that begins with https:// or http://"),
        (["--to", "http", "http://x", "--as", "hubspot"], "--as hubspot needs --id-field NAME"),
        (["--to", "csv", "x", "--as", "salesforce", "--id-field", "x"], "--as salesforce is for --to http"),
        (["--to", "csv", "x", "--batch", "0"], "--batch must be from 1 to 10000"),
    ],
)
def test_wrong_options(arguments, told, capsys):
    with pytest.raises(SystemExit) as end:
        sync.parse_arguments(arguments)
    assert end.value.code == 2 and told in capsys.readouterr().err


@pytest.mark.parametrize("token", ["Łódź", "two\nlines", "\udcff"])
def test_a_token_that_no_header_can_hold_is_told_before_anything_is_written(warehouse, service, capsys, monkeypatch, token):
    monkeypatch.setenv("LEAD_SCORING_SYNC_TOKEN", token)
    crm = service()
    code, _, errors = run_sync(capsys, "--to", "http", crm.url, "--warehouse", warehouse)
    assert (code, errors.count("\n")) == (2, 2) and "LEAD_SCORING_SYNC_TOKEN: must not have" in errors and token not in errors
    assert crm.requests == [] and not (warehouse / "sync.jsonl").exists()


def test_a_url_that_requests_refuses_is_told_before_anything_is_written(warehouse, capsys):
    code, _, errors = run_sync(capsys, "--to", "http", "http://*.example.com/rows", "--warehouse", warehouse)
    assert (code, errors) == (2, "Nothing was sent. Errors:\nhttp://*.example.com/rows: is not a valid URL\n")
    assert not (warehouse / "sync.jsonl").exists()


def test_one_journal_is_about_one_whole_url_and_one_payload(warehouse, service, capsys):
    crm = service()
    at = ["--warehouse", warehouse, "--per-second", "1000"]
    first = ["--to", "http", f"{crm.url}?tenant=a", *at]
    assert run_sync(capsys, *first)[0] == 0
    for other in (f"{crm.url}?tenant=b", crm.url, crm.url.replace("//", "//user:pass@")):
        code, _, errors = run_sync(capsys, "--to", "http", other, *at)
        assert code == 2 and f"sync.jsonl: row 1: is about http {crm.url} with another user, other parameters, " in errors and "pass" not in errors
    for payload in (["--as", "hubspot", "--id-field", "x"], ["--as", "salesforce", "--id-field", "x"]):
        assert run_sync(capsys, *first, *payload)[0] == 2
    hubspot = [*first, "--as", "hubspot", "--journal", warehouse / "h", "--id-field"]
    assert [run_sync(capsys, *hubspot, field)[0] for field in ("x", "y", "x")] == [0, 2, 0]
    # What does not change the requests.
    assert run_sync(capsys, *first, "--id-field", "x", "--batch", "3")[:2] == (0, "Nothing has changed since the last run.\n")
    assert run_sync(capsys, "--to", "http", f"{crm.url.replace('http', 'HTTP')}?tenant=a#top", *at)[0] == 0
    # Another tenant gets all rows, under other keys.
    crm.state.clear()
    assert run_sync(capsys, "--to", "http", f"{crm.url}?tenant=b", *at, "--journal", warehouse / "b")[1].startswith("10 rows sent")
    assert len({headers["Idempotency-Key"] for _, headers, _ in crm.requests}) == len(crm.requests) == 3
    assert "tenant" not in (warehouse / "sync.jsonl").read_text()


def test_the_journal_of_an_earlier_version_goes_on_where_it_names_one_receiver(warehouse, service, capsys):
    crm = service()
    at = ["--warehouse", warehouse, "--batch", "6", "--per-second", "1000"]
    assert run_sync(capsys, "--to", "http", crm.url, *at)[0] == 0
    lines = [json.loads(line) for line in (warehouse / "sync.jsonl").read_text().splitlines()]
    assert {line.pop("whole") for line in lines}
    # As if the last batch was not finished.
    before = "".join(json.dumps(line) + "\n" for line in lines[:-1])
    (warehouse / "sync.jsonl").write_text(before)
    code, _, errors = run_sync(capsys, "--to", "http", f"{crm.url}?tenant=a", *at)
    assert code == 2 and "sync.jsonl: row 1: is by an earlier version" in errors and "send all rows again" in errors
    assert (warehouse / "sync.jsonl").read_text() == before
    assert run_sync(capsys, "--to", "http", crm.url, *at)[1].startswith("4 rows sent")
    assert crm.requests[-1][1]["Idempotency-Key"] == lines[-1]["key"]
    # From now on it is about this payload.
    assert run_sync(capsys, "--to", "http", crm.url, *at, "--as", "hubspot", "--id-field", "x")[0] == 2


def test_retries_keep_to_the_requests_per_second(warehouse, service, capsys, monkeypatch):
    crm, pauses = service(("503", "hang up"), seed=2), []
    monkeypatch.setattr(sync.time, "sleep", pauses.append)
    arguments = ["--to", "http", crm.url, "--warehouse", warehouse, "--per-second", str(1 / 600), "--retries", "4"]
    assert run_sync(capsys, *arguments)[0] == 1
    assert len(crm.requests) == 5
    assert len([pause for pause in pauses if pause > 500]) == 4


def test_the_csv_file_grows_and_may_be_taken_away(warehouse, tmp_path, capsys):
    file = tmp_path / "rows.csv"
    arguments = ["--to", "csv", file, "--warehouse", warehouse, "--batch", "3"]
    assert run_sync(capsys, *arguments)[0] == 0
    with open(file, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 10
    # As it is: this file is for an import, not for a spreadsheet.
    assert {row["contact_id"] for row in rows} == {"hubspot:1", "b", "c", "", '=cmd("x")'}
    file.unlink()
    assert run_sync(capsys, *arguments)[:2] == (0, "Nothing has changed since the last run.\n")
    with duckdb.connect(str(warehouse / "lead_scores.duckdb")) as connection:
        connection.execute("update crm_sync set changed_at = '2199-01-01', row_hash = 'x' where contact_id = 'c' and model_id = 'm'")
    assert run_sync(capsys, *arguments)[0] == 0
    with open(file, encoding="utf-8", newline="") as handle:
        assert [(row["contact_id"], row["model_id"]) for row in csv.DictReader(handle)] == [("c", "m")]


def test_the_payloads_of_hubspot_and_salesforce(warehouse, service, capsys):
    # 4 visits of the last contact: 40 points, hot, to call. Visits give 10, so c has 20; of the account hubspot:1 has none: 60.
    crm = service()
    arguments = ["--to", "http", crm.url, "--warehouse", warehouse, "--id-field", "score_id"]
    assert run_sync(capsys, *arguments, "--as", "hubspot", "--journal", warehouse / "h")[0] == 0
    ((method, headers, body),) = crm.requests
    assert (method, headers["Content-Type"], set(body)) == ("POST", "application/json", {"inputs"})
    # One contact once, with the fields of both models; no deleted one.
    assert sorted(entry["id"] for entry in body["inputs"]) == ["1", '=cmd("x")', "c"]
    (hot,) = (entry for entry in body["inputs"] if entry["id"] == '=cmd("x")')
    assert set(hot) == {"idProperty", "id", "properties"} and hot["idProperty"] == "score_id"
    assert set(hot["properties"]) == {f"{model}_{field}" for model in ("m", "n") for field in sync.FIELDS}
    wanted = {"m_score": 40, "m_band": "hot", "m_priority": 1, "m_next_action": "call", "m_stage": "lead", "m_account_score": 60, "m_grade": "", "n_score": 0}
    assert {name: hot["properties"][name] for name in wanted} == wanted
    crm.answer = (200, json.dumps([{"id": "x", "success": True, "errors": []}] * 3).encode())
    assert run_sync(capsys, *arguments, "--as", "salesforce", "--journal", warehouse / "s")[0] == 0
    method, _, body = crm.requests[-1]
    assert (method, set(body), body["allOrNone"]) == ("PATCH", {"allOrNone", "records"}, False)
    (hot,) = (record for record in body["records"] if record["score_id"] == '=cmd("x")')
    assert hot["attributes"] == {"type": "Contact"}
    assert (hot["m_score__c"], hot["m_grade__c"], hot["m_next_action__c"]) == (40, None, "call")
    assert set(hot) == {"attributes", "score_id"} | {f"{model}_{field}__c" for model in ("m", "n") for field in sync.FIELDS}


@pytest.mark.parametrize(
    "form, status, answer, told",
    [
        ("salesforce", 200, [{"success": True}, {"success": False, "errors": [{"message": "bad"}]}], 'refused 1 of the contacts: {"success": false, "errors": [{"message": "bad"}]}'),
        ("salesforce", 200, "no list", "did not answer as Salesforce does"),
        ("hubspot", 207, {"errors": ["bad"]}, "answered 207"),
    ],
)
def test_a_part_that_was_refused_is_told(warehouse, service, capsys, form, status, answer, told):
    crm = service()
    crm.answer = (status, json.dumps(answer).encode())
    arguments = ["--to", "http", crm.url, "--warehouse", warehouse, "--as", form, "--id-field", "x"]
    code, _, errors = run_sync(capsys, *arguments)
    assert code == 1 and told in errors
    crm.answer = (200, json.dumps([{"success": True}]).encode())
    assert run_sync(capsys, *arguments)[:2] == (0, f"10 rows sent, up to {json.loads((warehouse / 'sync.jsonl').read_text().splitlines()[-1])['up_to'][0]}\n")


# call_list


def test_the_call_list_has_open_leads_in_order_with_published_attributes(tmp_path, build):
    world = World(tmp_path, build)
    world.raw["accounts"].append({"account_id": "acme", "created_at": "2024-01-01", "name": "Acme", "sector": "steel"})
    world.contact("a", email="a@example.com", account_id="acme")
    world.contact("b", phone="48")
    world.contact("c", email="<b>c</b>@example.com")
    world.contact("won", email="won@example.com")
    for contact, times in (("a", 2), ("b", 3), ("c", 1), ("won", 5)):
        for hour in range(times):
            world.event(contact, f"2024-06-01 0{hour}:00:00")
    world.raw["outcomes"].append({"outcome_id": "o", "contact_id": "won", "outcome": "won", "occurred_at": "2024-06-01 16:00:00"})
    done = world.run(tests=True)
    fixed = [row[0] for row in done.rows("select column_name from duckdb_columns() where table_name = 'call_list' order by column_index")]
    # A published attribute may have none of these names.
    with open(PROJECT / "contract" / "rule_columns.csv", encoding="utf-8", newline="") as handle:
        (taken,) = (row["choices"].split("|") for row in csv.DictReader(handle) if row["relation"] == "not_one_of")
    assert fixed == taken
    # b and a are hot: priority 1, b first by its score. c has no priority. The challenger has no list, and the customer is in none.
    listed = "select place, contact_id, priority, next_action, score::int, stage, account_name, account_score::int from call_list where model_id = 'm' order by place"
    wanted = [(1, "b", 1, "call", 30, "lead", None, None), (2, "a", 1, "call", 20, "lead", "Acme", 20), (3, "c", None, None, 10, "lead", None, None)]
    assert done.rows(listed) == wanted
    assert done.rows("select distinct model_id from call_list order by 1") == [("m",), ("n",)]
    versions = "select distinct model_id, rules_version, rules_fingerprint from scored_dates order by all"
    before = done.rows(versions)
    # Named columns of raw.contacts and raw.accounts, in any case; one that no table has is warned of, and is an empty column.
    world.published_attributes = ["Email", "account.sector", "nickname", "email_domain"]
    done = world.run(tests=True)
    assert "nickname" in done.output and "published_attributes" in done.output
    assert done.rows(listed) == wanted
    columns = [row[0] for row in done.rows("select column_name from duckdb_columns() where table_name = 'call_list' order by column_index")]
    assert columns[: len(fixed)] == fixed and sorted(columns[len(fixed) :]) == ["account.sector", "email", "email_domain", "nickname"]
    shown = """select contact_id, email, "account.sector", email_domain, nickname from call_list where model_id = 'm' order by place"""
    assert done.rows(shown) == [("b", None, None, None, None), ("a", "a@example.com", "steel", "example.com", None), ("c", "<b>c</b>@example.com", None, "example.com", None)]
    assert done.rows(versions) == before
    # Without lifecycle stages every scored lead is open.
    world.rules["lifecycle_stages"] = []
    world.rules["next_actions"] = world.rules["next_actions"][1:]
    assert world.run(tests=True).rows("select contact_id from call_list where model_id = 'm' order by place") == [("won",), ("b",), ("a",), ("c",)]


def test_wrong_published_attributes_are_told(tmp_path, build):
    world = World(tmp_path, build)
    world.contact("won", email="x@example.com")
    world.event("won", "2024-06-01 08:00:00")
    world.raw["outcomes"].append({"outcome_id": "o", "contact_id": "won", "outcome": "won", "occurred_at": "2024-06-01 16:00:00"})
    world.published_attributes = ["email"]
    # Nobody is to be called, and the column is there all the same.
    assert world.run().rows("select email from call_list") == []
    (tmp_path / "rules" / "published_attributes.csv").write_text("attribute,description\nEmail,\nStage,of the source\nemail,\n,none\n")
    done = build("--raw", str(tmp_path / "raw"), "--rules", str(tmp_path / "rules"))
    assert done.code == 2
    told = [line.split("published_attributes.csv: ")[1] for line in done.errors.splitlines() if "published_attributes.csv: row" in line]
    assert sorted(line.split(";")[0] for line in told) == [
        "row 3, column attribute: Stage: is a column of call_list already",
        "row 4, column attribute: email: must be unique",
        "row 5, column attribute: (empty): must not be empty",
    ]
