"""Law 7 where it hurts: a build that is killed, or runs out of disk or memory, leaves the last published file, and the next run repairs all.

What a build publishes next it makes in the folder `next`; whatever a killed build has left there, the next one throws away.

LEAD_SCORING_KILLS=N kills N whole builds instead of 8, and runs the next one after each instead of after every fifth.
"""

import csv
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import HAND_COMPUTED, PROJECT, run_build
from tests.refresh import OF_THE_RUN

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills and limits processes as Unix does")

KILLS = int(os.environ.get("LEAD_SCORING_KILLS", "8"))
EXHAUSTIVE = "LEAD_SCORING_KILLS" in os.environ
RUN = "scoring_runs"


class Crashing:
    """A warehouse that was built and published once, and input that has changed since, to build again and again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.warehouse = folder / "warehouse"
        self.raw, self.rules = folder / "raw", folder / "rules"
        shutil.copytree(HAND_COMPUTED / "raw", self.raw)
        shutil.copytree(HAND_COMPUTED / "rules", self.rules)
        # Before: every fifth event and a contact are not there yet, and nobody was identified.
        _keep(self.raw / "events.csv", lambda number: number % 5)
        _keep(self.raw / "contacts.csv", lambda number: number != 24)
        _keep(self.raw / "identities.csv", lambda number: False)
        first = run_build(self.warehouse, *self.options("2024-06-29"))
        assert first.code == 0, first.errors
        # Now: late events and contacts, identifications, other rules, the next date.
        shutil.copytree(HAND_COMPUTED / "raw", self.raw, dirs_exist_ok=True)
        text = (self.rules / "event_rules.csv").read_text(encoding="utf-8")
        last = [line for line in text.splitlines() if ",core," in line][-1]
        (self.rules / "event_rules.csv").write_text(text + last.replace(last.split(",")[0], "one_more") + "\n", encoding="utf-8")
        shutil.copytree(self.warehouse, folder / "good")
        self.published = self.warehouse / "lead_scores.duckdb"
        self.good_bytes = self.published.read_bytes()

    def options(self, as_of="2024-06-30"):
        return ["--raw", str(self.raw), "--rules", str(self.rules), "--as-of", as_of]

    def reset(self, state="good"):
        """The warehouse as the first build left it (or the undisturbed one, "built"), at the same place, where dbt knows the project already."""
        shutil.rmtree(self.warehouse)
        shutil.copytree(self.folder / state, self.warehouse)

    def publish_good(self):
        """Publish what the first build published."""
        self.published.unlink()
        shutil.copy(self.folder / "good" / "lead_scores.duckdb", self.published)

    def start(self, *script: str, **more) -> subprocess.Popen:
        """Start a build in a process group of its own: build.py, or a script that stands for it."""
        command = [sys.executable, *(script or [str(PROJECT / "scripts" / "build.py")]), "--warehouse", str(self.warehouse), *self.options()]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **more)

    def build(self, stop=None):
        """Build undisturbed, or killed as the node of that number starts; what is compared here needs no data tests."""
        return run_build(self.warehouse, *self.options(), tests=stop is not None, stop=stop)

    def new_is_published(self) -> bool:
        """Whether the published file is another than the good one; checks that it is whole and equals an undisturbed build's."""
        if self.published.read_bytes() == self.good_bytes:
            with duckdb.connect(str(self.published), read_only=True) as connection:
                assert connection.execute("select max(as_of_date)::varchar from lead_scores").fetchone() == ("2024-06-29",)
            return False
        assert differences(self.published, self.folder / "undisturbed.duckdb") == []
        return True

    def repair(self):
        """Build after a build that was stopped: what it publishes equals what an undisturbed one does, and nothing is left that comes next."""
        done = self.build()
        assert done.code == 0, done.errors
        assert differences(self.published, self.folder / "undisturbed.duckdb") == []
        assert list((self.warehouse / "next").iterdir()) == []


class Progress:
    """How far a build has come, by what it writes: dbt's log, which names every node as it starts."""

    def __init__(self, warehouse: Path):
        self.log = warehouse / "logs" / "dbt.log"
        self.place = self.log.stat().st_size if self.log.exists() else 0
        self.starts = 0
        self.rest = b""

    def nodes(self) -> int:
        """The number of nodes that have started."""
        with open(self.log, "rb") as handle:
            handle.seek(self.place)
            new = self.rest + handle.read()
            self.place = handle.tell()
        *lines, self.rest = new.split(b"\n")
        self.starts += sum(b" START " in line and b" START hook" not in line for line in lines)
        return self.starts


def _keep(path, holds):
    with open(path, encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    with open(path, "w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([header, *(row for number, row in enumerate(rows) if holds(number))])


def differences(file: Path, other: Path) -> list[str]:
    """What tells two published files apart: tables or rows that one of them lacks. What tells of runs is not compared."""
    with duckdb.connect() as connection:
        for name, path in (("a", file), ("b", other)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        query = "select table_name from duckdb_tables() where database_name = ? and table_name not in (?, 'run_facts') order by 1"
        tables, others = ([row[0] for row in connection.execute(query, [name, RUN]).fetchall()] for name in ("a", "b"))
        if tables != others or "lead_scores" not in tables:
            return [f"tables {tables} and {others}"]
        return [
            f"{table}: rows that only {one} has"
            for table in tables
            for one, two in (("a", "b"), ("b", "a"))
            for kept in [OF_THE_RUN.get(table, "*")]
            if connection.execute(f"select count(*) from (select {kept} from {one}.{table} except all select {kept} from {two}.{table})").fetchone()[0]
        ]


@pytest.fixture(scope="module")
def crashing(tmp_path_factory):
    """The warehouse to crash, with what an undisturbed build of the changed input publishes, and how long that takes."""
    world = Crashing(tmp_path_factory.mktemp("crashing"))
    progress = Progress(world.warehouse)
    began = time.monotonic()
    with world.start() as process:
        while process.poll() is None and not progress.nodes():
            time.sleep(0.02)
        world.seconds_before_nodes = time.monotonic() - began
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    world.nodes = progress.nodes()
    assert world.nodes > 200
    shutil.copy(world.published, world.folder / "undisturbed.duckdb")
    shutil.copytree(world.warehouse, world.folder / "built")
    assert world.published.read_bytes() != world.good_bytes
    assert differences(world.published, world.folder / "undisturbed.duckdb") == []
    assert differences(world.folder / "good" / "lead_scores.duckdb", world.published) != []
    assert list((world.warehouse / "next").iterdir()) == []
    return world


def test_law_10_late_rows_and_other_rules_change_no_date_that_was_published(crashing):
    """What all these builds are compared with: the earlier date as it was, though it would be scored otherwise now, and told so."""
    with duckdb.connect() as connection:
        for name, folder in (("before", "good"), ("now", "built")):
            connection.execute(f"attach '{crashing.folder / folder / 'lead_scores.duckdb'}' as {name} (read_only)")
        for one, two in (("before", "now"), ("now", "before")):
            query = f"select count(*) from (select * from {one}.lead_score_history where as_of_date = '2024-06-29' except all select * from {two}.lead_score_history)"
            assert connection.execute(query).fetchall() == [(0,)]
        assert connection.execute("select as_of_date::varchar, min(late_rows) > 0 from now.scored_dates group by 1 order by 1").fetchall() == [("2024-06-29", True), ("2024-06-30", False)]
        assert connection.execute("select count(distinct rules_fingerprint) from now.scored_dates").fetchall() == [(2,)]


def kill_points() -> dict[str, tuple[str, float]]:
    """Where builds are killed: as the published file is copied, before dbt's first node by time, by nodes started, at the publishing, and after it."""
    early = max(2, KILLS // 8)
    points = {f"{(number + 0.5) / early:.0%} of the time before the first node": ("time", (number + 0.5) / early) for number in range(early)}
    points["the next file appears"] = ("copying", 0)
    nodes = max(4, KILLS - early - 3)
    points |= {f"{number / (nodes - 1):.1%} of the nodes": ("nodes", number / (nodes - 1)) for number in range(nodes)}
    points["a new file appears"] = ("publishing", 0)
    points["the new file is published"] = ("published", 0)
    return points


def wait_for(world, process, kind, part):
    """Wait until a build has come to a point, or has ended."""
    progress, files = Progress(world.warehouse), world.warehouse / "published"
    before, folders = world.published.stat().st_ino, set(files.iterdir())
    reached = {
        "time": lambda: time.monotonic() - began >= part * world.seconds_before_nodes,
        "nodes": lambda: progress.nodes() >= max(1, round(part * world.nodes)),
        "copying": (world.warehouse / "next" / "lead_scores.duckdb").exists,
        "publishing": lambda: set(files.iterdir()) - folders,
        "published": lambda: world.published.stat().st_ino != before,
    }[kind]
    began = time.monotonic()
    while process.poll() is None and not reached():
        time.sleep(0.002)


@pytest.mark.parametrize("point", kill_points())
def test_law_7_a_killed_build_leaves_the_published_file_and_the_next_one_equals_an_undisturbed_one(point, crashing):
    kind, part = kill_points()[point]
    crashing.reset()
    if kind == "nodes":
        assert crashing.build(stop=max(1, round(part * crashing.nodes))).code == -signal.SIGKILL
    else:
        with crashing.start() as process:
            wait_for(crashing, process, kind, part)
            assert process.poll() is None, process.communicate()
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    is_new = crashing.new_is_published()
    assert is_new == (kind == "published") or kind == "publishing"
    if EXHAUSTIVE or list(kill_points()).index(point) % 5 == 4:
        crashing.repair()


def test_law_7_builds_that_are_killed_again_and_again_leave_nothing_that_the_next_one_does_not_repair(crashing):
    """One warehouse, killed at three random points in turn."""
    crashing.reset()
    choice = random.Random(7)
    for _ in range(3):
        assert crashing.build(stop=choice.randint(1, crashing.nodes)).code == -signal.SIGKILL
        assert not crashing.new_is_published()
    crashing.repair()


# Publishes in a process of its own for each number it is told, which kills itself before its step of that number; tells the names of the steps it did.
PUBLISH = """
import os, shutil, signal, sys
from pathlib import Path
import duckdb
from support import records, warehouse

folder, made = Path(sys.argv[1]), sys.argv[2]
done, last = [], 0

def counted(act):
    def step(*arguments, **options):
        if len(done) == last:
            print(*done, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(act.__name__)
        return act(*arguments, **options)
    return step

class Counted:
    def __init__(self, connection):
        self.connection, self.execute = connection, counted(connection.execute)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.connection.close()

connect = duckdb.connect
for line in sys.stdin:
    child = os.fork()
    if not child:
        last = int(line)
        with warehouse.held(folder, 0):
            shutil.rmtree(folder / "next", ignore_errors=True)
            (folder / "next").mkdir()
            shutil.copy(made, folder / "next" / "lead_scores.duckdb")
            record = records.Run(folder).finish(0, "published")
            duckdb.connect = lambda *arguments: Counted(connect(*arguments))
            for name in ("fsync", "replace", "symlink", "unlink", "mkdir", "rmdir"):
                setattr(os, name, counted(getattr(os, name)))
            warehouse.publish(folder, record, facts={"raw": "new"})
        print(*done, flush=True)
        os._exit(0)
    print("ended", os.waitpid(child, 0)[1], flush=True)
"""


def test_law_7_publishing_that_is_killed_leaves_the_old_file_or_the_new_one(crashing):
    """The last step alone, killed before each of its steps, each time on what the killed one before left behind."""
    from support import warehouse

    crashing.reset("built")
    command = [sys.executable, "-c", PUBLISH, str(crashing.warehouse), str(crashing.folder / "undisturbed.duckdb")]
    with subprocess.Popen(command, cwd=PROJECT / "scripts", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def told(number):
            """The steps of a publishing that is killed before its step of a number, and whether it was killed. All folders are old enough to be removed."""
            for folder in (crashing.warehouse / "published").iterdir():
                os.utime(folder, (1, 1))
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            steps, ended = process.stdout.readline().split(), process.stdout.readline()
            assert ended in ("ended 9\n", "ended 0\n")
            return steps, ended == "ended 9\n"

        number, is_killed = 0, True
        while is_killed:
            crashing.publish_good()
            warehouse.note(crashing.warehouse, "remembered.json", {"raw": "old"})
            steps, is_killed = told(number)
            # The file goes to its own folder, what it was built from into a note, the link to it in place of what was published.
            assert crashing.new_is_published() == (steps.count("replace") >= 3)
            # What was published was built from what is remembered.
            assert warehouse.remembered(crashing.warehouse) == {"raw": "new" if crashing.new_is_published() else "old"}
            number += 1
        # The record of the run, what stands in the log, all of it to the disk.
        assert steps.count("execute") >= 2
        assert steps.index("execute") < steps.index("fsync") < steps.index("replace") < steps.index("symlink")
        # What the killed ones left behind is gone, but for what was published last.
        assert not told(-1)[1]
        assert crashing.new_is_published()
        assert {path.name for path in (crashing.warehouse / "published").iterdir()} >= {crashing.published.resolve().parent.name}
        assert len(list((crashing.warehouse / "published").iterdir())) <= 2
        assert list((crashing.warehouse / "next").iterdir()) == []
        process.stdin.close()


# Writes to the next file and is killed: what it has written stands in the file's log alone.
LOGGED = """
import os, signal, sys
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("set checkpoint_threshold = '1TB'; create table only_in_the_log as select 7 as n")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_law_7_what_stands_in_the_log_of_the_next_file_is_published_with_it(crashing):
    """As a build leaves it that finds no room to write it all into the file."""
    from support import warehouse

    crashing.reset("built")
    shutil.copy(crashing.published, crashing.warehouse / "next" / "lead_scores.duckdb")
    subprocess.run([sys.executable, "-c", LOGGED, str(crashing.warehouse / "next" / "lead_scores.duckdb")], check=False)
    assert (crashing.warehouse / "next" / "lead_scores.duckdb.wal").exists()
    warehouse.publish(crashing.warehouse)
    with duckdb.connect(str(crashing.published), read_only=True) as connection:
        assert connection.execute("from only_in_the_log").fetchall() == [(7,)]
    assert list((crashing.warehouse / "next").iterdir()) == []


@pytest.fixture
def small_disk(crashing):
    """The warehouse on a disk of its own with room for two of it."""
    crashing.reset()
    mounted = crashing.folder / "mounted"
    mounted.mkdir(exist_ok=True)
    size = sum(path.stat().st_size for path in crashing.warehouse.rglob("*") if path.is_file())
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={2 * size + 50_000_000}", "tmpfs", str(mounted)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a disk of its own needs the right to mount one")
    place = crashing.warehouse
    try:
        crashing.warehouse = Path(shutil.copytree(place, mounted / "warehouse"))
        crashing.published = crashing.warehouse / "lead_scores.duckdb"
        yield mounted
    finally:
        crashing.warehouse, crashing.published = place, place / "lead_scores.duckdb"
        subprocess.run(["umount", "--lazy", str(mounted)], check=False)


def fill(folder):
    """Leave no room on a disk."""
    with open(folder / "filler", "ab", buffering=0) as handle:
        try:
            while handle.write(b"x" * 4096):
                pass
        except OSError:
            pass


# build.py, on a disk that is full when it begins to publish.
FULL_AT_PUBLISHING = """
import sys
from pathlib import Path
scripts, tests, disk = sys.argv[1:4]
sys.path[:0] = [scripts, tests]
del sys.argv[1:4]
import build
from support import warehouse
from tests.test_crashes import fill
publish = warehouse.publish

def publish_without_room(*arguments):
    fill(Path(disk))
    return publish(*arguments)

warehouse.publish = publish_without_room
sys.exit(build.main(build.parse_arguments()))
"""


def told_in_one_message(errors):
    """Whether a build that failed says so as a person can read it."""
    return errors.startswith("Nothing was ") and "Traceback" not in errors and len(errors.splitlines()) < 10 and len(errors) < 3000


@pytest.mark.parametrize("point", ["while models are built", "at the publishing", *(["before the build"] if EXHAUSTIVE else [])])
def test_law_7_a_full_disk_is_told_and_the_next_build_with_room_is_as_if_nothing_had_been(point, small_disk, crashing):
    if point == "before the build":
        fill(small_disk)
    script = ["-c", FULL_AT_PUBLISHING, str(PROJECT / "scripts"), str(PROJECT), str(small_disk)] if point == "at the publishing" else []
    with crashing.start(*script) as process:
        if point == "while models are built":
            wait_for(crashing, process, "nodes", 0.5)
            fill(small_disk)
        _, errors = process.communicate()
    assert process.returncode in (1, 2), errors
    assert told_in_one_message(errors), errors
    assert not crashing.new_is_published()
    (small_disk / "filler").unlink()
    crashing.repair()


def test_law_7_a_limit_to_the_size_of_files_is_told(crashing):
    """As a quota does it. The file of the build is larger than this, that of the marts is not."""
    crashing.reset()
    with crashing.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))) as process:
        _, errors = process.communicate()
    assert process.returncode in (1, 2), errors
    assert told_in_one_message(errors), errors
    assert not crashing.new_is_published()


def test_law_7_too_little_memory_is_told_before_anything_begins(crashing):
    """With a little less than a build asks for, threads of dbt may die or wait forever."""
    crashing.reset()
    limit = 1900 << 20
    with crashing.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) as process:
        _, errors = process.communicate(timeout=300)
    assert process.returncode == 2
    assert told_in_one_message(errors), errors
    assert "allows 1900 MB of memory" in errors
    assert not crashing.new_is_published()


DYING = """
import sys, threading, time
sys.path.insert(0, sys.argv[1])
import build

class Run:
    is_published = False
    finish = keep = lambda *_: None

build.record_when_stopped(Run(), None, None)
threading.Thread(target=lambda: 1 / 0).start()
time.sleep(60)
"""


def test_a_build_ends_when_one_of_its_threads_dies():
    """dbt would wait for it forever."""
    done = subprocess.run([sys.executable, "-c", DYING, str(PROJECT / "scripts")], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert done.stderr == "Nothing was published. Errors:\na thread of the build ended with ZeroDivisionError; it may need more memory\n"
