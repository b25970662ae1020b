"""Texts that engines must read alike, and the macros that read them."""

import jinja2

from tests.conftest import PROJECT

TIMES = (
    "2024-06-30|2024-06-30 10:00|2024-06-30 10:00:00|2024-06-30T10:00:00|2024-06-30T10:00:00Z|2024-06-30 10:00:00+02|2024-06-30 10:00:00+02:00|2024-06-30 10:00:00+0200|2024-06-30 10:00:00 UTC"
    "|2024-06-30 10:00:00.123456|2024-06-30 10:00:00.1234567|2024-06-30 23:59:59.9999999|2024-02-30|2023-02-29|2024-02-29|2024-6-3|2024-06-30 24:00:00|2024-06-30 25:00:00|2024-06-30 10:61:00"
    "|2024-06-30 10:00:60|2024/06/30|30.06.2024|yesterday|now|infinity|20240630|2024-06-30T10:00:00-14:00|2024-06-30 10:00:00+15:00| 2024-06-30|2024-06-30 |2024-06-30  10:00:00|0001-01-01"
    "|1899-12-31|1900-01-01|2199-12-31|2199-12-31 00:00:01|2200-01-01|20225-01-01|2024-13-01|2024-06-30 10|2024-06-30 10:00:00 PM|2024-06-30 1:00:00|2024-06-30t10:00:00z|2024-06-30 10:00:00 +02:00"
    "|2024-06-30Z|2024-06-30 BC|1719741600|2024-06-30 10:00:00+2|2024-06-30 10:00:00-00:30|2024-06-30 10:00:00+02:00:30|2024-06-30 10:5:00|2024-06-30 10:00:5"
).split("|")
NUMBERS = (
    "1|-1|+1|1.|.5|1e3|1E3|1e-3|1e12|999999999999.999999|999999999999.9999995|1000000000000|0.0000005|0.00000049|-0.0000005|1_000| 7|7 |abc||1e999|1e-999|nan|inf|-|.|1.5.5|1,5|00012|--1|1e|e5"
    "|2.5|3.5|-2.5|2147483647|2147483648|-2147483648|-2147483649|2147483647.5|99999999.9999|99999999.99995|100000000|9999.99995"
).split("|")


class Dispatched:
    """dbt's adapter, for macros that are rendered without dbt."""

    def __init__(self, engine: str):
        self.engine, self.macros = engine, {}
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals |= {"adapter": self, "engine_function": lambda name: f"lead_scoring_functions.{name}"}
        for name in ("types", "numbers", "text"):
            for file in (f"{name}.sql", f"{engine}/{name}.sql"):
                text = PROJECT / "macros" / "engine" / file
                if text.is_file():
                    self.macros |= vars(environment.from_string(text.read_text(encoding="utf-8")).module)
                    # A macro of one file may call those of another.
                    environment.globals |= {key: value for key, value in self.macros.items() if not key.startswith("_")}

    def dispatch(self, name, _=None):
        return lambda *arguments: self.macros[f"{self.engine}__{name}"](*arguments)
