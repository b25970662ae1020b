"""How well scores predict conversions, with intervals from resampled contacts."""

import numpy as np
from sklearn.metrics import roc_auc_score


def auc(converted, score, weight=None) -> float:
    """Area under the ROC curve: the probability that a converted lead scores higher than an unconverted one; ties count half.

    converted: n flags; score, weight: n numbers. nan if there is only one class.
    """
    counts = slice(None) if weight is None else weight > 0
    if len(np.unique(converted[counts])) < 2:
        return float("nan")
    return float(roc_auc_score(converted[counts], score[counts], sample_weight=None if weight is None else weight[counts]))


def lift(converted, score, weight=None, top: float = 0.1) -> float:
    """Conversion rate of the `top` share of leads by score, over the overall rate. Tied leads at the edge count in part."""
    weight = np.ones(len(score)) if weight is None else weight
    if not len(score) or not (weight * converted).any():
        return float("nan")
    _, group = np.unique(-score, return_inverse=True)
    leads, won = np.bincount(group, weight), np.bincount(group, weight * converted)
    room = top * leads.sum()
    taken = np.clip(room - (np.cumsum(leads) - leads), 0, leads)
    rates = np.divide(won, leads, out=np.zeros(len(won)), where=leads > 0)
    return float((rates * taken).sum() / room / (won.sum() / leads.sum()))


def resampled(measure, converted, contact, scores: list, times: int = 200, seed: int = 1, weight=1.0) -> np.ndarray:
    """`measure` of each of k scores on bootstrap samples of contacts, the same samples for all scores: k x times.

    contact: n whole numbers, the contact of each lead.
    """
    generator, present = np.random.default_rng(seed), np.unique(contact)
    values = np.empty((len(scores), times))
    for number in range(times):
        often = weight * np.bincount(generator.choice(present, len(present)), minlength=contact.max() + 1)[contact]
        values[:, number] = [measure(converted, score, often) for score in scores]
    return values


def shared_top(first: np.ndarray, second: np.ndarray, share: float = 0.1) -> float:
    """The share of the top leads by one score that are also top leads by another. first, second: n scores each."""
    number = max(1, round(share * len(first)))
    return len(np.intersect1d(*(np.argsort(-score, kind="stable")[:number] for score in (first, second)))) / number
