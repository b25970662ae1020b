"""What a run ends with instead of success: the exit code, the outcome for its record, and what is said before the text."""

from support.environment import FAILED, WRONG_INPUT


class Ending(Exception):
    """Its text, one line per problem, is for the terminal; `record`, where it must be another, for the record."""

    code, outcome, said = FAILED, "failed", "Nothing was published. What failed"

    def __init__(self, text: str, record: str | None = None):
        super().__init__(text)
        self.record = record or text


class WrongInput(Ending):
    """Input that cannot be used. Each line of its text names file, row and column."""

    code, outcome, said = WRONG_INPUT, "wrong input", "Nothing was built or published. What is wrong"


class BuildFailed(Ending):
    """dbt or publishing failed. Its text is one line per model or test."""


class ExportFailed(Ending):
    """The csv files could not be written. Its text names the folder and the cause."""

    outcome, said = "published, not exported", "The scores are published, but the csv files could not be written"


class ErasuresUnmatched(Ending):
    """Rows of raw.erasures match nobody. Its text has their ids, the record must not."""

    outcome, said = "published, erasures unmatched", "The scores are published, but erasures are not done"
