"""SQL in Python: names, texts, rows, the files of SQL in this folder, and analyses."""

from pathlib import Path

from support.environment import PROJECT


def literal(value) -> str:
    """A text or path as a literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name of a column as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def types_of(connection, source: str) -> dict[str, str]:
    """The types of the columns of a table or table expression on DuckDB, by name."""
    return {name: kind for name, kind, *_ in connection.execute(f"describe select * from {source}").fetchall()}


def named(cursor) -> list[dict]:
    """The rows of an executed query, by the names of its columns. Of a statement without a result there are none."""
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row)) for row in cursor.fetchall()] if columns else []


def statements(file: str, part: str | None = None) -> str:
    """A file of SQL, by its path from this folder, or a part of it, without the last semicolon. A part begins with a line `-- part: NAME: ...`."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return text if part is None else text.split(f"\n-- part: {part}: ")[1].partition("\n-- part:")[0].partition("\n")[2].rstrip().removesuffix(";")


def analysis(table, name: str, **variables) -> str:
    """The SQL of a dbt analysis (folder analyses). table(model) names the table of a model; `variables` are the vars of the analysis."""
    import jinja2

    sql = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string((PROJECT / "analyses" / f"{name}.sql").read_text(encoding="utf-8"))
    return sql.render(ref=table, var=lambda name, default: variables.get(name, default))
