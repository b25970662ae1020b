"""Figures about outcomes count people: rules with and without effect on simulated histories, through the project's own SQL."""

import re

import duckdb
import numpy as np
import pytest
from scipy.stats import norm

from tests.conftest import PROJECT

MODELS = (
    "int_judged_leads int_score_levels int_score_ranking int_calibration_dates int_calibration_sizes int_calibration_levels int_calibration_bins "
    "int_isotonic_rates int_platt_starts int_platt_lines int_calibration_methods int_calibration int_calibration_contacts int_rule_auc "
    "int_rule_contacts int_rule_counts int_rule_bins int_rule_variances int_rule_effects rule_performance score_calibration"
).split()
POINTS_PER_DOUBLING = 20
# Points that outcomes deserve, and points in the seed: most are right, for these say what a point is worth.
EFFECTS = {
    **{f"right_{points}": (points, points) for points in (10, 20, 30, 40, -20, -30)},
    "too_high": (10, 25),
    "too_low": (30, 15),
    "unknown": (20, 0),
}
NULLS = 20


@pytest.fixture(scope="module")
def compiled(hand_computed_build):
    """The SQL of the models, as dbt compiled it."""
    files = (hand_computed_build.warehouse / "target" / "compiled" / "lead_scoring" / "models").rglob("*.sql")
    return {file.stem: re.sub(r'"build"\."[a-z_]+"\.', "", file.read_text()) for file in files if file.stem in MODELS}


def simulated(seed: int, contacts: int = 1500, dates: int = 20, null_points: int = 0):
    """Contacts looked at every week: few buy once, and each purchase stands after several dates. Rules hold for a contact or change over time.

    Returns rows of (date number, contact, score, converted) as arrays, what each rule gave, and the rules' (true, given) points.
    """
    draw = np.random.default_rng(seed)
    rules = EFFECTS | {f"null_{number}": (0, null_points) for number in range(NULLS)}
    has = {name: draw.random(contacts) < draw.uniform(0.15, 0.5) for name in rules}
    score = sum(given * has[name] for name, (_, given) in rules.items())
    deserved = sum(true * has[name] for name, (true, _) in rules.items())
    # A purchase is followed by others with a chance: outcomes of one contact go together.
    taste = draw.normal(0, 0.5, contacts)
    chance = 1 / (1 + np.exp(5.7 - (deserved * np.log(2) / POINTS_PER_DOUBLING) - taste))
    buys = draw.random((dates + 4, contacts)) < chance
    converted = np.stack([buys[date : date + 4].any(0) for date in range(dates)])
    return rules, has, score, converted


def judged(compiled, folder, rules, has, score, converted):
    """rule_performance by the project's models: rule -> row by column."""
    dates, contacts = converted.shape
    lead = np.column_stack([np.repeat(np.arange(dates), contacts), np.tile(np.arange(contacts), dates), np.tile(score, dates), converted.ravel()])
    np.savetxt(folder / "leads.csv", lead, fmt="%d", delimiter=",", header="d,c,score,y", comments="")
    held = [(name, contact) for name in rules for contact in np.flatnonzero(has[name])]
    (folder / "held.csv").write_text("rule,c\n" + "".join(f"{name},{contact}\n" for name, contact in held))
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table leads as select date '2025-01-05' + 7 * d::integer as as_of_date, 'm' as model_id, 'c' || c as contact_id, c, score, y from '{folder}/leads.csv';
            create table int_lead_outcomes as
            select
                as_of_date, 1 as goal_key, 'm' as model_id, 'c' || c as contact_id, '2025' as period, true as is_complete, true as is_judged, false as is_of_run,
                score::decimal(18, 4) as score, y::integer as is_converted, null::decimal(18, 6) as value
            from leads;
            create table int_evaluated_dates as
            select distinct as_of_date, 1 as goal_key, model_id, '2025' as period, as_of_date + 28 as known_on, true as is_complete, true as is_recent from leads;
            create table int_as_of_dates as select date '2026-01-01' as as_of_date, true as is_latest;
            create table int_conversion_goals as select 1 as goal_key, 'm' as model_id, null::varchar as goal_id, 365 as evaluated_days;
            create table int_contact_segments (goal_key integer, contact_id varchar, segment varchar, from_date date, until_date date);
            create table int_model_pairs (champion_id varchar, challenger_id varchar);
            create table int_score_history (as_of_date date, model_id varchar, contact_id varchar, status varchar, score decimal(18, 4), rules_version varchar);
            create table int_rules_versions (model_id varchar, rules_version varchar);
            create table int_rules (rule_id varchar, model_id varchar, points decimal(12, 4), weight decimal(8, 4), rule_kind varchar, rule_group varchar);
            """
        )
        connection.executemany("insert into int_rules values (?, 'm', ?, 1, 'attribute', 'g')", [[name, points] for name, (_, points) in rules.items()])
        connection.execute(
            f"""
            alter table int_rules add column label varchar;
            update int_rules set label = rule_id;
            create table int_rule_history as
            select leads.as_of_date, 'm' as model_id, leads.contact_id, held.rule as rule_id, int_rules.points::decimal(18, 4) as points
            from leads inner join '{folder}/held.csv' as held using (c) inner join int_rules on held.rule = int_rules.rule_id;
            """
        )
        for model in MODELS:
            connection.execute(f"create table {model} as {compiled[model]}")
        columns = [row[0] for row in connection.execute("describe rule_performance").fetchall()]
        return {row[columns.index("rule_id")]: dict(zip(columns, row)) for row in connection.execute("from rule_performance").fetchall()}


def changes(found: dict) -> list[str]:
    """The rules with a verdict to change."""
    return [name for name, row in found.items() if row["verdict"] in ("raise", "lower", "remove")]


def test_rules_without_effect_are_left_alone_and_known_effects_come_back(compiled, tmp_path):
    verdicts, suggested = [], {name: [] for name in EFFECTS}
    for seed in range(6):
        rules, has, score, converted = simulated(seed)
        found = judged(compiled, tmp_path, rules, has, score, converted)
        for name, row in found.items():
            held = has[name]
            buyers = converted.any(0)
            # Each person once, however many dates: the whole point.
            assert (row["leads"], row["leads_touched"], row["conversions_touched"]) == (len(held), held.sum(), (held & buyers).sum())
        verdicts += [row["verdict"] for name, row in found.items() if name.startswith("null")]
        for name in EFFECTS:
            suggested[name].append((found[name]["points_suggested"], float(found[name]["points_error"]), found[name]["verdict"]))
    assert sum(verdict != "keep" for verdict in verdicts) <= 0.1 * len(verdicts)
    for name, (true, given) in EFFECTS.items():
        # Of the rules that are told to change, most are those whose points are wrong.
        assert sum(verdict == "keep" for *_, verdict in suggested[name]) in ((4, 5, 6) if true == given else (0, 1)), (name, suggested[name])
        for points, error, _ in suggested[name]:
            assert abs(points - true) < 3.5 * error, (name, points, error)


def test_under_ten_people_on_either_side_there_is_no_verdict(compiled, tmp_path):
    rules, has, score, converted = simulated(1)
    buyers = np.flatnonzero(converted.any(0))
    has["unknown"][:] = False
    has["unknown"][buyers[:9]] = True
    has["null_0"][:] = True
    has["null_0"][buyers[:9]] = False
    found = judged(compiled, tmp_path, rules, has, score, converted)
    assert found["unknown"]["conversions_touched"] == 9 < found["unknown"]["converted_lead_dates_touched"]
    assert found["null_0"]["conversions_untouched"] == 9
    assert found["unknown"]["verdict"] == found["null_0"]["verdict"] == "too little data"
    assert found["unknown"]["points_suggested"] is None


def test_the_tail_of_the_normal_distribution_is_scipys():
    text = (PROJECT / "macros" / "engine" / "numbers.sql").read_text()
    step, scale, *coefficients = [float(one) for one in re.findall(r"-?\d\.\d{7,}", text[text.index("macro tail_formula") :])]
    for z in np.linspace(0, 6, 200):
        t = 1 / (1 + step * z)
        found = 2 * scale * np.exp(-z * z / 2) * sum(b * t ** (power + 1) for power, b in enumerate(coefficients))
        assert found == pytest.approx(2 * norm.sf(z), abs=2e-7)
