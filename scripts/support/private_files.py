"""A plugin of dbt-duckdb (profiles.yml): what plain dbt needs before it opens its databases."""

import contextlib
import os
import shutil
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Makes files private, and a copy of what is published for the next; its name is given by dbt-duckdb."""

    def initialize(self, config: dict) -> None:
        """What dbt writes is about people, so it is for nobody but its owner, as what build.py writes. Marts go into the next file, beside the published one."""
        os.umask(0o077)
        if self.creds and self.creds.path != ":memory:":
            warehouse = Path(self.creds.path).parent
            published, file = warehouse / "lead_scores.duckdb", warehouse / "next" / "lead_scores.duckdb"
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                if published.exists():
                    # In one step: half a copy would be taken for a whole one.
                    os.replace(shutil.copyfile(published, file.with_suffix(".new")), file)
        # Somebody else's file is theirs to protect.
        with contextlib.suppress(OSError):
            if self.creds and Path(self.creds.path).is_file():
                os.chmod(self.creds.path, 0o600)
