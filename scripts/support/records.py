"""The record of a run: a log of its steps, and one line in runs.jsonl at its end."""

import json
import os
import re
import uuid
from datetime import datetime, timezone
from pathlib import Path

from support.warehouse import FOUND, RUN_COLUMNS


class Run:
    """A run of build.py. `facts` is its record (keys of warehouse.RUN_COLUMNS). `is_published`: whether its scores are published."""

    def __init__(self, warehouse: Path):
        self.started = datetime.now(timezone.utc)
        self.warehouse = warehouse
        self.is_published = False
        self.facts = dict.fromkeys(RUN_COLUMNS) | {"run_id": uuid.uuid4().hex, "started_at": _text(self.started)}
        self.log = warehouse / "logs" / f"run-{self.started:%Y%m%dT%H%M%S}-{self.facts['run_id'][:8]}.jsonl"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.tell("started")
        # Tells dbt not to record this run as well (macros/engine/run_log.sql), and when it started.
        os.environ["LEAD_SCORING_RUN_ID"] = self.facts["run_id"]
        os.environ["LEAD_SCORING_RUN_AT"] = self.facts["started_at"]

    def tell(self, event: str, **details) -> None:
        """Write one line to the log: time, run_id, event and details."""
        _append(self.log, {"time": _text(datetime.now(timezone.utc)), "run_id": self.facts["run_id"], "event": event, **details})

    def finish(self, exit_code: int, outcome: str, message: str | None = None) -> dict:
        """Complete the record and return it. `keep` writes it."""
        os.environ.pop("LEAD_SCORING_RUN_ID", None)
        os.environ.pop("LEAD_SCORING_RUN_AT", None)
        now = datetime.now(timezone.utc)
        seconds = round((now - self.started).total_seconds(), 1)
        self.facts |= {"finished_at": _text(now), "seconds": seconds, "outcome": outcome, "exit_code": exit_code, "message": message}
        return self.facts

    def keep(self) -> None:
        """Write the record to the log and to runs.jsonl, the source of the mart scoring_runs."""
        self.facts["message"] = without_values(self.facts["message"])
        self.tell("finished", **{key: value for key, value in self.facts.items() if key != "run_id"})
        _append(self.warehouse / "runs.jsonl", self.facts)


# The kind of error in a message of dbt or DuckDB. The text after it may quote a cell, except for _WITHOUT_CELLS.
_ERROR = re.compile(r"\b(?!(?:Runtime|Database) Error\b)(?:[A-Z][a-z]+ )?(?:[A-Z][A-Za-z]+|of [A-Z][a-z]+|in [A-Z][a-z]+) Error\b")
_WITHOUT_CELLS = {"Compilation Error", "IO Error", "Binder Error", "Catalog Error", "Out of Memory Error", "of Memory Error"}

# Where the message of an engine begins: dbt's heading, or the class of an exception of psycopg2 or Spark.
_OF_ENGINE = re.compile(r"\b(?:Runtime|Database) Error\b|^(?:(?:Data|Integrity|Internal|Operational|Programming)Error|[A-Z]\w*(?<!Error)): ")
# Where a cell begins in a message of Postgres or Spark: a quote, Key (email)=(...), Failing row contains (...), The value 1.5 of the type.
# Group 1 is a quoted name instead.
_CELL = re.compile(r"""(\b(?:column|constraint|database|index|relation|role|schema|table) "[^"]*")|["']|=\(|\bcontains \(|\bOriginal Line:|(?<=\] )(?:The value |[+-]?\d)""")


def without_values(message: str | None) -> str | None:
    """A message without personal data, for the record: without the row that a test found and without cells that an engine quotes."""
    if not message:
        return message
    kept, is_of_engine = [], False
    for line in message.split("\n"):
        line = line.split(FOUND)[0]
        if python := re.match(r"(?:Value|Key|Type|Index|Attribute|Unicode\w*|Assertion)Error: ", line):
            line = line[: python.end() - 2]
        elif error := _ERROR.search(line):
            # The lines after it belong to the same message.
            is_of_engine = error[0] not in _WITHOUT_CELLS
            line = line[: error.end()] if is_of_engine else line
        else:
            heading = _OF_ENGINE.search(line)
            is_of_engine = is_of_engine or bool(heading)
            if is_of_engine:
                line = _before_cells(line, heading.end() if heading else 0)
        kept.append(line)
    return "\n".join(kept)


def _before_cells(line: str, begin: int) -> str:
    """A line up to the first cell after `begin`. A cell may have quotes itself, so where it ends is unknown."""
    return line[: next((found.start() for found in _CELL.finditer(line, begin) if not found[1]), len(line))].rstrip()


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")


def _append(file: Path, line: dict) -> None:
    with open(file, "ab+") as handle:
        # A killed run may have left a partial line.
        handle.seek(max(handle.seek(0, 2) - 1, 0))
        gap = b"\n" if handle.read(1) not in (b"", b"\n") else b""
        handle.write(gap + json.dumps(line, default=str).encode() + b"\n")
