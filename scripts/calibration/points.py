"""Whole points from past leads: a logistic regression in which each rule keeps the sign of its univariate effect.

It minimises log loss plus penalties. The coefficient of a counting rule is shrunk toward 0. That of a bin is shrunk toward its weight of
evidence times a non-negative factor of its feature. The latest training dates choose the penalty, the kinds of rules and the number of
pairs of attributes.
"""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.linalg import solve
from scipy.special import expit

from calibration import measures
from calibration.candidates import Candidate, Feature, alike, parts_of
from calibration.leads import ENOUGH, MANY, Study

# Strengths of shrinkage, in contacts: (of counting rules toward 0, of bins toward their evidence). All are compared, the strongest for bins
# first, because freer bins must improve the fit. Then the strength for pairs.
PENALTIES, OF_PAIRS = ((30, 100_000), (30, 1_000), (10, 30)), 30

# Minimum gain in AUC of other settings; maximum loss of AUC, and of top-decile lift, for fewer rules.
WORTH, COST, COST_OF_TOP = 0.0005, 0.001, 0.015

# Pseudo-count of leads for rates; maximum number of leads to compare settings on; maximum rounds of pairs, and minimum gain of a round.
SMOOTHING, MOST_COMPARED, MOST_ROUNDS, LEAST_GAIN = 20, 40_000, 14, 8

# Leads per block, to limit memory.
BLOCK = 20_000

# Drop rules that move scores by less than this share of the points per doubling.
SMALL = 0.02

KINDS = "plain", "detail", "activity", "attribute", "pair"


@dataclass
class Problem:
    """n leads and p rules. points: n x p; converted, weight, day, contact: n; codes: per feature n numbers of bins, -1 for none."""

    points: sparse.csr_matrix
    converted: np.ndarray
    weight: np.ndarray
    day: np.ndarray
    contact: np.ndarray
    rules: list[Candidate]
    codes: dict[str, np.ndarray]
    features: dict[str, Feature]

    def of(self, leads) -> "Problem":
        """The problem with some leads, by flags or places."""
        of_leads = {name: getattr(self, name)[leads] for name in ("points", "converted", "weight", "day", "contact")}
        return replace(self, **of_leads, codes={name: codes[leads] for name, codes in self.codes.items()})

    def with_rules(self, keep) -> "Problem":
        """The problem with some rules, by flags."""
        return replace(self, points=self.points[:, np.flatnonzero(keep)], rules=list(itertools.compress(self.rules, keep)))

    def of_kinds(self, kinds) -> "Problem":
        """The problem with some kinds of rules."""
        return self.with_rules([rule.block in kinds for rule in self.rules])

    def and_bins(self, rules: list[Candidate]) -> "Problem":
        """The problem with additional rules of bins."""
        columns = []
        for rule in rules:
            holds = [np.isin(self.codes[name], bins) for name, bins in rule.parts]
            columns.append(sparse.csr_matrix(np.logical_and.reduce(holds).astype(float)[:, None]))
        return replace(self, points=sparse.hstack([self.points, *columns], format="csr"), rules=self.rules + rules) if rules else self

    def contacts_converted(self) -> int:
        """The number of converted contacts."""
        return len(np.unique(self.contact[self.converted]))


@dataclass
class Learnt:
    """The fit: rules, with their training data in `said`, and whole points; shared_top: overlap of the top deciles of two refits; leaks: warnings of leakage."""

    rules: list[Candidate]
    points: list[int]
    converted: int
    told: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    shared_top: float | None = None


def problem_of(study: Study, places: np.ndarray, points: sparse.csr_matrix, numbers: dict[str, np.ndarray]) -> Problem:
    """The leads with the candidate rules, from the result of leads.features. Adjacent bins with similar conversion rates become one rule."""
    counting = sum(not rule.parts for rule in study.rules)
    known = study.converted[places], study.weight[places], study.as_of[places], study.contact[places]
    problem = Problem(points[:, :counting], *known, study.rules[:counting], {}, {})
    at = counting
    for feature in [*study.activity, *study.attributes]:
        if feature.seed == "activity_rules":
            feature, codes = of_numbers(feature, numbers[feature.name], problem)
        else:
            bins = points[:, at : at + feature.size].tocoo()
            at += feature.size
            codes = np.full(len(places), -1)
            codes[bins.row] = bins.col
        merged = alike(feature.numbers) if feature.numbers else []
        rules = [feature.rule(bins) for bins in merged + [[place] for place in range(len(feature.numbers), feature.size)]]
        if len(rules) > 1:
            problem = replace(problem, codes=problem.codes | {feature.name: codes}, features=problem.features | {feature.name: feature}).and_bins(rules)
    return problem


def of_numbers(feature: Feature, numbers: np.ndarray, problem: Problem) -> tuple[Feature, np.ndarray]:
    """An activity feature with bins, and the bins of n leads. No bins (-1) if its numbers (nan: missing) mostly follow the date."""
    known, since = ~np.isnan(numbers), (problem.day - problem.day.min()).astype(float)
    if known.any() and numbers[known].std() > 0 and since[known].std() > 0 and np.corrcoef(numbers[known], since[known])[0, 1] ** 2 > 0.5:
        return feature, np.full(len(numbers), -1)
    values, group = np.unique(numbers[known], return_inverse=True)
    leads, won = np.bincount(group, problem.weight[known]), np.bincount(group, (problem.weight * problem.converted)[known])
    parts = parts_of(list(zip(values.tolist(), leads.round(6).tolist(), won.round(6).tolist())), problem.weight.sum())
    feature = replace(feature, numbers=parts, has_missing=not known.all())
    codes = np.clip(np.searchsorted(feature.begins, np.nan_to_num(numbers), side="right") - 1, 0, None)
    return feature, np.where(known, codes, len(parts))


def evidence(problem: Problem) -> np.ndarray:
    """The weight of evidence per rule: log odds of its matching leads minus those of all leads, with pseudo-count SMOOTHING."""
    holds, rate = (problem.points != 0).astype(float), np.average(problem.converted, weights=problem.weight)
    leads, won = holds.T @ problem.weight, holds.T @ (problem.weight * problem.converted)
    shown = (won + SMOOTHING * rate) / (leads + SMOOTHING)
    return np.log(shown / (1 - shown)) - np.log(rate / (1 - rate))


def told_of(problem: Problem) -> sparse.csc_matrix:
    """n x p flags of the leads in a rule's description: the matching leads or, if a counting rule matches over two thirds, the third with the most."""
    flags = problem.points.tocsc(copy=True)
    for place, rule in enumerate(problem.rules):
        of = slice(*flags.indptr[place : place + 2])
        if not rule.parts and len(flags.data[of]) > 2 / 3 * flags.shape[0]:
            amounts = np.concatenate([np.zeros(flags.shape[0] - len(flags.data[of])), flags.data[of]])
            flags.data[of] = flags.data[of] >= np.quantile(amounts, 2 / 3)
        else:
            flags.data[of] = 1
    return flags


def fit(problem: Problem, penalty: tuple, is_free: bool) -> np.ndarray:
    """The p coefficients, then the intercept (log odds of a lead without points)."""
    x, y, w = problem.points, problem.converted.astype(float), problem.weight
    xt, p = x.T.tocsr(), len(problem.rules)
    names = sorted({rule.unit for rule in problem.rules if rule.parts})
    binned = np.array([place for place, rule in enumerate(problem.rules) if rule.parts], int)
    family = np.array([names.index(problem.rules[place].unit) for place in binned], int)
    is_pair = np.array([rule.block == "pair" for rule in problem.rules], bool)
    rate, shown = np.average(y, weights=w), evidence(problem)
    drawn = np.where(is_pair, 0, shown)[binned]
    variance = np.maximum(x.multiply(x).T @ w / w.sum() - (xt @ w / w.sum()) ** 2, 1e-9)
    sign, strength = np.sign(told_of(problem).T @ (w * (y - rate))), penalty[0] * variance
    strength[binned] = np.where(is_pair[binned], OF_PAIRS, penalty[1])
    # Many dates of one contact have little more information than one date.
    strength *= len(y) / len(np.unique(problem.contact))

    # The penalty is a quadratic form in all unknowns: p coefficients, the factors of the families, the intercept.
    at, pulls = p + family, np.zeros((p + len(names) + 1,) * 2)
    pulls[np.arange(p), np.arange(p)] = strength
    pulls[at, binned] = pulls[binned, at] = -strength[binned] * drawn
    np.add.at(pulls, (at, at), strength[binned] * drawn**2)
    pulls[range(p, p + len(names)), range(p, p + len(names))] += 0.01
    everything = np.r_[0:p, len(pulls) - 1]

    def loss(z):
        eta = x @ z[:p] + z[-1]
        return (w * (np.logaddexp(0, eta) - y * eta)).sum() + 0.5 * z @ pulls @ z, expit(eta)

    def slopes(z, chance):
        slope, curve, certain = pulls @ z, pulls.copy(), w * chance * (1 - chance)
        slope[everything] += np.append(xt @ (w * (chance - y)), (w * (chance - y)).sum())
        for begin in range(0, len(y), BLOCK):
            rows = np.hstack([x[begin : begin + BLOCK].toarray(), np.ones((len(y[begin : begin + BLOCK]), 1))])
            curve[np.ix_(everything, everything)] += rows.T @ (rows * certain[begin : begin + BLOCK, None])
        return slope, curve

    signed = np.zeros(len(pulls)) if is_free else np.append(sign, np.zeros(len(names) + 1))
    lower, upper = np.where(signed > 0, 0, -np.inf), np.where(signed < 0, 0, np.inf)
    lower[p : p + len(names)] = 0
    start = np.concatenate([np.zeros(p), np.full(len(names), 0.5), [np.log(rate / (1 - rate))]])
    done = least(loss, slopes, start, lower, upper)
    return np.append(done[:p], done[-1])


def least(loss, slopes, z: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Minimise a convex loss within bounds, by the projected Newton method of Bertsekas (1982).

    loss(z): its value, and an intermediate result for slopes; slopes(z, that): gradient and Hessian. z: the start, within the bounds.
    """
    value, more = loss(z)
    for _ in range(100):
        slope, curve = slopes(z, more)
        free = ~((z <= lower) & (slope > 0) | (z >= upper) & (slope < 0))
        step = np.zeros(len(z))
        step[free] = -solve(curve[np.ix_(free, free)], slope[free], assume_a="pos")
        if -slope @ step < 1e-7 * value:
            break
        for halved in range(30):
            new = np.clip(z + step / 2**halved, lower, upper)
            new_value, new_more = loss(new)
            if new_value <= value + 1e-4 * slope @ (new - z):
                break
        else:
            break
        z, value, more = new, new_value, new_more
    return z


# ---- Pairs of attributes ----


def best_cut(problem: Problem, pair: tuple[Feature, Feature], residual: np.ndarray, curve: np.ndarray) -> tuple[float, list]:
    """Cut two attributes into two halves each, so that the four quadrants explain most of the residuals. Returns the gain and the bins of the halves.

    residual, curve: n, weight * (converted - p) and weight * p * (1 - p). The gain is that of FAST (Lou et al. 2013, "Accurate intelligible
    models with pairwise interactions"), in score statistics. Texts are ordered by the first singular vectors of the table.
    """
    first, second = pair
    both = (problem.codes[first.name] >= 0) & (problem.codes[second.name] >= 0)
    cell = (problem.codes[first.name] * second.size + problem.codes[second.name])[both]
    wrong, certain = (np.bincount(cell, one[both], first.size * second.size).reshape(first.size, second.size) for one in (residual, curve))
    left, _, right = np.linalg.svd(wrong / np.sqrt(certain + SMOOTHING), full_matrices=False)
    orders = [np.arange(one.size) if one.is_ordered else np.argsort(vector.round(9), kind="stable") for one, vector in zip(pair, (left[:, 0], right[0]))]

    def cut_everywhere(table):
        sums = table[np.ix_(*orders)].cumsum(0).cumsum(1)
        inside, rows, columns, total = sums[:-1, :-1], sums[:-1, -1:], sums[-1:, :-1], sums[-1, -1]
        return [inside, rows - inside, columns - inside, total - rows - columns + inside], [rows, total - rows, columns, total - columns]

    (r_parts, r_halves), (c_parts, c_halves) = cut_everywhere(wrong), cut_everywhere(certain)
    together, alone = (sum(r**2 / (c + SMOOTHING) for r, c in zip(*both)) for both in ((r_parts, c_parts), (r_halves, c_halves)))
    gain = together - alone
    cut = np.unravel_index(gain.argmax(), gain.shape)
    halves = [[sorted(order[: at + 1].tolist()), sorted(order[at + 1 :].tolist())] for order, at in zip(orders, cut)]
    return float(gain[cut]), halves


def with_pairs(problem: Problem, penalty: tuple, is_free: bool, rounds: int = MOST_ROUNDS):
    """The problem after each round. A round adds the two-condition rules of the pair of attributes with the largest gain."""
    attributes = [feature for feature in problem.features.values() if feature.seed == "attribute_rules"]
    for _ in range(rounds):
        coefficients = fit(problem, penalty, is_free)
        chance = expit(problem.points @ coefficients[:-1] + coefficients[-1])
        residual, curve = problem.weight * (problem.converted - chance), problem.weight * chance * (1 - chance)
        found = [(*best_cut(problem, pair, residual, curve), pair) for pair in itertools.combinations(attributes, 2)]
        gain, halves, pair = max(found, key=lambda one: one[0], default=(0, None, None))
        if gain < LEAST_GAIN:
            return
        known = {rule.parts for rule in problem.rules}
        sides = [[rule for half in halves_of for rule in rules_for(feature, half)] for feature, halves_of in zip(pair, halves)]
        rules = [pair_rule(*both) for both in itertools.product(*sides)]
        problem = problem.and_bins([rule for rule in rules if rule.parts not in known])
        yield problem


def rules_for(feature: Feature, bins: list[int]) -> list[Candidate]:
    """The rules that together match some bins. The bin of missing values may need its own rule."""
    parts = [bins] if len(bins) == 1 or not feature.has_missing or bins[-1] < feature.size - 1 else [bins[:-1], bins[-1:]]
    return [rule for rule in map(feature.rule, parts) if rule]


def pair_rule(first: Candidate, second: Candidate) -> Candidate:
    """The rule that matches where both rules match."""
    cells = first.cells | {f"and_{name}": cell for name, cell in second.cells.items()}
    return Candidate("attribute_rules", cells, "pair", f"{first.source} and {second.source}", f"{first.said} and {second.said}", f"{first.name}_{second.name}", first.parts + second.parts)


# ---- Fit ----


def learn(problem: Problem, within_days: int, signs: str, per_doubling: float, resamples: int = 20, tell=lambda text: None) -> Learnt:
    """Fit rules with whole points; `per_doubling` points double the odds. within_days: of the goal; signs: accepted (constrained) or free."""
    converted, told, is_free = problem.contacts_converted(), [], signs == "free"
    leaks = leaks_of(problem)
    if converted < ENOUGH:
        kinds = ("plain",) if any(rule.block == "plain" for rule in problem.rules) else ("attribute",)
        what = "sign-constrained event rules" if kinds == ("plain",) else "bins of attributes by their weight of evidence"
        told.append(f"{converted} contacts converted, fewer than {ENOUGH}: only {what} are fitted. Hand-set points may be better")
        problem, penalty, is_free = problem.of_kinds(kinds), PENALTIES[0], False
    else:
        if is_free and converted < MANY:
            told.append(f"{converted} contacts converted: fewer than {MANY}: unconstrained signs are wrong more often than right")
        problem, penalty = chosen(problem, within_days, is_free, tell)
    tell("dropping rules without effect")
    problem, points = whole(pruned(problem, penalty, is_free), penalty, is_free, per_doubling)
    learnt = Learnt(described(problem), points.tolist(), converted, told, leaks)
    if resamples:
        learnt.shared_top = sureness(problem, penalty, is_free, per_doubling, resamples, tell)
    return learnt


def windows(problem: Problem, within_days: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Flags of leads to fit and of leads to compare on: three consecutive windows of dates, each within_days after the fitted dates.

    With too few dates or conversions: thirds of the contacts.
    """
    order = np.sort(problem.day)
    cuts = [order[int(share * (len(order) - 1))] for share in (0.55, 0.7, 0.85, 1)]
    found = [(problem.day <= begin - np.timedelta64(within_days, "D"), (problem.day > begin) & (problem.day <= end)) for begin, end in itertools.pairwise(cuts)]
    found = [(early, late) for early, late in found if min(problem.converted[early].sum(), problem.converted[late].sum(), (~problem.converted[late]).sum()) >= 25]
    if len(found) < 2:
        third = np.random.default_rng(1).integers(0, 3, problem.contact.max() + 1)[problem.contact]
        found = [(third != number, third == number) for number in range(3)]
    return found


def chosen(problem: Problem, within_days: int, is_free: bool, tell) -> tuple[Problem, float]:
    """The penalty, kinds of rules and pairs that predict best on the latest dates. A kind is dropped only if it clearly does harm."""
    part = compared_on(problem)
    parts = [(part.of(early), part.of(late)) for early, late in windows(part, within_days)]
    kinds = [kind for kind in KINDS if any(rule.block == kind for rule in problem.rules)]

    def areas(penalty: tuple, kinds) -> np.ndarray:
        tell(f"comparing rules on later dates ({', '.join(kinds)})")
        pairs = [(early.of_kinds(kinds), late.of_kinds(kinds)) for early, late in parts]
        return np.array([area(late, fit(early, penalty, is_free)) for early, late in pairs])

    best = None
    for penalty in PENALTIES:
        found = areas(penalty, kinds)
        if best is None or found.mean() > best[0].mean() + WORTH:
            best = found, penalty
    found, penalty = best
    for kind in kinds[1:]:
        fewer = [one for one in kinds if one != kind]
        without = areas(penalty, fewer)
        if (without - found).min() > 0.003:
            found, kinds = without, fewer
    problem = problem.of_kinds(kinds)
    if "attribute" in kinds:
        gains = np.tile(found[:, None], MOST_ROUNDS + 1)
        for place, (early, late) in enumerate(parts):
            tell("comparing pairs of attributes on later dates")
            early, late = early.of_kinds(kinds), late.of_kinds(kinds)
            for number, grown in enumerate(with_pairs(early, penalty, is_free), 1):
                gains[place, number:] = area(late.and_bins(grown.rules[len(early.rules) :]), fit(grown, penalty, is_free))
                if number >= 3 and gains[place, number] <= gains[place, number - 3]:
                    break
        rounds = int(gains.mean(0).argmax())
        *_, problem = problem, *with_pairs(problem, penalty, is_free, rounds)
    return problem, penalty


def compared_on(problem: Problem) -> Problem:
    """A sample of leads to compare settings on, by contact. It keeps all converted contacts if there are few."""
    if len(problem.day) <= 2 * MOST_COMPARED:
        return problem
    taken = np.random.default_rng(2).random(problem.contact.max() + 1) < MOST_COMPARED / len(problem.day)
    if problem.contacts_converted() * taken.mean() < 1000:
        taken[problem.contact[problem.converted]] = True
    return problem.of(taken[problem.contact])


def area(problem: Problem, coefficients: np.ndarray) -> float:
    """The AUC of the scores of coefficients (and an intercept)."""
    return measures.auc(problem.converted, problem.points @ coefficients[:-1], problem.weight)


def spread(problem: Problem, keep, coefficients: np.ndarray) -> float:
    """The standard deviation of the points of some rules."""
    given = problem.points[:, keep] @ coefficients[keep]
    return float(np.sqrt(np.average((given - np.average(given, weights=problem.weight)) ** 2, weights=problem.weight)))


def pruned(problem: Problem, penalty: tuple, is_free: bool) -> Problem:
    """Drop the rules that move scores least, repeatedly, while AUC and lift stay within COST and COST_OF_TOP."""
    coefficients = fit(problem, penalty, is_free)
    least = area(problem, coefficients) - COST, measures.lift(problem.converted, problem.points @ coefficients[:-1], problem.weight) * (1 - COST_OF_TOP)
    while True:
        units = np.array([rule.unit for rule in problem.rules])
        moves = {unit: spread(problem, np.flatnonzero(units == unit), coefficients[:-1]) for unit in sorted(set(units))}
        most = min(max(1, int(0.7 * len(moves))), sum(one > 0 for one in moves.values()))
        part = problem.with_rules(np.isin(units, sorted(moves, key=lambda unit: -moves[unit])[:most]))
        if len(part.rules) in (0, len(problem.rules)):
            return problem
        coefficients = fit(part, penalty, is_free)
        if area(part, coefficients) < least[0] or measures.lift(part.converted, part.points @ coefficients[:-1], part.weight) < least[1]:
            return problem
        problem = part


def whole(problem: Problem, penalty: tuple, is_free: bool, per_doubling: float) -> tuple[Problem, np.ndarray]:
    """Rules and their whole points. Drops rules that hardly move a score, and merges bins with nearly the same points."""
    scale = per_doubling / np.log(2)
    coefficients = fit(problem, penalty, is_free)
    moves = np.array([spread(problem, [place], coefficients[:-1]) for place in range(len(problem.rules))])
    kept = moves * scale >= SMALL * per_doubling
    if kept.any() and not kept.all():
        problem = problem.with_rules(kept)
        coefficients = fit(problem, penalty, is_free)
    problem, points = merged(problem, coefficients[:-1] * scale, 0.1 * per_doubling)
    points = np.rint(points).astype(int)
    kept = np.abs(points) > 0.05 * per_doubling if (np.abs(points) > 0.05 * per_doubling).any() else np.abs(points) == np.abs(points).max()
    return problem.with_rules(kept), points[kept]


def merged(problem: Problem, points: np.ndarray, near: float) -> tuple[Problem, np.ndarray]:
    """Merge rules of a feature whose points differ by at most `near`, if one condition can match their bins."""
    leads = (problem.points != 0).astype(float).T @ problem.weight + 1e-9
    kept, rules, found = np.ones(len(points), bool), [], []
    for feature in problem.features.values():
        places = [place for place, rule in enumerate(problem.rules) if [name for name, _ in rule.parts] == [feature.name]]
        places.sort(key=lambda place: problem.rules[place].parts[0][1] if feature.is_ordered else (points[place], place))
        groups: list[list[int]] = []
        for place in places:
            if groups and abs(np.average(points[groups[-1]], weights=leads[groups[-1]]) - points[place]) <= near and union(problem, feature, groups[-1] + [place]):
                groups[-1].append(place)
            else:
                groups.append([place])
        for group in groups:
            if len(group) > 1:
                kept[group] = False
                rules.append(union(problem, feature, group))
                found.append(np.average(points[group], weights=leads[group]))
    return problem.with_rules(kept).and_bins(rules), np.append(points[kept], found)


def union(problem: Problem, feature: Feature, places: list[int]) -> Candidate | None:
    """One rule for the bins of several rules, or None if one condition cannot match them."""
    return feature.rule(sorted(place for one in places for place in problem.rules[one].parts[0][1]))


def described(problem: Problem) -> list[Candidate]:
    """The rules, each with its training data in the description."""
    flags, rules = told_of(problem), []
    for place, rule in enumerate(problem.rules):
        has = flags[:, [place]].toarray().ravel() > 0
        which = " with most of it" if has.sum() < problem.points[:, [place]].nnz else ""
        leads, won = problem.weight, problem.weight * problem.converted
        rates = [100 * won[of].sum() / max(leads[of].sum(), 1e-9) for of in (has, ~has)]
        people, won_people = (problem.weight[places][np.unique(problem.contact[places], return_index=True)[1]].sum() for places in (has, has & (problem.converted > 0)))
        said = f"{people:,.0f} contacts{which}, {won_people:,.0f} converted: on {rates[0]:.1f} % of their dates, against {rates[1]:.1f} %"
        rules.append(replace(rule, said=f"{rule.said}: {said}"))
    return rules


def sureness(problem: Problem, penalty: tuple, is_free: bool, per_doubling: float, times: int, tell) -> float:
    """Stability: fit again on bootstrap samples of contacts; the mean overlap of two refits' top deciles of the latest leads."""
    generator, present = np.random.default_rng(3), np.unique(problem.contact)
    late = problem.day >= np.sort(problem.day)[-min(len(problem.day), 1000)]
    scores = []
    for number in range(times):
        tell(f"stability: refit {number + 1} of {times}")
        often = np.bincount(generator.choice(present, len(present)), minlength=problem.contact.max() + 1)[problem.contact]
        part = replace(problem, weight=problem.weight * often).of(often > 0)
        if part.converted.any() and not part.converted.all():
            scores.append(problem.points[late] @ np.rint(fit(part, penalty, is_free)[:-1] * per_doubling / np.log(2)))
    return float(np.mean([measures.shared_top(one, other) for one, other in itertools.combinations(scores, 2)]))


def leaks_of(problem: Problem) -> list[str]:
    """Warnings of leakage: attributes and event types of which one feature alone has an uncertainty coefficient (Theil 1970) of 0.5 or more."""
    rate = np.average(problem.converted, weights=problem.weight)
    all_there_is = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    codes = {feature.cells.get("event_type") or feature.cells.get("attribute") or name: [] for name, feature in problem.features.items()}
    for name, feature in problem.features.items():
        codes[feature.cells.get("event_type") or feature.cells.get("attribute") or name].append(problem.codes[name] + 1)
    for place, rule in enumerate(problem.rules):
        if rule.block == "plain":
            column = problem.points[:, [place]].toarray().ravel()
            cuts = np.unique(np.quantile(column[column > 0], np.linspace(0, 1, 11))) if column.any() else []
            codes.setdefault(rule.source, []).append(np.searchsorted(cuts, column, side="right"))
    found = []
    for source, several in sorted(codes.items()):
        told = 0.0
        for code in several:
            leads, won = np.bincount(code, problem.weight), np.bincount(code, problem.weight * problem.converted)
            rates = np.clip((won + rate) / (leads + 1), 1e-9, 1 - 1e-9)
            left = -(won * np.log(rates) + (leads - won) * np.log(1 - rates)).sum() / leads.sum()
            told = max(told, 1 - left / all_there_is)
        if told >= 0.5:
            found.append(f"Leakage? {source} alone explains {100 * told:.0f} % of the conversions, as a column filled in after the outcome does. --leave-out {source} fits without it")
    return found
