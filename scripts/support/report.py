"""The report page: one self-contained html file from the published marts. Its queries are analyses/report/, its templates scripts/report/."""

import base64
import hashlib
import os
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

import duckdb
import jinja2

from support.environment import PROJECT
from support.queries import analysis, named
from support.summary import printable
from support.warehouse import switch

PAGE = "report.html"
QUERIES, TEMPLATES = PROJECT / "analyses" / "report", PROJECT / "scripts" / "report"

# Bytes, and leads of each model on the call list: as many as fit.
MOST_BYTES, LEADS = 5_000_000, (200, 100, 50, 20, 5, 1)


class Page:
    """The page of one build. It never fails the build: `problem` says why there is no page."""

    def __init__(self, warehouse: Path, is_wanted: bool = True):
        self.link, self.is_wanted, self.problem, self.is_written = warehouse / PAGE, is_wanted, None, False

    def write(self, marts: Path) -> None:
        """Write the page beside the marts that are published next."""
        self.file = marts.with_name(PAGE)
        if self.is_wanted:
            self._try(lambda: _write(marts, self.file))

    def switch(self) -> None:
        """Publish the page, right after the marts. Without a new page, remove the old one: its figures are those of another build."""
        if self.is_wanted and not self.problem:
            self._try(lambda: switch(self.link.parent, PAGE, self.file))
            self.is_written = not self.problem
        if not self.is_written:
            self._try(lambda: self.link.unlink(missing_ok=True))

    def _try(self, step) -> None:
        try:
            step()
        except OSError as error:
            self.problem = self.problem or f"{self.link}: cannot be written: {error.strerror}"
        except Exception as error:  # Whatever is wrong with a page, the marts are published.
            self.problem = self.problem or f"{self.link}: cannot be written: {' '.join(f'{type(error).__name__}: {error}'.split())}"


def page(connection: duckdb.DuckDBPyConnection) -> str:
    """The page as html, with as many leads on the call list as 5 MB allow."""
    found = tables(connection, LEADS[0])
    calls, ledger_of = found["leads"], {model["model_id"]: {} for model in found["models"]}
    for row in found["ledger"]:
        ledger_of[row["model_id"]].setdefault(row["contact_id"], []).append(row)
    for leads in LEADS:
        found["leads"] = [row for row in calls if row["place"] <= leads]
        text = _environment().get_template("page.html").render(tables=found, ledger_of=ledger_of)
        if len(text.encode()) <= MOST_BYTES:
            return text
    raise ValueError(f"the page has more than {MOST_BYTES:,} bytes")


def _write(marts: Path, file: Path) -> None:
    with duckdb.connect(str(marts), read_only=True) as connection:
        connection.execute(f"set memory_limit = '{os.environ.get('LEAD_SCORING_MEMORY_LIMIT', '80%')}'")
        file.write_text(page(connection), encoding="utf-8")


def tables(connection: duckdb.DuckDBPyConnection, leads: int) -> dict[str, list[dict]]:
    """The rows of each query, by its name without report_. The queries are dbt analyses."""
    found = {}
    for file in sorted(QUERIES.glob("report_*.sql")):
        query = analysis(lambda model: model, f"{QUERIES.name}/{file.stem}", report_leads=leads)
        found[file.stem.removeprefix("report_")] = named(connection.execute(query))
    return found


def number(value, digits: int = 0, signed: bool = False) -> str:
    """A number for people: 1,234.5, rounded half away from zero. A dash for none."""
    if value is None:
        return "–"
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0
    return f"{rounded:{'+' if signed and rounded else ''},f}".replace("-", "\N{MINUS SIGN}")


def percent(share, digits: int = 1) -> str:
    """A share as percent: 12.5 %."""
    return "–" if share is None else f"{number(100 * Decimal(share), digits)}\N{NO-BREAK SPACE}%"


def day(date) -> str:
    """A date for people: 31 Dec 2017."""
    return "–" if date is None else f"{date.day}\N{NO-BREAK SPACE}{date:%b}\N{NO-BREAK SPACE}{date.year}"


def short(value) -> str:
    """A number on an axis: 1,000 or 2.5."""
    return f"{Decimal(value).normalize():,f}"


def rounded_up(value) -> Decimal:
    """The end of an axis: the least of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, ... that is not below the value."""
    value = Decimal(value)
    if value <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb(value.adjusted())
    return next(unit * step for step in (1, Decimal("1.5"), 2, Decimal("2.5"), 3, 4, 5, 6, 8, 10) if unit * step >= value)


def ratio(part, whole) -> str:
    """A length on the page: part / whole as css percent, from 0 to 100."""
    return f"{min(max(float(part) / float(whole), 0.0), 1.0) * 100:.2f}%" if part is not None and whole else "0%"


def _environment() -> jinja2.Environment:
    """The templates. All text from the data is escaped, and has no control characters."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else printable(value) if type(value) is str else value,
    )
    made.filters |= {"number": number, "percent": percent, "day": day, "rounded_up": rounded_up, "short": short, "ratio": ratio}
    made.filters["of_model"] = lambda rows, model_id: [row for row in rows if row["model_id"] == model_id]
    made.filters["by"] = lambda rows, name: [(key, list(group)) for key, group in groupby(rows, key=lambda row: row[name])]
    texts = {name: (TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "script.js")}
    made.globals["style"], made.globals["script"] = (jinja2.utils.markupsafe.Markup(text) for text in texts.values())
    # The page allows no other script than its own.
    made.globals["script_hash"] = base64.b64encode(hashlib.sha256(texts["script.js"].encode()).digest()).decode()
    return made
