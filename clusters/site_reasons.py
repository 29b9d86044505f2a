"""Why a site scores as it does: what each criterion says of it, and what that counts."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from clusters.scoring import WeightedSum
from clusters.site_records import SiteCriterion, SiteReason


def site_reasons(
    criteria: Mapping[str, SiteCriterion], scoring: WeightedSum, site_id: str
) -> tuple[SiteReason, ...]:  # fmt: skip
    """What each criterion with data says of a site, the largest contribution first, missing ones last.

    Parameters
    ----------
    criteria : mapping of str to SiteCriterion
        That hold the site.
    scoring : WeightedSum
        A site that it does not hold was not ranked: it has values and no contributions.
    site_id : str
    """
    ranked = site_id in scoring.scores.index
    found = []
    for name, each in criteria.items():
        if each.off is not None:
            continue
        value = float(each.values.loc[site_id])
        found.append(
            SiteReason(
                criterion=name,
                unit=each.unit,
                source=each.source,
                value=_known(value),
                utility=_known(float(scoring.utilities[name].loc[site_id])) if ranked else None,
                contribution=_known(float(scoring.contributions[name].loc[site_id])) if ranked else None,
                weight=float(scoring.weights[name]),
                missing=each.missing.loc[site_id],
                facts=_facts(each.facts, site_id),
            )
        )
    return tuple(sorted(found, key=lambda r: (r.value is None, -(r.contribution or 0.0))))


def _known(value: float) -> float | None:
    return value if value == value else None


def _facts(facts: pd.DataFrame, site_id: str) -> dict[str, object]:
    """What stands in a row as plain values, each of its own type; what is missing is left out."""
    row = {str(name): facts[name].loc[site_id] for name in facts}
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
    return {name: value for name, value in plain.items() if isinstance(value, list) or not pd.isna(value)}
