"""How well scores tell who converts, with intervals from resampling contacts."""

from dataclasses import dataclass

import numpy as np


def auc(converted, score, weight=None) -> float:
    """Area under the ROC curve: the chance that a lead that converted has a higher score than one that did not, ties counting half.

    converted: n flags; score, weight: n numbers. nan where there is one class only. The formula is Mann and Whitney's (1947).
    """
    weight = np.ones(len(score)) if weight is None else weight
    _, group = np.unique(score, return_inverse=True)
    won = np.bincount(group, weight * converted)
    lost = np.bincount(group, weight * ~converted)
    below = np.cumsum(lost) - lost
    whole = won.sum() * lost.sum()
    return float((won * (below + lost / 2)).sum() / whole) if whole else float("nan")


def lift(converted, score, weight=None, top: float = 0.1) -> float:
    """Rate of conversion among the `top` share of leads by score over that of all; of leads with the same score each counts in part."""
    weight = np.ones(len(score)) if weight is None else weight
    _, group = np.unique(-score, return_inverse=True)
    leads, won = np.bincount(group, weight), np.bincount(group, weight * converted)
    room = top * leads.sum()
    taken = np.clip(room - (np.cumsum(leads) - leads), 0, leads)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nansum(won * taken / leads) / room / (won.sum() / leads.sum()))


@dataclass
class Measured:
    """A measure and its interval: the 2.5th and 97.5th percentile of resamples."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


def resampled(measure, converted, contact, *scores, times: int = 200, seed: int = 1) -> list[np.ndarray]:
    """`measure` of each score on resamples of contacts with replacement: an array of `times` values per score, pairwise comparable."""
    generator = np.random.default_rng(seed)
    number = contact.max() + 1
    present = np.unique(contact)
    values = [[] for _ in scores]
    for _ in range(times):
        weight = np.bincount(generator.choice(present, len(present)), minlength=number)[contact].astype(float)
        for one, score in zip(values, scores):
            one.append(measure(converted, score, weight))
    return [np.array(one) for one in values]


def interval(value: float, resamples: np.ndarray) -> Measured:
    """A measure with the interval that its resamples give."""
    return Measured(value, *np.nanpercentile(resamples, [2.5, 97.5]))


def shared_top(first: np.ndarray, second: np.ndarray, share: float = 0.1) -> float:
    """The share of the top leads by one score that are also the top leads by another."""
    number = max(1, round(share * len(first)))
    return len(np.intersect1d(np.argsort(-first, kind="stable")[:number], np.argsort(-second, kind="stable")[:number])) / number
