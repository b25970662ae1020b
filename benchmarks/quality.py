#!/usr/bin/env python3
"""Compare hand-set points, fitted points, a logistic regression and LightGBM on later dates.

Points are measured by the scores of the project's models. The other two get all numeric information in events and attributes, and are
tuned on the latest training dates. Exit codes are those of calibrate.py. On the sample data, as in docs/calibration.md:
    python3 benchmarks/quality.py --as-of 2017-04-02..2017-12-17/7 --train-until 2017-09-10
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import calibrate
from support import environment
from support.environment import OK, PROJECT, WRONG_INPUT

LOCK = PROJECT / "benchmarks" / "requirements-quality.lock"

# Maximum AUC of fitted points below LightGBM's, and minimum share of its top-decile lift.
SIGNS = {"accepted": "fitted, sign-constrained", "free": "fitted, unconstrained"}
MAY_LACK = {SIGNS["accepted"]: {"events": 0.008, "attributes": 0.006}, SIGNS["free"]: {"events": 0.004, "attributes": 0.006}}
LEAST_OF_LIFT = 0.97

WINDOWS, HALF_LIVES, MOST_TYPES = (7, 30, 90, 365), (3, 14, 60, 180), 25

# num_leaves, min_child_samples, feature_fraction, lambda_l2
TREES = [(3, 50, 0.3, 10), (4, 20, 1, 0), (4, 100, 0.5, 10), (8, 50, 0.5, 10), (8, 200, 0.3, 20), (16, 50, 0.5, 0), (16, 200, 0.3, 20), (31, 100, 0.3, 10), (31, 400, 0.5, 20), (63, 100, 0.3, 50)]


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="quality.py", description="Compare hand-set points, fitted points, a logistic regression and LightGBM on later dates.")
    calibrate.add_arguments(parser)
    parser.add_argument("--rules", type=calibrate.folder, metavar="DIR", help="folder of the rule seeds with the hand-set points (default: seeds for the sample data; for other raw tables each event type gets 5 points at two half-lives, log2)")
    parser.add_argument("--resamples", type=calibrate.whole, default=200, metavar="N", help="resamples of contacts for the intervals (default: 200)")
    return parser.parse_args(arguments)


def everything(connection, study):
    """All information about each lead as of its date, as numbers: n x p, and the places of categorical columns. Reads the table past."""
    import numpy as np

    connection.execute(
        """
        create temp table before as
        select place, event_type, as_of_date - occurred_date as age, occurred_date, value::double as value, duration_seconds::double as seconds, channel, object_id
        from past inner join main_intermediate.int_events using (contact_id)
        where occurred_date <= as_of_date and known_date <= as_of_date
        """
    )
    types = connection.execute(f"select event_type from before group by 1 order by count(distinct place) desc, 1 limit {MOST_TYPES}").fetchall()
    channels = connection.execute(
        f"select event_type, channel from before where channel is not null group by all having count(distinct place) >= 200 order by count(*) desc, 1, 2 limit {MOST_TYPES}"
    ).fetchall()
    sums = []
    for event_type, channel in [(None, None), *((one, None) for one, in types), *channels]:
        said = {"event_type": event_type, "channel": channel}
        of = " and ".join(["true", *(f"{name} = '{text.replace(chr(39), 2 * chr(39))}'" for name, text in said.items() if text is not None)])
        sums += [f"count(*) filter ({of} and age < {days})" for days in WINDOWS]
        sums += [f"coalesce(sum(0.5 ** (age / {days}.0)) filter ({of}), 0)" for days in HALF_LIVES]
        sums += [f"{what} filter ({of})" for what in ("min(age)", "max(age)")]
        if channel is None:
            sums += [f"{what} filter ({of})" for what in ("count(distinct occurred_date)", "count(distinct object_id)")]
            for amount in ("value", "seconds"):
                sums += [f"sum({amount}) filter ({of} and age < {days})" for days in (30, 90, 9999)]
                sums += [f"{what}({amount}) filter ({of})" for what in ("max", "avg")]
    columns = []
    if types:
        rows = connection.execute(f"select place, {', '.join(f'({one})::double as c{number}' for number, one in enumerate(sums))} from before group by place").fetchnumpy()
        for number in range(len(sums)):
            columns.append((False, np.full(len(study.as_of), np.nan)))
            columns[-1][1][rows["place"]] = np.ma.filled(rows[f"c{number}"].astype(float), np.nan)
    rows = connection.execute(
        """
        select place, attribute, value
        from past inner join main_intermediate.int_contact_versions as versions
            on past.contact_id = versions.contact_id
            and (valid_from is null or as_of_date >= valid_from) and (valid_to is null or as_of_date < valid_to)
        inner join main_staging.stg_contact_attributes using (version_hash)
        where attribute not in ('email', 'account_id') and value is not null order by attribute
        """
    ).fetchnumpy()
    attributes, texts = rows["attribute"].astype(str), rows["value"].astype(str)
    for attribute in np.unique(attributes):
        of, column = attributes == attribute, np.full(len(study.as_of), np.nan)
        try:
            column[rows["place"][of]] = texts[of].astype(float)
            columns.append((False, column))
        except ValueError:
            values, column[rows["place"][of]] = np.unique(np.char.lower(texts[of]), return_inverse=True)
            if len(values) <= 0.5 * of.sum():
                columns.append((True, column))
    columns = [(is_category, column) for is_category, column in columns if len(np.unique(column)) > 1]
    return np.column_stack([column for _, column in columns]), [number for number, (is_category, _) in enumerate(columns) if is_category]


def later_part(study, places):
    """Flags of the leads to fit and of those to tune on: the last third of the dates, within_days after; of too few of either class a third at random."""
    import numpy as np

    day, converted = study.as_of[places], study.converted[places]
    begin = np.sort(day)[int(0.67 * (len(day) - 1))]
    early, late = day <= begin - np.timedelta64(study.goal.within_days, "D"), day > begin
    if min(converted[early].sum(), converted[late].sum(), (~converted[late]).sum()) < 30:
        late = np.random.default_rng(0).random(len(day)) < 0.33
        early = ~late
    return early, late


def by_trees(x, categories: list[int], study, train, test):
    """LightGBM's scores of the test leads: settings and rounds by the latest training dates, the mean of three seeds."""
    import lightgbm
    import numpy as np

    y, w, (early, late) = study.converted[train].astype(float), study.weight[train], later_part(study, train)

    def data(part):
        return lightgbm.Dataset(x[train][part], y[part], weight=w[part], categorical_feature=categories, free_raw_data=False)

    best = None
    for leaves, samples, fraction, l2 in TREES:
        settings = {"objective": "binary", "metric": "auc", "learning_rate": 0.04, "num_threads": 1, "verbosity": -1, "deterministic": True, "bagging_fraction": 0.8, "bagging_freq": 1, "cat_smooth": 20}
        settings |= {"num_leaves": leaves, "min_child_samples": samples, "feature_fraction": fraction, "lambda_l2": l2, "seed": 1}
        found = lightgbm.train(settings, data(early), 800, valid_sets=[data(late)], callbacks=[lightgbm.early_stopping(50, verbose=False)])
        if best is None or found.best_score["valid_0"]["auc"] > best[0]:
            best = found.best_score["valid_0"]["auc"], settings, found.best_iteration
    _, settings, rounds = best
    everyone = np.ones(len(train), bool)
    return np.mean([lightgbm.train(settings | {"seed": seed}, data(everyone), max(10, int(1.15 * rounds))).predict(x[test]) for seed in (1, 2, 3)], axis=0)


def by_logistic(x, categories: list[int], study, train, test):
    """A logistic regression's scores of the test leads, its penalty by the latest training dates: logarithms of amounts, flags of what is missing."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from calibration import measures

    numeric = np.delete(x, categories, axis=1)
    parts = [np.sign(numeric) * np.log1p(np.abs(np.nan_to_num(numeric))), np.isnan(numeric).astype(float)]
    if categories:
        parts.append(OneHotEncoder(handle_unknown="ignore", min_frequency=30, sparse_output=False).fit(x[train][:, categories]).transform(x[:, categories]))
    z = np.nan_to_num(np.hstack(parts))
    z = StandardScaler().fit(z[train]).transform(z)
    y, w, (early, late) = study.converted[train], study.weight[train], later_part(study, train)

    def fitted(c, part):
        return LogisticRegression(C=c, max_iter=300).fit(z[train][part], y[part], sample_weight=w[part])

    areas = {c: measures.auc(y[late], fitted(c, early).decision_function(z[train][late]), w[late]) for c in (0.0003, 0.003, 0.03, 0.3)}
    return fitted(max(areas, key=areas.get), np.ones(len(train), bool)).decision_function(z[test])


def by_hand(rules, study) -> dict:
    """Seeds of a model for raw tables without rules of their own: the recommended shape, 5 points for each event type at both half-lives."""
    counting = [rule for rule in study.rules if rule.block == "plain"]
    rows = [rule.cells | {"rule_id": rule.name, "model_id": "hand", "rule_group": "events", "points": 5} for rule in counting]
    return rules | {"event_rules": rows, "rule_groups": [{"model_id": "hand", "rule_group": "events", "dimension": "behavioural"}]}


def compare(options: argparse.Namespace, console) -> None:
    """Fit, score and print. Raises WrongInput or RuntimeError."""
    import numpy as np

    from calibration import challenger, leads, scorecard
    from support import inputs, sources, warehouse

    began = time.monotonic()
    options.raw = warehouse.raw_folder(options.warehouse.resolve(), options.raw, may_change=True)
    rules = options.rules or (PROJECT / "seeds" if options.raw.resolve() == warehouse.SAMPLE.resolve() else None)
    scores, known, seconds = {}, {}, {}
    with console.status("") as status, leads.Workspace(options.warehouse / "quality", status.update, options.threads, sources.time_zones(options.raw)) as workspace:
        if rules:
            inputs.copy_rules(rules, workspace.folder)
        seeds = leads.read_seeds(rules) if rules else {"score_models": [{"model_id": "hand", "status": "active"}]}
        like, _ = calibrate.model_like(seeds, options.like, "learnt")
        study, problem = calibrate.studied(options, workspace, seeds, like, lambda connection, found: known.update(zip("xc", everything(connection, found))))
        train, test = study.learnt_from, np.flatnonzero(study.test)
        if not study.converted[test].any() or study.converted[test].all():
            raise inputs.WrongInput("the test dates have leads of only one class; use later as-of dates, or an earlier --train-until")
        if not rules:
            seeds = by_hand(seeds, study)
        for signs in SIGNS:
            then = time.monotonic()
            learnt = scorecard.learn(problem, calibrate.wishes_of(options, signs), 20 if signs == "accepted" else 0, status.update)
            name = SIGNS[signs]
            seconds[name] = time.monotonic() - then
            _, found, _ = challenger.made(workspace, study, seeds, like, "learnt", learnt)
            scores.update({"hand-set points": found[like]["score"], name: found["learnt"]["score"]})
            console.print(f"{name}: {len(learnt.rules)} rules{f', two refits share {learnt.shared_top:.2f} of the top decile' if learnt.shared_top else ''}. {' '.join([*study.told, *learnt.told, *learnt.leaks])}")
        for name, method in (("logistic regression", by_logistic), ("LightGBM", by_trees)):
            then = time.monotonic()
            status.update(f"fitting {name} to {known['x'].shape[1]} numbers of {len(train):,} leads")
            scores[name] = method(known["x"], known["c"], study, train, test)
            seconds[name] = time.monotonic() - then
    console.print(f"{study.goal}: trained on {len(train):,} leads ({study.converted[train].sum():,} converted), tested on {len(test):,} ({study.converted[test].sum():,} converted)")
    show(console, study.converted[test], study.contact[test], study.weight[test], scores, seconds, "attributes" if study.is_once else "events", options.resamples)
    console.print(f"{time.monotonic() - began:.0f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most")


def show(console, converted, contact, weight, scores: dict, seconds: dict, kind: str, times: int) -> None:
    """Print the table of measures with intervals, and a line for each target."""
    import numpy as np
    from rich.table import Table

    from calibration import measures

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "ROC AUC", "95 % of resamples", "top-decile lift", "95 % of resamples", "AUC below LightGBM", "s"):
        table.add_column(column, no_wrap=True)
    names = list(scores)
    value = {measure: {name: measure(converted, score, weight) for name, score in scores.items()} for measure in (measures.auc, measures.lift)}
    again = {measure: measures.resampled(measure, converted, contact, list(scores.values()), times, weight=weight) for measure in value}

    def interval(values) -> str:
        return "{:.4f} to {:.4f}".format(*np.nanpercentile(values, [2.5, 97.5]))

    for number, name in enumerate(names):
        lacks = again[measures.auc][names.index("LightGBM")] - again[measures.auc][number]
        cells = [cell for measure in value for cell in (f"{value[measure][name]:.4f}", interval(again[measure][number]))]
        gap = value[measures.auc]["LightGBM"] - value[measures.auc][name]
        table.add_row(name, *cells, f"{gap:+.4f} ({interval(lacks)})", f"{seconds.get(name, 0):.0f}")
    console.print(table, soft_wrap=True)
    for name, may_lack in MAY_LACK.items():
        for measure, what in ((measures.auc, "ROC AUC"), (measures.lift, "lift")):
            gain = value[measure][name] - value[measure]["hand-set points"]
            console.print(f"{'met   ' if gain >= 0 else 'MISSED'} {name}: {what} {gain:+.4f} against hand-set points, at least 0")
        gap = value[measures.auc]["LightGBM"] - value[measures.auc][name]
        share = value[measures.lift][name] / value[measures.lift]["LightGBM"]
        console.print(f"{'met   ' if gap <= may_lack[kind] else 'MISSED'} {name}: ROC AUC {gap:+.4f} below LightGBM's, at most {may_lack[kind]} ({kind})")
        console.print(f"{'met   ' if share >= LEAST_OF_LIFT else 'MISSED'} {name}: {100 * share:.1f} % of LightGBM's lift, at least {100 * LEAST_OF_LIFT:.0f} %")


def main(options: argparse.Namespace) -> int:
    """Compare with parsed options; returns the exit code."""
    from rich.console import Console

    from support.inputs import WrongInput

    try:
        compare(options, Console(highlight=False, width=160))
    except WrongInput as problem:
        print(f"Nothing was compared. Errors:\n{problem}", file=sys.stderr)
        return WRONG_INPUT
    return OK


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter(environment.CALIBRATE, LOCK)
    sys.exit(main(chosen))
