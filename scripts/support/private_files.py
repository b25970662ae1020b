"""A plugin of dbt-duckdb (profiles.yml): what plain dbt writes is about people, so it is for nobody but its owner, as what build.py writes."""

import contextlib
import os
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Makes files private before the database is opened; its name is given by dbt-duckdb."""

    def initialize(self, config: dict) -> None:
        """Files that this process makes from here on are private, and so is a database that an earlier one made."""
        os.umask(0o077)
        # Somebody else's file is theirs to protect.
        with contextlib.suppress(OSError):
            if self.creds and Path(self.creds.path).is_file():
                os.chmod(self.creds.path, 0o600)
