"""Another project installs this one (integration_tests/): it gets the scores of build.py, in its own schemas, without a warning."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb

from tests.conftest import HAND_COMPUTED, PROJECT, run_build

INSTALLING = PROJECT / "integration_tests"
MARTS = "lead_scores", "lead_score_history", "lead_score_changes", "lead_score_criteria", "scored_dates", "raw_row_counts", "rejected_contacts"

# What a build reads of the one before, and all that it is made of.
LEFT_FOR_THE_NEXT = "+lead_score_history", "+lead_score_changes", "+account_score_history", "+crm_sync", "+scored_dates", "+raw_table_days", "+int_signal_days"


def dbt(folder: Path, *arguments: str, as_of: str = "") -> None:
    command = [str(Path(sys.executable).with_name("dbt")), "--warn-error", "--no-use-colors", *arguments]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LEAD_SCORING_", "DBT_"))}
    environ |= {"ACME_DATABASE": str(folder / "acme.duckdb"), "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs"), "LEAD_SCORING_AS_OF": as_of}
    done = subprocess.run(command, cwd=INSTALLING, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert not re.search(r"\[WARN|\bWARN [^=]|[Dd]eprecat", done.stdout), done.stdout


def test_an_installing_project_gets_the_scores_of_build_py(tmp_path):
    dbt(tmp_path, "deps")
    # Two builds: the second reads what the first has left, where the installing project keeps it.
    dbt(tmp_path, "build", "--exclude-resource-type", "test", "--select", *LEFT_FOR_THE_NEXT, as_of="2024-06-29")
    dbt(tmp_path, "build", as_of="2024-06-30")
    dbt(tmp_path, "docs", "generate", as_of="2024-06-30")
    options = "--raw", str(HAND_COMPUTED / "raw"), "--rules", str(INSTALLING / "seeds"), "--publish-email", "--as-of", "2024-06-29..2024-06-30"
    built = run_build(tmp_path / "warehouse", *options, tests=False)
    assert built.code == 0, built.errors
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tmp_path}/acme.duckdb' as acme (read_only)")
        connection.execute(f"attach '{built.published}' as published (read_only)")
        for mart in MARTS:
            columns = [row[0] for row in connection.execute(f"describe published.{mart}").fetchall() if row[0] not in ("run_at", "changed_at")]
            package, project = (sorted(map(repr, connection.execute(f"select {', '.join(columns)} from {place}.{mart}").fetchall())) for place in ("acme.leads", "published.main"))
            assert package, mart
            assert package == project, mart
        # Its own schemas, and no others.
        schemas = "select distinct schema_name from duckdb_tables() where database_name = 'acme' order by 1"
        assert [row[0] for row in connection.execute(schemas).fetchall()] == ["crm", "lead_scoring_seeds", "leads", "marketing", "scoring"]


def test_every_setting_is_described_with_its_default():
    defaults = dict(re.findall(r"^    '(\w+)': '(.*?)',?$", (PROJECT / "macros" / "settings.sql").read_text(encoding="utf-8").split("{%- set value")[0], re.M))
    described = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (?:`(.*?)`|empty) \|", (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8"), re.M))
    assert defaults
    assert {name: described.get(name) for name in defaults} == defaults
