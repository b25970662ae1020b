"""Whole points from past leads: a logistic regression that keeps the signs which the rules show on their own.

What is minimised is the leads' log loss plus penalties: a coefficient of a rule that counts events is drawn to 0, one of a bin to
the bin's weight of evidence times a number of its family's that is not negative. Bounds hold by L-BFGS-B (Byrd et al. 1995).
Which penalties and which rules is decided on the latest of the dates to learn from.
"""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.tree import DecisionTreeRegressor

from support.learning import measures
from support.learning.candidates import Attribute, Candidate, alike, edges, numeric_parts, observed, text_of, words
from support.learning.leads import ENOUGH, Features, Study

# A set of rules is preferred to another where it has more than this of the area under the curve on the latest dates.
WORTH = 0.0005

# What fewer rules may cost: of the area, and of the conversions in the top tenth.
COST, COST_OF_TOP = 0.0015, 0.015

# Leads by which a rate is drawn to that of all; the most leads that choices are made with; pairs of attributes.
SMOOTHING, MOST_FOR_CHOICE, MOST_PAIRS = 20, 40_000, 6


@dataclass
class Problem:
    """n leads and p rules. points: n x p csr; converted, weight, day, contact: n; codes: per attribute n numbers of bins, -1 for none."""

    points: sparse.csr_matrix
    converted: np.ndarray
    weight: np.ndarray
    day: np.ndarray
    contact: np.ndarray
    rules: list[Candidate]
    codes: dict[str, np.ndarray]
    attributes: dict[str, Attribute]

    def of(self, leads=None, rules=None) -> "Problem":
        """The part of some leads and of some rules, by flags."""
        part = self
        if leads is not None:
            part = Problem(part.points[leads], *(one[leads] for one in (part.converted, part.weight, part.day, part.contact)), part.rules, {name: codes[leads] for name, codes in part.codes.items()}, part.attributes)
        if rules is not None:
            part = replace(part, points=part.points[:, rules], rules=[rule for rule, keep in zip(part.rules, rules) if keep])
        return part

    def families(self) -> tuple[np.ndarray, int]:
        """Per rule the number of its family of bins, -1 where it counts events; and how many such families there are."""
        names = sorted({rule.family for rule in self.rules if is_bin(rule)})
        places = {name: place for place, name in enumerate(names)}
        return np.array([places[rule.family] if is_bin(rule) else -1 for rule in self.rules], int), len(names)


@dataclass(frozen=True)
class Settings:
    """signs: accepted or free; of_events, of_bins: the strength of the penalties, in contacts; blocks: which rules."""

    signs: str
    of_events: float
    of_bins: float
    blocks: tuple[str, ...]


@dataclass
class Learnt:
    """rules: with their whole points and what they saw; auc: on the latest dates to learn from; shared_top: of two refits on resamples."""

    rules: list[Candidate]
    points: list[int]
    settings: Settings
    told: list[str] = field(default_factory=list)
    auc: float | None = None
    shared_top: float | None = None


def is_bin(rule: Candidate) -> bool:
    """Whether a rule is one of the bins that part the leads."""
    return rule.block in ("activity", "attribute", "pair")


def evidence(problem: Problem) -> np.ndarray:
    """Per rule the weight of evidence of the leads that it holds for: their log odds less all leads', drawn to 0 by SMOOTHING leads."""
    holds = (problem.points != 0).astype(float)
    rate = np.average(problem.converted, weights=problem.weight)
    leads, won = holds.T @ problem.weight, holds.T @ (problem.weight * problem.converted)
    shown = (won + SMOOTHING * rate) / (leads + SMOOTHING)
    return np.log(shown / (1 - shown)) - np.log(rate / (1 - rate))


def fit(problem: Problem, settings: Settings) -> np.ndarray:
    """The p coefficients and the base (log odds of a lead without points)."""
    x, y, w = problem.points, problem.converted.astype(float), problem.weight
    xt, p = x.T.tocsr(), len(problem.rules)
    family, families = problem.families()
    binned = np.flatnonzero(family >= 0)
    prior = np.zeros(p)
    prior[binned] = evidence(problem)[binned]
    # A bin of a pair corrects the two attributes, and is drawn to 0.
    drawn = prior * np.array([rule.block != "pair" for rule in problem.rules])
    total, rate = w.sum(), np.average(y, weights=w)
    mean = xt @ w / total
    variance = np.maximum(x.multiply(x).T @ w / total - mean**2, 1e-9)
    sign = np.where(family >= 0, np.sign(prior), np.sign(xt @ (w * (y - rate))))
    # A contact that was judged on many dates tells little more each time.
    again = len(y) / len(np.unique(problem.contact))
    strength = again * np.where(family >= 0, settings.of_bins, settings.of_events * variance)
    lower = np.where((sign > 0) & (settings.signs == "accepted"), 0, -np.inf)
    upper = np.where((sign < 0) & (settings.signs == "accepted"), 0, np.inf)

    def target(z):
        c, b, base = z[:p], z[p:-1], z[-1]
        eta = x @ c + base
        off = c.copy()
        off[binned] -= b[family[binned]] * drawn[binned]
        pull = strength * off
        error = w * (expit(eta) - y)
        slope = np.concatenate([xt @ error + pull, 0.01 * b, [error.sum()]])
        slope[p:-1] -= np.bincount(family[binned], (pull * drawn)[binned], families)
        return (w * (np.logaddexp(0, eta) - y * eta)).sum() + 0.5 * (pull * off).sum() + 0.005 * (b * b).sum(), slope

    start = np.concatenate([np.zeros(p), np.full(families, 0.5), [np.log(rate / (1 - rate))]])
    bounds = [*zip(lower, upper), *[(0, None)] * families, (None, None)]
    done = minimize(target, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300, "ftol": 1e-8})
    return np.append(done.x[:p], done.x[-1])


def problem_of(study: Study, features: Features) -> Problem:
    """The leads with the rules to try; neighbouring bins of numbers are one where they convert alike."""
    converted, weight = study.converted[features.place], study.weight[features.place]
    number = len(study.rules) - sum(attribute.size for attribute in study.attributes)
    rules, columns, codes = study.rules[:number], [features.points[:, :number]], {}
    for feature in study.activity:
        if is_calendar(features.numbers[feature.family], study.as_of[features.place]):
            continue
        found, held = bands(feature, features.numbers[feature.family], converted, weight)
        rules, columns = rules + found, columns + held
    for attribute in study.attributes:
        bins = features.points[:, number : number + attribute.size].tocoo()
        number += attribute.size
        code = codes[attribute.name] = np.full(len(converted), -1)
        code[bins.row] = bins.col
        merged = alike(attribute.numbers) if attribute.numbers else []
        for places in merged + [[place] for place in range(len(attribute.numbers), attribute.size)]:
            if len(merged) > 1 or places[-1] >= len(attribute.numbers) or len(merged) < attribute.size - len(attribute.numbers) + 1:
                rules = rules + [attribute.rule(places)]
                columns.append(sparse.csr_matrix(np.isin(code, places).astype(float)[:, None]))
    return Problem(sparse.hstack(columns, format="csr"), converted, weight, study.as_of[features.place], study.contact[features.place], rules, codes, {one.name: one for one in study.attributes})


def is_calendar(numbers: np.ndarray, day: np.ndarray) -> bool:
    """Whether a number says mostly what day it is, as the days since the first event do where all began at once."""
    known = ~np.isnan(numbers)
    since = (day[known] - day.min()).astype(float)
    return bool(known.any() and since.std() > 0 and numbers[known].std() > 0 and np.corrcoef(numbers[known], since)[0, 1] ** 2 > 0.5)


def bands(feature: Candidate, numbers: np.ndarray, converted: np.ndarray, weight: np.ndarray) -> tuple[list[Candidate], list]:
    """An activity feature's rules and their columns. numbers: n, nan where there is no event."""
    known = ~np.isnan(numbers)
    values, group = np.unique(numbers[known], return_inverse=True)
    leads, won = np.bincount(group, weight[known]), np.bincount(group, (weight * converted)[known])
    parts = numeric_parts(list(zip(values.tolist(), leads.tolist(), won.tolist())), weight.sum(), max(30, 0.005 * weight.sum()))
    merged = alike(parts) if parts else []
    if len(merged) < 2:
        return [], []
    begins, rules, columns = edges(parts, 6), [], []
    for place, bins in enumerate(merged):
        low = begins[bins[0]] if place else -np.inf
        high = begins[bins[-1] + 1] if place + 1 < len(merged) else np.inf
        rules.append(band(feature, low, high, tuple(bins)))
        columns.append(((numbers >= low) & (numbers < high)).astype(float))
    if not known.all():
        never = {"feature": "events", "lower": "0", "upper": "1"}
        rules.append(replace(feature, cells=feature.cells | never, said=f"no {words(feature.source or 'event')}", name=f"{feature.family}_never", bins=(len(parts) + 1,)))
        columns.append((~known).astype(float))
    return rules, [sparse.csr_matrix(column[:, None]) for column in columns]


def band(feature: Candidate, low: float, high: float, bins: tuple[int, ...]) -> Candidate:
    """The rule of an activity feature from low to under high."""
    lower, upper = ("" if abs(end) == np.inf else text_of(end) for end in (low, high))
    said = f"under {upper}" if not lower else f"{lower} or more" if not upper else f"{lower} to under {upper}"
    return replace(feature, cells=feature.cells | {"lower": lower, "upper": upper}, said=f"{observed(feature.cells)} {said}", name=f"{feature.family}_{lower or 0}", bins=bins)


# ---- Pairs of attributes ----


def rules_of_pair(problem: Problem, pair: tuple[Attribute, Attribute], residual: np.ndarray, curve: np.ndarray) -> list[Candidate]:
    """Two-condition rules for where two attributes together convert unlike what the rules so far say.

    residual, curve: n, weight * (converted - p) and weight * p * (1 - p). A small regression tree (Breiman et al. 1984) on the
    table of both attributes' bins finds rectangles of it; texts are put in the order of the table's first singular vectors.
    """
    tables = two_way(problem, pair, residual, curve)
    wrong, certain = tables
    scaled = wrong / np.sqrt(certain + SMOOTHING)
    left, _, right = np.linalg.svd(scaled, full_matrices=False)
    vectors = left[:, 0] / np.sqrt(certain.sum(1) + SMOOTHING), right[0] / np.sqrt(certain.sum(0) + SMOOTHING)
    ranks = [np.argsort(np.argsort(vector, kind="stable"), kind="stable") if one.texts else np.arange(one.size) for one, vector in zip(pair, vectors)]
    grid = np.array([(a, b) for a in ranks[0] for b in ranks[1]])
    tree = DecisionTreeRegressor(max_leaf_nodes=8, min_weight_fraction_leaf=0.01, random_state=1)
    tree.fit(grid, (wrong / (certain + SMOOTHING)).ravel(), sample_weight=certain.ravel() + 1e-9)
    leaf = tree.apply(grid).reshape(certain.shape)
    rules = []
    for number in np.unique(leaf):
        first, second = (sorted(map(int, set(places))) for places in np.nonzero(leaf == number))
        for bins in ((a, b) for a in parts_that_one_condition_holds_for(pair[0], first) for b in parts_that_one_condition_holds_for(pair[1], second)):
            rules.append(pair_rule(pair, bins))
    return rules


def parts_that_one_condition_holds_for(attribute: Attribute, bins: list[int]) -> list[list[int]]:
    """Bins, apart from the missing one."""
    last = attribute.size - 1
    if attribute.has_missing and last in bins and len(bins) > 1:
        return [bins[:-1], [last]]
    return [bins]


def pair_rule(pair: tuple[Attribute, Attribute], bins: tuple[list[int], list[int]]) -> Candidate:
    """The rule that holds where both attributes are in these bins."""
    first, second = (attribute.rule(places) for attribute, places in zip(pair, bins))
    cells = first.cells | {f"and_{name}": cell for name, cell in second.cells.items()}
    family = f"{first.family} and {second.family}"
    return Candidate("attribute_rules", cells, "pair", family, family, f"{first.said} and {second.said}", f"{first.name}_{second.name}", (tuple(bins[0]), tuple(bins[1])))


def two_way(problem: Problem, pair: tuple[Attribute, Attribute], residual: np.ndarray, curve: np.ndarray) -> list[np.ndarray]:
    """Sums of residual and curve per bin of the first attribute x bin of the second."""
    first, second = (problem.codes[attribute.name] for attribute in pair)
    known = (first >= 0) & (second >= 0)
    cell = (first * pair[1].size + second)[known]
    return [np.bincount(cell, one[known], pair[0].size * pair[1].size).reshape(pair[0].size, pair[1].size) for one in (residual, curve)]


def best_pair(problem: Problem, residual, curve, but: list) -> tuple | None:
    """The pair whose table has most of what the rules so far leave unexplained: its score statistic beyond what chance gives, in standard deviations, 4 at least."""
    best, found, attributes = 4.0, None, list(problem.attributes.values())
    for place, first in enumerate(attributes):
        for second in attributes[place + 1 :]:
            if (first, second) not in but:
                wrong, certain = two_way(problem, (first, second), residual, curve)
                expected = (certain / (certain + SMOOTHING)).sum()
                beyond = ((wrong**2 / (certain + SMOOTHING)).sum() - expected) / np.sqrt(2 * expected)
                if beyond > best:
                    best, found = beyond, (first, second)
    return found


def add_pairs(problem: Problem, settings: Settings):
    """The problem after each of up to MOST_PAIRS pairs, the one that is most missing first."""
    used = []
    for _ in range(MOST_PAIRS):
        coefficients = fit(problem, settings)
        chance = expit(problem.points @ coefficients[:-1] + coefficients[-1])
        residual, curve = problem.weight * (problem.converted - chance), problem.weight * chance * (1 - chance)
        pair = best_pair(problem, residual, curve, used)
        if pair is None:
            return
        used.append(pair)
        rules = rules_of_pair(problem, pair, residual, curve)
        problem = replace(problem, points=sparse.hstack([problem.points, *(held(problem, rule) for rule in rules)], format="csr"), rules=problem.rules + rules)
        yield problem


# ---- What is learnt ----


def learn(study: Study, features: Features, signs: str = "accepted", per_doubling: float = 20, resamples: int = 20, tell=lambda text: None) -> Learnt:
    """Learn rules with whole points; `per_doubling` points double the odds. `tell` is called with what is being done."""
    problem = problem_of(study, features)
    has_events = any(rule.block == "plain" for rule in problem.rules)
    converted = len(np.unique(problem.contact[problem.converted]))
    told, found = [], None
    if converted < ENOUGH:
        what = "event rules with accepted signs" if has_events else "bins of attributes by their weight of evidence"
        told.append(f"{converted} contacts converted, and from {ENOUGH} on more can be learnt: only {what} are, drawn to 0. Points by hand may well be better")
        settings = Settings("accepted", 100, 1e6, ("plain",) if has_events else ("attribute",))
        problem = problem.of(rules=np.array([rule.block in settings.blocks for rule in problem.rules]))
    else:
        if signs == "free" and converted < 350:
            told.append(f"{converted} contacts converted: under 350, signs that are free are more often wrong than right")
        problem, settings, found = choose(problem, study, signs, tell)
    tell("leaving out what makes no difference")
    problem = pruned(problem, settings)
    problem, points = whole(problem, settings, per_doubling)
    learnt = Learnt([described(problem, number) for number in range(len(points))], points, settings, told, found)
    if resamples:
        learnt.shared_top = sureness(problem, settings, per_doubling, resamples, tell)
    return learnt


def windows(problem: Problem, study: Study) -> list[tuple[np.ndarray, np.ndarray]]:
    """Flags of the leads to fit and of those to compare choices on: three later and later parts of the dates, each within_days after what is fitted.

    Where there are too few dates or conversions for that, thirds of the contacts.
    """
    order = np.sort(problem.day)
    cuts = [order[int(share * (len(order) - 1))] for share in (0.55, 0.7, 0.85, 1)]
    found = [(problem.day <= begin - np.timedelta64(study.goal.within_days, "D"), (problem.day > begin) & (problem.day <= end)) for begin, end in zip(cuts, cuts[1:])]
    found = [(early, late) for early, late in found if min(problem.converted[early].sum(), problem.converted[late].sum(), (~problem.converted[late]).sum()) >= 25]
    if len(found) < 2:
        third = np.random.default_rng(1).integers(0, 3, problem.contact.max() + 1)[problem.contact]
        found = [(third != number, third == number) for number in range(3)]
    return found


def choose(problem: Problem, study: Study, signs: str, tell) -> tuple[Problem, Settings, float]:
    """The rules and settings that tell best who converts on the latest dates; all kinds of rules but for those that clearly do harm there."""
    part = problem
    if len(problem.day) > 2 * MOST_FOR_CHOICE:
        ever = np.unique(problem.contact[problem.converted])
        number = problem.contact.max() + 1
        taken = np.random.default_rng(2).random(number) < MOST_FOR_CHOICE / len(problem.day)
        if len(ever) * taken.mean() < 1000:
            taken[ever] = True
        part = problem.of(taken[problem.contact])
    parts = [(part.of(early), part.of(late)) for early, late in windows(part, study)]

    def tried(settings: Settings) -> np.ndarray:
        tell(f"comparing rules and penalties ({', '.join(settings.blocks)})")
        rules = np.array([rule.block in settings.blocks for rule in part.rules])
        return np.array([
            measures.auc(late.converted, late.points[:, rules] @ fit(early.of(rules=rules), settings)[:-1], late.weight) for early, late in parts
        ])

    blocks = tuple(block for block in ("plain", "detail", "activity", "attribute") if any(rule.block == block for rule in problem.rules))
    best = None
    for of_events, of_bins in ((10, 30), (3, 10), (30, 100), (30, 1000), (30, 1e5)):
        settings = Settings(signs, of_events, of_bins, blocks)
        areas = tried(settings)
        if best is None or areas.mean() > best[0].mean() + WORTH:
            best = areas, settings
    areas, settings = best
    for block in blocks if len(blocks) > 1 else ():
        without = replace(settings, blocks=tuple(one for one in settings.blocks if one != block))
        if without.blocks and without.blocks != settings.blocks:
            found = tried(without)
            if (found - areas).min() > 0.003:
                areas, settings = found, without
    problem = problem.of(rules=np.array([rule.block in settings.blocks for rule in problem.rules]))
    if "attribute" in settings.blocks:
        gains = np.zeros((len(parts), MOST_PAIRS + 1))
        for place, (early, late) in enumerate(parts):
            tell("comparing pairs of attributes")
            gains[place, :] = areas[place]
            for number, grown in enumerate(add_pairs(early.of(rules=np.array([rule.block in settings.blocks for rule in early.rules])), settings), 1):
                gains[place, number:] = measures.auc(late.converted, columns_of(late, grown.rules) @ fit(grown, settings)[:-1], late.weight)
        means = gains.mean(0)
        pairs = int(np.flatnonzero(means >= means.max() - WORTH)[0])
        if pairs and means[pairs] > means[0] + WORTH:
            *_, problem = itertools.islice(add_pairs(problem, settings), pairs)
            areas = gains[:, pairs]
    return problem, settings, float(areas.mean())


def columns_of(problem: Problem, rules: list[Candidate]) -> sparse.csr_matrix:
    """The columns of rules that may be of another problem with the same candidates, and pairs."""
    places = {id(rule): place for place, rule in enumerate(problem.rules)}
    columns = [problem.points[:, places[id(rule)]] if id(rule) in places else held(problem, rule) for rule in rules]
    return sparse.hstack(columns, format="csr")


def held(problem: Problem, rule: Candidate) -> sparse.csr_matrix:
    """Where a rule of a pair holds: n x 1."""
    first, second = rule.cells["attribute"], rule.cells["and_attribute"]
    return sparse.csr_matrix((np.isin(problem.codes[first], rule.bins[0]) & np.isin(problem.codes[second], rule.bins[1])).astype(float)[:, None])


def pruned(problem: Problem, settings: Settings) -> Problem:
    """The problem with fewer and fewer rules, those that move scores least leaving first, as long as it costs next to nothing of how well the leads are told apart."""
    unit = np.array([rule.family if is_bin(rule) else rule.name for rule in problem.rules])
    kept, size = np.ones(len(unit), bool), len(set(unit))
    part = problem

    def judged(coefficients: np.ndarray) -> tuple[float, float]:
        score = part.points @ coefficients
        return measures.auc(part.converted, score, part.weight), measures.lift(part.converted, score, part.weight)

    coefficients = fit(part, settings)[:-1]
    area, top = judged(coefficients)
    while size > 1:
        spread = {}
        for name in sorted(set(unit[kept])):
            of = unit[kept] == name
            spread[name] = deviation(part.points[:, of] @ coefficients[of], part.weight)
        size = min(max(1, int(0.7 * size)), sum(one > 0 for one in spread.values()))
        tried = kept & np.isin(unit, sorted(spread, key=lambda name: (-spread[name], name))[:size])
        part = problem.of(rules=tried)
        coefficients = fit(part, settings)[:-1]
        found = judged(coefficients)
        if found[0] < area - COST or found[1] < top * (1 - COST_OF_TOP):
            break
        kept = tried
    return problem.of(rules=kept)


def deviation(values: np.ndarray, weight: np.ndarray) -> float:
    """Weighted standard deviation."""
    return float(np.sqrt(np.average((values - np.average(values, weights=weight)) ** 2, weights=weight)))


def whole(problem: Problem, settings: Settings, per_doubling: float) -> tuple[Problem, list[int]]:
    """Rules and their whole points: those that hardly move a score are dropped, and bins of nearly the same points become one."""
    points = fit(problem, settings)[:-1] * per_doubling / np.log(2)
    kept = np.array([is_bin(rule) or abs(one) * deviation(problem.points[:, [place]].toarray().ravel(), problem.weight) >= 0.02 * per_doubling for place, (rule, one) in enumerate(zip(problem.rules, points))])
    if kept.any() and not kept.all():
        problem = problem.of(rules=kept)
        points = fit(problem, settings)[:-1] * per_doubling / np.log(2)
    problem, points = merged(problem, points, 0.1 * per_doubling)
    points = np.rint(points).astype(int)
    kept = np.abs(points) > 0.05 * per_doubling
    if not kept.any():
        kept = np.abs(points) == np.abs(points).max()
    return problem.of(rules=kept), points[kept].tolist()


def merged(problem: Problem, points: np.ndarray, near: float) -> tuple[Problem, np.ndarray]:
    """The problem and points where bins of an attribute or feature that one condition can hold for, with points within `near`, are one rule."""
    leads = (problem.points != 0).astype(float).T @ problem.weight
    families: dict[str, list[int]] = {}
    for place, rule in enumerate(problem.rules):
        families.setdefault(f"{rule.block} {rule.family}" if rule.block in ("activity", "attribute") else f"rule {place}", []).append(place)
    rules, columns, found = [], [], []
    for places in families.values():
        attribute = problem.attributes.get(problem.rules[places[0]].family) if problem.rules[places[0]].block == "attribute" else None
        places.sort(key=lambda place: (points[place], place) if attribute and attribute.texts else problem.rules[place].bins)
        groups: list[list[int]] = []
        for place in places:
            if groups and abs(np.average(points[groups[-1]], weights=leads[groups[-1]]) - points[place]) <= near and union([problem.rules[one] for one in groups[-1] + [place]], attribute):
                groups[-1].append(place)
            else:
                groups.append([place])
        for group in groups:
            rules.append(problem.rules[group[0]] if len(group) == 1 else union([problem.rules[one] for one in group], attribute))
            columns.append(sparse.csr_matrix(problem.points[:, group].sum(1)))
            found.append(np.average(points[group], weights=leads[group] + 1e-9))
    return replace(problem, points=sparse.hstack(columns, format="csr"), rules=rules), np.array(found)


def union(rules: list[Candidate], attribute: Attribute | None) -> Candidate | None:
    """One rule for bins of the same family, or None where there is none."""
    bins = sorted(place for rule in rules for place in rule.bins)
    if attribute:
        return attribute.rule(bins) if attribute.condition(bins) else None
    if bins != list(range(bins[0], bins[-1] + 1)):
        return None
    first, last = min(rules, key=lambda rule: rule.bins), max(rules, key=lambda rule: rule.bins)
    return band(first, float(first.cells["lower"] or -np.inf), float(last.cells["upper"] or np.inf), tuple(bins))


def described(problem: Problem, place: int) -> Candidate:
    """A rule with what it saw in its description."""
    rule, column = problem.rules[place], problem.points[:, [place]].toarray().ravel()
    has, which = column > 0, ""
    if not is_bin(rule) and np.average(has, weights=problem.weight) > 2 / 3:
        has, which = column >= np.quantile(column, 2 / 3), " with most of it"
    leads, won = problem.weight, problem.weight * problem.converted
    rates = [100 * won[of].sum() / max(leads[of].sum(), 1e-9) for of in (has, ~has)]
    return replace(rule, said=f"{rule.said}: {leads[has].sum():,.0f} leads{which}, converted {rates[0]:.1f} % against {rates[1]:.1f} %")


def sureness(problem: Problem, settings: Settings, per_doubling: float, times: int, tell) -> float:
    """Fit again on resamples of contacts: the share of the top tenth of the latest date's leads that two refits have in common."""
    generator = np.random.default_rng(3)
    present = np.unique(problem.contact)
    late = problem.day >= np.sort(problem.day)[-min(len(problem.day), 1000)]
    scores = []
    for number in range(times):
        tell(f"how sure: refit {number + 1} of {times}")
        often = np.bincount(generator.choice(present, len(present)), minlength=problem.contact.max() + 1)[problem.contact]
        part = replace(problem, weight=problem.weight * often).of(often > 0)
        if part.converted.any():
            scores.append(problem.points[late] @ np.rint(fit(part, settings)[:-1] * per_doubling / np.log(2)))
    return float(np.mean([measures.shared_top(one, other) for one, other in itertools.combinations(scores, 2)]))
