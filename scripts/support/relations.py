"""Where the tables of the models are, as dbt has named them: schemas are a setting of dbt's profile, and are not written out in Python."""

import functools
import json
from pathlib import Path

from support.environment import PROJECT


def relations(connection) -> dict[str, str]:
    """The table or view of each model and seed, by name: from the manifest of the last dbt command that wrote one, in the warehouse or the project.

    `connection` is to build.duckdb.
    """
    (file,) = connection.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    manifests = [folder / "target" / "manifest.json" for folder in (Path(file).parent, PROJECT)]
    manifest = next(one for one in manifests if one.exists())
    return _relations(manifest, manifest.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _relations(manifest: Path, _: int) -> dict[str, str]:
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return {node["name"]: node["relation_name"] for node in nodes if node["resource_type"] in ("model", "seed")}
