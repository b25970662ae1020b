"""What dbt has parsed is kept for other warehouses of the same checkout, and for nothing else."""

import importlib.util
import os
import shutil
import subprocess
import sys
from unittest.mock import patch

import pytest
from dbt.context import macros as macros_of_dbt
from dbt.exceptions import PackageNotFoundForMacroError

from support import dbt_project, inputs
from tests.conftest import HAND_COMPUTED, PROJECT

RAW = "source.lead_scoring.raw"

PARSE = """
import pathlib, sys
project, warehouse, rules = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(project / "scripts"))
from support import dbt_project, inputs
warehouse.mkdir()
assert dbt_project.Dbt(warehouse, {"contacts": "read_csv('first')"}, inputs.copy_rules(rules, warehouse).folder, {}, 1).parse()
"""


@pytest.fixture
def parsed(tmp_path, monkeypatch):
    """Parse the project for a new warehouse of a name; `calls` are the commands that dbt was given."""
    calls, copies, invoke = [], [], dbt_project.Dbt._invoke
    monkeypatch.setattr(dbt_project, "PARSED", tmp_path / "target" / "parsed.msgpack")
    monkeypatch.setattr(dbt_project.Dbt, "_invoke", lambda self, *arguments, **options: calls.append(arguments[0]) or invoke(self, *arguments, **options))

    def parse(name, **raw):
        warehouse = tmp_path / name
        warehouse.mkdir(exist_ok=True)
        rules = inputs.copy_rules(HAND_COMPUTED / "rules", warehouse)
        copies.append(rules.folder)
        dbt = dbt_project.Dbt(warehouse, {"contacts": f"read_csv('{name}')", **raw}, rules.folder, {}, 1)
        assert dbt.parse(), dbt.error
        return dbt

    parse.calls = calls
    with patch.dict(os.environ):
        yield parse
    for copy in copies:
        shutil.rmtree(copy)


def test_the_next_warehouse_takes_what_was_parsed_with_its_own_raw_tables_and_rules(parsed):
    first, second = parsed("first", erasures="first's"), parsed("a {second}")
    assert parsed.calls == ["parse"]
    assert first.manifest.nodes.keys() == second.manifest.nodes.keys()
    # The braces are dbt-duckdb's.
    assert second.manifest.sources[f"{RAW}.contacts"].meta["external_location"] == "read_csv('a {{second}}')"
    assert second.manifest.sources["source.lead_scoring.runs.runs"].meta["external_location"] == second.locations["runs"]
    assert first.manifest.sources[f"{RAW}.erasures"].meta["external_location"] == "first's"
    assert "where false" in second.manifest.sources[f"{RAW}.erasures"].meta["external_location"]
    assert second.manifest.flat_graph["sources"][f"{RAW}.contacts"]["meta"] == second.manifest.sources[f"{RAW}.contacts"].meta
    for dbt in (first, second):
        seed = dbt.manifest.nodes["seed.lead_scoring.event_rules"]
        assert os.path.join(seed.root_path, seed.original_file_path) == str(dbt.rules / "event_rules.csv")
    assert second.problem_of_selection("lead_scores") is None
    assert "names no model" in second.problem_of_selection("nothing_of_this_name")


def test_a_warehouse_that_another_checkout_built_takes_the_rules_of_this_one(parsed, tmp_path):
    """dbt keeps in the warehouse what it has parsed, with the folder of the project."""
    other = tmp_path / "other"
    for folder in ("analyses", "contract", "macros", "models", "scripts", "seeds", "tests"):
        shutil.copytree(PROJECT / folder, other / folder, ignore=shutil.ignore_patterns("__pycache__", "test_*.py"))
    for file in PROJECT.glob("*.yml"):
        shutil.copy(file, other)
    subprocess.run([sys.executable, "-c", PARSE, other, tmp_path / "first", HAND_COMPUTED / "rules"], check=True)
    assert (tmp_path / "first" / "target" / "partial_parse.msgpack").exists()
    assert {node.root_path for node in parsed("first").manifest.nodes.values() if node.resource_type == "seed"} == {str(PROJECT)}


def test_a_file_that_cannot_be_read_or_written_is_only_slower(parsed):
    parsed("first")
    (kept,) = dbt_project.PARSED.parent.glob("*.msgpack")
    kept.write_bytes(kept.read_bytes()[:5000])
    parsed("second")
    assert parsed.calls == ["parse"] * 2
    parsed("third")
    assert parsed.calls == ["parse"] * 2
    kept.unlink()
    dbt_project.PARSED.parent.rmdir()
    dbt_project.PARSED.parent.write_text("no folder")
    parsed("fourth")
    assert parsed.calls == ["parse"] * 3


def test_what_was_parsed_is_of_the_same_files_and_variables(tmp_path, monkeypatch):
    monkeypatch.setattr(dbt_project, "PROJECT", tmp_path)
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "a.sql"

    def key(text="select '{{ env_var(\"MINE\", \"\") }}' as {{ env_var('LEAD_SCORING_AS_OF', '') }}", **variables):
        model.write_text(text)
        with patch.dict(os.environ, variables):
            return dbt_project._parsed_from()

    assert key() == key() == key(LEAD_SCORING_AS_OF="2024-06-30") == key(OTHER="1")
    others = [key(), key("select 1"), key(MINE="1"), key(DBT_ENV_CUSTOM_ENV_A="1")]
    (tmp_path / "models" / "b.yml").write_text("version: 2")
    others.append(key())
    (tmp_path / "dbt_project.yml").write_text("name: other")
    others.append(key())
    monkeypatch.setattr(dbt_project, "version", lambda package: "0")
    others.append(key())
    assert len(set(others)) == len(others) == 7


def test_the_macros_of_a_node_are_those_that_dbt_names(parsed):
    """faster_dbt's names, by name and in each package, against those of dbt's module as it is without it."""
    spec = importlib.util.find_spec("dbt.context.macros")
    as_it_is = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(as_it_is)
    macros, context, stack = parsed("any").manifest.get_macros_by_package(), {}, object()

    def named(found):
        return {name: named(one) if isinstance(one, dict) else one.macro.unique_id for name, one in found.items()}

    for package in ("lead_scoring", "dbt", "an_installing_project"):
        builders = [module.MacroNamespaceBuilder("lead_scoring", package, stack, ["dbt_duckdb", "dbt"], "node") for module in (macros_of_dbt, as_it_is)]
        faster, slower = (builder.build_namespace(macros, context) for builder in builders)
        assert named(faster) == named(slower)
        assert len(faster) > 900
        for name in [*slower, "nothing"]:
            for where in (None, "dbt", "lead_scoring"):
                ours, theirs = faster.get_from_package(where, name), slower.get_from_package(where, name)
                assert getattr(ours, "macro", None) is getattr(theirs, "macro", None), (where, name)
        with pytest.raises(PackageNotFoundForMacroError):
            faster.get_from_package("nothing", "ref")
        one = faster["hash_of"]
        assert (one.context, one.node, one.stack) == (context, "node", stack) and one.context is context
