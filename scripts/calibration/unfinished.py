"""A folder of seeds into which calibrate.py writes a challenger: it stands in all files or in none, also where calibrate.py is stopped."""

import json
import os
from pathlib import Path

# A list of files that are to be renamed.
UNFINISHED = ".calibrate-unfinished.json"


def finish_rules(folder: Path) -> None:
    """Rename what calibrate.py had written whole when it was stopped. Raises OSError."""
    unfinished = folder / UNFINISHED
    if unfinished.exists():
        for new, target in json.loads(unfinished.read_text(encoding="utf-8")):
            # One that is not there any more has its name.
            if Path(new).exists():
                os.replace(new, target)
        unfinished.unlink()
