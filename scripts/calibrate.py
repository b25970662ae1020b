#!/usr/bin/env python3
"""Fit whole points to past leads and their outcomes, and write them to the seeds as a challenger model.

Exit code 0: written. 1: the build failed, nothing was written. 2: wrong usage or input, nothing was written.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from build import folder
from support import environment
from support.endings import Ending, WrongInput
from support.environment import FAILED, OK, PROJECT, shown


def day(text: str) -> date:
    """A date of the command line."""
    return date.fromisoformat(text)


def whole(text: str) -> int:
    """A whole number of at least 1 of the command line."""
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise argparse.ArgumentTypeError("must be a whole number, at least 1")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that choose the training data; benchmarks/quality.py has them too."""
    parser.add_argument("--raw", type=folder, metavar="DIR", help="folder of the raw tables (default: the warehouse's previous folder; for a new warehouse the sample data)")
    parser.add_argument("--like", metavar="MODEL", help="model whose audience, goal, groups and bands are used (default: the active model)")
    parser.add_argument("--as-of", action="append", default=[], metavar="DATES", help="train on leads as of a date, FROM..TO, or FROM..TO/7 for every seventh day; the last date of each week counts; repeatable (default: weeks of the last three quarters of the data)")
    parser.add_argument("--train-until", type=day, metavar="DATE", help="train on dates up to this one, test on dates at least within_days later (default: the last quarter of the leads is for the test)")
    parser.add_argument("--split", choices=["time", "contacts"], default="time", help="time: test on the latest dates (default); contacts: test on a quarter of the contacts, which says less about the future")
    parser.add_argument("--leave-out", nargs="+", default=[], metavar="NAME", help="event types and attributes to exclude")
    goal = parser.add_argument_group("goal to predict (default: the model's main goal in conversion_goals.csv)")
    goal.add_argument("--goal", metavar="GOAL", help="goal_id of another goal of the model; the other options of this group change the goal")
    goal.add_argument("--outcome", type=str.lower)
    goal.add_argument("--within-days", type=whole, metavar="N")
    goal.add_argument("--eligible", choices=["all", "not_converted", "event_running", "event_open"])
    goal.add_argument("--eligible-event-type", metavar="TYPE")
    goal.add_argument("--eligible-within-days", type=whole, metavar="N")
    parser.add_argument("--allow-ids", action="store_true", help="also rules about a single id: an object_id, a value that is a number or a hash, an attribute named ..._id")
    parser.add_argument("--bands", choices=["monotone", "free"], default="monotone", help="monotone: over the bands of a number points only rise or only fall (default); free: they may turn")
    parser.add_argument("--max-rules", type=whole, default=30, metavar="N", help="most rules of the challenger (default: 30); it says what this costs")
    parser.add_argument("--least-contacts", type=whole, default=100, metavar="N", help="contacts that a rule must have matched, if fewer converted than --least-converted (default: 100)")
    parser.add_argument("--least-converted", type=whole, default=20, metavar="N", help="converted contacts that a rule must have matched, if it matched fewer than --least-contacts (default: 20)")
    parser.add_argument("--points-per-doubling", type=whole, default=20, metavar="N", help="points that double the odds (default: 20)")
    parser.add_argument("--warehouse", type=folder, default=PROJECT / "warehouse", metavar="DIR", help="warehouse folder to work in (default: warehouse)")
    parser.add_argument("--threads", type=whole, metavar="N", help="models built in parallel (default: number of cores, at most 4)")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="calibrate.py", description="Fit points to outcomes and write them to the seeds as a challenger model.")
    add_arguments(parser)
    parser.add_argument("--rules", type=folder, metavar="DIR", help="folder of the rule seeds; the challenger is written there (default: the warehouse's previous folder; for a new warehouse seeds)")
    parser.add_argument("--model", metavar="NAME", help="name of the challenger; the rows of an earlier run are replaced (default: LIKE_learnt)")
    parser.add_argument("--signs", choices=["accepted", "free"], default="accepted", help="accepted: constrained, each rule keeps the sign of its univariate effect (default); free: unconstrained")
    return parser.parse_args(arguments)


def dates_of(texts: list[str]) -> list[date]:
    """The dates of --as-of, sorted. Raises WrongInput."""
    from support import inputs

    inputs.as_of_dates(texts)
    dates = set()
    for text in texts:
        span, _, step = text.partition("/")
        first, last = (date.fromisoformat(end) for end in (span.split("..") * 2)[:2])
        dates |= {first + timedelta(days) for days in range(0, (last - first).days + 1, int(step or 1))}
    return sorted(dates)


def model_like(seeds: dict[str, list[dict]], like: str | None, name: str | None) -> tuple[str, str]:
    """The model to imitate, and the name of the challenger. Raises WrongInput."""
    status = {row["model_id"]: row["status"] for row in seeds["score_models"]}
    active = [model for model, one in status.items() if one == "active"]
    if like is None and len(active) != 1:
        raise WrongInput(f"--like: must name a model, because {len(active)} models are active; the models are {', '.join(status)}")
    like = like or active[0]
    if like not in status:
        raise WrongInput(f"--like {like}: must be one of {', '.join(status)}")
    name = name or f"{like}_learnt"
    if name == like or status.get(name, "challenger") not in ("challenger", "draft"):
        raise WrongInput(f"--model {name}: is {status[name]}; only challengers and drafts are overwritten. Use another name")
    return like, name


def check_writable(rules: Path) -> None:
    """Check that a folder of rules is writable, before minutes of work. Raises WrongInput."""
    try:
        with tempfile.TemporaryFile(dir=rules):
            pass
    except OSError as error:
        raise WrongInput(f"{shown(rules)}: cannot be written: {error.strerror}; --rules must be the folder that the challenger is written to") from None


def goal_first(seeds: dict[str, list[dict]], like: str, goal_id: str | None) -> list[dict]:
    """The rows of conversion_goals: of each model the main goal first, or the goal with this id. Raises WrongInput."""
    rows = seeds.get("conversion_goals", [])
    known = [row["goal_id"] for row in rows if row["model_id"] == like and row.get("goal_id")]
    if goal_id is not None and goal_id not in known:
        raise WrongInput(f"--goal {goal_id}: must be a goal_id of {like} in conversion_goals.csv, which has {', '.join(known) or 'none'}")
    return sorted(rows, key=lambda row: (row.get("goal_id") != goal_id, row.get("goal_id") or ""))


def studied(options: argparse.Namespace, workspace, seeds: dict, like: str, also=None):
    """The labelled past leads, and the points of all candidate rules on the training leads. Raises WrongInput."""
    from calibration import leads, scorecard
    from support import inputs

    seeds["conversion_goals"] = goal_first(seeds, like, options.goal)
    given = {name: getattr(options, name) for name in ("outcome", "within_days", "eligible", "eligible_event_type", "eligible_within_days")}
    raw = inputs.raw_locations(options.raw)
    study = leads.look(workspace, raw, seeds, like, given, dates_of(options.as_of), "contacts" if options.split == "contacts" else options.train_until, {name.lower() for name in options.leave_out}, options.allow_ids, also)
    return study, scorecard.problem_of(study, *leads.features(workspace, study, seeds, like), options.bands)


def wishes_of(options: argparse.Namespace, signs: str):
    """What the options ask of the rules."""
    from calibration.scorecard import Wishes

    return Wishes(signs, options.points_per_doubling, options.max_rules, options.least_contacts, options.least_converted, options.bands)


def calibrate(options: argparse.Namespace, console) -> None:
    """Fit, test, write and report. Raises WrongInput or BuildFailed."""
    from calibration import challenger, leads, scorecard
    from support import inputs, sources, warehouse

    began = time.monotonic()
    # Arrays need a gigabyte beside it. More does not make the database faster here.
    os.environ.setdefault("LEAD_SCORING_MEMORY_LIMIT", "2500MB")
    options.raw = warehouse.raw_folder(options.warehouse.resolve(), options.raw, may_change=True)
    options.rules = warehouse.rules_folder(options.warehouse.resolve(), options.rules)
    raw = inputs.raw_locations(options.raw)
    check_writable(options.rules)
    with console.status("") as status, leads.Workspace(options.warehouse / "calibrate", status.update, options.threads, sources.time_zones(options.raw)) as workspace:
        with workspace.built(raw, options.rules, [date(2000, 1, 1)], [], "checking the rules"):
            seeds = leads.read_seeds(options.rules)
        like, name = model_like(seeds, options.like, options.model)
        study, problem = studied(options, workspace, seeds, like)
        if not problem.rules:
            raise WrongInput("no candidate rules: no event type or attribute is known for enough leads")
        learnt = scorecard.learn(problem, wishes_of(options, options.signs), tell=status.update)
        rows, scores, recommended = challenger.made(workspace, study, seeds, like, name, learnt)
        challenger.put(options.rules, name, rows)
    tell(console, study, learnt, like, name, scores, recommended)
    console.print(f"{len(learnt.rules)} rules of the challenger {name} are in {shown(options.rules)}, after {time.monotonic() - began:.0f} s. Build, and compare: model_comparison, score_performance")


def tell(console, study, learnt, like: str, name: str, scores: dict, recommended: str) -> None:
    """Print whether the points are recommended, the training data, the measures on the test dates, the rules, and warnings."""
    import numpy as np

    from calibration import measures
    from calibration.leads import people
    from support.summary import table, warn

    train, test = study.learnt_from, np.flatnonzero(study.test)
    if recommended:
        console.print(f"\n[bold]{recommended}[/bold]", soft_wrap=True)
    console.print(f"\n[bold]Points for {study.goal}[/bold]")
    for said, places in (("Trained on", train), ("Tested on", test)):
        if len(places):
            contacts, won = people(study.contact[places]), study.converted[places]
            dates = f" (on {won.sum():,} of {len(places):,} lead-dates)" if len(places) > contacts else ""
            span = f"{study.as_of[places].min()} to {study.as_of[places].max()}"
            console.print(f"{said} {contacts:,} contacts as of {span}: {people(study.contact[places[won]]):,} converted{dates}", soft_wrap=True)
    converted, contact, weight = study.converted[test], study.contact[test], study.weight[test]
    if len(test) and converted.any() and not converted.all():
        rows = {model: [model] for model in (like, name) if model in scores}
        for measure, digits in ((measures.auc, 3), (measures.lift, 2)):
            intervals = np.nanpercentile(measures.resampled(measure, converted, contact, [scores[model]["score"] for model in rows], weight=weight), [2.5, 97.5], axis=1).T
            for model, (low, high) in zip(rows, intervals):
                rows[model] += [f"{measure(converted, scores[model]['score'], weight):.{digits}f}", f"{low:.{digits}f} to {high:.{digits}f}"]
        columns = ("model", "ROC AUC", "95 % of resamples", "top-decile lift", "95 % of resamples ")
        console.print(table("", dict.fromkeys(columns, "left"), list(rows.values())))
    else:
        console.print("No test: no as-of date is within_days after the training dates and has converted and unconverted leads.")
    if learnt.shared_top is not None:
        console.print(f"Stability: points fitted on another sample of the contacts share {100 * learnt.shared_top:.0f} % of the top decile.")
    columns = {"points": "right", "for": "left", "contacts": "right", "converted": "right", "rate with": "right", "without": "right"}
    fitted = sorted(zip(learnt.points, learnt.rules, learnt.evidence), key=lambda one: (-abs(one[0]), one[1].said))
    rates = [[f"{100 * float(saw[which]):.1f} %" for which in ("rate_with", "rate_without")] for *_, saw in fitted]
    rows = [(f"{points:+}", rule.said, f"{int(saw['contacts']):,}", f"{int(saw['contacts_converted']):,}", *of) for (points, rule, saw), of in zip(fitted, rates)]
    console.print(table("Fitted points", columns, rows))
    for warning in [*study.told, *learnt.told, *learnt.leaks]:
        warn(console, warning)


def main(options: argparse.Namespace) -> int:
    """Calibrate with parsed options and return the exit code."""
    from rich.console import Console

    from support.summary import printable

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    try:
        calibrate(options, Console(highlight=False))
    except Ending as problem:
        print(f"Nothing was written. Errors:\n{printable(problem)}", file=sys.stderr)
        return problem.code
    except OSError as error:
        print(f"Error:\n{error.filename}: {error.strerror}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Interrupted. Nothing was written.", file=sys.stderr)
        return FAILED
    return OK


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter(environment.CALIBRATE)
    sys.exit(main(chosen))
