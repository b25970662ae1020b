"""Spark reads texts, matches expressions and divides amounts as DuckDB does. Skipped without requirements-spark.lock, as tests/test_spark.py."""

import duckdb
import pytest

from tests.engines.texts import NUMBERS, TIMES, Dispatched

pytest.importorskip("pyspark", reason="Spark is not installed in this environment; scripts/spark_cluster.py start installs it")

PATTERNS = ["a.c", "^a", "c$", "[[:space:]]", "[^[:space:]@]+@", r"\d+", r"\s", r"\bfoo\b", "(foo|bar)+", "a{2,3}", "É", "[[:alpha:]_]+[[:digit:]]", "(?P<year>20[0-9]{2})", r"a\.c", "x*"]
TEXTS = ["abc", "a.c", "ABC", "cab", "a\nc", "abc\n", "é", "foo bar", "afoo", "aaa", "x 1", "me@x", "2024", "_a1", "", "\u00a0"]


@pytest.fixture(scope="module")
def session():
    """A Spark session in this process, with the settings of a build."""
    from pyspark.sql import SparkSession

    from support.spark import SESSION

    builder = SparkSession.builder.master("local[1]").config("spark.driver.memory", "512m").config("spark.driver.host", "127.0.0.1")
    for name, value in SESSION.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    yield found
    found.stop()


def values_of(session, macro: str, arguments: str, rows: list[tuple]) -> tuple[list, list]:
    """Values of a macro on DuckDB and on Spark, as texts, for rows of texts x and y."""

    def literal(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; create table texts (number integer, x varchar, y varchar)")
        connection.executemany("insert into texts values (?, ?, ?)", [(number, *row) for number, row in enumerate(rows)])
        sql = Dispatched("duckdb").dispatch(macro)(*arguments)
        wanted = connection.execute(f"select cast({sql} as varchar) from texts order by number").fetchall()
    session.createDataFrame([(number, *row) for number, row in enumerate(rows)], "number int, x string, y string").createOrReplaceTempView("texts")
    sql = Dispatched("spark").dispatch(macro)(*arguments)
    found = session.sql(f"select cast({sql} as string) from texts order by number").collect()
    return [(row, value) for row, (value,) in zip(rows, wanted)], [(row, value) for row, (value,) in zip(rows, found)]


@pytest.mark.parametrize("macro", ["read_timestamp", "read_amount", "read_whole", "read_text"])
def test_text_is_read_as_on_duckdb(macro, session):
    """Except for times with the name of a zone, and hexadecimal numbers (docs/engines.md)."""
    texts = TIMES if macro == "read_timestamp" else NUMBERS
    wanted, found = values_of(session, macro, ["x"], [(text, "") for text in texts])
    assert found == wanted


def test_portable_expressions_match_as_on_duckdb(session):
    wanted, found = values_of(session, "finds_pattern", ["x", "y"], [(text, pattern) for pattern in PATTERNS for text in TEXTS])
    assert found == wanted


def test_amounts_are_divided_as_on_duckdb(session):
    amounts = ["0", "0.000001", "0.5", "1", "1.5", "2.5", "3", "7", "640", "12345.678901", "999999999999.999999"]
    rows = [(one, other) for one in amounts for other in amounts if float(other) >= 0.5 or float(one) < 1000]
    rows = [(one, other) for one, other in rows if float(other) > 0]
    wanted, found = values_of(session, "divided", ["cast(x as decimal(18, 6))", "cast(y as decimal(18, 6))"], rows)
    assert found == wanted
