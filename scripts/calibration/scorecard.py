"""A scorecard from past leads: whole points by a logistic regression in which each rule keeps the sign of its univariate effect.

First candidates that nobody could defend are dropped (screened): with too few contacts, without a significant effect, unstable over time,
or saying what another rule says.
"""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.stats import chi2, entropy, false_discovery_control
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from threadpoolctl import threadpool_limits

from calibration import measures
from calibration.candidates import USUAL_DAYS, Candidate, Feature, alike, bins_of, one_way
from calibration.leads import ENOUGH, MANY, Study, people
from support.inputs import WrongInput

# The strength of shrinkage: as if this many contacts more had shown that no rule has an effect.
AGAINST = 5

# Maximum loss of AUC, and of top-decile lift, for fewer rules.
COST, COST_OF_TOP = 0.001, 0.015

# The false discovery rate of a model's rules. Rules with a correlation above SAME say the same. An effect is unstable over time at this
# significance, if its sign changes; a distribution has shifted above this population stability index.
FALSE, SAME, UNSTABLE, SHIFTED = 0.1, 0.95, 0.01, 0.25

KINDS = "plain", "detail", "activity", "attribute"


def flags_of(codes) -> sparse.csr_matrix:
    """n x k flags of k different codes of n leads, in their order."""
    _, at = np.unique(codes, return_inverse=True)
    return sparse.csr_matrix((np.ones(len(at)), (np.arange(len(at)), at)))


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

    def and_bins(self, rules: list[Candidate]) -> "Problem":
        """The problem with additional rules of bins."""
        columns = [sparse.csr_matrix(np.isin(self.codes[rule.feature], rule.bins).astype(float)[:, None]) for rule in rules]
        return replace(self, points=sparse.hstack([self.points, *columns], format="csr"), rules=self.rules + rules) if rules else self

    @property
    def units(self) -> np.ndarray:
        """The family of each rule."""
        return np.array([rule.unit for rule in self.rules], str)

    @property
    def is_late(self) -> np.ndarray:
        """Flags of the latest quarter of the leads."""
        return self.day > np.sort(self.day)[int(0.75 * (len(self.day) - 1))]

    def contacts_converted(self) -> int:
        """The number of converted contacts."""
        return people(self.contact[self.converted])

    def per_contact(self) -> np.ndarray:
        """n weights: the dates of a contact before a conversion share its weight, and so do its other dates."""
        _, group, dates = np.unique(2 * self.contact.astype(np.int64) + self.converted, return_inverse=True, return_counts=True)
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
        known = feature.size - feature.has_missing
        # Many dates of one contact have little more information than one date.
        weight = problem.weight * people(problem.contact) / len(places)
        leads, won = (np.bincount(codes + 1, of, feature.size + 1)[1 : known + 1] + 1e-9 * of.mean() for of in (weight, weight * problem.converted))
        # Bands of numbers are adjacent, texts in the order of their conversion rates.
        order = np.arange(known) if feature.begins else np.argsort(won / leads, kind="stable")
        groups = alike(leads[order], won[order], bands == "monotone" or not feature.begins) if known else []
        rules = [feature.rule(bins) for bins in [*(sorted(order[group].tolist()) for group in groups), *[[known]] * feature.has_missing]]
        if len(rules) > 1:
            problem = replace(problem, codes=problem.codes | {feature.name: codes}, features=problem.features | {feature.name: feature}).and_bins(rules)
    return problem


def of_numbers(feature: Feature, numbers: np.ndarray, problem: Problem) -> tuple[Feature, np.ndarray]:
    """An activity feature with bins, and the bins of n leads. No bins (-1) if it has no numbers (nan: missing) or they mostly follow the date."""
    known, since = ~np.isnan(numbers), (problem.day - problem.day.min()).astype(float)
    if not known.any() or (numbers[known].std() > 0 and since[known].std() > 0 and np.corrcoef(numbers[known], since[known])[0, 1] ** 2 > 0.5):
        return feature, np.full(len(numbers), -1)
    weight = problem.per_contact()
    begins = bins_of(numbers[known], weight[known], weight.sum(), feature.step, USUAL_DAYS if feature.cells["feature"].startswith("days_") else ())
    feature = replace(feature, begins=begins, has_missing=not known.all())
    return feature, np.where(known, np.clip(np.searchsorted(begins, np.nan_to_num(numbers), side="right") - 1, 0, None), len(begins))


def fit(problem: Problem, is_free: bool) -> np.ndarray:
    """The p coefficients of a ridge regression on standardized rules. Unless signs are free, rules with another sign than their univariate effect are
    dropped, and the rest is fitted again.
    """
    x, y, w = problem.points, problem.converted, problem.weight
    # Many dates of one contact have little more information than one date.
    strength = AGAINST * len(y) / people(problem.contact)
    variance = np.maximum(x.multiply(x).T @ w / w.sum() - (x.T @ w / w.sum()) ** 2, 1e-9)
    effect, found, kept = x.T @ (w * (y - np.average(y, weights=w))), np.zeros(x.shape[1]), np.ones(x.shape[1], bool)
    while kept.any():
        # A column over the root of its strength has that strength in a ridge regression.
        scale = kept / np.sqrt(strength * variance)
        found = scale * LogisticRegression(solver="newton-cholesky", tol=1e-6).fit(x @ sparse.diags(scale), y, sample_weight=w).coef_[0]
        wrong = found * effect < 0
        if is_free or not wrong.any():
            break
        kept, found = kept & ~wrong, np.where(wrong, 0, found)
    return found


# ---- What can be defended ----


def screened(problem: Problem, wishes: Wishes, tell=lambda text: None) -> tuple[Problem, dict[str, float], list[str]]:
    """The problem without rules that nobody could defend; the q-values (see q_values); and what was dropped for drifting."""
    tell("testing the rules")
    turned = drifting(problem)
    told = [f"dropped, because what they showed has turned since: {'; '.join(rule.said for rule in itertools.compress(problem.rules, turned))}"] if turned.any() else []
    problem = problem.with_rules(~turned)
    q = q_values(problem)
    is_shown = np.array([q[unit] <= FALSE for unit in problem.units], bool)
    return without_doubles(problem.with_rules(is_shown & supported(problem, wishes))), q, told


def supported(problem: Problem, wishes: Wishes) -> np.ndarray:
    """Flags of the rules with enough contacts, or converted contacts, behind them."""
    holds, of_contact = (problem.points != 0).astype(float), flags_of(problem.contact).T
    contacts = ((of_contact @ holds) > 0).sum(0)
    converted = ((of_contact @ sparse.diags(problem.converted.astype(float)) @ holds) > 0).sum(0)
    return np.asarray((contacts >= wishes.least_contacts) | (converted >= wishes.least_converted)).ravel()


def by_contact(problem: Problem, columns: sparse.csr_matrix) -> sparse.csr_matrix:
    """The score statistic of each contact: the sum over its dates of (outcome - rate of the time) * (column - its mean of the time), with the
    time in tenths of the leads: what both only share with the calendar is no effect.
    """
    tenth = flags_of(np.searchsorted(np.sort(problem.day), problem.day) * 10 // len(problem.day))
    means = sparse.diags(1 / (tenth.T @ problem.weight)) @ tenth.T @ sparse.diags(problem.weight)
    residual = problem.weight * (problem.converted - tenth @ (means @ problem.converted))
    of_contact = flags_of(problem.contact).T @ sparse.diags(residual)
    return (of_contact @ columns - (of_contact @ tenth) @ (means @ columns)).tocsr()


def p_value(statistics: np.ndarray) -> float:
    """Of no effect: a score test of k columns with the variance between contacts, so that the dates of one contact count as one."""
    total, variance = statistics.sum(0), statistics.T @ statistics
    rank = np.linalg.matrix_rank(variance, hermitian=True, rtol=1e-9)
    return float(chi2.sf(total @ np.linalg.pinv(variance, hermitian=True, rcond=1e-9) @ total, rank)) if rank else 1.0


def q_values(problem: Problem) -> dict[str, float]:
    """The adjusted p-values (Benjamini and Hochberg 1995) of counting rules and of features, by name.

    Outcomes chose which bins are a rule, so a feature is tested by its first bins, which they did not choose.
    """
    statistics = by_contact(problem, problem.points).tocsc()
    p = {name: p_value(by_contact(problem, flags_of(codes)).toarray()) for name, codes in problem.codes.items()}
    p |= {rule.name: p_value(statistics[:, [place]].toarray()) for place, rule in enumerate(problem.rules) if not rule.bins}
    return dict(zip(p, false_discovery_control(list(p.values())).tolist())) if p else {}


def drifting(problem: Problem) -> np.ndarray:
    """Flags of the rules whose effect has another sign in the latest quarter than before, significantly in both."""
    z = []
    for part in (problem.of(~problem.is_late), problem.of(problem.is_late)):
        if not part.converted.any():
            return np.zeros(len(problem.rules), bool)
        statistics = by_contact(part, part.points)
        z.append(np.asarray(statistics.sum(0)).ravel() / np.sqrt(np.asarray(statistics.multiply(statistics).sum(0)).ravel() + 1e-12))
    return (z[0] * z[1] < 0) & (np.minimum(np.abs(z[0]), np.abs(z[1])) > np.sqrt(chi2.isf(UNSTABLE, 1)))


def shifted(problem: Problem) -> list[str]:
    """Attributes and behaviour whose distribution in the latest quarter of the leads is another: a population stability index above SHIFTED."""
    found, is_late = [], problem.is_late
    for feature in problem.features.values() if is_late.any() else ():
        codes = problem.codes[feature.name] + 1
        before, after = (np.bincount(codes[of], problem.weight[of], feature.size + 1) + 0.5 for of in (~is_late, is_late))
        before, after = before / before.sum(), after / after.sum()
        index = float(((after - before) * np.log(after / before)).sum())
        if index > SHIFTED:
            what = f"attribute {feature.name}" if feature.seed == "attribute_rules" else f"{feature.cells['feature']} of {feature.cells['event_type'] or 'all events'}"
            found.append(f"{what} drifts: its values in the latest quarter of the leads are others than before (population stability index {index:.2f})")
    return found


def without_doubles(problem: Problem) -> Problem:
    """Without rules for everybody. Of rules that match the same leads with nearly the same amounts, or exactly the leads that another does not
    match, the plainer one stays.
    """
    x, w = problem.points, problem.weight / problem.weight.sum()
    mean = x.T @ w
    covariance = (x.T @ sparse.diags(w) @ x).toarray() - np.outer(mean, mean)
    sd, kept = np.sqrt(np.maximum(np.diag(covariance), 1e-12)), []
    for place in sorted(range(len(sd)), key=lambda at: (KINDS.index(problem.rules[at].block), mean[at] > 0.5 and bool(problem.rules[at].bins), problem.rules[at].name)):
        if sd[place] > 1e-6 and (np.abs(covariance[place, kept]) <= SAME * sd[place] * sd[kept]).all():
            kept.append(place)
    return problem.with_rules(np.isin(np.arange(len(sd)), kept))


def leaks_of(problem: Problem) -> list[str]:
    """Warnings of leakage: attributes and event types of which one feature alone has an uncertainty coefficient (Theil 1970) of 0.5 or more."""
    rate, told = np.average(problem.converted, weights=problem.weight), {}
    codes = [(feature.cells.get("event_type") or feature.cells.get("attribute") or name, problem.codes[name] + 1) for name, feature in problem.features.items()]
    for place, rule in enumerate(problem.rules):
        if rule.block == "plain":
            column = problem.points[:, [place]].toarray().ravel()
            codes.append((rule.source, np.digitize(column, np.quantile(column[column > 0], np.linspace(0, 1, 11)) if column.any() else [])))
    for source, code in codes:
        table = np.stack([np.bincount(code, problem.weight * flags) for flags in (problem.converted, ~problem.converted)])
        told[source] = max(told.get(source, 0), mutual_info_score(None, None, contingency=table) / entropy([rate, 1 - rate]))
    return [
        f"Leakage? {source} alone explains {100 * share:.0f} % of the conversions, as a column filled in after the outcome does. --leave-out {source} fits without it"
        for source, share in sorted(told.items()) if share >= 0.5
    ]  # fmt: skip


# ---- Fit ----


@threadpool_limits.wrap(limits=1)
def learn(problem: Problem, wishes: Wishes, resamples: int = 20, tell=lambda text: None) -> Learnt:
    """Fit rules with whole points. Number crunching uses one thread, for the same points on every machine."""
    converted, is_free, leaks = problem.contacts_converted(), wishes.signs == "free", leaks_of(problem)
    problem, q, told = screened(problem, wishes, tell)
    told += shifted(problem)
    if not problem.rules:
        raise WrongInput(
            f"no candidate rule has an effect that {converted:,} converted contacts can show (false discovery rate {100 * FALSE:.0f} %) and at least {wishes.least_contacts} contacts or"
            f" {wishes.least_converted} converted ones behind it: more outcomes are required, or --least-contacts and --least-converted below these. Hand-set points are better"
        )
    if converted < ENOUGH:
        blocks = [rule.block for rule in problem.rules]
        kind = next((kind for kind in ("plain", "attribute") if kind in blocks), None)
        what = "sign-constrained event rules" if kind == "plain" else "bins of attributes"
        told.append(f"{converted} contacts converted, fewer than {ENOUGH}: only {what} are fitted. Hand-set points may be better")
        problem, is_free = problem.with_rules([kind in (block, None) for block in blocks]), False
    elif is_free and converted < MANY:
        told.append(f"{converted} contacts converted: fewer than {MANY}: unconstrained signs are wrong more often than right")
    tell("dropping rules without effect")
    full, problem, points = pruned(problem, is_free, wishes)
    if len(full.rules) > len(problem.rules):
        held_out = full.contact % 4 == 0
        gain = np.subtract(*(area(part.of(held_out), fit(part.of(~held_out), is_free)) for part in (full, problem)))
        told.append(f"{wishes.most_rules} rules at most: all {len(full.rules)} would change the ROC AUC on a quarter of the training contacts by {gain:+.4f}")
    learnt = Learnt(problem.rules, points.tolist(), evidence_of(problem, q), converted, told, leaks)
    if resamples:
        learnt.shared_top = sureness(problem, is_free, wishes.per_doubling, resamples, tell)
    return learnt


def area(problem: Problem, points: np.ndarray) -> float:
    """The AUC of points, whole or not."""
    return measures.auc(problem.converted, problem.points @ points, problem.weight)


def pruned(problem: Problem, is_free: bool, wishes: Wishes) -> tuple[Problem, Problem, np.ndarray]:
    """Drop the families that move scores least per rule while AUC and lift stay within COST and COST_OF_TOP, and until the rules are few enough.

    Returns the smallest problem within these costs, the problem with few enough rules, and its whole points.
    """

    def quality(problem: Problem, points: np.ndarray) -> np.ndarray:
        return np.array([area(problem, points), measures.lift(problem.converted, problem.points @ points, problem.weight)])

    part, points = whole(problem, is_free, wishes)
    full, least = part, quality(part, points) * (1, 1 - COST_OF_TOP) - (COST, 0)
    while len(families := np.unique(part.units)) > 1:
        of_family = flags_of(part.units)
        given = (part.points @ sparse.diags(points.astype(float)) @ of_family).toarray()
        moves = np.average((given - np.average(given, axis=0, weights=part.weight)) ** 2, axis=0, weights=part.weight) ** 0.5 / of_family.getnnz(0)
        gone = families[np.argsort(moves, kind="stable")[: max(1, len(families) // 10)]]
        smaller = whole(part.with_rules(~np.isin(part.units, gone)), is_free, wishes)
        is_as_good = (quality(*smaller) >= least).all()
        if not is_as_good and len(part.rules) <= wishes.most_rules:
            break
        part, points = smaller
        full = part if is_as_good else full
    return full, part, points


def whole(problem: Problem, is_free: bool, wishes: Wishes) -> tuple[Problem, np.ndarray]:
    """Fit, and round to whole points. Pools bands of a number that are out of order, merges neighbours of a feature with the same points, and drops
    rules of hardly any points.
    """
    leads, points = (problem.points != 0).astype(float).T @ problem.weight + 1e-9, fit(problem, is_free) * wishes.per_doubling / np.log(2)
    kept, rules, found = np.ones(len(points), bool), [], []
    for feature in problem.features.values():
        places = [place for place, rule in enumerate(problem.rules) if rule.feature == feature.name]
        places.sort(key=lambda place: problem.rules[place].bins if feature.begins else points[place])
        bands = [place for place in places if problem.rules[place].bins[0] < len(feature.begins)]
        if wishes.bands == "monotone" and len(bands) > 1:
            points[bands] = one_way(points[bands], leads[bands])
        for value, group in itertools.groupby(places, key=lambda place: round(points[place])):
            group = list(group)
            rule = feature.rule(sorted(itertools.chain(*(problem.rules[place].bins for place in group))))
            if len(group) > 1 and rule:
                kept[group] = False
                rules.append(rule)
                found.append(value)
    problem, points = problem.with_rules(kept).and_bins(rules), np.append(np.rint(points[kept]), found).astype(int)
    distinct = without_doubles(problem)
    if 0 < len(distinct.rules) < len(problem.rules):
        return whole(distinct, is_free, wishes)
    kept = np.abs(points) > min(0.05 * wishes.per_doubling, np.abs(points).max() - 1)
    return problem.with_rules(kept), points[kept]


def evidence_of(problem: Problem, q: dict[str, float]) -> list[dict]:
    """What the training data show of each rule, as cells of rule_evidence.csv: of the leads that match it or, if a counting rule matches over two
    thirds, of the third with the most.
    """
    amounts, weight, converted = problem.points.toarray(), problem.weight, problem.converted
    most = np.where((amounts != 0).mean(0) > 2 / 3, np.quantile(amounts, 2 / 3, axis=0), -np.inf)
    flags, of_contact = (amounts != 0) & (amounts >= most), flags_of(problem.contact).T
    stands_for = weight[np.unique(problem.contact, return_index=True)[1]]
    leads, won = flags.T @ weight, flags.T @ (weight * converted)
    contacts, contacts_converted = (((of_contact @ some) > 0).T @ stands_for for some in (flags, flags & converted[:, None]))
    without = (weight @ converted - won) / np.maximum(weight.sum() - leads, 1e-9)
    cells = zip(contacts, contacts_converted, won / leads, without, [q[unit] for unit in problem.units])
    return [{"contacts": f"{all_:.0f}", "contacts_converted": f"{some:.0f}", "rate_with": f"{rate:.4f}", "rate_without": f"{other:.4f}", "q_value": f"{one:.4f}"} for all_, some, rate, other, one in cells]


def sureness(problem: Problem, is_free: bool, per_doubling: float, times: int, tell) -> float:
    """Stability: fit again on bootstrap samples of contacts; the mean overlap of two refits' top deciles of the latest leads."""
    generator, present = np.random.default_rng(3), np.unique(problem.contact)
    late = problem.day >= np.sort(problem.day)[-min(len(problem.day), 1000)]
    scores = []
    for number in range(times):
        tell(f"stability: refit {number + 1} of {times}")
        often = np.bincount(generator.choice(present, len(present)), minlength=problem.contact.max() + 1)[problem.contact]
        part = replace(problem, weight=problem.weight * often).of(often > 0)
        if part.converted.any() and not part.converted.all():
            scores.append(problem.points[late] @ np.rint(fit(part, is_free) * per_doubling / np.log(2)))
    return float(np.mean([measures.shared_top(one, other) for one, other in itertools.combinations(scores, 2)]))
