"""Every compiled model parses, and transpiles for other warehouses without an unsupported construct but for those that docs/engines.md lists."""

import logging
import os
import re
from pathlib import Path

import pytest

from tests.conftest import PROJECT

if os.environ.get("CI"):
    import sqlglot
else:
    sqlglot = pytest.importorskip("sqlglot")
DIALECTS = ("snowflake", "bigquery", "databricks", "redshift", "trino")


def documented() -> set[tuple[str, str]]:
    """Dialect and construct of the rows of the table under "Other warehouses" in docs/engines.md."""
    text = (PROJECT / "docs" / "engines.md").read_text(encoding="utf-8").split("## Other warehouses")[1]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)[1:]
    return {(dialect, construct.strip(" `")) for dialects, construct in rows for dialect in (DIALECTS if dialects == "all" else dialects.split(", "))}


def models(build) -> list[Path]:
    """The compiled SQL of all models of a build. A folder named as a yml file has tests."""
    files = (build.warehouse / "target" / "compiled" / "lead_scoring" / "models").rglob("*.sql")
    return sorted(file for file in files if file.parent.suffix != ".yml")


def construct(message: str) -> str:
    """What sqlglot reports, without the function in which it stands."""
    return re.sub(r"(NULLS LAST).*", r"\1", message.replace("'", "")).strip()


def test_every_model_transpiles_but_for_the_listed_constructs(hand_computed_build):
    # sqlglot logs what it does not support.
    logging.disable(logging.WARNING)
    found: dict[tuple[str, str], list[str]] = {}
    try:
        trees = {file.stem: sqlglot.parse_one(file.read_text(encoding="utf-8"), read="duckdb") for file in models(hand_computed_build)}
        for model, tree in trees.items():
            for dialect in DIALECTS:
                try:
                    tree.sql(dialect, unsupported_level=sqlglot.ErrorLevel.RAISE, max_unsupported=1000)
                except sqlglot.UnsupportedError as error:
                    for line in filter(None, str(error).splitlines()):
                        found.setdefault((dialect, construct(line)), []).append(model)
            # Functions that sqlglot does not know stay as they are: only DuckDB has them.
            for node in tree.find_all(sqlglot.exp.Anonymous, sqlglot.exp.Columns, sqlglot.exp.Describe):
                name = node.name.lower() if isinstance(node, sqlglot.exp.Anonymous) else type(node).__name__.lower()
                for dialect in DIALECTS:
                    found.setdefault((dialect, name), []).append(model)
    finally:
        logging.disable(logging.NOTSET)
    assert len(trees) > 150
    assert {key: sorted(set(names))[:5] for key, names in found.items() if key not in documented()} == {}
    assert documented() - set(found) == set(), "docs/engines.md lists what no model has"
