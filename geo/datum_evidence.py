"""From evidence to a verdict: which datum explains what was observed, and is that enough to act on.

Each claim (a row that names an area, an anchor, a stretch of an outline) has a likelihood under each hypothesis, and
under the rival that the numbers mean none of this; their product with even odds gives the posterior. Claims are never
quite independent and the world is never quite one of the hypotheses, so a posterior below `ENOUGH` is no answer, nor is
one that rests on fewer than `FEWEST_CLAIMS` claims, nor one whose claims pull in both directions (`ONE_SIDED`), as they
do when two datums are mixed in one file. What a doctor cannot settle is asked; nothing is converted on a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from geo.datum_readings import Hypothesis
from geo.datums import Datum, Floats

ENOUGH = 0.99
"""Posterior from which a datum is inferred."""

FEWEST_CLAIMS = 2.0
"""Claims, by weight, that must separate the best hypothesis from every other."""

ONE_SIDED = 0.8
"""Least part of the evidence between the best hypothesis and any other that must speak for the best."""

REFUTED = 0.001
"""Posterior below which a declared datum is contradicted, where the evidence would have sufficed to infer another."""

HINT_ODDS = 20.0
"""What a mention in a heading or a name counts beforehand: never enough alone."""

_ALIKE = 0.5  # a claim whose log likelihoods differ by less separates nothing


class Verdict(StrEnum):
    """What follows from a diagnosis.

    `DECLARED`: taken as declared, nothing speaks strongly against it. `INFERRED`: the evidence suffices. `ASK`: it does
    not. `CONTRADICTS_DECLARATION`: it suffices for another datum than the declared one, so a person must decide.
    """

    DECLARED = "declared"
    INFERRED = "inferred"
    ASK = "ask"
    CONTRADICTS_DECLARATION = "contradicts_declaration"


class Observed(NamedTuple):
    """What the numbers look like under one hypothesis; NaN where nothing could be observed."""

    rows: int
    agreeing_share: float
    outside_share: float
    distance_m: float


@dataclass(frozen=True)
class Evidence:
    """How one reading of the numbers fits.

    Attributes
    ----------
    datum, swapped
        The reading; `swapped` means latitude or northing first.
    rows
        How many rows (of an outline: sampled points) were judged; of very many a fixed sample.
    agreeing_share
        Share of those that name an area and lie in it (of an outline: that lie on a reference boundary); NaN without.
    outside_share
        Share of the judged ones that lie in no area.
    distance_m
        Median metres to the anchors (of an outline: to the nearest reference boundary); NaN without.
    log_likelihood
        Of all that is known; only differences between readings mean something.
    posterior
        Probability of this reading among all, with even odds beforehand, but for a hint.
    """

    datum: Datum
    swapped: bool
    rows: int
    agreeing_share: float
    outside_share: float
    distance_m: float
    log_likelihood: float
    posterior: float


@dataclass(frozen=True)
class Diagnosis:
    """Which datum some positions are in, or that this is to be asked.

    Attributes
    ----------
    datum
        What to convert from; None where it is to be asked.
    swapped
        Whether latitude or northing stands first, under `datum` or else under the likeliest reading.
    confidence
        Posterior of `datum`, or else of the likeliest reading; 0 without any reading.
    verdict
        What follows.
    informative
        Claims, by weight, that separate the likeliest reading from each other one, at the least.
    evidence
        Every reading, likeliest first.
    """

    datum: Datum | None
    swapped: bool
    confidence: float
    verdict: Verdict
    informative: float
    evidence: tuple[Evidence, ...]

    @property
    def likeliest(self) -> Datum | None:
        """Datum of the likeliest reading, to be proposed in a question; None without any reading."""
        return self.evidence[0].datum if self.evidence else None


def judge(
    hypotheses: Sequence[Hypothesis],
    log_likelihoods: Floats,
    elsewhere: Floats,
    weights: Floats,
    observed: Sequence[Observed],
    *,
    declared: Datum | None,
    hint: Datum | None,
    fewest: float = FEWEST_CLAIMS,
) -> Diagnosis:
    """The verdict on some claims.

    Parameters
    ----------
    hypotheses : sequence of Hypothesis
        The ways to read the numbers; no two of them mean the same place.
    log_likelihoods : numpy.ndarray
        One row for each hypothesis, one column for each claim.
    elsewhere : numpy.ndarray
        The same for the rival that is always there: the numbers mean none of this.
    weights : numpy.ndarray
        How much each claim counts, 0 to 1.
    observed : sequence of Observed
        What is reported for each hypothesis.
    declared, hint : Datum or None
        What someone states, and what a heading mentions.
    fewest : float, optional
        Claims, by weight, without which nothing is inferred.
    """
    if declared is not None and not len(weights):
        return Diagnosis(declared, False, 0.0, Verdict.DECLARED, 0.0, ())
    if not hypotheses:
        verdict = Verdict.ASK if declared is None else Verdict.CONTRADICTS_DECLARATION
        return Diagnosis(None, False, 0.0, verdict, 0.0, ())
    weighted, rival = log_likelihoods * weights, elsewhere * weights
    totals = weighted.sum(axis=1)
    beforehand = np.array([HINT_ODDS if each.agrees_with(hint) else 1.0 for each in hypotheses])
    posterior = _normalized(np.append(totals + np.log(beforehand), rival.sum()))[:-1]
    order = np.argsort(-posterior, kind="stable")
    evidence = tuple(
        Evidence(
            **hypotheses[i]._asdict(),
            **observed[i]._asdict(),
            log_likelihood=float(totals[i]),
            posterior=float(posterior[i]),
        )
        for i in order.tolist()
    )
    best = evidence[0]
    informative, suffices = _suffices(
        weighted[order[0]] - np.vstack([weighted[order[1:]], rival]), weights, best.posterior, fewest
    )
    if declared is None:
        found = best.datum if suffices else None
        verdict = Verdict.INFERRED if suffices else Verdict.ASK
        return Diagnosis(found, best.swapped, best.posterior, verdict, informative, evidence)
    as_declared = [each for each in evidence if Hypothesis(each.datum).agrees_with(declared)]
    if as_declared and not (suffices and sum(each.posterior for each in as_declared) < REFUTED):
        stated = as_declared[0]
        datum = stated.datum if stated.datum.is_projected else declared
        return Diagnosis(datum, stated.swapped, stated.posterior, Verdict.DECLARED, informative, evidence)
    return Diagnosis(None, best.swapped, best.posterior, Verdict.CONTRADICTS_DECLARATION, informative, evidence)


def _suffices(difference: Floats, weights: Floats, posterior: float, fewest: float) -> tuple[float, bool]:
    """Claims by weight that separate the best reading from any other, at the least, and whether they settle it."""
    said = np.where(np.abs(difference) > _ALIKE * weights, difference, 0.0)
    informative = float(((said != 0) @ weights).min())
    one_sided = np.maximum(said, 0).sum(axis=1) >= ONE_SIDED * np.abs(said).sum(axis=1)
    return informative, bool(posterior >= ENOUGH and informative >= fewest and one_sided.all())


def _normalized(log_weights: Floats) -> Floats:
    shifted = np.exp(log_weights - log_weights.max())
    return np.asarray(shifted / shifted.sum(), np.float64)
