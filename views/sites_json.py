"""A ranking of parks as the JSON document that ``cli.py sites --json`` prints; missing is ``null`` and never zero."""

from typing import Any

import pandas as pd

from clusters.siting import SiteRanking
from data import columns as c
from data.dataset import Dataset
from views.words import Words

_PARK = (c.OPERATOR, c.CONTACT, c.LON, c.LAT, c.PRECISION, c.SOURCE)
_WHOLE = (c.SCORE_RANK, c.BEST_RANK, c.WORST_RANK, c.CLOSENESS_RANK, c.LOW_RANK, c.HIGH_RANK)
_SHARES = (c.SCORE, c.LOW_SCORE, c.HIGH_SCORE, c.WEIGHT_COVERAGE, c.CLOSENESS, c.FIRST_SHARE)


def sites_document(ranking: SiteRanking, dataset: Dataset, t: Words) -> dict[str, Any]:
    """The whole ranking.

    Parameters
    ----------
    ranking : SiteRanking
    dataset : Dataset
        The one that was ranked.
    t : Words
        Language of the names of criteria and of why something is missing.
    """
    request = ranking.request
    return {
        "subsector": request.subsector_id,
        "district_id": request.district_id,
        "year": ranking.year,
        "base_year": ranking.base_year,
        "place": request.place,
        "near_m": request.near_m,
        "data_version": dataset.version,
        "data_digest": dataset.digest,
        "synthetic": dataset.synthetic,
        "audience": None if dataset.release is None else dataset.release.audience,
        "straight_line": True,
        "draws": 0 if ranking.stability is None else ranking.stability.draws,
        "criteria": [
            {
                "id": name,
                "name": t(f"site.criterion.{name}"),
                "unit": each.unit,
                "less_is_better": each.less_is_better,
                "weight": float(ranking.scoring.weights[name]),
                "off": each.off,
                "off_note": None if each.off is None else t(f"site.missing.{each.off}"),
                "constant": name in ranking.scoring.constant,
                "source": each.source,
            }
            for name, each in ranking.criteria.items()
        ],
        "sites": [_site(ranking, dataset, str(park), row) for park, row in ranking.sites.iterrows()],
        "excluded": [{"park_id": park, "condition": why} for park, why in ranking.excluded.items()],
    }


def _site(ranking: SiteRanking, dataset: Dataset, park_id: str, row: "pd.Series[Any]") -> dict[str, Any]:
    park = dataset.parks.loc[park_id]
    turned = ranking.reversals[c.REVERSALS].get(park_id)
    return {
        "park_id": park_id,
        "name": row[c.NAME],
        "district_id": _plain(row[c.DISTRICT_ID]),
        **{str(name): None if pd.isna(row[name]) else int(row[name]) for name in _WHOLE},
        **{str(name): None if pd.isna(row[name]) else float(row[name]) for name in _SHARES},
        "reversals": None if turned is None else int(turned),
        **{str(name): _plain(park.get(name)) for name in _PARK},
        "unchecked": list(ranking.unchecked.get(park_id, ())),
        "reasons": [vars(reason) for reason in ranking.reasons(park_id)],
    }


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value
