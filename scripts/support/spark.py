"""The part of a build that a Spark cluster makes (build.py --target spark): everything that grows with the events, up to activity by actor, signal and day.

DuckDB makes the rest, from the cluster's parquet files. Both read and write tables in one folder of the warehouse, so all machines must see that folder.
"""

import contextlib
import os
import re
import shutil
import socket
import threading
import time
from pathlib import Path

from pyspark.sql import SparkSession

from support.dbt_project import Dbt
from support.endings import BuildFailed, WrongInput
from support.queries import identifier, literal, types_of
from support.warehouse import connect_build

# Made on the cluster. All that they read is made on DuckDB before them.
ON_THE_CLUSTER = {
    "stg_events", "int_raw_days", "int_received_events", "int_event_copies", "int_unique_events", "int_filter_candidates", "int_burst_windows",
    "int_filtered_events", "int_preceded_events", "int_further_matches", "int_signal_matches", "int_signal_parts", "int_signal_days",
}  # fmt: skip

# The folder of the cluster's tables in the warehouse, and in it what DuckDB gives to the cluster.
FOLDER, GIVEN = "spark", "given"

# Columns of DuckDB's types that parquet or Spark does not have.
AS_TEXT = re.compile(r"UUID|TIME|TIME WITH TIME ZONE|INTERVAL|BLOB|BIT|STRUCT.*|MAP.*|UNION.*|ENUM.*|JSON|.*\[\d*\]")

# Spark's types with another name on DuckDB.
ON_DUCKDB = {"string": "varchar", "timestamp_ntz": "timestamp"}

# Seconds until a cluster without workers is given up.
PATIENCE = 30

SESSION = {
    # Times are UTC and have no zone, as on DuckDB.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Exact decimals; what does not fit ends the build. With ANSI off it would be null.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    # Tables are registered anew in each build, so no metastore is needed.
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.adaptive.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class Cluster:
    """The cluster's part of one build of a warehouse. `master` is such as spark://127.0.0.1:7077."""

    def __init__(self, master: str, warehouse: Path):
        self.master, self.warehouse = master, warehouse
        self.folder = warehouse / FOLDER
        self.is_lost = False
        self.session = None

    def check(self, options, sources: list[str]) -> None:
        """Raises WrongInput if an option does not work here, or if there is no Java or no master."""
        for name, is_given, instead in (("--source", sources, "connectors run on DuckDB"), ("--select", options.select, "use --target duckdb")):
            if is_given:
                raise WrongInput(f"{name} does not work with --target spark: {instead}")
        # Keys that both engines compute.
        os.environ["LEAD_SCORING_KEYS"] = "portable"
        if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
            raise WrongInput("Spark needs Java 17 or later: install it, or set JAVA_HOME")
        match = re.fullmatch(r"spark://([^:/,]+):(\d+)", self.master)
        if not match:
            raise WrongInput(f"--master {self.master}: must be such as spark://127.0.0.1:7077")
        try:
            with socket.create_connection((match[1], int(match[2])), timeout=10) as connection:
                # The address by which the workers reach this process.
                self.address = connection.getsockname()[0]
        except OSError as error:
            raise WrongInput(
                f"--master {self.master}: cannot be reached ({error.strerror or error}); start it, on this machine with scripts/spark_cluster.py start"
            ) from None

    @contextlib.contextmanager
    def connected(self):
        """A session on the cluster. Raises WrongInput if no worker takes part."""
        own = {
            "spark.driver.memory": os.environ.get("LEAD_SCORING_SPARK_DRIVER_MEMORY", "768m"),
            "spark.executor.memory": os.environ.get("LEAD_SCORING_SPARK_EXECUTOR_MEMORY", "768m"),
            "spark.sql.shuffle.partitions": os.environ.get("LEAD_SCORING_SPARK_PARTITIONS", "4"),
            "spark.sql.warehouse.dir": str(self.folder),
            "spark.driver.host": self.address,
            "spark.driver.bindAddress": self.address,
        }
        builder = SparkSession.builder.master(self.master).appName("lead_scoring")
        for name, value in {**SESSION, **own}.items():
            builder = builder.config(name, value)
        # The JVM's own messages go to a log: it keeps this process' stderr of the time when it starts.
        log = self.warehouse / "logs" / "spark.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab") as handle:
            terminal = os.dup(2)
            os.dup2(handle.fileno(), 2)
            try:
                self.session = builder.getOrCreate()
            finally:
                os.dup2(terminal, 2)
                os.close(terminal)
        self.session.sparkContext.setLogLevel("OFF")
        try:
            deadline = time.monotonic() + PATIENCE
            while not self.workers():
                if time.monotonic() > deadline:
                    raise WrongInput(f"--master {self.master}: no worker takes part; start workers with enough free memory")
                time.sleep(0.2)
            threading.Thread(target=self.watch, daemon=True).start()
            yield
        finally:
            session, self.session = self.session, None
            with contextlib.suppress(Exception):
                session.stop()

    def workers(self) -> int:
        """Number of executors: the driver is one of those that Spark lists."""
        return len(self.session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1

    def watch(self) -> None:
        """Stop the running queries when all workers have been lost for a while: Spark would wait for others forever."""
        seen = time.monotonic()
        while self.session:
            with contextlib.suppress(Exception):
                if self.workers():
                    seen = time.monotonic()
                elif time.monotonic() > seen + PATIENCE:
                    self.is_lost = True
                    self.session.sparkContext.cancelAllJobs()
            time.sleep(1)

    def build(self, duck: Dbt, raw: dict[str, str], settings: dict[str, str], threads: int | None, is_full_refresh: bool, phase) -> list[str]:
        """Build the cluster's models, and on DuckDB what they read. Returns dbt's selection of all other nodes, for DuckDB. Raises Ending.

        phase(name, command, *arguments) runs a command of dbt and says whether it succeeded.
        """
        self.clear(is_full_refresh)
        models = {node.name: node for node in duck.manifest.nodes.values() if node.resource_type == "model"}
        reads = {name: {one.rsplit(".", 1)[-1] for one in node.depends_on.nodes if one.startswith("model.")} for name, node in models.items()}
        needed = _upstream(ON_THE_CLUSTER, reads)
        rules = _upstream({"int_rule_problems"}, reads)
        done, refresh = set(rules), ["--full-refresh"] if is_full_refresh else []
        with self.connected():
            spark = Dbt(self.warehouse, raw, duck.rules, settings, threads, "spark")
            # The raw tables are tables of the session.
            spark.locations = {}
            if not phase("Reading the project for Spark", spark.parse):
                raise BuildFailed("\n".join(spark.failures()))
            self.schemas = {node.name: node.schema for node in spark.manifest.nodes.values()}
            self.register_kept()
            self.give_raw(raw)
            while todo := needed - done:
                ready = _ready(todo - ON_THE_CLUSTER, reads, done)
                if ready and not phase("Preparing on DuckDB", duck.run, "run", "--select", *sorted(ready), *refresh):
                    raise BuildFailed("\n".join(duck.failures()))
                done |= ready
                ready = _ready(todo & ON_THE_CLUSTER, reads, done)
                self.give({name for one in ready for name in reads[one]} - ON_THE_CLUSTER, models)
                if ready and not phase("Building on the cluster", spark.run, "run", "--select", *sorted(ready), *refresh):
                    raise BuildFailed(self.failures(spark.failures()))
                for name in ready & set(KEPT):
                    self.remove_gone(name)
                self.take({name: models[name] for name in ready})
                done |= ready
        on_duckdb = set(models) - rules - {name for name in needed if models[name].config.materialized != "view"}
        return ["--select", *sorted(on_duckdb), "resource_type:seed", "resource_type:test", "--exclude", "+int_rule_problems"]

    def failures(self, problems: list[str]) -> str:
        """The text for failed models of the cluster."""
        if self.is_lost:
            return f"{self.master}: all workers were lost during the build; start workers and run again: days that are built already are not built again"
        return "\n".join(re.sub(r"\s*(JVM stacktrace|== SQL).*", "", problem)[:1000] for problem in problems)

    def clear(self, is_full_refresh: bool) -> None:
        """Remove the cluster's tables of the last build, except the kept ones."""
        self.folder.mkdir(exist_ok=True)
        for folder in [*self.folder.glob("*.db/*"), self.folder / GIVEN]:
            if is_full_refresh or folder.name not in KEPT:
                shutil.rmtree(folder, ignore_errors=True)

    def register(self, schema: str, table: str, folder: Path, options: str = "") -> None:
        """Make a folder of parquet files a table of the session."""
        self.session.sql(f"create schema if not exists {schema}")
        self.session.sql(f"drop table if exists {schema}.{table}")
        self.session.sql(f"create table {schema}.{table} using parquet {options} location {literal(folder)}")
        # A table that is registered over folders by day has no partitions, and reads as empty, until they are looked for.
        if any(column.isPartition for column in self.session.catalog.listColumns(f"{schema}.{table}")):
            self.session.sql(f"alter table {schema}.{table} recover partitions")

    def register_kept(self) -> None:
        """Register the kept tables of the last build. One that was not finished has the days that were."""
        for name in KEPT:
            folder = self.folder / f"{self.schemas[name]}.db" / name
            if any(folder.glob("*/*.parquet")):
                self.register(self.schemas[name], name, folder)
            else:
                shutil.rmtree(folder, ignore_errors=True)

    def remove_gone(self, name: str) -> None:
        """Remove the files of days that the last run dropped from a kept table: Spark leaves them, and DuckDB would read them."""
        live = {row[0] for row in self.session.sql(f"show partitions {self.schemas[name]}.{name}").collect()}
        for folder in (self.folder / f"{self.schemas[name]}.db" / name).glob(f"{KEPT[name]}=*"):
            if folder.name not in live:
                shutil.rmtree(folder)

    def give_raw(self, raw: dict[str, str]) -> None:
        """Make the raw events a table of the session: the parquet files themselves, or a copy if Spark cannot read these."""
        location = raw["events"]
        with connect_build(self.warehouse) as connection:
            connection.execute("set TimeZone = 'UTC'")
            kinds = types_of(connection, location).values()
            direct = re.fullmatch(r"read_parquet\('((?:[^']|'')+)', (.*)\)", location)
            if direct and not any(kind == "TIMESTAMP_NS" or AS_TEXT.fullmatch(kind) for kind in kinds):
                place = re.sub(r"\[([*?[])\]", r"\1", direct[1].replace("''", "'").removesuffix("/**/*.parquet"))
                inference = "spark.sql.sources.partitionColumnTypeInference.enabled"
                self.session.conf.set(inference, "false")
                is_flat = "hive_partitioning = false" in direct[2]
                self.register("raw", "events", Path(place), f"options (mergeSchema = true{', recursiveFileLookup = true' if is_flat else ''})")
                self.session.conf.set(inference, "true")
            else:
                self.copy(connection, location, "raw", "events")
            erasures = raw.get("erasures", "(select cast(null as varchar) as contact_id, cast(null as timestamp) as requested_at where false)")
            self.copy(connection, erasures, "raw", "erasures")

    def give(self, names: set[str], models: dict) -> None:
        """Copy models of DuckDB to the cluster."""
        with connect_build(self.warehouse) as connection:
            for name in sorted(names):
                if not (self.folder / GIVEN / self.schemas[name] / name).exists():
                    self.copy(connection, models[name].relation_name, self.schemas[name], name)

    def copy(self, connection, source: str, schema: str, table: str) -> None:
        """Write a table of DuckDB as parquet and register it."""
        columns = []
        for name, kind in types_of(connection, source).items():
            column = identifier(name)
            if kind == "TIMESTAMP_NS":
                columns.append(f"make_timestamp(epoch_ns({column}) // 1000) as {column}")
            elif kind in ("HUGEINT", "UHUGEINT"):
                columns.append(f"cast({column} as decimal(38, 0)) as {column}")
            else:
                columns.append(f"cast({column} as varchar) as {column}" if AS_TEXT.fullmatch(kind) else column)
        folder = self.folder / GIVEN / schema / table
        folder.mkdir(parents=True)
        connection.execute(f"copy (select {', '.join(columns)} from {source}) to {literal(folder / 'rows.parquet')} (format parquet)")
        self.register(schema, table, folder)

    def take(self, models: dict) -> None:
        """Make the cluster's tables views of build.duckdb, where DuckDB's models read them."""
        with connect_build(self.warehouse) as connection:
            for name, node in sorted(models.items()):
                if node.config.materialized == "view":
                    continue
                connection.execute(f"create schema if not exists {node.schema}")
                for (kind,) in connection.execute("select table_type from information_schema.tables where table_catalog = current_database() and table_schema = ? and table_name = ?", [node.schema, name]).fetchall():
                    connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {node.schema}.{name}")
                files = self.folder / f"{self.schemas[name]}.db" / name
                day = f", hive_partitioning = true, hive_types = {{'{KEPT[name]}': date}}" if name in KEPT else ""
                rows = f"select * from read_parquet({literal(files / '**' / '*.parquet')}{day})"
                if name in KEPT and not any(files.glob("*/*.parquet")):
                    # Without a day it has no file.
                    columns = self.session.table(f"{self.schemas[name]}.{name}").dtypes
                    rows = f"select {', '.join(f'cast(null as {ON_DUCKDB.get(kind, kind)}) as {column}' for column, kind in columns)} where false"
                connection.execute(f"create view {node.schema}.{name} as {rows}")


# Kept tables and the day that they are partitioned by (macros/engine/spark/parts.sql).
KEPT = {"int_received_events": "received_date", "int_signal_days": "received_date"}


def _upstream(names: set[str], reads: dict[str, set[str]]) -> set[str]:
    """The models and all that they read."""
    found = set(names)
    while more := set().union(*(reads[name] for name in found)) - found:
        found |= more
    return found


def _ready(todo: set[str], reads: dict[str, set[str]], done: set[str]) -> set[str]:
    """Those of the models whose reads are done or ready."""
    ready = set(todo)
    while late := {name for name in ready if reads[name] - done - ready}:
        ready -= late
    return ready
