"""How a run can fail: exit code, outcome for its record, and the line printed before the errors."""

from support.environment import FAILED, WRONG_INPUT


class Ending(Exception):
    """Its text has one line per problem and is for the terminal. `record` replaces it in the record of the run."""

    code, outcome, said = FAILED, "failed", "Nothing was published. Errors"

    def __init__(self, text: str, record: str | None = None):
        super().__init__(text)
        self.record = record or text


class WrongInput(Ending):
    """Wrong options, rules or raw tables. Each line of its text names file, row and column."""

    code, outcome = WRONG_INPUT, "wrong input"


class BuildFailed(Ending):
    """dbt or publishing failed. Its text is one line per model or test."""


class ExportFailed(Ending):
    """The csv files could not be written. Its text names the folder and the cause."""

    outcome, said = "published, not exported", "The scores are published, but the csv files could not be written"


class ErasuresUnmatched(Ending):
    """Rows of raw.erasures match nobody. Its text has their ids; the record must not have them."""

    outcome, said = "published, erasures unmatched", "The scores are published, but some erasures match nobody"
