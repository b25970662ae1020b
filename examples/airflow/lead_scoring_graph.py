"""The daily refresh with a task for every model (astronomer-cosmos), then all tests, then publishing.

It shows the dbt graph and which model failed. lead_scoring.py gives the same scores in one task and much less time,
since here dbt starts anew for every model. Unpause one of the two.

Cosmos reads the graph from target/manifest.json, because asking dbt at every parse of the DAG takes seconds: run
`.venv/bin/dbt parse` in the project once, and again whenever its models change.
"""

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import LoadMode, TestBehavior

PROJECT = Path(os.environ.get("LEAD_SCORING_PROJECT", "/srv/lead-scoring"))
if not os.environ.get("LEAD_SCORING_RAW"):
    # build.py's default for a new warehouse is the sample data.
    raise RuntimeError("LEAD_SCORING_RAW is not set; it must name the folder of the raw tables")
RAW = Path(os.environ["LEAD_SCORING_RAW"])
WAREHOUSE = os.environ.get("LEAD_SCORING_WAREHOUSE", f"{PROJECT}/warehouse")

# The raw tables, as parquet files; without a location dbt would read the sample's required ones.
REQUIRED = ("contacts", "events", "identities", "outcomes")
OPTIONAL = ("accounts", "contact_attributes", "erasures", "merges", "overrides")


def raw_tables() -> dict[str, str]:
    """Where dbt reads each raw table. publish.py --begin stops if the folder has a table in another form, such as csv, which build.py reads."""
    there = [table for table in OPTIONAL if (RAW / f"{table}.parquet").exists()]
    return {f"LEAD_SCORING_RAW_{table.upper()}": str(RAW / f"{table}.parquet") for table in (*REQUIRED, *there)}


# The project's own dbt, with the versions it was tested with; Airflow's environment needs none.
DBT = PROJECT / ".venv" / "bin" / "dbt"
PROFILE = ProfileConfig(profile_name="lead_scoring", target_name="duckdb", profiles_yml_filepath=PROJECT / "profiles.yml")
SETTINGS = {
    "LEAD_SCORING_WAREHOUSE": WAREHOUSE,
    **raw_tables(),
    # Unit tests test the models' SQL, which changes with a release and not with the data.
    "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
}

with DAG(
    dag_id="lead_scoring_graph",
    description=__doc__.splitlines()[0],
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    is_paused_upon_creation=True,
    # Every task is a process of its own, and DuckDB lets one process at a time write to its file.
    max_active_runs=1,
    max_active_tasks=1,
    # A retry may help where somebody's own build held the file for a while.
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10), "execution_timeout": timedelta(hours=2)},
    tags=["lead scoring"],
) as dag:
    # Marts go into a copy of what is published, history and all. That of a run that failed holds what passed no test.
    begin = BashOperator(
        task_id="begin",
        bash_command=f"python3 '{PROJECT}/scripts/publish.py' --begin --raw '{RAW}' --warehouse '{WAREHOUSE}' --wait 600",
        env=SETTINGS,
        append_env=True,
    )
    build = DbtTaskGroup(
        group_id="build",
        project_config=ProjectConfig(project_name="lead_scoring", manifest_path=PROJECT / "target" / "manifest.json", env_vars=SETTINGS),
        profile_config=PROFILE,
        execution_config=ExecutionConfig(dbt_project_path=PROJECT, dbt_executable_path=DBT),
        # All tests in one task at the end, since a test task for each model would double the time.
        render_config=RenderConfig(load_method=LoadMode.DBT_MANIFEST, test_behavior=TestBehavior.AFTER_ALL),
    )
    publish = BashOperator(
        task_id="publish",
        bash_command=f"python3 '{PROJECT}/scripts/publish.py' --raw '{RAW}' --warehouse '{WAREHOUSE}' --wait 600",
    )

    begin >> build >> publish
