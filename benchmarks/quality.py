#!/usr/bin/env python3
"""quality benchmark (work in progress)"""
import numpy as np

WINDOWS = 7, 30, 90, 365


def everything(connection, study) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """All that events and attributes tell of each lead to learn from and to test on, as numbers: places, n x p, names, and names of those that are categories."""
    taken = np.flatnonzero((study.train & (study.weight > 0)) | study.test)
    connection.execute("create or replace temp table wanted as select place, as_of_date, contact_id from past inner join (select unnest($1::int[]) as place) using (place)", [taken.tolist()])
    connection.execute(
        """
        create or replace temp table before as
        select place, event_type, as_of_date - occurred_date as age, occurred_date, value::double as value, duration_seconds::double as seconds, channel, object_id
        from wanted inner join main_intermediate.int_events using (contact_id)
        where occurred_date <= as_of_date and known_date <= as_of_date
        """
    )
    types = [row[0] for row in connection.execute("select event_type from before group by 1 order by count(distinct place) desc, 1 limit 25").fetchall()]
    channels = connection.execute("select event_type, channel from before where channel is not null group by all having count(distinct place) >= 200 order by count(*) desc, 1, 2 limit 25").fetchall()

    def quoted(text):
        return "'" + text.replace("'", "''") + "'"

    columns = {}
    for number, one in enumerate([None, *types]):
        of = "true" if one is None else f"event_type = {quoted(one)}"
        name = f"t{number}"
        for days in WINDOWS:
            columns[f"{name}_n{days}"] = f"count(*) filter ({of} and age < {days})"
        for half in (3, 14, 60, 180):
            columns[f"{name}_d{half}"] = f"coalesce(sum(0.5 ** (age / {half}.0)) filter ({of}), 0)"
        columns[f"{name}_last"] = f"min(age) filter ({of})"
        columns[f"{name}_first"] = f"max(age) filter ({of})"
        columns[f"{name}_days"] = f"count(distinct occurred_date) filter ({of})"
        columns[f"{name}_objects"] = f"count(distinct object_id) filter ({of})"
        for what in ("value", "seconds"):
            for days in (30, 90, 9999):
                columns[f"{name}_{what}{days}"] = f"sum({what}) filter ({of} and age < {days})"
            columns[f"{name}_{what}_max"] = f"max({what}) filter ({of})"
            columns[f"{name}_{what}_mean"] = f"avg({what}) filter ({of})"
    for number, (one, channel) in enumerate(channels):
        of = f"event_type = {quoted(one)} and channel = {quoted(channel)}"
        columns[f"c{number}_n"] = f"count(*) filter ({of})"
        columns[f"c{number}_d30"] = f"coalesce(sum(0.5 ** (age / 30.0)) filter ({of}), 0)"
        columns[f"c{number}_last"] = f"min(age) filter ({of})"
    result = np.full((len(taken), len(columns)), np.nan)
    if types:
        rows = connection.execute(f"select place, {', '.join(f'({sql})::double as {name}' for name, sql in columns.items())} from before group by place").fetchnumpy()
        at = np.searchsorted(taken, rows["place"])
        for number, name in enumerate(columns):
            result[at, number] = np.ma.filled(rows[name].astype(float), np.nan)
    names, parts, categories = list(columns), [result], []
    attributes = connection.execute(
        """
        select place, attribute, value
        from wanted inner join main_intermediate.int_contact_versions as versions
            on wanted.contact_id = versions.contact_id
            and (valid_from is null or as_of_date >= valid_from) and (valid_to is null or as_of_date < valid_to)
        inner join main_intermediate.int_contact_attributes using (version_hash)
        where attribute not in ('email', 'account_id') and value is not null
        """
    ).fetchnumpy()
    at, which, text = np.searchsorted(taken, attributes["place"]), attributes["attribute"].astype(str), attributes["value"].astype(str)
    for attribute in np.unique(which):
        of = which == attribute
        column = np.full(len(taken), np.nan)
        try:
            column[at[of]] = text[of].astype(float)
        except ValueError:
            values, codes = np.unique(np.char.lower(text[of]), return_inverse=True)
            if len(values) > 0.5 * of.sum():
                continue
            column[at[of]] = codes
            categories.append(str(attribute))
        parts.append(column[:, None])
        names.append(attribute)
    x = np.hstack(parts)
    varied = np.array([len(np.unique(column[~np.isnan(column)])) + np.isnan(column).any() > 1 for column in x.T])
    names = [str(name) for name, keep in zip(names, varied) if keep]
    return taken, x[:, varied], names, [name for name in categories if name in names]
