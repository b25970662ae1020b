"""A scorecard from past leads: whole points by a logistic regression in which each rule keeps the sign of its univariate effect.

First candidates that nobody could defend are dropped (screened): with too few contacts, without a significant effect, unstable over time,
or saying what another rule says.

It minimises log loss plus penalties. The coefficient of a counting rule is shrunk toward 0. That of a bin is shrunk toward its weight of
evidence times a non-negative factor of its feature. The latest training dates choose the penalty and the kinds of rules.
"""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.linalg import solve
from scipy.special import expit
from scipy.stats import chi2
from threadpoolctl import threadpool_limits

from calibration import measures
from calibration.candidates import USUAL_DAYS, Candidate, Feature, alike, parts_of
from calibration.leads import ENOUGH, MANY, Study, people
from support.inputs import WrongInput

# Strengths of shrinkage, in contacts: (of counting rules toward 0, of bins toward their evidence). All are compared, the strongest for bins
# first, because freer bins must improve the fit.
PENALTIES = (30, 100_000), (30, 1_000), (10, 30)

# Minimum gain in AUC of other settings; maximum loss of AUC, and of top-decile lift, for fewer rules.
WORTH, COST, COST_OF_TOP = 0.001, 0.001, 0.015

# Pseudo-count of contacts for rates; maximum number of leads to compare settings on.
SMOOTHING, MOST_COMPARED = 20, 40_000

# Leads per block, to limit memory.
BLOCK = 20_000

# Drop rules that move scores by less than this share of the points per doubling.
SMALL = 0.02

# The false discovery rate of a model's rules. Rules with a correlation above SAME say the same. An effect is unstable over time at this
# significance, if its sign changes; a distribution has shifted above this population stability index.
FALSE, SAME, UNSTABLE, SHIFTED = 0.1, 0.95, 0.01, 0.25

KINDS = "plain", "detail", "activity", "attribute"


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
        columns = [sparse.csr_matrix(np.isin(self.codes[rule.feature], rule.bins).astype(float)[:, None]) for rule in rules]
        return replace(self, points=sparse.hstack([self.points, *columns], format="csr"), rules=self.rules + rules) if rules else self

    def contacts_converted(self) -> int:
        """The number of converted contacts."""
        return people(self.contact[self.converted])

    def per_contact(self) -> np.ndarray:
        """n weights: the dates of a contact before a conversion share its weight, and so do its other dates."""
        group = 2 * self.contact.astype(np.int64) + self.converted
        _, group, dates = np.unique(group, return_inverse=True, return_counts=True)
        return self.weight / dates[group]


@dataclass(frozen=True)
class Wishes:
    """What people ask of rules: signs (accepted or free), points that double the odds, most rules, least contacts or converted contacts of a
    rule, and whether the bands of a number must rise or fall throughout."""

    signs: str = "accepted"
    per_doubling: float = 20
    most_rules: int = 30
    least_contacts: int = 100
    least_converted: int = 20
    bands: str = "monotone"


@dataclass
class Learnt:
    """The fit: rules with whole points and their evidence; shared_top: overlap of the top deciles of two refits; leaks: warnings of leakage."""

    rules: list[Candidate]
    points: list[int]
    evidence: list[dict]
    converted: int
    told: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    shared_top: float | None = None


def problem_of(study: Study, places: np.ndarray, points: sparse.csr_matrix, numbers: dict[str, np.ndarray], bands: str = "monotone") -> Problem:
    """The leads with the candidate rules, from the result of leads.features. Adjacent bins with similar conversion rates become one rule."""
    counting = sum(not rule.bins for rule in study.rules)
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
        merged = alike(feature.numbers, bands == "monotone") if feature.numbers else []
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
    weight = problem.per_contact()
    leads, won = np.bincount(group, weight[known]), np.bincount(group, (weight * problem.converted)[known])
    first = USUAL_DAYS if feature.cells["feature"].startswith("days_") else ()
    parts = parts_of(list(zip(values.tolist(), leads.round(6).tolist(), won.round(6).tolist())), weight.sum(), first)
    feature = replace(feature, numbers=parts, has_missing=not known.all())
    codes = np.clip(np.searchsorted(feature.begins, np.nan_to_num(numbers), side="right") - 1, 0, None)
    return feature, np.where(known, codes, len(parts))


def evidence(problem: Problem) -> np.ndarray:
    """The weight of evidence per rule: log odds of its matching leads minus those of all leads, with pseudo-count SMOOTHING."""
    holds, rate = (problem.points != 0).astype(float), np.average(problem.converted, weights=problem.weight)
    leads, won = holds.T @ problem.weight, holds.T @ (problem.weight * problem.converted)
    some = SMOOTHING * len(problem.contact) / people(problem.contact)
    shown = (won + some * rate) / (leads + some)
    return np.log(shown / (1 - shown)) - np.log(rate / (1 - rate))


def told_of(problem: Problem) -> sparse.csc_matrix:
    """n x p flags of the leads in a rule's description: the matching leads or, if a counting rule matches over two thirds, the third with the most."""
    flags = problem.points.tocsc(copy=True)
    for place, rule in enumerate(problem.rules):
        of = slice(*flags.indptr[place : place + 2])
        if not rule.bins and len(flags.data[of]) > 2 / 3 * flags.shape[0]:
            amounts = np.concatenate([np.zeros(flags.shape[0] - len(flags.data[of])), flags.data[of]])
            flags.data[of] = flags.data[of] >= np.quantile(amounts, 2 / 3)
        else:
            flags.data[of] = 1
    return flags


def fit(problem: Problem, penalty: tuple, is_free: bool) -> np.ndarray:
    """The p coefficients, then the intercept (log odds of a lead without points)."""
    x, y, w = problem.points, problem.converted.astype(float), problem.weight
    xt, p = x.T.tocsr(), len(problem.rules)
    names = sorted({rule.unit for rule in problem.rules if rule.bins})
    binned = np.array([place for place, rule in enumerate(problem.rules) if rule.bins], int)
    family = np.array([names.index(problem.rules[place].unit) for place in binned], int)
    rate, shown = np.average(y, weights=w), evidence(problem)
    drawn = shown[binned]
    variance = np.maximum(x.multiply(x).T @ w / w.sum() - (xt @ w / w.sum()) ** 2, 1e-9)
    sign, strength = np.sign(told_of(problem).T @ (w * (y - rate))), penalty[0] * variance
    strength[binned] = penalty[1]
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


# ---- What can be defended ----


def screened(problem: Problem, wishes: Wishes, tell=lambda text: None) -> tuple[Problem, dict[str, float], list[str]]:
    """The problem without rules that nobody could defend; the q-values (see q_values); and what was dropped for drifting."""
    tell("testing the rules")
    turned = drifting(problem)
    told = [f"dropped, because what they showed has turned since: {'; '.join(rule.said for rule in itertools.compress(problem.rules, turned))}"] if turned.any() else []
    problem = problem.with_rules(~turned)
    many = np.array([supported(problem, place, wishes) for place in range(len(problem.rules))], bool)
    q, is_shown = q_values(problem)
    return without_doubles(problem.with_rules(many & is_shown)), q, told


def supported(problem: Problem, place: int, wishes: Wishes) -> bool:
    """Whether enough contacts, or converted contacts, stand behind a rule."""
    has = problem.points[:, [place]].nonzero()[0]
    return people(problem.contact[has]) >= wishes.least_contacts or people(problem.contact[has[problem.converted[has]]]) >= wishes.least_converted


def by_contact(problem: Problem, columns: sparse.csr_matrix) -> sparse.csr_matrix:
    """The score statistic of each contact: the sum over its dates of (outcome - rate of the time) * (column - its mean of the time), with the
    time in tenths of the leads: what both only share with the calendar is no effect.
    """
    date = np.searchsorted(np.sort(problem.day), problem.day) * 10 // len(problem.day)
    _, date = np.unique(date, return_inverse=True)
    _, contact = np.unique(problem.contact, return_inverse=True)
    weights = np.bincount(date, problem.weight)
    residual = problem.weight * (problem.converted - (np.bincount(date, problem.weight * problem.converted) / weights)[date])
    of_date = sparse.csr_matrix((problem.weight / weights[date], (date, np.arange(len(date)))), shape=(len(weights), len(date)))
    of_contact = sparse.csr_matrix((residual, (contact, np.arange(len(contact)))), shape=(contact.max() + 1, len(contact)))
    on = sparse.csr_matrix((np.ones(len(date)), (np.arange(len(date)), date)), shape=(len(date), len(weights)))
    return of_contact @ columns - (of_contact @ on) @ (of_date @ columns)


def p_value(statistics: np.ndarray) -> float:
    """Of no effect: a score test of k columns with the variance between contacts, so that the dates of one contact count as one."""
    total, spread_of = statistics.sum(0), statistics.T @ statistics
    values, vectors = np.linalg.eigh(spread_of)
    kept = values > 1e-9 * max(values.max(), 1e-300)
    if not kept.any():
        return 1.0
    return float(chi2.sf(((vectors[:, kept].T @ total) ** 2 / values[kept]).sum(), kept.sum()))


def q_values(problem: Problem) -> tuple[dict[str, float], np.ndarray]:
    """The adjusted p-values (Benjamini and Hochberg 1995) of counting rules and of features, by name, and a flag per rule whether it is shown.

    Outcomes chose which bins are a rule, so a feature is tested by its first bins, which they did not choose.
    """
    statistics, found = by_contact(problem, problem.points).tocsc(), {}
    for feature in problem.features.values():
        codes = problem.codes[feature.name]
        known = np.flatnonzero(codes >= 0)
        bins = sparse.csr_matrix((np.ones(len(known)), (known, codes[known])), shape=(len(codes), feature.size))
        found[feature.name] = p_value(by_contact(problem, bins).toarray())
    tests = found | {rule.name: p_value(statistics[:, [place]].toarray()) for place, rule in enumerate(problem.rules) if not rule.bins}
    names, p = list(tests), np.array(list(tests.values()))
    order = np.argsort(p, kind="stable")
    adjusted = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    q = {names[place]: float(min(value, 1)) for place, value in zip(order, adjusted)}
    return q, np.array([q[rule.unit] <= FALSE for rule in problem.rules], bool)


def drifting(problem: Problem) -> np.ndarray:
    """Flags of the rules whose effect has another sign in the latest quarter than before, significantly in both."""
    cut = np.sort(problem.day)[int(0.75 * (len(problem.day) - 1))]
    early, late = problem.day <= cut, problem.day > cut
    if not problem.converted[late].any() or not problem.converted[early].any():
        return np.zeros(len(problem.rules), bool)
    z = []
    for part in (problem.of(early), problem.of(late)):
        statistics = by_contact(part, part.points)
        z.append(np.asarray(statistics.sum(0)).ravel() / np.sqrt(np.asarray(statistics.multiply(statistics).sum(0)).ravel() + 1e-12))
    return (z[0] * z[1] < 0) & (np.minimum(np.abs(z[0]), np.abs(z[1])) > np.sqrt(chi2.isf(UNSTABLE, 1)))


def shifted(problem: Problem) -> list[str]:
    """Attributes and behaviour whose distribution in the latest quarter of the leads is another: a population stability index above SHIFTED."""
    late, found = problem.day > np.sort(problem.day)[int(0.75 * (len(problem.day) - 1))], []
    for feature in problem.features.values():
        if late.any():
            codes = problem.codes[feature.name] + 1
            before, after = (np.bincount(codes[of], problem.weight[of], feature.size + 1) for of in (~late, late))
            before, after = ((one + 0.5) / (one.sum() + 0.5 * len(one)) for one in (before, after))
            index = float(((after - before) * np.log(after / before)).sum())
            if index > SHIFTED:
                what = f"attribute {feature.name}" if feature.seed == "attribute_rules" else f"{feature.cells['feature']} of {feature.cells['event_type'] or 'all events'}"
                found.append(f"{what} drifts: its values in the latest quarter of the leads are others than before (population stability index {index:.2f})")
    return found


def without_doubles(problem: Problem) -> Problem:
    """Of rules that match the same leads with nearly the same amounts, or exactly the leads that another does not match, the plainer one stays."""
    if not problem.rules:
        return problem
    x, w = problem.points, problem.weight / problem.weight.sum()
    mean = x.T @ w
    spread_of = (x.T @ x.multiply(w[:, None]).tocsr()).toarray() - np.outer(mean, mean)
    sd = np.sqrt(np.maximum(np.diag(spread_of), 1e-12))
    alike_to = np.abs(spread_of / np.outer(sd, sd)) > SAME
    of_rule = np.array([place for place, _ in sorted(enumerate(problem.rules), key=lambda one: (KINDS.index(one[1].block), mean[one[0]] > 0.5 and bool(one[1].bins), one[1].name))], int)
    kept: list[int] = []
    for place in of_rule:
        if not alike_to[place, kept].any():
            kept.append(place)
    return problem.with_rules(np.isin(np.arange(len(problem.rules)), kept))


# ---- Fit ----


def learn(problem: Problem, within_days: int, wishes: Wishes, resamples: int = 20, tell=lambda text: None) -> Learnt:
    """Fit rules with whole points. within_days: of the goal. Number crunching uses one thread, for the same points on every machine."""
    with threadpool_limits(1):
        return _learn(problem, within_days, wishes, resamples, tell)


def _learn(problem: Problem, within_days: int, wishes: Wishes, resamples: int, tell) -> Learnt:
    converted, is_free = problem.contacts_converted(), wishes.signs == "free"
    leaks = leaks_of(problem)
    problem, q, told = screened(problem, wishes, tell)
    told += shifted(problem)
    if not problem.rules:
        raise WrongInput(
            f"no candidate rule has an effect that {converted:,} converted contacts can show (false discovery rate {100 * FALSE:.0f} %) and at least {wishes.least_contacts} contacts or"
            f" {wishes.least_converted} converted ones behind it: more outcomes are required, or --least-contacts and --least-converted below these. Hand-set points are better"
        )
    if converted < ENOUGH:
        kinds = ("plain",) if any(rule.block == "plain" for rule in problem.rules) else ("attribute",) if any(rule.block == "attribute" for rule in problem.rules) else KINDS
        what = "sign-constrained event rules" if kinds == ("plain",) else "bins of attributes by their weight of evidence"
        told.append(f"{converted} contacts converted, fewer than {ENOUGH}: only {what} are fitted. Hand-set points may be better")
        problem, penalty, is_free = problem.of_kinds(kinds), PENALTIES[0], False
    else:
        if is_free and converted < MANY:
            told.append(f"{converted} contacts converted: fewer than {MANY}: unconstrained signs are wrong more often than right")
        problem, penalty = chosen(problem, within_days, is_free, tell)
    tell("dropping rules without effect")
    full, points = whole(pruned(problem, penalty, is_free), penalty, is_free, wishes)
    problem = full
    if len(full.rules) > wishes.most_rules:
        problem, points = fewer(full, penalty, is_free, wishes)
        told.append(f"{wishes.most_rules} rules at most: {cost_of(full, problem, penalty, is_free, within_days)}")
    learnt = Learnt(problem.rules, points.tolist(), evidence_of(problem, q), converted, told, leaks)
    if resamples:
        learnt.shared_top = sureness(problem, penalty, is_free, wishes.per_doubling, resamples, tell)
    return learnt


def fewer(problem: Problem, penalty: tuple, is_free: bool, wishes: Wishes) -> tuple[Problem, np.ndarray]:
    """At most wishes.most_rules rules: the families that move scores least go first."""
    while True:
        found, points = whole(problem, penalty, is_free, wishes)
        excess = len(found.rules) - wishes.most_rules
        if excess <= 0:
            return found, points
        units = np.array([rule.unit for rule in found.rules])
        moves = sorted((spread(found, np.flatnonzero(units == unit), points.astype(float)) / (units == unit).sum(), unit) for unit in set(units))
        gone, number = set(), 0
        for _, unit in moves[: max(1, len(moves) // 5)]:
            if number < excess:
                gone.add(unit)
                number += (units == unit).sum()
        problem = found.with_rules([unit not in gone for unit in units])


def cost_of(full: Problem, part: Problem, penalty: tuple, is_free: bool, within_days: int) -> str:
    """What fewer rules cost on the latest training dates, in words."""
    early, late = windows(full, within_days)[-1]
    of_full, of_part = (area(problem.of(late), fit(problem.of(early), penalty, is_free)) for problem in (full, part))
    return f"all {len(full.rules)} would change the ROC AUC of the latest training dates by {of_full - of_part:+.4f}"


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


def chosen(problem: Problem, within_days: int, is_free: bool, tell) -> tuple[Problem, tuple[int, int]]:
    """The penalty and the kinds of rules that predict best on the latest dates. A kind is dropped only if it clearly does harm."""
    part = compared_on(problem)
    parts = [(part.of(early), part.of(late)) for early, late in windows(part, within_days)]
    kinds = [kind for kind in KINDS if any(rule.block == kind for rule in problem.rules)]

    def areas(penalty: tuple[int, int], kinds: list[str]) -> np.ndarray:
        tell(f"comparing rules on later dates ({', '.join(kinds)})")
        return np.array([area(late.of_kinds(kinds), fit(early.of_kinds(kinds), penalty, is_free)) for early, late in parts])

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
    return problem.of_kinds(kinds), penalty


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


def whole(problem: Problem, penalty: tuple, is_free: bool, wishes: Wishes) -> tuple[Problem, np.ndarray]:
    """Fit, and round to whole points. Drops rules that hardly move a score, and merges bins with nearly the same points, or out of order."""
    per_doubling = wishes.per_doubling
    scale = per_doubling / np.log(2)
    coefficients = fit(problem, penalty, is_free)
    moves = np.array([spread(problem, [place], coefficients[:-1]) for place in range(len(problem.rules))])
    # A band inside a number's range stays, because without it the points would not rise or fall throughout.
    kept = (moves * scale >= SMALL * per_doubling) | np.array([is_inner(problem, rule) for rule in problem.rules])
    if kept.any() and not kept.all():
        problem = problem.with_rules(kept)
        coefficients = fit(problem, penalty, is_free)
    problem, points = merged(problem, coefficients[:-1] * scale, 0.1 * per_doubling, wishes.bands == "monotone")
    # Bins that became one rule for everybody, or the opposite of another rule.
    kept = np.isin([rule.name for rule in problem.rules], [rule.name for rule in without_doubles(problem).rules])
    kept &= np.array([spread(problem, [place], np.ones(len(points))) > 1e-6 for place in range(len(points))])
    if kept.any() and not kept.all():
        return whole(problem.with_rules(kept), penalty, is_free, wishes)
    points = np.rint(points).astype(int)
    kept = np.abs(points) > 0.05 * per_doubling if (np.abs(points) > 0.05 * per_doubling).any() else np.abs(points) == np.abs(points).max()
    return problem.with_rules(kept), points[kept]


def is_inner(problem: Problem, rule: Candidate) -> bool:
    """Whether a rule is a band of a number with bands on both sides."""
    if not rule.bins or not problem.features[rule.feature].is_ordered:
        return False
    of, known = [one.bins for one in problem.rules if one.feature == rule.feature], len(problem.features[rule.feature].numbers)
    return any(bins[-1] < rule.bins[0] for bins in of) and any(rule.bins[-1] < bins[0] < known for bins in of)


def merged(problem: Problem, points: np.ndarray, near: float, monotone: bool) -> tuple[Problem, np.ndarray]:
    """Merge rules of a feature whose points differ by at most `near`, and bands of a number out of order, if one condition can match them."""
    leads = (problem.points != 0).astype(float).T @ problem.weight + 1e-9
    kept, rules, found = np.ones(len(points), bool), [], []
    for feature in problem.features.values():
        places = [place for place, rule in enumerate(problem.rules) if rule.feature == feature.name]
        places.sort(key=lambda place: problem.rules[place].bins if feature.is_ordered else (points[place], place))
        groups: list[list[int]] = [[place] for place in places]
        known = [place for place in places if feature.is_ordered and problem.rules[place].bins[0] < len(feature.numbers)]
        rises = len(known) < 2 or np.polyfit(np.arange(len(known)), points[known], 1, w=np.sqrt(leads[known]))[0] >= 0
        while True:
            of_group = [np.average(points[group], weights=leads[group]) for group in groups]
            steps = [(of_group[at + 1] - of_group[at]) * (1 if rises else -1) for at in range(len(groups) - 1)]
            wrong = [monotone and groups[at + 1][0] in known and step < 0 for at, step in enumerate(steps)]
            near_to = sorted((not bad, abs(step), at) for at, (step, bad) in enumerate(zip(steps, wrong)) if (bad or abs(step) <= near) and union(problem, feature, groups[at] + groups[at + 1]))
            if not near_to:
                break
            at = near_to[0][2]
            groups[at : at + 2] = [groups[at] + groups[at + 1]]
        for group in groups:
            if len(group) > 1:
                kept[group] = False
                rules.append(union(problem, feature, group))
                found.append(np.average(points[group], weights=leads[group]))
    return problem.with_rules(kept).and_bins(rules), np.append(points[kept], found)


def union(problem: Problem, feature: Feature, places: list[int]) -> Candidate | None:
    """One rule for the bins of several rules, or None if one condition cannot match them."""
    return feature.rule(sorted(place for one in places for place in problem.rules[one].bins))


def evidence_of(problem: Problem, q: dict[str, float]) -> list[dict]:
    """What the training data show of each rule, as cells of rule_evidence.csv."""
    flags, found = told_of(problem), []
    for place, rule in enumerate(problem.rules):
        has = flags[:, [place]].toarray().ravel() > 0
        rates = [(problem.weight * problem.converted)[of].sum() / max(problem.weight[of].sum(), 1e-9) for of in (has, ~has)]
        counts = [problem.weight[of][np.unique(problem.contact[of], return_index=True)[1]].sum() for of in (has, has & problem.converted)]
        found.append({"contacts": f"{counts[0]:.0f}", "contacts_converted": f"{counts[1]:.0f}", "rate_with": f"{rates[0]:.4f}", "rate_without": f"{rates[1]:.4f}", "q_value": f"{q[rule.unit]:.4f}"})
    return found


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
