"""How raw csv files are written: a decimal comma, day-first dates and epoch times are refused until raw_formats.csv tells them."""

import pytest

from support import formats, inputs, records
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
    with pytest.raises(WrongInput) as wrong:
        inputs.all_of({"raw": lambda: inputs.raw_locations(raw)})
    said, kept = str(wrong.value), wrong.value.record
    assert said.startswith(f"{raw / 'events.csv'}: row 2, column occurred_at: {cell} {problem}")
    # The record of the run has no value of a row.
    assert kept == said.replace(f"{cell} ", "", 1)
    assert all(f"events,occurred_at,{name}" in said for name in told)
    for name, expected in told.items():
        tell(raw, f"events,occurred_at,{name}")
        assert cells(raw, "events", "occurred_at") == [expected]


NUMBERS = [("12,50", "12.50"), ("-1.234,5", "-1234.5"), ("1 234,5", "1234.5"), ("1.234", "1234"), ("7", "7"), ("1.234.567,8", "1234567.8"), ("12,5 EUR", "12,5 EUR"), ("12,5,0", "12,5,0")]
# Staging would read these as numbers, but not as the numbers that they are with a decimal comma.
NO_DECIMAL_COMMAS = ["12.50", "-0.5", "1.2345", "12.345.67", "1e3", ".5"]


def test_a_decimal_comma_is_refused_until_it_is_told(raw):
    (raw / "events.csv").write_text(EVENTS + event("2024-06-30", "7", 1) + event("2024-06-30", "12,50", 2) + event("2024-06-30", "1,5", 3))
    assert "row 3, column value: 12,50 has a comma; say how to read" in refused(raw)
    (raw / "events.csv").write_text(EVENTS + "".join(event("2024-06-30", cell, number) for number, (cell, _) in enumerate(NUMBERS)))
    tell(raw, "events,value,decimal_comma")
    assert cells(raw, "events", "value") == [expected for _, expected in NUMBERS]


@pytest.mark.parametrize("cell", NO_DECIMAL_COMMAS)
def test_a_decimal_point_in_a_column_of_decimal_commas_is_no_number(raw, cell):
    import duckdb

    (raw / "events.csv").write_text(EVENTS + event("2024-06-30", cell))
    tell(raw, "events,value,decimal_comma")
    (read,) = cells(raw, "events", "value")
    assert cell in read
    assert duckdb.execute("select try_cast(? as double)", [read]).fetchall() == [(None,)]


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


def test_a_folder_of_parquet_files_with_other_files_is_refused(raw):
    import duckdb

    (raw / "events").mkdir()
    columns = EVENTS.strip().split(",")
    duckdb.execute(f"copy (select {', '.join(f'null::varchar as {name}' for name in columns)}) to '{raw / 'events' / 'a.parquet'}'")
    (raw / "events.csv").unlink()
    for name in ("_SUCCESS", "_committed_7", ".a.parquet.crc", "b.crc", ".DS_Store"):
        (raw / "events" / name).write_text("")
    assert cells(raw, "events", "event_id") == [None]
    (raw / "events" / "day=1").mkdir()
    for name in ("b.csv", "c.parquet.gz", "day=1/d.json"):
        (raw / "events" / name).write_text("")
    told = "is not read, because events has *.parquet files and a folder of a raw table may have only one kind; write it as parquet, or remove it"
    assert refused(raw).splitlines() == [f"{raw / 'events' / name}: {told}" for name in ("b.csv", "c.parquet.gz", "day=1/d.json")]


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


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Erasures.csv", "rename it to erasures.csv"),
        ("erasure.parquet", "rename it to erasures.parquet"),
        ("merges.xlsx", "save it as merges.csv"),
        ("contact-attributes.CSV", "rename it to contact_attributes.csv"),
        ("raw_format.csv", "rename it to raw_formats.csv"),
        ("outcomes.xlsx", None),
        ("merges.csv.off", None),
    ],
)
def test_an_optional_table_by_another_name_is_told(raw, name, line):
    """An erasure in a file that nobody reads erases nobody."""
    (raw / name).write_text("contact_id,requested_at\na,2024-06-30\n")
    if line:
        assert refused(raw) == f"{raw / name}: is not read; {line}, or move it away"
    else:
        inputs.raw_locations(raw)


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


# A message, and what the record of a run keeps of it.
MESSAGES = [
    ("int_x: Database Error in model int_x (int_x.sql) Key (contact_id)=(ana@example.com) already exists.", "int_x: Database Error in model int_x (int_x.sql) Key (contact_id)"),
    (
        'Database Error in model int_x (int_x.sql) duplicate key value violates unique constraint "one" DETAIL: Key (email)=(ana) already exists.',
        'Database Error in model int_x (int_x.sql) duplicate key value violates unique constraint "one" DETAIL: Key (email)',
    ),
    (
        'Database Error in model int_x (int_x.sql)\n  invalid input syntax for type numeric: "an"a"\n  compiled code at int_x.sql',
        "Database Error in model int_x (int_x.sql)\n  invalid input syntax for type numeric:\n  compiled code at int_x.sql",
    ),
    (
        'Database Error in model int_x (int_x.sql)\n  null value in column "email" violates not-null constraint\n  DETAIL:  Failing row contains (ana, 3).',
        'Database Error in model int_x (int_x.sql)\n  null value in column "email" violates not-null constraint\n  DETAIL:  Failing row',
    ),
    ("Runtime Error in model int_x\n  Database Error\n    [CAST_INVALID_INPUT] The value 'ana' of the type", "Runtime Error in model int_x\n  Database Error\n    [CAST_INVALID_INPUT]"),
    ("Runtime Error in model int_x [CAST_OVERFLOW] The value 12.5D of the type", "Runtime Error in model int_x [CAST_OVERFLOW]"),
    ("NumberFormatException: [CAST_INVALID_INPUT] The value 'ana' of the type", "NumberFormatException: [CAST_INVALID_INPUT]"),
    ("UniqueViolation: duplicate key DETAIL: Key (email)=(ana) already exists.", "UniqueViolation: duplicate key DETAIL: Key (email)"),
    ("Database Error in model int_x\n  Conversion Error: Could not convert string 'ana' to INT32\nLINE 1: 'ana'", "Database Error in model int_x\n  Conversion Error\nLINE 1:"),
    # Names of tables and columns say what to correct.
    ("Runtime Error in model int_x [TABLE_OR_VIEW_NOT_FOUND] The table or view `raw`.`x` cannot be found.",) * 2,
    ('Database Error in model int_x (int_x.sql)\n  relation "raw.x" does not exist',) * 2,
    ('Runtime Error in model int_x\n  Catalog Error: Table with name "x" does not exist!\nDid you mean "y"?',) * 2,
    ("/raw/events.csv: row 2, column value: is 'wrong'",) * 2,
]


@pytest.mark.parametrize(("message", "kept"), MESSAGES)
def test_the_record_of_a_run_keeps_no_cell_of_a_message(message, kept):
    assert records.without_values(message) == kept
