"""What outcomes say of the scores, on the sample data, against plain Python, scikit-learn and SciPy, which know nothing of the models."""

import csv
import shutil
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

import duckdb
import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control, norm
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score, roc_curve

from tests.conftest import PROJECT, run_build

MODEL, CHALLENGER = "retail_coupons", "retail_other"
# The goals and their days. The main goal, of the seeds, is that of who has a running mailing, the other that of who has never redeemed a coupon.
DAYS = {None: timedelta(14), "first": timedelta(28)}
LATEST = date(2017, 12, 31)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Every other Sunday of the second half of the year, with two goals, and a challenger that gives three times as much for a recent redemption."""
    folder = tmp_path_factory.mktemp("judged")
    rules = shutil.copytree(PROJECT / "seeds", folder / "rules")
    for file in rules.glob("*.csv"):
        with open(file, encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
        if file.stem == "conversion_goals":
            rows.append(dict.fromkeys(rows[0], "") | {"model_id": MODEL, "goal_id": "first", "outcome": "won", "within_days": "28", "eligible": "not_converted"})
        for row in [dict(row) for row in rows if row.get("model_id") == MODEL]:
            row["model_id"] = CHALLENGER
            if "rule_id" in row:
                row["rule_id"] = f"other_{row['rule_id']}"
            if row.get("rule_id") == "other_retail_redemption_recent":
                row["points"] = "9"
            if "status" in row:
                row["status"] = "challenger"
            rows.append(row)
        with open(file, "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, reader.fieldnames, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    build = run_build(folder / "warehouse", "--rules", str(rules), "--as-of", "2017-07-02..2017-12-31/14", "--ledger", "all")
    assert build.code == 0, build.errors
    return build


@pytest.fixture(scope="module", params=list(DAYS), ids=["main goal", "other goal"])
def goal(request):
    """The goal_id."""
    return request.param


@pytest.fixture(scope="module")
def of_goal(goal):
    """The rows of the model and goal, as a condition."""
    return f"model_id = '{MODEL}' and coalesce(goal_id, '') = '{goal or ''}'"


@pytest.fixture(scope="module")
def eligible(judged, goal):
    """Who is eligible for the goal on which date, worked out from the raw files: (date, contact) -> (score, days of redemptions)."""
    with duckdb.connect() as connection:
        query = "select contact_id, occurred_at::date, (occurred_at + to_seconds(duration_seconds::bigint))::date from '{}' where event_type = 'campaign_mailing'"
        mailings = connection.execute(query.format(PROJECT / "sample_data" / "events.parquet")).fetchall()
        redeemed = defaultdict(set)
        for contact, day in connection.execute(f"select contact_id, occurred_at::date from '{PROJECT / 'sample_data' / 'outcomes.parquet'}'").fetchall():
            redeemed[contact].add(day)
    running = defaultdict(list)
    for contact, first, end in mailings:
        running[contact].append((first, end))
    scores = judged.rows(f"select as_of_date, contact_id, score::double from lead_score_history where model_id = '{MODEL}' and status = 'scored'")

    def is_eligible(as_of, contact):
        if goal:
            return not any(day <= as_of for day in redeemed[contact])
        return any(first <= as_of < end for first, end in running[contact])

    return {(as_of, contact): (score, redeemed[contact]) for as_of, contact, score in scores if is_eligible(as_of, contact)}


@pytest.fixture(scope="module")
def leads(eligible, goal):
    """Of the dates whose days are over: (date, contact) -> (score, whether it converted)."""
    return {(as_of, contact): (score, any(as_of < day <= as_of + DAYS[goal] for day in days)) for (as_of, contact), (score, days) in eligible.items() if as_of + DAYS[goal] <= LATEST}


def arrays(leads, period="all"):
    """Scores and outcomes of a month, or of all."""
    rows = [row for (as_of, _), row in leads.items() if period in ("all", f"{as_of:%Y-%m}")]
    return np.array([score for score, _ in rows]), np.array([converted for _, converted in rows])


def people(leads, period="all"):
    """How many contacts stand behind them, and how many of these converted."""
    rows = [(contact, converted) for (as_of, contact), (_, converted) in leads.items() if period in ("all", f"{as_of:%Y-%m}")]
    return len({contact for contact, _ in rows}), len({contact for contact, converted in rows if converted})


def performance(judged, of_goal):
    """Period -> row of score_performance without segments, by column."""
    columns = "period, leads, conversions, lead_dates, converted_lead_dates, conversions_in_top_10_percent, roc_auc, pr_auc, ks, lift_top_1_percent, lift_top_5_percent, lift_top_10_percent, lift_top_20_percent, leads_with_probability, brier_score, calibration_error"
    rows = judged.rows(f"select {columns} from score_performance where {of_goal} and segment is null")
    return {row[0]: dict(zip(columns.split(", "), row)) for row in rows}


def test_the_measures_of_every_month_are_those_of_scikit_learn(judged, leads, goal, of_goal):
    found = performance(judged, of_goal)
    assert set(found) == {"all", *(f"{as_of:%Y-%m}" for as_of, _ in leads)}
    assert len(found) > 5
    for period, row in found.items():
        scores, converted = arrays(leads, period)
        assert (row["lead_dates"], row["converted_lead_dates"]) == (len(scores), converted.sum())
        assert (row["leads"], row["conversions"]) == people(leads, period)
        false, true, _ = roc_curve(converted, scores, drop_intermediate=False)
        wanted = {"roc_auc": roc_auc_score(converted, scores), "pr_auc": average_precision_score(converted, scores), "ks": np.max(true - false)}
        for percent in (1, 5, 10, 20):
            size = -(-len(scores) * percent // 100)
            edge = np.sort(scores)[::-1][size - 1]
            above, at = scores > edge, scores == edge
            taken = converted[above].sum() + converted[at].mean() * (size - above.sum())
            wanted[f"lift_top_{percent}_percent"] = taken / size / converted.mean()
            if percent == 10:
                assert float(row["conversions_in_top_10_percent"]) == pytest.approx(taken / converted.sum() * row["conversions"], abs=1e-5)
        for name, value in wanted.items():
            assert float(row[name]) == pytest.approx(value, abs=1.1e-6), (period, name)
    assert sum(row["converted_lead_dates"] for period, row in found.items() if period != "all") == found["all"]["converted_lead_dates"] > (100 if goal else 300)
    # One that converts in two months is one.
    assert 100 < found["all"]["conversions"] < sum(row["conversions"] for period, row in found.items() if period != "all")


def bins_of(leads, stated_on, days):
    """The bins of calibration as of a date, of a goal with these days: lowest score -> (leads, conversions, probability of the isotonic regression)."""
    return {low: (size, hits, probability) for low, (size, hits, probability, *_) in with_dates(leads, stated_on, days).items()}


def with_dates(leads, stated_on, days):
    """The same, and also per bin: the mean score, and leads and conversions of the early half of the dates."""
    past = {lead: row for lead, row in leads.items() if lead[0] + days <= stated_on}
    rows, (contacts, converted_contacts) = sorted(past.values()), people(past)
    bins, below, number = defaultdict(list), 0, min(10, converted_contacts // 10)
    dates = sorted({as_of for as_of, _ in past})
    early = Counter(), Counter()
    for (as_of, _), (score, converted) in past.items():
        if as_of in dates[: len(dates) // 2]:
            early[0][score] += 1
            early[1][score] += converted
    if contacts < 100 or number < 2:
        return {}
    for _, equal in groupby(rows, key=lambda row: row[0]):
        equal = list(equal)
        bins[int(number * (2 * below + len(equal)) // (2 * len(rows)))] += equal
        below += len(equal)
    rate = np.mean([converted for _, converted in rows])
    sizes = np.array([len(one) for one in bins.values()])
    hits = np.array([sum(converted for _, converted in one) for one in bins.values()])
    smoothed = (hits + 10 * rate) / (sizes + 10)
    probabilities = IsotonicRegression().fit_transform(np.arange(len(sizes)), smoothed, sample_weight=sizes + 10)
    return {
        one[0][0]: (len(one), hit, probability, np.mean([score for score, _ in one]), *(sum(counted[score] for score in {score for score, _ in one}) for counted in early))
        for one, hit, probability in zip(bins.values(), hits, probabilities)
    }


def line_of(middle, sizes, hits):
    """Points that double the odds and the score of even odds, by NumPy's weighted least squares of the log odds, or None."""
    rate = hits.sum() / sizes.sum()
    leads, won = sizes + 10, hits + 10 * rate
    if (won <= 0).any():
        return None
    weight = won * (1 - won / leads)
    slope, start = np.polyfit(middle, np.log2(won / (leads - won)), 1, w=np.sqrt(weight))
    return (1 / slope, -start / slope) if slope > 0 else None


def levels_of(leads, stated_on, days):
    """Scores, leads and conversions of all dates and of the early half of them, each n x 3."""
    past = {lead: row for lead, row in leads.items() if lead[0] + days <= stated_on}
    dates = sorted({as_of for as_of, _ in past})
    found = []
    for some in (dates, dates[: len(dates) // 2]):
        counted = defaultdict(lambda: [0, 0])
        for (as_of, _), (score, converted) in past.items():
            if as_of in some:
                counted[score][0] += 1
                counted[score][1] += converted
        found.append(np.array([(float(score), *counts) for score, counts in sorted(counted.items())]))
    return found


def likelier(line, levels):
    """The line after one pass of iteratively reweighted least squares on all scores, toward the maximum likelihood."""
    score, size, hits = levels.T
    odds = np.log(2) * (score - line[1]) / line[0]
    rate = 1 / (1 + np.exp(-odds))
    weight = size * rate * (1 - rate)
    slope, start = np.polyfit(score, odds + (hits - size * rate) / weight, 1, w=np.sqrt(weight))
    return (np.log(2) / slope, -start / slope) if slope > 0 else None


def curve_of(leads, stated_on, days):
    """The probability of a score as of a date, of a goal with these days, and the method: what predicted the late half of the dates better, by SciPy's and scikit-learn's means."""
    rows = list(with_dates(leads, stated_on, days).values())
    sizes, hits, probabilities, middle, early_sizes, early_hits = (np.array(column, float) for column in zip(*rows))
    line, early_line = line_of(middle, sizes, hits), line_of(middle, early_sizes, early_hits) if early_sizes.sum() else None
    line, early_line = (likelier(one, levels) if one else None for one, levels in zip((line, early_line), levels_of(leads, stated_on, days)))
    if line and early_line:
        smoothed = (early_hits + 10 * early_hits.sum() / early_sizes.sum()) / (early_sizes + 10)
        isotonic = IsotonicRegression().fit_transform(np.arange(len(sizes)), smoothed, sample_weight=early_sizes + 10)
        platt = 1 / (1 + 0.5 ** ((middle - early_line[1]) / early_line[0]))
        late, missed = hits - early_hits, sizes - early_sizes - hits + early_hits
        if (late * np.log(platt) + missed * np.log(1 - platt)).sum() > (late * np.log(isotonic) + missed * np.log(1 - isotonic)).sum():
            return lambda score: 1 / (1 + 0.5 ** ((score - line[1]) / line[0])), "platt"
    pools = sorted(set(probabilities.round(9)))
    middles = [np.average(middle[probabilities.round(9) == pool], weights=sizes[probabilities.round(9) == pool]) for pool in pools]
    return lambda score: np.interp(score, middles, pools), "isotonic"


def of_bin(leads, low, high):
    """Contact -> (dates, converted dates) with a score of a bin."""
    found = defaultdict(lambda: [0, 0])
    for (_, contact), (score, converted) in leads.items():
        if low <= score <= high:
            found[contact][0] += 1
            found[contact][1] += converted
    return np.array(list(found.values()))


def test_the_calibration_is_isotonic_and_its_intervals_are_wilsons_of_as_many_leads_as_contacts_are_worth(judged, leads, goal, of_goal):
    wanted = bins_of(leads, LATEST, DAYS[goal])
    curve, _ = curve_of(leads, LATEST, DAYS[goal])
    means = {lowest: row[3] for lowest, row in with_dates(leads, LATEST, DAYS[goal]).items()}
    columns = "from_score::double, to_score::double, leads, conversions, lead_dates, converted_lead_dates, probability, rate_from::double, rate_to::double"
    found = judged.rows(f"select {columns} from score_calibration where {of_goal} order by score_bin")
    # Many who never redeemed a coupon have one score: they share a bin.
    assert len(found) == len(wanted) > (5 if goal else 9)
    for (low, high, contacts, converted, dates, hits, probability, *interval), (wanted_from, (wanted_count, wanted_hits, _)) in zip(found, wanted.items()):
        assert (low, dates, hits) == (wanted_from, wanted_count, wanted_hits)
        assert float(probability) == pytest.approx(curve(means[low]), abs=5e-6)
        of_contact = of_bin(leads, low, high)
        assert (contacts, converted) == (len(of_contact), (of_contact[:, 1] > 0).sum())
        # The sandwich variance of the rate is that of a mean of so many independent leads; SciPy's interval takes whole numbers alone.
        rate = hits / dates
        variance = np.sum((of_contact[:, 1] - rate * of_contact[:, 0]) ** 2) / dates**2
        worth = min(rate * (1 - rate) / variance, dates) if 0 < hits < dates else contacts
        assert contacts / 4 < worth <= dates
        z = norm.ppf(0.975)
        centre, half = (rate + z**2 / 2 / worth) / (1 + z**2 / worth), z / (1 + z**2 / worth) * np.sqrt(rate * (1 - rate) / worth + z**2 / 4 / worth**2)
        assert interval == pytest.approx([centre - half, centre + half], abs=2e-6)
        naive = binomtest(int(hits), int(dates)).proportion_ci(0.95, "wilson")
        assert interval[1] - interval[0] >= naive.high - naive.low - 2e-6


def test_a_lead_is_told_the_probability_of_its_score_by_the_main_goal_and_a_month_is_judged_by_what_was_known_when_it_began(judged, leads, goal, of_goal):
    if goal is None:
        curve, _ = curve_of(leads, LATEST, DAYS[goal])
        stated = judged.rows(f"select score::double, conversion_probability, past_leads, expected_value from lead_scores where model_id = '{MODEL}' and conversion_probability is not null")
        assert len(stated) > 300
        contacts = {row[0] for row in judged.rows(f"select leads from score_calibration where {of_goal}")}
        for score, probability, past_leads, value in stated:
            assert float(probability) == pytest.approx(curve(score), abs=5e-6)
            assert past_leads in contacts
            assert value is None
        # It follows the score: leads of different scores differ, and none with a higher score has a lower one.
        told = sorted({(score, probability) for score, probability, *_ in stated})
        assert all(low[1] <= high[1] for low, high in pairwise(told))
        assert len({probability for _, probability in told}) > 0.9 * len(told)
    found, errors = performance(judged, of_goal), []
    for period in sorted(set(found) - {"all"}):
        scores, converted = arrays(leads, period)
        first = min(as_of for as_of, _ in leads if f"{as_of:%Y-%m}" == period)
        bins = bins_of(leads, first, DAYS[goal])
        assert found[period]["leads_with_probability"] == (len(scores) if bins else 0)
        if not bins:
            assert found[period]["brier_score"] is None
            continue
        curve, _ = curve_of(leads, first, DAYS[goal])
        probabilities = np.array([curve(score) for score in scores])
        assert float(found[period]["brier_score"]) == pytest.approx(brier_score_loss(converted, probabilities), abs=5e-6)
        # Bins with one probability are pooled by the isotonic regression, not by the error.
        places = np.array([max([place for place, lowest in enumerate(bins) if lowest <= score], default=0) for score in scores])
        gaps = [abs(probabilities[places == place].sum() - converted[places == place].sum()) for place in set(places)]
        assert float(found[period]["calibration_error"]) == pytest.approx(sum(gaps) / len(scores), abs=5e-6)
        errors.append(sum(gaps) / len(scores))
    assert errors


@pytest.mark.parametrize("goal", [None], ids=["main goal"], indirect=True, scope="module")
def test_every_date_of_a_run_is_told_what_was_known_on_it_by_the_main_goal(judged, eligible, leads, goal):
    """As if it were the latest: the history of the run has it for each of its dates."""
    stated = defaultdict(dict)
    for as_of, contact, probability in judged.rows(f"select as_of_date, contact_id, conversion_probability from lead_score_history where model_id = '{MODEL}'"):
        stated[as_of][contact] = probability
    told, methods = 0, set()
    for as_of, of_date in stated.items():
        bins = bins_of(leads, as_of, DAYS[goal])
        wanted = {contact for date_of, contact in eligible if date_of == as_of} if bins else set()
        assert {contact for contact, probability in of_date.items() if probability is not None} == wanted, as_of
        curve, method = curve_of(leads, as_of, DAYS[goal]) if bins else (None, None)
        for contact in wanted:
            assert float(of_date[contact]) == pytest.approx(curve(eligible[as_of, contact][0]), abs=5e-6), (as_of, contact)
        told += bool(wanted)
        methods |= {method} - {None}
    assert 6 < told < len(stated)
    assert methods == {"isotonic", "platt"}
    assert dict(judged.rows(f"select contact_id, conversion_probability from lead_scores where model_id = '{MODEL}'")) == stated[LATEST]


def test_a_rules_share_of_the_area_and_its_rates(judged, leads, of_goal):
    given = defaultdict(dict)
    for as_of, contact, rule, points in judged.rows(f"select as_of_date, contact_id, rule_id, points::double from lead_score_contributions where model_id = '{MODEL}'"):
        given[rule][as_of, contact] = points
    scores, converted = arrays(leads)
    whole = roc_auc_score(converted, scores)
    rows = judged.rows(f"select rule_id, lead_dates_touched, converted_lead_dates_touched, leads_touched, conversions_touched, conversions_untouched, auc_contribution, points_per_lead::double from rule_performance where {of_goal} and leads_touched > 0")
    assert len(rows) > 25
    for rule, touched, hits, contacts, converted_contacts, untouched, contribution, points in rows:
        held = [lead for lead in leads if lead in given[rule]]
        assert (touched, hits) == (len(held), sum(leads[lead][1] for lead in held))
        assert (contacts, converted_contacts) == people({lead: leads[lead] for lead in held})
        assert untouched == people({lead: row for lead, row in leads.items() if lead not in given[rule]})[1]
        assert points == pytest.approx(np.mean([given[rule][lead] for lead in held]), abs=1e-4)
        without = np.round([score - given[rule].get(lead, 0) for lead, (score, _) in leads.items()], 4)
        assert float(contribution) == pytest.approx(whole - roc_auc_score(converted, without), abs=2e-6), rule


def test_verdicts_are_a_score_test_clustered_by_contact_at_a_false_discovery_rate_of_a_tenth(judged, leads, goal, of_goal):
    given = defaultdict(dict)
    for as_of, contact, rule, points in judged.rows(f"select as_of_date, contact_id, rule_id, points::double from lead_score_contributions where model_id = '{MODEL}'"):
        given[rule][as_of, contact] = points
    bins, order = bins_of(leads, LATEST, DAYS[goal]), list(leads)
    lows = np.array(list(bins))
    place = np.array([max(np.searchsorted(lows, leads[lead][0], side="right") - 1, 0) for lead in order])
    residual = np.array([leads[lead][1] for lead in order]) - np.array([probability for _, _, probability in bins.values()])[place]
    _, contact = np.unique([contact for _, contact in order], return_inverse=True)
    rows = judged.rows(f"select rule_id, points::double, p_value::double, verdict, points_suggested, least(conversions_touched, conversions_untouched) >= 10 from rule_performance where {of_goal} and leads_touched > 0")
    tested = {}
    for rule, points, p_value, verdict, suggested, is_enough in rows:
        x = np.array([given[rule].get(lead, 0) for lead in order]) / points
        x -= (np.bincount(place, x) / np.bincount(place))[place]
        shares = np.bincount(contact, x * residual)
        wanted = 2 * norm.sf(abs(shares.sum()) / np.sqrt(np.sum(shares**2)))
        assert p_value == pytest.approx(wanted, abs=5e-4), rule
        assert (verdict == "too little data") == (suggested is None) == (not is_enough)
        if is_enough:
            tested[rule] = p_value, verdict, suggested, points
    found = false_discovery_control([row[0] for row in tested.values()]) <= 0.1
    assert 0 < sum(found) < len(found)
    for (_, verdict, suggested, points), is_found in zip(tested.values(), found):
        assert (verdict != "keep") == (is_found and suggested != points)


def test_challenger_and_champion_are_compared_lead_by_lead_and_by_each_goal(judged, goal, of_goal):
    scores = {(model, contact): rest for model, contact, *rest in judged.rows("select model_id, contact_id, score, band, rank_in_model from lead_scores")}
    rows = judged.rows("select contact_id, champion_score, challenger_score, champion_band, challenger_band, champion_rank, challenger_rank, rank_shift, difference_1 from model_comparison")
    assert len(rows) == 2469
    moves = Counter()
    for contact, old_score, new_score, old_band, new_band, old_rank, new_rank, shift, difference in rows:
        assert [old_score, old_band, old_rank] == scores[MODEL, contact]
        assert [new_score, new_band, new_rank] == scores[CHALLENGER, contact]
        assert shift == old_rank - new_rank
        # The one rule that gives more is the difference; less than 0.05 points are told as none, and a bound may take them all.
        assert 0 <= new_score - old_score < Decimal("0.05") if difference is None else "recent coupon redemption" in difference
        moves[old_band, new_band] += 1
    assert dict(moves) == {row[:2]: row[2] for row in judged.rows("select champion_band, challenger_band, leads from band_migration")}
    assert len(moves) > 4
    # Over the same leads, which both of them score.
    row = judged.rows(f"select leads, conversions, lead_dates, champion_roc_auc from challenger_performance where {of_goal.replace('model_id', 'champion_id')}")
    performed = performance(judged, of_goal)["all"]
    assert row == [tuple(performed[name] for name in ("leads", "conversions", "lead_dates", "roc_auc"))]
    assert judged.rows("select distinct model_id, model_status from lead_scores order by 1") == [(MODEL, "active"), (CHALLENGER, "challenger")][:: 1 if MODEL < CHALLENGER else -1]
    for line in ("leads would change band against retail_coupons, see band_migration", "top deciles share", "leads, see model_comparison", "converted contacts in the top decile"):
        assert f"Challenger {CHALLENGER}" in judged.output and line in judged.output


def test_the_stability_of_bands_is_numpys(judged):
    months = defaultdict(Counter)
    for as_of, band in judged.rows(f"select as_of_date, band from lead_score_history where model_id = '{MODEL}' and status = 'scored'"):
        months[f"{as_of:%Y-%m}"][band] += 1
    found = judged.rows(f"select period, previous_period, stability_index from score_drift where model_id = '{MODEL}' and topic = 'band' order by 1")
    assert len(found) == 5
    for period, previous, index in found:
        bands = sorted(months[period] | months[previous])
        now, before = (np.array([months[month][band] for band in bands]) / sum(months[month].values()) for month in (period, previous))
        assert float(index) == pytest.approx(np.sum((now - before) * np.log(now / before)), abs=2e-6)


def test_the_stability_of_conversions_is_numpys_for_each_goal(judged, leads, of_goal):
    months = defaultdict(list)
    for (as_of, _), (_, converted) in leads.items():
        months[f"{as_of:%Y-%m}"].append(converted)
    found = judged.rows(f"select period, previous_period, stability_index, leads from score_drift where {of_goal} and topic = 'outcome' order by 1")
    assert [row[:2] for row in found] == list(zip(sorted(months)[1:], sorted(months)))
    for period, previous, index, number in found:
        now, before = (np.array([np.mean(months[month]), 1 - np.mean(months[month])]) for month in (period, previous))
        assert float(index) == pytest.approx(np.sum((now - before) * np.log(now / before)), abs=2e-6)
        assert number == len(months[period])
