"""The fitted rules as a model in the seeds: its rows, and how they are written without touching other rows."""

import csv
import io
import json
import os
import re
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from calibration import leads, measures
from calibration.leads import Rows, Study, Workspace, rows_of
from calibration.scorecard import Learnt
from calibration.unfinished import UNFINISHED, finish_rules
from support import inputs

# Default bands for a model without bands: the share of leads in each band or a better one.
USUAL_BANDS = {"hot": 0.1, "warm": 0.3, "cold": 0.6, "neglected": 1.0}


def made(workspace: Workspace, study: Study, seeds: Rows, like: str, name: str, learnt: Learnt) -> tuple[Rows, dict, str]:
    """The fitted model as rows, leads.scores of the models in `seeds` and of it, and whether the fitted points are recommended, in a sentence
    ('' without a test).

    It scores the test leads, or the training leads if there is no test. Each band gets the share of leads that it has in `like`.
    """
    rows = rows_like(seeds, like, name, study, learnt)
    places = np.flatnonzero(study.test) if study.test.any() else study.learnt_from
    new = {seed: [row for row in seeds.get(seed, []) if row.get("model_id") != name] + rows.get(seed, []) for seed in {**seeds, **rows}}
    found = leads.scores(workspace, study, new, places, f"scoring {len(places):,} leads by the fitted points")
    rows["score_bands"] = banded(rows["score_bands"], found.get(like), found[name])
    said = recommendation(study, found, like, name)
    if said.startswith("Not"):
        rows["score_models"][0]["description"] += f" {said}"
    return rows, found, said


def recommendation(study: Study, scores: dict, like: str, name: str) -> str:
    """A sentence: the challenger is recommended if it beats the model `like` on the test leads in both ROC AUC and top-decile lift."""
    test = np.flatnonzero(study.test)
    converted, weight = study.converted[test], study.weight[test]
    if like not in scores or not converted.any() or converted.all():
        return ""
    auc, lift = ([measure(converted, scores[model]["score"], weight) for model in (name, like)] for measure in (measures.auc, measures.lift))
    figures = f"on {study.as_of[test].min()} to {study.as_of[test].max()} it ranks with ROC AUC {auc[0]:.3f} and top-decile lift {lift[0]:.2f}, {like} with {auc[1]:.3f} and {lift[1]:.2f}"
    return f"{'Recommended' if auc[0] > auc[1] and lift[0] > lift[1] else 'Not recommended'}: {figures}."


def rows_like(seeds: Rows, like: str, name: str, study: Study, learnt: Learnt) -> Rows:
    """All rows of the model. Fitted rules go into the group of `like` with the same event type or attribute. Bands and matrix are those of `like`."""
    groups = {(row.get("event_type") or row.get("attribute")): row["rule_group"] for row in rows_of(seeds, like, "activity_rules", "attribute_rules", "event_rules")}
    known = {row["rule_group"]: row for row in rows_of(seeds, like, "rule_groups")}
    others = {
        "attribute_rules": {"rule_group": "attributes", "dimension": "demographic", "description": "Fitted to what the leads are."},
        "event_rules": {"rule_group": "events", "dimension": "behavioural", "description": "Fitted to what the leads did."},
    }
    rows: Rows = {seed: [row | {"model_id": name} for row in rows_of(seeds, like, seed)] for seed in ("score_models", "score_bands", "score_matrix", "disqualification_rules")}
    # Accounts are rolled up by the active model.
    rows["score_bands"] = [row for row in rows["score_bands"] if row["dimension"] != "account"]
    rows["score_models"][0] |= {"status": "challenger", "behavioural_weight": "1", "demographic_weight": "1", "min_score": "", "max_score": ""}
    rows["score_models"][0]["description"] = f"Points fitted to {learnt.converted:,} converted contacts ({study.goal})."
    rows["rule_groups"], rows["rule_evidence"] = [], []
    trained = {"trained_from": study.as_of[study.train].min(), "trained_until": study.as_of[study.train].max()}
    taken = {row["rule_id"] for rest in seeds.values() for row in rest if "rule_id" in row and row.get("model_id") != name}
    for rule, points, evidence in sorted(zip(learnt.rules, learnt.points, learnt.evidence), key=lambda one: (one[0].seed, -abs(one[1]), one[0].name)):
        other = others.get(rule.seed, others["event_rules"])
        group = known.get(groups.get(rule.source), other)
        if group["rule_group"] not in [one["rule_group"] for one in rows["rule_groups"]]:
            rows["rule_groups"].append(group | {"model_id": name, "min_points": "", "max_points": ""})
        rule_id = unused(f"{name}_{re.sub(r'[^a-z0-9]+', '_', rule.name.lower()).strip('_')}"[:100], taken)
        rows.setdefault(rule.seed, []).append(rule.cells | {"rule_id": rule_id, "model_id": name, "rule_group": group["rule_group"], "points": points, "description": rule.said})
        rows["rule_evidence"].append({"rule_id": rule_id, "model_id": name} | evidence | trained)
    for row in rows["disqualification_rules"]:
        row["rule_id"] = unused(f"{name}_{row['rule_id']}", taken)
    stated = {column: cell for column, cell in asdict(study.goal).items() if cell is not None}
    row = next(iter(rows_of(seeds, like, "conversion_goals")), {"description": f"The goal that {name} was fitted to."})
    rows["conversion_goals"] = [row | dict.fromkeys(asdict(study.goal), "") | stated | {"model_id": name}]
    if not rows["score_bands"]:
        rows["score_bands"] = [{"model_id": name, "dimension": "total", "band": band, "min_score": -number} for number, band in enumerate(USUAL_BANDS)]
    return rows


def unused(rule_id: str, taken: set[str]) -> str:
    """The id, with a number if it is taken. Adds the result to `taken`."""
    found, number = rule_id, 1
    while found in taken:
        number += 1
        found = f"{rule_id}_{number}"
    taken.add(found)
    return found


def banded(bands: list[dict], like: dict[str, np.ndarray] | None, new: dict[str, np.ndarray]) -> list[dict]:
    """The bands with whole min_scores, so that each band has the share of leads that it has in the model `like`."""
    done = []
    for dimension in dict.fromkeys(row["dimension"] for row in bands):
        rows = sorted((row for row in bands if row["dimension"] == dimension), key=lambda row: -float(row["min_score"]))
        score, band = ("score", "band") if dimension == "total" else (f"{dimension}_score", f"{dimension}_band")
        known = new[score][new[score] > -1e9]
        has_bands, before, share = like is not None and (like[band] != "").any(), float("inf"), 0.0
        for number, row in enumerate(rows):
            share = share + np.mean(like[band] == row["band"]) if has_bands else USUAL_BANDS.get(row["band"], share)
            begin = min(before - 1, np.ceil(np.quantile(known, max(0.0, 1 - share))))
            if number == len(rows) - 1:
                begin = min(begin, np.floor(known.min())) - 1000
            # Hysteresis: keep_score is a tenth of the default points per doubling below min_score.
            keep = {"keep_score": f"{begin - 2:.0f}"} if row.get("keep_score") else {}
            done.append(row | {"min_score": f"{begin:.0f}"} | keep)
            before = begin
    return done


def put(folder: Path, model: str, rows: Rows) -> None:
    """Replace a model's rows in the seeds of a folder.

    Each file is written under a temporary name, then a list of pending renames, then the files are renamed. After an interruption the
    next reader of the seeds finishes the renames (finish_rules). Raises OSError.
    """
    finish_rules(folder)
    unfinished, written = folder / UNFINISHED, [(folder / f"{UNFINISHED}.new", folder / UNFINISHED)]
    try:
        for seed, columns in inputs.columns_of_contract("rule_columns.csv", "file").items():
            file = folder / f"{seed}.csv"
            before = file.read_bytes().decode("utf-8") if file.exists() else ",".join(columns) + "\n"
            text = replaced(before, model, rows.get(seed, []))
            if text != before:
                target = file.resolve()
                with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=f".{file.name}.", delete=False) as handle:
                    written.append((Path(handle.name), target))
                    handle.write(text.encode())
                if file.exists():
                    shutil.copymode(file, handle.name)
        written[0][0].write_text(json.dumps([[str(one), str(target)] for one, target in written[1:]]), encoding="utf-8")
        os.replace(*written[0])
        finish_rules(folder)
    finally:
        if not unfinished.exists():
            for new, _ in written:
                new.unlink(missing_ok=True)


def replaced(text: str, model: str, rows: list[dict]) -> str:
    """A seed's text with new rows of a model at the end instead of its old rows. All other text stays byte for byte."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    # A quoted line break is part of a cell, so line_num says how many lines a record takes.
    reader, header, at, kept = csv.reader([lines[0].removeprefix("\ufeff"), *lines[1:]]), [], 0, []
    for cells in reader:
        header = header or cells
        if cells is header or "model_id" not in header or (cells + [""] * len(header))[header.index("model_id")] != model:
            kept.extend(lines[at : reader.line_num])
        at = reader.line_num
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    before = "".join(kept)
    buffer = io.StringIO()
    csv.DictWriter(buffer, header, lineterminator=end, restval="", extrasaction="ignore").writerows(rows)
    return before + (end if rows and not before.endswith(("\n", "\r")) else "") + buffer.getvalue()
