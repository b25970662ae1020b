"""Makes calibrate.py's writing of a challenger atomic: all seed files have its rows or none, even after a kill."""

import json
import os
from pathlib import Path

# A list of pending renames.
UNFINISHED = ".calibrate-unfinished.json"


def finish_rules(folder: Path) -> None:
    """Finish the renames of an interrupted calibrate.py. Raises OSError."""
    unfinished = folder / UNFINISHED
    if unfinished.exists():
        for new, target in json.loads(unfinished.read_text(encoding="utf-8")):
            # A missing file was already renamed.
            if Path(new).exists():
                os.replace(new, target)
        unfinished.unlink()
