#!/usr/bin/env python3
"""Lint, parse, a build with its unit tests and data tests, and the Python tests.

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


def steps(folder: Path, pytest_arguments: list[str]) -> dict[str, list[str]]:
    """The commands by their titles. dbt works in `folder`, so that a build of the user's is left alone."""
    dbt = [str(TOOLS / "dbt"), "--quiet"]
    here = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target"), "--log-path", str(folder)]
    return {
        "sqlfluff": [str(TOOLS / "sqlfluff"), "lint", "models", "tests", "--nocolor"],
        "dbt parse, deprecations are errors": [*dbt, "parse", *here, "--no-partial-parse", "--show-all-deprecations"]
        + ["--warn-error-options", '{"error": ["Deprecations", "NoNodesForSelectionCriteria"]}'],
        "dbt build with unit tests and data tests": [*dbt, "build", *here],
        "pytest": [sys.executable, "-m", "pytest", *pytest_arguments],
    }


def main(arguments: list[str] | None = None) -> int:
    """Run every step, the later ones also after one that failed; returns the exit code."""
    parser = argparse.ArgumentParser(prog="test.py", description="Lint, unit tests, data tests, Python tests.")
    _, pytest_arguments = parser.parse_known_args(arguments)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="lead_scoring_") as folder:
        os.environ["LEAD_SCORING_WAREHOUSE"] = folder
        for title, command in steps(Path(folder), pytest_arguments).items():
            print(f"\n=== {title}", flush=True)
            started = time.monotonic()
            code = subprocess.run(command, cwd=PROJECT, check=False).returncode
            outcomes.append((title, code, time.monotonic() - started))
    print()
    for title, code, seconds in outcomes:
        print(f"{'passed' if code == 0 else 'FAILED'}  {seconds:6.1f} s  {title}")
    return FAILED if any(code for _, code, _ in outcomes) else OK


if __name__ == "__main__":
    environment.enter(environment.CALIBRATE)
    sys.exit(main())
