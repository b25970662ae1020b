"""The daily refresh as one task: scripts/build.py checks, builds, tests and publishes.

One task because build.py is all or nothing: whatever happens, the published file is the old one or the new one, and a
build that was stopped is simply started again. Only a failure that may pass is tried again: exit code 1 (a build or a
test failed) is, exit code 2 (wrong rules, raw tables or options) is not, since only a person can mend those.

Works with Airflow 3 (requirements.txt). dbt is not needed in Airflow's environment: build.py brings its own.
"""

import os
import shlex
from datetime import datetime, timedelta, timezone

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import DAG, BaseOperator, Param
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PROJECT = os.environ.get("LEAD_SCORING_PROJECT", "/srv/lead-scoring")
if not os.environ.get("LEAD_SCORING_RAW"):
    # build.py's default for a new warehouse is the sample data.
    raise RuntimeError("LEAD_SCORING_RAW is not set; it must name the folder of the raw tables")
RAW = os.environ["LEAD_SCORING_RAW"]
WAREHOUSE = os.environ.get("LEAD_SCORING_WAREHOUSE", f"{PROJECT}/warehouse")

WRONG_INPUT = 2


class Build(BaseOperator):
    """Run build.py; its output goes to the task's log."""

    template_fields = ("options",)

    def __init__(self, *, options: str, **arguments):
        super().__init__(**arguments)
        self.options = options
        self.process = SubprocessHook()

    def execute(self, context):
        # --wait: a build that somebody started by hand is waited for.
        command = ["python3", f"{PROJECT}/scripts/build.py", "--raw", RAW, "--warehouse", WAREHOUSE, "--wait", "600"]
        code = self.process.run_command([*command, *shlex.split(self.options)], cwd=PROJECT).exit_code
        if code == WRONG_INPUT:
            raise AirflowFailException("Wrong input (exit code 2): the log above says what is wrong. Not tried again.")
        if code != 0:
            raise AirflowException(f"Exit code {code}: the log above says what failed.")

    def on_kill(self):
        self.process.send_sigterm()


with DAG(
    dag_id="lead_scoring",
    description=__doc__.splitlines()[0],
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    # A missed day needs no run of its own: the next run scores its own date with all that is known by then.
    # Days in between are scored by a run with the options --as-of FROM..TO.
    catchup=False,
    max_active_runs=1,
    params={"options": Param("", type="string", description="More options of build.py, such as --as-of 2026-03-01..2026-03-31")},
    tags=["lead scoring"],
) as dag:
    Build(
        task_id="build",
        options="{{ params.options }}",
        retries=2,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=2),
    )
