#!/usr/bin/env python3
"""Send the rows of crm_sync that changed since the last run to a csv file or a web service: an example sender (docs/sync.md).

Exit code 0: everything was sent. 1: the receiver failed or refused; the journal has what was sent, and the next run goes on from there.
2: wrong usage or input; nothing was sent.
"""

import argparse
import csv
import hashlib
import io
import json
import os
import re
import sys
import time
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from support import environment
from support.environment import FAILED, OK, PROJECT, WRONG_INPUT

# A secret does not belong on a command line, which other users of the machine see.
TOKEN = "LEAD_SCORING_SYNC_TOKEN"
# Answers after which the same request may succeed.
PASSING = (408, 425, 429, 500, 502, 503, 504)
# Seconds: waiting for an answer, and the longest pause that a receiver may ask for.
TIMEOUT, LONGEST_PAUSE = 30, 120
# The columns that hubspot and salesforce get.
FIELDS = ("score", "band", "grade", "priority", "next_action", "reason_1", "reason_2", "reason_3", "stage", "account_score")


class Stop(Exception):
    """An error for the terminal, with the exit code."""

    def __init__(self, text: str, code: int = WRONG_INPUT):
        super().__init__(text)
        self.code = code


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="sync.py", description="Send the rows of crm_sync that changed since the last run.")
    parser.add_argument("--to", nargs=2, required=True, metavar=("csv|http", "FILE|URL"), help="append to a csv file, or send to a web service")
    parser.add_argument("--as", dest="form", choices=sorted(FORMS), default="rows", help="payload of a web service (default: rows)")
    parser.add_argument("--id-field", metavar="NAME", help="field of the CRM that has the contact_id; required for hubspot and salesforce")
    parser.add_argument("--warehouse", type=Path, default=PROJECT / "warehouse", metavar="DIR", help="folder of the published scores (default: warehouse)")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="what was sent, one journal per receiver (default: sync.jsonl in the warehouse)")
    parser.add_argument("--batch", type=int, default=100, metavar="N", help="rows per request, from 1 to 10000 (default: 100)")
    parser.add_argument("--per-second", type=float, default=5, metavar="N", help="at most so many requests per second (default: 5)")
    parser.add_argument("--retries", type=int, default=5, metavar="N", help="retries of a request, with growing pauses (default: 5)")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, send nothing")
    chosen = parser.parse_args(arguments)
    kind, target = chosen.to
    if kind not in ("csv", "http"):
        parser.error("--to must be csv FILE or http URL")
    if kind == "http" and not is_url(target):
        # Without the URL, which may hold a password.
        parser.error("--to http: must be a URL that begins with https:// or http://, with a host and, if it has a port, one from 0 to 65535")
    if kind == "csv" and chosen.form != "rows":
        parser.error(f"--as {chosen.form} is for --to http")
    if chosen.form != "rows" and not chosen.id_field:
        parser.error(f"--as {chosen.form} needs --id-field NAME")
    if not 1 <= chosen.batch <= 10_000 or not chosen.per_second > 0 or chosen.retries < 0:
        parser.error("--batch must be from 1 to 10000, --per-second above 0, --retries at least 0")
    chosen.journal = chosen.journal or chosen.warehouse / "sync.jsonl"
    return chosen


def is_url(target: str) -> bool:
    """Whether a text is a URL of a web service."""
    try:
        parts = urlsplit(target)
        # The port is read only here: a wrong one raises as well.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return False


def put(handle, data: bytes, what: str, then: str) -> None:
    """Write to a file, safe on disk when this returns. Raises Stop: `what` cannot be written, and what the next run does `then`."""
    try:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    except OSError as error:
        raise Stop(f"{what} cannot be written: {error.strerror}; the next run {then}", FAILED) from None


class Journal:
    """What was sent, a line per batch before and after it is sent.

    up_to: place (changed_at, sync_key) of the last row that the receiver took. pending: the line of a batch that was begun and not
    finished, because the run was stopped or the receiver failed; the receiver may have taken it. receiver: receiver_of the options.
    takes_over: whether lines of an earlier version, without `whole`, can only be about this receiver.
    """

    def __init__(self, file: Path, receiver: dict[str, str], takes_over: bool, writes: bool):
        self.file, self.receiver, self.handle = file, receiver, None
        self.up_to, self.pending, self.size = ["", ""], None, None
        try:
            if writes:
                os.umask(0o077)
                self.handle = open(file, "a+b")
                if not environment.locked(self.handle):
                    raise Stop(f"{file}: another run of sync.py has it open; wait until it ends")
            text = file.read_bytes() if file.exists() else b""
            # A stopped run may have left a partial line.
            whole = text[: text.rfind(b"\n") + 1]
            if writes:
                self.handle.truncate(len(whole))
        except OSError as error:
            raise Stop(f"{file}: the journal cannot be {'written' if writes else 'read'}: {error.strerror}; nothing was sent") from None
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                told = json.loads(line)
                if problem := self._is_about_another(told, takes_over):
                    raise Stop(f"{file}: row {number}: {problem}")
                self._take(told)
            except (ValueError, KeyError, TypeError):
                raise Stop(f"{file}: row {number}: is not a line of the journal; restore the file, or move it away to send all rows") from None

    def _is_about_another(self, told: dict, takes_over: bool) -> str | None:
        """What is wrong with a line about another receiver."""
        to, whole = self.receiver["to"], self.receiver.get("whole")
        if told["to"] != to:
            return f"is about {told['to']}, not {to}; name another --journal"
        if told.get("whole") == whole or ("whole" not in told and takes_over):
            return None
        if "whole" in told:
            return f"is about {to} with another user, other parameters, another --as or another --id-field; name another --journal"
        return (
            f"is by an earlier version, which did not note the user and the parameters of a URL; it may be about another receiver at {to}."
            " Name another --journal, or move the file away: both send all rows again"
        )

    def _take(self, told: dict) -> None:
        if told["event"] == "sent":
            self.up_to, self.size = told["up_to"], told.get("size")
        self.pending = told if told["event"] == "sending" else None

    def write(self, event: str, **details) -> None:
        """Add a line, safe on disk when this returns. Raises Stop."""
        told = {"time": str(datetime.now(timezone.utc)), "event": event, **self.receiver, **details}
        put(self.handle, json.dumps(told).encode() + b"\n", f"{self.file}: the journal", "sends the last batch again under the same key")
        self._take(told)


class Rows:
    """The rows of crm_sync in one published file."""

    def __init__(self, published: Path):
        import duckdb

        if not published.exists():
            raise Stop(f"{published}: is missing; run build.py first, or name the folder with --warehouse")
        try:
            self.connection = duckdb.connect(str(published), read_only=True)
            if not self.connection.execute("select count(*) from duckdb_tables() where table_name = 'crm_sync'").fetchone()[0]:
                raise Stop(f"{published}: has no table crm_sync, because an earlier version of the project published it; run build.py first")
            self.last = str(self.connection.execute("select max(changed_at) from crm_sync").fetchone()[0] or "")
        except duckdb.Error as error:
            raise Stop(f"{published}: cannot be read: {' '.join(str(error).split())[:300]}") from None

    def after(self, place: list[str], limit: int | None, up_to: list[str] | None = None) -> list[dict]:
        """The next rows by (changed_at, sync_key), after a place and not after up_to."""
        from support.queries import named

        found = self.connection.execute(
            """
            select * from crm_sync
            where (changed_at > coalesce(try_cast($1 as timestamp), '-infinity') or (changed_at = try_cast($1 as timestamp) and sync_key > $2))
                and ($3 is null or changed_at < cast($3 as timestamp) or (changed_at = cast($3 as timestamp) and sync_key <= $4))
            order by changed_at, sync_key limit $5
            """,
            [*place, *(up_to or [None, None]), limit],
        )
        return named(found)


def place_of(row: dict) -> list[str]:
    """The place of a row in the order of sending."""
    return [str(row["changed_at"]), row["sync_key"]]


def cell(value):
    """A value for json. A decimal is a number where a double holds it exactly, else text."""
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value


def as_rows(rows: list[dict], _) -> dict:
    """All columns of all rows."""
    return {"rows": [{name: cell(value) for name, value in row.items()} for row in rows]}


def by_contact(rows: list[dict]) -> dict[str, dict]:
    """contact_id in the CRM -> its fields of all models. A CRM has one record per contact. It deletes and merges contacts itself."""
    contacts: dict[str, dict] = {}
    for row in rows:
        if not row["is_deleted"]:
            fields = contacts.setdefault(re.sub("^(hubspot|salesforce):", "", row["contact_id"]), {})
            fields |= {re.sub("[^a-z0-9_]", "_", f"{row['model_id']}_{name}".lower()): cell(row[name]) for name in FIELDS}
    return contacts


def as_hubspot(rows: list[dict], id_field: str) -> dict:
    """Body for POST /crm/v3/objects/contacts/batch/upsert (at most 100 contacts). Empty text clears a property."""
    contacts = by_contact(rows).items()
    inputs = [{"idProperty": id_field, "id": contact, "properties": {name: "" if value is None else value for name, value in fields.items()}} for contact, fields in contacts]
    return {"inputs": inputs}


def as_salesforce(rows: list[dict], id_field: str) -> dict:
    """Body for PATCH /services/data/vXX.0/composite/sobjects/Contact/ID_FIELD (at most 200 contacts)."""
    contacts = by_contact(rows).items()
    records = [{"attributes": {"type": "Contact"}, id_field: contact, **{f"{name}__c": value for name, value in fields.items()}} for contact, fields in contacts]
    return {"allOrNone": False, "records": records}


FORMS = {"rows": ("POST", as_rows), "hubspot": ("POST", as_hubspot), "salesforce": ("PATCH", as_salesforce)}


class Service:
    """A web service. It gets each batch as json, with an Idempotency-Key that a batch keeps in all attempts."""

    def __init__(self, options: argparse.Namespace):
        # requests and urllib3 come with dbt-core.
        import requests
        from urllib3.util import Retry

        self.options, self.url = options, options.to[1]
        self.method, self.shape = FORMS[options.form]
        self.session = requests.Session()
        self.next_at = 0.0
        service = self

        class Again(Retry):
            """Retries that count for --per-second as well."""

            def sleep(self, response=None):
                super().sleep(response)
                service.wait()

        # A redirected request would lose its body.
        again = Again(
            total=options.retries, redirect=0, backoff_factor=0.2, backoff_jitter=0.1, status_forcelist=PASSING, allowed_methods=None,
            raise_on_status=False, retry_after_max=LONGEST_PAUSE,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=again))
        if token := os.environ.get(TOKEN):
            self.session.headers["Authorization"] = f"Bearer {token}"
        try:
            # http.client would refuse it with the first batch, after the journal's line.
            (token or "").encode("latin-1")
            self.session.prepare_request(requests.Request(self.method, self.url))
        except (UnicodeError, requests.exceptions.InvalidHeader):
            raise Stop(f"{TOKEN}: must not have a line break or characters outside Latin-1") from None
        except requests.RequestException:
            raise Stop(f"{shown(self.url)}: is not a valid URL") from None

    def wait(self) -> None:
        """Wait until --per-second allows the next request."""
        time.sleep(max(0.0, self.next_at - time.monotonic()))
        self.next_at = time.monotonic() + 1 / self.options.per_second

    def send(self, rows: list[dict], key: str) -> dict:
        """Send a batch. Raises Stop."""
        import requests

        body = self.shape(rows, self.options.id_field)
        if not any(body.values()):
            return {}
        self.wait()
        try:
            answer = self.session.request(self.method, self.url, json=body, headers={"Idempotency-Key": key}, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise Stop(f"{shown(self.url)}: no answer after {self.options.retries} retries: {type(error).__name__}; run it again later", FAILED) from None
        if refusal := self.refusal(answer):
            raise Refused(f"{shown(self.url)}: {refusal}") if answer.status_code not in PASSING else Stop(f"{shown(self.url)}: {refusal}; run it again later", FAILED)
        return {}

    def refusal(self, answer) -> str | None:
        """Why the service did not take the whole batch, or None. HubSpot answers 207, Salesforce 200, when it refused a part of it."""
        text = " ".join(answer.text.split())[:300]
        if answer.status_code == 207 or not 200 <= answer.status_code < 300:
            return f"answered {answer.status_code} {answer.reason}: {text}"
        if self.options.form == "salesforce":
            try:
                failed = [record for record in answer.json() if not record.get("success")]
            except (ValueError, AttributeError, TypeError):
                return f"did not answer as Salesforce does: {text}"
            return f"refused {len(failed)} of the contacts: {json.dumps(failed[0])[:300]}" if failed else None
        return None


class Refused(Stop):
    """The receiver did not take a batch and would not take it again."""

    def __init__(self, text: str):
        super().__init__(f"{text}; correct the cause and run it again", FAILED)


class CsvFile:
    """A csv file that grows by each batch. What a stopped run wrote after the last finished batch is cut off first."""

    def __init__(self, options: argparse.Namespace, journal: Journal):
        self.file = Path(options.to[1])
        known = journal.pending["size"] if journal.pending else journal.size
        try:
            size = self.file.stat().st_size if self.file.exists() else 0
            if size and known is None:
                raise Stop(f"{self.file}: exists, but the journal {journal.file} does not know it; move the file away, or name its --journal")
            if 0 < size < (known or 0):
                raise Stop(f"{self.file}: is shorter than after the last run; restore it, or move it away")
            self.size = min(size, known or 0)
            if not options.dry_run:
                self.handle = open(self.file, "r+b" if self.file.exists() else "w+b")
                self.handle.truncate(self.size)
        except OSError as error:
            raise Stop(f"{self.file}: cannot be written: {error.strerror}; nothing was sent") from None

    def send(self, rows: list[dict], key: str) -> dict:
        """Append a batch, safe on disk when this returns. Raises Stop."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not self.size:
            writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
        self.handle.seek(self.size)
        put(self.handle, text.getvalue().encode(), f"{self.file}:", "goes on after the last finished batch")
        self.size = self.handle.tell()
        return {"size": self.size}


def left_out(target: str) -> list[str]:
    """User with password, and parameters of a URL, which `shown` leaves out."""
    parts = urlsplit(target)
    return [parts.netloc.rpartition("@")[0], parts.query]


def shown(target: str) -> str:
    """A URL without passwords and parameters."""
    parts = urlsplit(target)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def receiver_of(options: argparse.Namespace) -> dict[str, str]:
    """The receiver as the journal notes it: `to`, and of a web service `whole`, a hash of what `to` leaves out and of what decides on the payload."""
    kind, target = options.to
    if kind == "csv":
        return {"to": f"csv {Path(target).resolve()}"}
    of = [shown(target), *left_out(target), options.form, options.id_field if options.form != "rows" else None]
    return {"to": f"http {shown(target)}", "whole": hashlib.sha256(json.dumps(of).encode()).hexdigest()[:16]}


def main(options: argparse.Namespace) -> int:
    """Send with parsed options and return the exit code."""
    kind = options.to[0]
    try:
        # First, because it checks URL and token.
        service = Service(options) if kind == "http" else None
        rows = Rows(options.warehouse / "lead_scores.duckdb")
        journal = Journal(options.journal, receiver_of(options), takes_over=kind == "http" and not any(left_out(options.to[1])), writes=not options.dry_run)
        if journal.up_to[0] > rows.last:
            raise Stop(
                f"{options.warehouse / 'lead_scores.duckdb'}: is older than what was sent: it changed last at {rows.last or 'no time'}, the journal is at"
                f" {journal.up_to[0]}. Build again, or move {options.journal} away to send all rows"
            )
        receiver = service or CsvFile(options, journal)
        if options.dry_run:
            return preview(options, rows, journal)
        count = send_all(options, rows, journal, receiver)
    except Stop as problem:
        print(f"{'Stopped' if problem.code == FAILED else 'Nothing was sent'}. Errors:\n{problem}", file=sys.stderr)
        return problem.code
    print(f"{count:,} rows sent, up to {journal.up_to[0]}" if count else "Nothing has changed since the last run.")
    return OK


def send_all(options: argparse.Namespace, rows: Rows, journal: Journal, receiver) -> int:
    """Send all batches, the pending one first. Returns the number of rows. Raises Stop."""
    count = 0
    while True:
        pending = journal.pending
        if pending:
            # A row that has changed since is not of this batch any more: its turn comes later.
            batch, up_to, key = rows.after(journal.up_to, None, pending["up_to"]), pending["up_to"], pending["key"]
        else:
            batch = rows.after(journal.up_to, options.batch)
            if not batch:
                return count
            up_to = place_of(batch[-1])
            key = hashlib.sha256(json.dumps([*journal.receiver.values(), *map(place_of, batch)]).encode()).hexdigest()[:32]
            journal.write("sending", key=key, rows=len(batch), up_to=up_to, size=getattr(receiver, "size", None))
        try:
            told = receiver.send(batch, key) if batch else {"size": getattr(receiver, "size", None)}
        except Refused:
            # The next run may cut the batch otherwise.
            journal.write("refused", key=key)
            raise
        journal.write("sent", key=key, rows=len(batch), up_to=up_to, **told)
        count += len(batch)


def preview(options: argparse.Namespace, rows: Rows, journal: Journal) -> int:
    """Print the number of rows to send and the first batch, as it would be sent."""
    batch = rows.after(journal.up_to, None)
    deleted = sum(row["is_deleted"] for row in batch)
    lines = [f"{len(batch):,} rows would be sent, {deleted:,} of them deletions, in {-(-len(batch) // options.batch):,} batches"]
    if batch:
        lines.append(json.dumps(FORMS[options.form][1](batch[: options.batch], options.id_field), indent=2))
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        # `sync.py --dry-run | head` reads no further. Python would report the pipe once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter()
    sys.exit(main(chosen))
