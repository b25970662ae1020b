"""How raw csv files are written: a decimal comma, day-first dates and epoch times are refused until raw_formats.csv tells them."""

import pytest

from support import formats, inputs
from support.endings import WrongInput

CONTACTS = "contact_id,created_at,updated_at,email,account_id,revenue,code\n"
EVENTS = "event_id,contact_id,anonymous_id,event_type,occurred_at,received_at,channel,campaign,page_url,object_id,duration_seconds,value\n"


@pytest.fixture
def raw(tmp_path):
    """A folder of raw tables with one contact, and no rows else."""
    (tmp_path / "contacts.csv").write_text(CONTACTS + "a,2024-01-01,,,,,\n")
    (tmp_path / "events.csv").write_text(EVENTS)
    (tmp_path / "identities.csv").write_text("anonymous_id,contact_id,identified_at\n")
    (tmp_path / "outcomes.csv").write_text("outcome_id,contact_id,outcome,occurred_at,value\n")
    return tmp_path


def event(occurred_at: str, value: str = "", number: int = 1) -> str:
    """A row of events."""
    return f'e{number},a,,visit,"{occurred_at}",2024-07-02 10:00:00,,,,,,"{value}"\n'


def cells(raw, table: str, column: str) -> list:
    """The cells of a column as dbt reads them, in the order of the file."""
    import duckdb

    return [row[0] for row in duckdb.sql(f'select "{column}" from {inputs.raw_locations(raw)[table]}').fetchall()]


def refused(raw) -> str:
    """The message that refuses a folder."""
    with pytest.raises(WrongInput) as problem:
        inputs.raw_locations(raw)
    return str(problem.value)


def tell(raw, *rows: str) -> None:
    """Write raw_formats.csv."""
    (raw / formats.FILE).write_text("\n".join(["table_name,column_name,format", *rows, ""]))


# A cell, what it is refused for, and per format the cell as staging gets it.
TIMES = [
    ("30/06/2024 09:30", "is not in the order year-month-day", {"day_first": "2024-06-30 09:30:00"}),
    ("05.06.2024", "is not in the order year-month-day", {"day_first": "2024-06-05 00:00:00", "month_first": "2024-05-06 00:00:00"}),
    ("6/30/2024 9:30:15 PM", "is not in the order year-month-day", {"month_first": "2024-06-30 21:30:15"}),
    ("30-6-24, 09:30", "is not in the order year-month-day", {"day_first": "2024-06-30 09:30:00"}),
    ("30/06/2024T09:30:15.5", "is not in the order year-month-day", {"day_first": "2024-06-30 09:30:15.5"}),
    ("1719739815", "is a number, not a time", {"epoch_seconds": "2024-06-30 09:30:15"}),
    ("1719739815.25", "is a number, not a time", {"epoch_seconds": "2024-06-30 09:30:15.25"}),
    ("1719739815250", "is a number, not a time", {"epoch_milliseconds": "2024-06-30 09:30:15.25"}),
    ("1719739815250001", "is a number, not a time", {"epoch_microseconds": "2024-06-30 09:30:15.250001"}),
]


@pytest.mark.parametrize(("cell", "problem", "told"), TIMES)
def test_a_time_in_another_format_is_refused_until_it_is_told(raw, cell, problem, told):
    (raw / "events.csv").write_text(EVENTS + event(cell))
    said = refused(raw)
    assert said.startswith(f"{raw / 'events.csv'}: row 2, column occurred_at: {cell} {problem}")
    assert all(f"events,occurred_at,{name}" in said for name in told)
    for name, expected in told.items():
        tell(raw, f"events,occurred_at,{name}")
        assert cells(raw, "events", "occurred_at") == [expected]


NUMBERS = [("12,50", "12.50"), ("-1.234,5", "-1234.5"), ("1 234,5", "1234.5"), ("1.234", "1234"), ("7", "7"), ("12,5 EUR", "12,5 EUR")]


def test_a_decimal_comma_is_refused_until_it_is_told(raw):
    (raw / "events.csv").write_text(EVENTS + event("2024-06-30", "7", 1) + event("2024-06-30", "12,50", 2) + event("2024-06-30", "1,5", 3))
    assert "row 3, column value: 12,50 has a comma; say how to read" in refused(raw)
    (raw / "events.csv").write_text(EVENTS + "".join(event("2024-06-30", cell, number) for number, (cell, _) in enumerate(NUMBERS)))
    tell(raw, "events,value,decimal_comma")
    assert cells(raw, "events", "value") == [expected for _, expected in NUMBERS]


def test_an_attribute_is_refused_only_if_all_of_its_cells_are_so(raw):
    (raw / "contacts.csv").write_text(CONTACTS + 'a,2024-01-01,,,,"1.000,5","1,2"\nb,2024-01-01,,,,3,x\n')
    said = refused(raw)
    assert "column revenue: 1.000,5 has a comma" in said and "column code" not in said
    tell(raw, "contacts,revenue,decimal_comma")
    assert cells(raw, "contacts", "revenue") == ["1000.5", "3"]
    tell(raw, "contacts,revenue,text")
    assert cells(raw, "contacts", "revenue") == ["1.000,5", "3"]


def test_a_single_wrong_cell_is_left_to_staging(raw):
    """Staging rejects it with its row; the other rows count."""
    times = ["2024-06-30", "2024-06-29", "30/06/2024"]
    (raw / "events.csv").write_text(EVENTS + "".join(event(cell, value, number) for number, (cell, value) in enumerate(zip(times, ["7", "", "1,5"], strict=True))))
    assert cells(raw, "events", "occurred_at") == times


def test_epochs_of_a_parquet_file_are_refused_until_they_are_told(raw):
    import duckdb

    (raw / "events.csv").unlink()
    columns = "'e' as event_id, 'a' as contact_id, null as anonymous_id, 'visit' as event_type, 1719739815250 as occurred_at, timestamp '2024-07-01' as received_at"
    others = ", ".join(f"null as {name}" for name in ("channel", "campaign", "page_url", "object_id", "duration_seconds", "value"))
    duckdb.execute(f"copy (select {columns}, {others}) to '{raw / 'events.parquet'}'")
    assert "events.parquet: row 2, column occurred_at: 1719739815250 is a number, not a time" in refused(raw)
    tell(raw, "events,occurred_at,epoch_milliseconds")
    assert cells(raw, "events", "occurred_at") == ["2024-06-30 09:30:15.25"]


def test_semicolons_are_refused_until_they_are_told(raw):
    (raw / "identities.csv").write_text('anonymous_id;contact_id;identified_at\nv;"a;b";2024-06-30\n')
    assert "identities.csv: row 1: the columns are separated by semicolons; use commas, or add identities,,semicolons to " in refused(raw)
    tell(raw, "identities,,semicolons")
    assert cells(raw, "identities", "contact_id") == ["a;b"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("event,occurred_at,day_first", "row 2, column table_name: event is not a table of this folder; must be one of contacts, events"),
        ("events,occurred_at,dayfirst", "row 2, column format: dayfirst must be text, decimal_comma, day_first"),
        ("events,,day_first", "row 2, column format: day_first must be semicolons, tabs (a whole table)"),
        ("events,occured_at,day_first", "column occured_at: is not in events.csv; its columns are event_id"),
        ("events,value,text\nevents,value,decimal_comma", "row 3: events, value is duplicated"),
    ],
)
def test_a_typo_in_raw_formats_is_named(raw, row, said):
    tell(raw, row)
    assert f"{raw / formats.FILE}: {said}" in refused(raw)


def test_another_format_is_another_build(raw):
    tell(raw, "events,value,text")
    before = inputs.raw_files(raw)
    tell(raw, "events,value,decimal_comma")
    assert inputs.raw_files(raw) != before


def test_an_export_of_a_source_may_tell_its_formats(tmp_path):
    from support import sources

    folder = tmp_path / "hubspot"
    folder.mkdir()
    (folder / "contact.csv").write_text("id;property_email;property_createdate\n7;a@example.com;30/06/2024 10:00\n")
    tell(folder, "contact,,semicolons")
    given = sources.folder_of(tmp_path, None, [f"hubspot={folder}"], [])
    assert "contact.csv: row 2, column property_createdate: 30/06/2024 10:00 is not in the order year-month-day" in refused(given)
    tell(folder, "contact,,semicolons", "contact,property_createdate,day_first")
    assert cells(given, "hubspot.contact", "property_createdate") == ["2024-06-30 10:00:00"]
