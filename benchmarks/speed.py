#!/usr/bin/env python3
"""How long builds take on a synthetic set, beside the floor and the same scores by hand, each as a whole process.

    .venv/bin/python benchmarks/speed.py --events 10000000 --contacts 500000 --folder /big/disk/speed

Writes speed.json and speed.md into the folder. Exit code 1: a build failed, or the scores are not those of by_hand.sql.
"""

import argparse
import contextlib
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import synthetic

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
from tests.engines import tables  # noqa: E402
from tests.engines.server import Server  # noqa: E402

PYTHON = sys.executable
LAST, NEXT = synthetic.LAST_DAY, "2026-01-01"
MONTHS = [f"2025-{month:02d}-{day}" for month, day in zip(range(1, 13), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True)]

# Reads the columns that scoring needs once, and groups them as far as any scoring must.
FLOOR = """
import duckdb, sys
connection = duckdb.connect()
connection.execute(f"set threads = {sys.argv[2]}")
connection.execute(f'''
    create temp table days as
    select coalesce(contact_id, anonymous_id) as actor, event_type, cast(occurred_at as date) as day, cast(received_at as date) as received,
        count(*) as events, sum(duration_seconds) as seconds, sum(value) as value, max(occurred_at) as last_event_at
    from '{sys.argv[1]}/events.parquet' group by all
''')
"""

BY_HAND = """
import duckdb, sys
raw, rules, result, sql, as_of, threads = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"set threads = {threads}; attach '{result}' as result (storage_version 'v1.0.0')")
connection.execute(f"set variable raw = '{raw}'; set variable rules = '{rules}'; set variable as_of = date '{as_of}'")
connection.execute(open(sql).read())
connection.execute("detach result")
"""

# build.py as it is, but for the data tests.
WITHOUT_TESTS = """
import os, sys
sys.path.insert(0, sys.argv.pop(1))
import build
from support.dbt_project import Dbt
run = Dbt.run
def run_without_tests(self, *arguments, on_node=None):
    return run(self, *arguments, *(["--exclude-resource-type", "test"] if arguments[0] == "build" else []), on_node=on_node)
Dbt.run = run_without_tests
sys.exit(build.main(build.parse_arguments()))
"""


def main() -> int:
    """Measure what the options ask for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--contacts", type=int, default=50_000)
    parser.add_argument("--rules", type=int, default=synthetic.RULES)
    parser.add_argument("--times", type=int, default=3, help="how often each is measured; the median counts")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--memory-limit", default="", help="DuckDB's, for the builds, such as 8GB")
    parser.add_argument("--master", help="a Spark cluster of this machine, for the builds (scripts/spark_cluster.py); its CPU seconds are counted")
    parser.add_argument("--postgres", action="store_true", help="builds on a Postgres server that is started in the folder; its CPU seconds are counted, its memory is not; for the measures c, n, d and m")
    parser.add_argument("--folder", type=Path, required=True, help="where the set is made and the builds work; it is emptied")
    parser.add_argument("--only", default="abcedhfngm", help="which measures, by their letters, in this order; n is c without data tests, m is c with merges and filters; d, h, e and f need c before them")
    options = parser.parse_args()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    synthetic.raw_tables(folder / "raw", options.events, options.contacts)
    synthetic.rules(folder / "rules", PROJECT / "contract" / "rule_columns.csv", options.rules)
    with contextlib.ExitStack() as ended:
        options.server = ended.enter_context(started(folder)) if options.postgres else None
        return measure(folder, options)


def measure(folder: Path, options) -> int:
    """Measure in a folder with the set; returns the exit code."""
    measures = {}
    for letter in options.only:
        title, prepare, command = commands(folder, options)[letter]
        runs = []
        for _ in range(options.times):
            prepare()
            seconds, cpu_seconds, megabytes, code = measured(command, folder / "output.txt", options)
            if code:
                print((folder / "output.txt").read_text()[-3000:], file=sys.stderr)
                return 1
            runs.append({"seconds": round(seconds, 1), "cpu_seconds": round(cpu_seconds, 1), "megabytes": megabytes})
            print(f"{title}: {seconds:.1f} s, {cpu_seconds:.1f} CPU s, {megabytes:,} MB", flush=True)
        medians = {name: statistics.median(run[name] for run in runs) for name in ("seconds", "cpu_seconds")}
        measures[letter] = {"title": title} | medians | {"megabytes": max(run["megabytes"] for run in runs), "runs": runs}
        if letter == "c":
            if not options.postgres:
                measures[letter]["phases"] = json.loads((folder / "warehouse" / "timings.json").read_text())
            # d changes the warehouse: where that is all that follows c, no copy is needed.
            if options.times > 1 or len({"d", "f", "h"} & set(options.only)) > 1:
                shutil.copytree(folder / "warehouse", folder / "after_c", symlinks=True)
            if "b" in measures and not options.postgres and (problem := difference(folder / "warehouse" / "lead_scores.duckdb", folder / "by_hand.duckdb")):
                print(problem, file=sys.stderr)
                return 1
        # After each: a large set takes hours.
        table = report(folder, options, measures)
    print(table)
    return 0


def commands(folder: Path, options) -> dict[str, tuple]:
    """By its letter: the title of a measure, what is done before it, and its command."""
    raw, rules, first_raw, next_raw, other_rules = (folder / name for name in ("raw", "rules", "first_raw", "next_raw", "other_rules"))
    merged_raw, filter_rules = folder / "merged_raw", folder / "filter_rules"

    def build(raw: Path, rules: Path, *dates: str, tests: bool = True) -> list[str]:
        start = [PYTHON, str(PROJECT / "scripts" / "build.py")] if tests else [PYTHON, "-c", WITHOUT_TESTS, str(PROJECT / "scripts")]
        command = [*start, "--raw", str(raw), "--rules", str(rules), "--warehouse", str(folder / "warehouse"), "--threads", str(options.threads)]
        command += ["--memory-limit", options.memory_limit] if options.memory_limit else []
        command += ["--target", "spark", "--master", options.master] if options.master else []
        if options.postgres:
            command[command.index("--raw") : command.index("--raw") + 2] = ["--target", "postgres"]
        return command + [option for date in dates for option in ("--as-of", date)]

    def first_day():
        if first_raw.exists():
            raw.rename(next_raw)
            first_raw.rename(raw)

    def loaded():
        if options.postgres:
            load(raw, options.server)

    def afresh():
        first_day()
        shutil.rmtree(folder / "warehouse", ignore_errors=True)
        (folder / "by_hand.duckdb").unlink(missing_ok=True)
        loaded()

    def full():
        shutil.rmtree(folder / "warehouse", ignore_errors=True)
        loaded()

    def after_c():
        # At the same place and in the same file, where dbt knows the project and the build its views.
        first_day()
        if (folder / "after_c").exists():
            for path in (folder / "warehouse").iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                elif path.name != "build.duckdb":
                    path.unlink()
            shutil.copytree(folder / "after_c", folder / "warehouse", symlinks=True, dirs_exist_ok=True)

    def next_day():
        after_c()
        if not next_raw.exists():
            shutil.copytree(raw, next_raw)
            synthetic.one_more_day(next_raw, options.events, options.contacts)
        # In the same folder, as from one day to the next.
        raw.rename(first_raw)
        next_raw.rename(raw)
        loaded()

    def next_day_of_a_year():
        next_day()
        with duckdb.connect(str((folder / "warehouse" / "lead_scores.duckdb").resolve())) as connection:
            for table in ("lead_score_history", "scored_dates"):
                connection.execute(f"insert into {table} select made.* replace (made.as_of_date - days.day::integer as as_of_date) from {table} as made cross join range(1, 365) as days(day)")

    def other_rule():
        after_c()
        shutil.rmtree(other_rules, ignore_errors=True)
        shutil.copytree(rules, other_rules)
        with open(rules / "event_rules.csv", encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        rows[0]["points"] = "7"
        with open(other_rules / "event_rules.csv", "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def merged_and_filtered():
        afresh()
        if not merged_raw.exists():
            shutil.copytree(raw, merged_raw, copy_function=os.link)
            synthetic.merges(merged_raw, options.contacts)
            synthetic.rules(filter_rules, PROJECT / "contract" / "rule_columns.csv", options.rules, synthetic.FILTERS)

    by_hand = [PYTHON, "-c", BY_HAND, str(raw), str(rules), str(folder / "by_hand.duckdb"), str(PROJECT / "benchmarks" / "by_hand.sql"), LAST, str(options.threads)]
    return {
        "a": ("a. floor: events read and grouped once", first_day, [PYTHON, "-c", FLOOR, str(raw), str(options.threads)]),
        "b": ("b. the same scores by hand", afresh, by_hand),
        "c": ("c. full build, all tests", full, build(raw, rules, LAST)),
        "n": ("c without data tests", afresh, build(raw, rules, LAST, tests=False)),
        "d": ("d. refresh with one new day", next_day, build(raw, rules, NEXT)),
        "h": ("h. d with 365 dates of history", next_day_of_a_year, build(raw, rules, NEXT)),
        "e": ("e. refresh with nothing new", lambda: None, build(raw, rules, LAST)),
        "f": ("f. a changed rule", other_rule, build(raw, other_rules, LAST)),
        "g": ("g. backfill of 12 month ends", afresh, build(raw, rules, *MONTHS)),
        "m": ("m. c with 5 % merged contacts and 10 % filtered events", merged_and_filtered, build(merged_raw, filter_rules, LAST)),
    }


def measured(command: list[str], output: Path, options) -> tuple[float, float, int, int]:
    """Run a process: its seconds, its CPU seconds with those of the engine, its peak memory in MB, its exit code."""
    environment = os.environ | (options.server.environment if options.postgres else {})
    with open(output, "w", encoding="utf-8") as handle:
        began, engine_began = time.monotonic(), engine_seconds(options)
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=handle, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        time.sleep(2 if options.master or options.postgres else 0)  # Workers and servers count a process's time when it has ended.
        return seconds, usage.ru_utime + usage.ru_stime + engine_seconds(options) - engine_began, usage.ru_maxrss // 1024, os.waitstatus_to_exitcode(status)


def engine_seconds(options) -> float:
    """CPU seconds of the workers of a cluster or of a Postgres server, with those of their processes that have ended."""
    names = (b"org.apache.spark.deploy.worker", options.master.encode()) if options.master else (b"postgres", str(options.server.folder).encode()) if options.postgres else None
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if names and all(name in command for name in names):
                total += sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def load(raw: Path, server) -> None:
    """Put raw tables into the server, where build.py finds them, with the types that they have in the files."""
    connection = server.connect()
    tables.load(raw, connection)
    connection.close()


@contextlib.contextmanager
def started(folder: Path):
    """A Postgres server in a folder, with more memory than the tests give it."""
    server = Server(folder / "postgres")
    server.folder.mkdir()
    server.start("-c shared_buffers=2GB -c work_mem=256MB -c maintenance_work_mem=1GB -c max_parallel_workers_per_gather=1")
    try:
        server.query("create database scores", "postgres")
        yield server
    finally:
        server.stop()


def difference(published: Path, by_hand: Path) -> str:
    """What tells the project's scores and ledger from those made by hand; empty where nothing does."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as project (read_only); attach '{by_hand}' as hand (read_only)")
        for table in ("lead_scores", "lead_score_contributions"):
            columns = ", ".join(row[0] for row in connection.execute(f"describe hand.{table}").fetchall())
            for one, other in (("project", "hand"), ("hand", "project")):
                query = f"select {columns} from {one}.{table} except all select {columns} from {other}.{table}"
                count = connection.execute(f"select count(*) from ({query})").fetchone()[0]
                if count:
                    return f"{count:,} rows of {table} are only in {one}: {connection.execute(query + ' limit 3').fetchall()}"
    return ""


def report(folder: Path, options, measures: dict) -> str:
    """Write the measures as json and as a markdown table; returns the table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with open("/proc/cpuinfo", encoding="utf-8") as handle:
        processor = next((line.split(":")[1].strip() for line in handle if line.startswith("model name")), platform.processor())
    machine = f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    base = measures.get("b", measures.get("c", {"seconds": 1}))["seconds"]
    full = measures.get("c", {"seconds": base})["seconds"]
    full_cpu = measures.get("c", {"cpu_seconds": 1})["cpu_seconds"]
    lines = [
        f"{options.events:,} events, {options.contacts:,} contacts, {options.rules} rules, 2 models, median of {options.times}; {machine}",
        "",
        "| | seconds | x b | x c | CPU seconds | x c | events a second | peak MB |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {measure['title']} | {measure['seconds']:.1f} | {measure['seconds'] / base:.2f} | {measure['seconds'] / full:.2f}"
            f" | {measure['cpu_seconds']:.1f} | {measure['cpu_seconds'] / full_cpu:.2f}"
            f" | {options.events / measure['seconds']:,.0f} | {measure['megabytes']:,} |"
            for measure in measures.values()
        ),
    ]
    (folder / "speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    facts = {"machine": machine, "events": options.events, "contacts": options.contacts, "rules": options.rules, "measures": measures}
    (folder / "speed.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
