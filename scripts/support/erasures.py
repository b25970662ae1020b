"""Erasure requests that match nobody. The terminal shows their ids, the record of the run only their number.

The models exclude erased contacts in SQL (models/staging/raw). This module checks whether each requested contact exists at all.
"""

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import duckdb

from support.findings import relation
from support.warehouse import PUBLISHED, attach, connect_build, note, noted

# Hashes of ids that earlier runs erased. Such a request counts as matched after the person has left the source.
ERASED = "erased.json"

# READ parses an id as the macro read_text does. ALIKE ignores case, blanks and invisible characters.
READ = """
nullif(case
    when typeof(contact_id) in ('DOUBLE', 'FLOAT') or typeof(contact_id) like 'DECIMAL%'
        then regexp_replace(regexp_replace(cast(contact_id as varchar), '\\.0+$|(\\.\\d*[1-9])0+$', '\\1'), '^nan$', '', 'i')
    else cast(contact_id as varchar)
end, '')
"""
ALIKE = r"lower(regexp_replace({}, '[\s\x{{00a0}}\x{{200b}}\x{{feff}}]', '', 'g'))"


def id_of(column: str) -> str:
    """SQL for the id in a column of a raw table."""
    return READ.replace("contact_id", column)


@dataclass
class Erasures:
    """Result of the requests. `unmatched` has each id that matches nobody, with a similar id of the raw tables or None; `new` matched, and no earlier run erased them."""

    warehouse: Path
    requested: int
    matched: list[str]
    unmatched: list[tuple[str, str | None]]
    new: int = 0

    def lines(self) -> list[str]:
        """The lines for the terminal."""
        told = [f"{self.count()}; not erased:"]
        told += [f"'{contact}': matched nobody" + (f"; did you mean '{alike}'?" if alike else "; correct or remove the row") for contact, alike in self.unmatched]
        return told

    def count(self) -> str:
        """The numbers only, for the record."""
        return f"{self.requested:,} erasures requested, {len(self.matched):,} matched, {len(self.unmatched):,} matched nobody"

    def find_in_sources(self, sources: list[str]) -> None:
        """After the build: match what is left with the contacts and then the events of its sources, whose ids only their models know."""
        for table in ("contacts", "events"):
            if not (sources and self.unmatched):
                return
            with connect_build(self.warehouse) as connection:
                union = " union ".join(f"select contact_id from {relation(connection, f'{source}__{table}')}" for source in sources)
                ids = [contact for contact, _ in self.unmatched]
                there = {row[0] for row in connection.execute(f"select contact_id from ({union}) where contact_id in (select unnest(?))", [ids]).fetchall()}
            self.matched += [contact for contact in ids if contact in there]
            self.unmatched = [(contact, alike) for contact, alike in self.unmatched if contact not in there]

    def contacts(self) -> list[str]:
        """All contacts to erase, matched or not."""
        return self.matched + [contact for contact, _ in self.unmatched]

    def keep(self) -> None:
        """Remember the erased ids, after publishing. Raises OSError."""
        salt, known = _kept(self.warehouse)
        hashes = {_hash(salt, contact) for contact in self.matched}
        if hashes - known:
            note(self.warehouse, ERASED, {"salt": salt, "erased": sorted(known | hashes)})


def check(raw: dict[str, str], warehouse: Path) -> Erasures:
    """Match the requests with the raw tables, the published history, and earlier erasures. Raises duckdb.Error."""
    if "erasures" not in raw:
        return Erasures(warehouse, 0, [], [])
    with duckdb.connect() as connection:
        connection.execute(f"create table requests as select distinct {READ} as contact_id from {raw['erasures']} where {READ} is not null")
        places = [raw[table] for table in ("contacts", "events", "identities", "outcomes") if table in raw]
        published = warehouse / PUBLISHED
        if published.exists():
            # A later step reports a broken file. An older version may lack the table.
            with contextlib.suppress(duckdb.Error):
                attach(connection, published, "published")
                connection.execute("select 1 from published.lead_score_history limit 1")
                places += ["published.lead_score_history"]
        # Without any of these, as before the first build from sources alone, it matches nobody yet (find_in_sources).
        union = " union ".join([*(f"select {READ} as contact_id from {place}" for place in places), "select null where false"])
        connection.execute(f"create table alike as select contact_id from ({union}) where {ALIKE.format('contact_id')} in (select {ALIKE.format('contact_id')} from requests)")
        rows = connection.execute(
            f"""
            select requests.contact_id, bool_or(alike.contact_id = requests.contact_id), min(alike.contact_id)
            from requests
            left join alike on {ALIKE.format('alike.contact_id')} = {ALIKE.format('requests.contact_id')}
            group by all order by all
            """
        ).fetchall()
    salt, known = _kept(warehouse)
    matched = [contact for contact, is_there, _ in rows if is_there or _hash(salt, contact) in known]
    new = sum(_hash(salt, contact) not in known for contact in matched)
    return Erasures(warehouse, len(rows), matched, [(contact, alike) for contact, _, alike in rows if contact not in set(matched)], new)


def _kept(warehouse: Path) -> tuple[str, set[str]]:
    kept = noted(warehouse, ERASED) or {}
    return kept.get("salt", secrets.token_hex(16)), set(kept.get("erased", []))


def _hash(salt: str, contact: str) -> str:
    return hashlib.sha256(f"{salt}:{contact}".encode()).hexdigest()


def was_erased(warehouse: Path, contact: str) -> bool:
    """Whether an earlier run erased a contact."""
    salt, known = _kept(warehouse)
    return _hash(salt, contact) in known
