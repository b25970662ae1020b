#!/usr/bin/env python3
"""Run lint, a dbt build with unit tests and data tests, and the Python tests.

Arguments after the options go to pytest. Exit code 0: all passed; 1: something failed; 2: wrong usage.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import environment
from support.environment import FAILED, OK, PROJECT, VENV

TOOLS = VENV / ("Scripts" if os.name == "nt" else "bin")
LINT = "sqlfluff"


def steps(folder: Path, pytest_arguments: list[str]) -> dict[str, list[str]]:
    """The commands by title. dbt works in `folder`, so it does not touch the user's warehouse."""
    # dbt's command, which takes half the time this way.
    dbt = [sys.executable, "-c", "import sys; sys.path.insert(0, 'scripts'); from support import faster_dbt; faster_dbt.command()", "--quiet"]
    here = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target"), "--log-path", str(folder)]
    return {
        LINT: [str(TOOLS / "sqlfluff"), "lint", "models", "analyses", "tests", "--nocolor"],
        "ruff": [str(TOOLS / "ruff"), "check", "scripts", "tests", "benchmarks", "examples", "--no-cache"],
        "dbt build with unit tests and data tests, deprecations are errors": [*dbt, "build", *here, "--show-all-deprecations", "--warn-error-options", '{"error": ["Deprecations", "NoNodesForSelectionCriteria"]}'],
        "pytest": [sys.executable, "-m", "pytest", *pytest_arguments],
    }


def main(arguments: list[str] | None = None) -> int:
    """Run all steps, also after a failed one, and return the exit code."""
    parser = argparse.ArgumentParser(prog="test.py", description="Lint, unit tests, data tests, Python tests.")
    _, pytest_arguments = parser.parse_known_args(arguments)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="lead_scoring_") as folder:
        os.environ["LEAD_SCORING_WAREHOUSE"] = folder
        commands = steps(Path(folder), pytest_arguments)
        # In parallel with dbt, which leaves a core idle. Its output is shown after dbt's.
        beside = subprocess.Popen(commands.pop(LINT), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for title, command in commands.items():
            if title == "pytest":
                print(f"\n=== {LINT}\n{beside.communicate()[0]}", flush=True)
                outcomes.append((LINT, beside.returncode, None))
            print(f"\n=== {title}", flush=True)
            started = time.monotonic()
            code = subprocess.run(command, cwd=PROJECT, check=False).returncode
            outcomes.append((title, code, time.monotonic() - started))
    print()
    for title, code, seconds in outcomes:
        print(f"{'passed' if code == 0 else 'FAILED'}  {'' if seconds is None else f'{seconds:.1f} s':>8}  {title}")
    return FAILED if any(code for _, code, _ in outcomes) else OK


if __name__ == "__main__":
    environment.enter(environment.CALIBRATE, environment.BROWSER, environment.POSTGRES)
    sys.exit(main())
