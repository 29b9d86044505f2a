"""What a reader looks for on the page of sites: the firm's subsector, its needs, the weights, the shortlist."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from data.dataset import Dataset
from views.page_choices import PageChoices
from views.suitability_choices import CELLS, MaskMeans, read_suitability

MOST_SHORTLISTED = 5


@dataclass(frozen=True)
class SitesChoices(PageChoices):
    """Choices of the search for a site.

    Attributes
    ----------
    subsector : str
        Of the firm that looks for a site; empty until somebody says so.
    shortlist : tuple of str
        Parks that were put aside, the first first.
    cell : int
        Side of the squares of the map of suitability, metres: 1,000 or 500.
    mask : str
        Digest of the polygons that rule squares out; empty for none.
    mask_means : 'banned' or 'allowed'
        What these polygons are.
    square : str
        The square in focus; empty for none.
    """

    subsector: str = ""
    shortlist: tuple[str, ...] = ()
    cell: int = CELLS[0]
    mask: str = ""
    mask_means: MaskMeans = "banned"
    square: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address."""
        asked = dict.fromkeys(query.get("shortlist", "").split(","))
        return cls(
            subsector=query["subsector"] if query.get("subsector") in subsector_ids else "",
            shortlist=tuple(p for p in asked if p in dataset.parks.index)[:MOST_SHORTLISTED],
            **read_suitability(query),
        )
