"""What outcomes say of the scores, on the sample data, against plain Python, scikit-learn and SciPy, which know nothing of the models."""

import csv
import shutil
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score, roc_curve

from tests.conftest import PROJECT, run_build

MODEL, CHALLENGER, DAYS = "retail_coupons", "retail_other", timedelta(14)
LATEST = date(2017, 12, 31)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Every other Sunday of the second half of the year, with a challenger that gives three times as much for a recent redemption."""
    folder = tmp_path_factory.mktemp("judged")
    rules = shutil.copytree(PROJECT / "seeds", folder / "rules")
    for file in rules.glob("*.csv"):
        with open(file, encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        for row in [dict(row) for row in rows if row["model_id"] == MODEL]:
            row["model_id"] = CHALLENGER
            if "rule_id" in row:
                row["rule_id"] = f"other_{row['rule_id']}"
            if row.get("rule_id") == "other_retail_redemption_recent":
                row["points"] = "9"
            if "status" in row:
                row["status"] = "challenger"
            rows.append(row)
        with open(file, "w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    build = run_build(folder / "warehouse", "--rules", str(rules), "--as-of", "2017-07-02..2017-12-31/14", "--ledger", "all")
    assert build.code == 0, build.errors
    return build


@pytest.fixture(scope="module")
def leads(judged):
    """Who is eligible on which date, worked out from the raw files: (date, contact) -> (score, whether it converted)."""
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
    return {
        (as_of, contact): (score, any(as_of < day <= as_of + DAYS for day in redeemed[contact]))
        for as_of, contact, score in scores
        if as_of + DAYS <= LATEST and any(first <= as_of < end for first, end in running[contact])
    }


def arrays(leads, period="all"):
    """Scores and outcomes of a month, or of all."""
    rows = [row for (as_of, _), row in leads.items() if period in ("all", f"{as_of:%Y-%m}")]
    return np.array([score for score, _ in rows]), np.array([converted for _, converted in rows])


def performance(judged):
    """Period -> row of score_performance without segments, by column."""
    columns = "period, leads, conversions, roc_auc, pr_auc, ks, lift_top_1_percent, lift_top_5_percent, lift_top_10_percent, lift_top_20_percent, leads_with_probability, brier_score, calibration_error"
    rows = judged.rows(f"select {columns} from score_performance where model_id = '{MODEL}' and segment is null")
    return {row[0]: dict(zip(columns.split(", "), row)) for row in rows}


def test_the_measures_of_every_month_are_those_of_scikit_learn(judged, leads):
    found = performance(judged)
    assert set(found) == {"all", *(f"2017-{month:02d}" for month in range(7, 13))}
    for period, row in found.items():
        scores, converted = arrays(leads, period)
        assert (row["leads"], row["conversions"]) == (len(scores), converted.sum())
        false, true, _ = roc_curve(converted, scores, drop_intermediate=False)
        wanted = {"roc_auc": roc_auc_score(converted, scores), "pr_auc": average_precision_score(converted, scores), "ks": np.max(true - false)}
        for percent in (1, 5, 10, 20):
            size = -(-len(scores) * percent // 100)
            edge = np.sort(scores)[::-1][size - 1]
            above, at = scores > edge, scores == edge
            taken = converted[above].sum() + converted[at].mean() * (size - above.sum())
            wanted[f"lift_top_{percent}_percent"] = taken / size / converted.mean()
        for name, value in wanted.items():
            assert float(row[name]) == pytest.approx(value, abs=1.1e-6), (period, name)
    assert sum(row["conversions"] for period, row in found.items() if period != "all") == found["all"]["conversions"] > 300


def bins_of(leads, stated_on):
    """The bins of calibration as of a date: lowest score -> (leads, conversions, probability)."""
    rows = sorted((score, converted) for (as_of, _), (score, converted) in leads.items() if as_of + DAYS <= stated_on)
    count = Counter(score for score, _ in rows)
    bins, below, number = defaultdict(list), 0, min(10, sum(converted for _, converted in rows) // 10)
    if len(rows) < 100 or number < 2:
        return {}
    for score in sorted(count):
        bins[int(number * (2 * below + count[score]) // (2 * len(rows)))] += [row for row in rows if row[0] == score]
        below += count[score]
    rate = np.mean([converted for _, converted in rows])
    sizes = np.array([len(one) for one in bins.values()])
    hits = np.array([sum(converted for _, converted in one) for one in bins.values()])
    smoothed = (hits + 10 * rate) / (sizes + 10)
    probabilities = IsotonicRegression().fit_transform(np.arange(len(sizes)), smoothed, sample_weight=sizes + 10)
    return {one[0][0]: (len(one), hit, probability) for one, hit, probability in zip(bins.values(), hits, probabilities)}


def test_the_calibration_is_isotonic_and_its_intervals_are_wilsons(judged, leads):
    wanted = bins_of(leads, LATEST)
    found = judged.rows(f"select from_score::double, leads, conversions, probability, rate_from, rate_to from score_calibration where model_id = '{MODEL}' order by score_bin")
    assert len(found) == len(wanted) == 10
    for (from_score, count, hits, probability, low, high), (wanted_from, (wanted_count, wanted_hits, wanted_probability)) in zip(found, wanted.items()):
        assert (from_score, count, hits) == (wanted_from, wanted_count, wanted_hits)
        assert float(probability) == pytest.approx(wanted_probability, abs=2e-6)
        interval = binomtest(int(hits), int(count)).proportion_ci(0.95, "wilson")
        assert (float(low), float(high)) == pytest.approx((interval.low, interval.high), abs=2e-6)


def probability_of(score, bins):
    """What is stated for a score."""
    return ([found for lowest, (_, _, found) in bins.items() if lowest <= score] or [next(iter(bins.values()))[2]])[-1]


def test_a_lead_is_told_the_probability_of_its_bin_and_a_month_is_judged_by_what_was_known_when_it_began(judged, leads):
    bins = bins_of(leads, LATEST)
    stated = judged.rows(f"select score::double, conversion_probability, past_leads, expected_value from lead_scores where model_id = '{MODEL}' and conversion_probability is not null")
    assert len(stated) > 300
    for score, probability, past_leads, value in stated:
        assert float(probability) == pytest.approx(probability_of(score, bins), abs=2e-6)
        assert past_leads in {count for count, _, _ in bins.values()}
        assert value is None
    found, errors = performance(judged), []
    for period in sorted(set(found) - {"all"}):
        scores, converted = arrays(leads, period)
        bins = bins_of(leads, min(as_of for as_of, _ in leads if f"{as_of:%Y-%m}" == period))
        assert found[period]["leads_with_probability"] == (len(scores) if bins else 0)
        if not bins:
            assert found[period]["brier_score"] is None
            continue
        probabilities = np.array([probability_of(score, bins) for score in scores])
        assert float(found[period]["brier_score"]) == pytest.approx(brier_score_loss(converted, probabilities), abs=2e-6)
        # Bins with one probability are pooled by the isotonic regression, not by the error.
        places = np.array([max([place for place, lowest in enumerate(bins) if lowest <= score], default=0) for score in scores])
        gaps = [abs(probabilities[places == place].sum() - converted[places == place].sum()) for place in set(places)]
        assert float(found[period]["calibration_error"]) == pytest.approx(sum(gaps) / len(scores), abs=2e-6)
        errors.append(sum(gaps) / len(scores))
    assert errors


def test_a_rules_share_of_the_area_and_its_rates(judged, leads):
    given = defaultdict(dict)
    for as_of, contact, rule, points in judged.rows(f"select as_of_date, contact_id, rule_id, points::double from lead_score_contributions where model_id = '{MODEL}'"):
        given[rule][as_of, contact] = points
    scores, converted = arrays(leads)
    whole = roc_auc_score(converted, scores)
    rows = judged.rows(f"select rule_id, leads_touched, conversions_touched, auc_contribution, points_per_lead::double from rule_performance where model_id = '{MODEL}' and leads_touched > 0")
    assert len(rows) > 25
    for rule, touched, hits, contribution, points in rows:
        held = [lead for lead in leads if lead in given[rule]]
        assert (touched, hits) == (len(held), sum(leads[lead][1] for lead in held))
        assert points == pytest.approx(np.mean([given[rule][lead] for lead in held]), abs=1e-4)
        without = np.round([score - given[rule].get(lead, 0) for lead, (score, _) in leads.items()], 4)
        assert float(contribution) == pytest.approx(whole - roc_auc_score(converted, without), abs=2e-6), rule


def test_challenger_and_champion_are_compared_lead_by_lead(judged):
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
    for line in ("leads would be in another band than retail_coupons puts them", "best leads are the same, see model_comparison", "conversions in the best tenth"):
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
