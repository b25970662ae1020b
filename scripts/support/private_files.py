"""A dbt-duckdb plugin (profiles.yml) that prepares the files before plain dbt opens its databases."""

import contextlib
import os
import shutil
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Makes files private and copies the published file to the next one. dbt-duckdb requires the class name."""

    def initialize(self, config: dict) -> None:
        """Files about people are readable only by their owner, as with build.py. Marts go into the next file, not the published one."""
        os.umask(0o077)
        if self.creds and self.creds.path != ":memory:":
            warehouse = Path(self.creds.path).parent
            published, file = warehouse / "lead_scores.duckdb", warehouse / "next" / "lead_scores.duckdb"
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                if published.exists():
                    # Atomic, because a partial copy would look complete.
                    os.replace(shutil.copyfile(published, file.with_suffix(".new")), file)
        # Only the owner can change the mode.
        with contextlib.suppress(OSError):
            if self.creds and Path(self.creds.path).is_file():
                os.chmod(self.creds.path, 0o600)
