"""What a run ends with instead of success: the exit code, the outcome for its record, and what is said before the text."""

from support.environment import FAILED, WRONG_INPUT


class Ending(Exception):
    """Its text, one line per problem, is for the terminal; `record` is for the record."""

    code, outcome, said = FAILED, "failed", "Nothing was published. What failed"

    @property
    def record(self) -> str:
        """The text that is kept of the run."""
        return str(self)


class WrongInput(Ending):
    """Input that cannot be used. Each line of its text names file, row and column."""

    code, outcome, said = WRONG_INPUT, "wrong input", "Nothing was built or published. What is wrong"


class BuildFailed(Ending):
    """dbt or publishing failed. Its text is one line per model or test."""


class ExportFailed(Ending):
    """The scores are published; the csv files could not be written. Its text names the folder and the cause."""

    outcome, said = "published, not exported", "The scores are published, but the csv files could not be written"


class ErasuresUnmatched(Ending):
    """The scores are published; rows of raw.erasures match nobody. The record has their number, and no ids."""

    outcome, said = "published, erasures unmatched", "The scores are published, but erasures are not done"

    def __init__(self, erasures):
        super().__init__("\n".join(erasures.lines()))
        self.erasures = erasures

    @property
    def record(self) -> str:
        """The text that is kept of the run."""
        return self.erasures.count()
