"""What a reader has chosen on the page that compares districts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from data.dataset import Dataset
from views.page_choices import PageChoices

MOST_DISTRICTS = 4


@dataclass(frozen=True)
class CompareChoices(PageChoices):
    """Choices of the comparison.

    Attributes
    ----------
    districts : tuple of str
        Two to four districts in the order in which they were chosen; none chosen is the page's own proposal.
    """

    districts: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address."""
        asked = dict.fromkeys(query.get("districts", "").split(","))
        known = tuple(d for d in asked if d in dataset.districts.index)
        return cls(districts=known[:MOST_DISTRICTS])
