"""Lead scoring in Dagster, two ways. Turn on the schedule of one of them.

Job lead_scoring: scripts/build.py in one op. It checks, builds, tests and publishes, and tells wrong rules by file, row
and column. Exit code 1 (a build or a test failed) is tried again; exit code 2 (wrong rules, raw tables or options) is
not, since only a person can mend those.

Job lead_scoring_graph: every model as an asset and every test as an asset check (dagster-dbt), then publishing. All
models are built by one dbt process, because DuckDB lets one process at a time write to its file. Dagster reads the
graph from target/manifest.json: run `.venv/bin/dbt parse` in the project once, and again whenever its models change.

dbt is not needed in Dagster's environment: both jobs use the project's own.
"""

import os
import subprocess
from pathlib import Path

from dagster import (
    AssetExecutionContext,
    Config,
    Definitions,
    Failure,
    RetryPolicy,
    ScheduleDefinition,
    asset,
    define_asset_job,
    job,
    op,
)
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets

PROJECT = Path(os.environ.get("LEAD_SCORING_PROJECT", "/srv/lead-scoring"))
if not os.environ.get("LEAD_SCORING_RAW"):
    # build.py's default for a new warehouse is the sample data.
    raise RuntimeError("LEAD_SCORING_RAW is not set; it must name the folder of the raw tables")
RAW = Path(os.environ["LEAD_SCORING_RAW"])
WAREHOUSE = Path(os.environ.get("LEAD_SCORING_WAREHOUSE", PROJECT / "warehouse"))

# The raw tables, as parquet files for lead_scoring_graph; without a location dbt would read the sample's required ones.
REQUIRED = ("contacts", "events", "identities", "outcomes")
OPTIONAL = ("accounts", "contact_attributes", "erasures", "merges", "overrides")

WRONG_INPUT = 2


def raw_tables() -> dict[str, str]:
    """Where dbt reads each raw table. publish.py --begin stops if the folder has a table in another form, such as csv, which build.py reads."""
    there = [table for table in OPTIONAL if (RAW / f"{table}.parquet").exists()]
    return {f"LEAD_SCORING_RAW_{table.upper()}": str(RAW / f"{table}.parquet") for table in (*REQUIRED, *there)}


def run_script(script: str, *options: str) -> None:
    """Run one of the project's scripts; its output goes to the run's log."""
    # --wait: a build that somebody started by hand is waited for.
    command = ["python3", str(PROJECT / "scripts" / script), "--warehouse", str(WAREHOUSE), "--wait", "600", *options]
    code = subprocess.run(command, cwd=PROJECT, check=False).returncode
    if code != 0:
        raise Failure(f"{script} ended with exit code {code}: stderr says why", allow_retries=code != WRONG_INPUT)


class BuildOptions(Config):
    """More options of build.py, such as ["--as-of", "2026-03-01..2026-03-31"]."""

    options: list[str] = []


@op(retry_policy=RetryPolicy(max_retries=2, delay=600))
def build(config: BuildOptions) -> None:
    """Check, build, test and publish."""
    run_script("build.py", "--raw", str(RAW), *config.options)


@job
def lead_scoring():
    """The daily refresh in one op."""
    build()


# The project reads a few tables as the build before left them, as sources. By their metadata Dagster would take these for
# the tables of this build, and wait for them in a circle.
TRANSLATOR = DagsterDbtTranslator(settings=DagsterDbtTranslatorSettings(enable_source_metadata=False))


@dbt_assets(
    manifest=PROJECT / "target" / "manifest.json",
    dagster_dbt_translator=TRANSLATOR,
    retry_policy=RetryPolicy(max_retries=1, delay=600),
)
def models(context: AssetExecutionContext, dbt: DbtCliResource):
    """All seeds, models and tests of the project, with the marts in the file that is published next."""
    os.environ.update(raw_tables(), LEAD_SCORING_WAREHOUSE=str(WAREHOUSE))
    # Marts go into a copy of what is published, history and all. That of a run that failed holds what passed no test.
    run_script("publish.py", "--begin", "--raw", str(RAW))
    # Unit tests test the models' SQL, which changes with a release and not with the data.
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    # One target folder for all runs: by default there would be a new one for each.
    yield from dbt.cli(arguments, context=context, target_path=WAREHOUSE / "target").stream()


@asset(deps=[models], retry_policy=RetryPolicy(max_retries=2, delay=600))
def lead_scores_duckdb() -> None:
    """The published file that BI tools and CRM syncs read; replaced only after all tests have passed."""
    run_script("publish.py", "--raw", str(RAW))


lead_scoring_graph = define_asset_job("lead_scoring_graph")

defs = Definitions(
    assets=[models, lead_scores_duckdb],
    jobs=[lead_scoring, lead_scoring_graph],
    schedules=[
        ScheduleDefinition(job=lead_scoring, cron_schedule="0 6 * * *", execution_timezone="UTC"),
        ScheduleDefinition(job=lead_scoring_graph, cron_schedule="0 6 * * *", execution_timezone="UTC"),
    ],
    resources={"dbt": DbtCliResource(project_dir=PROJECT, profiles_dir=PROJECT, dbt_executable=PROJECT / ".venv" / "bin" / "dbt")},
)
