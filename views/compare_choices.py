"""What a reader has chosen on the page that compares districts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, get_args

from clusters.comparison import By
from data.dataset import Dataset
from views.page_choices import PageChoices

MOST_DISTRICTS = 4
BYS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True)
class CompareChoices(PageChoices):
    """Choices of the comparison.

    Attributes
    ----------
    districts : tuple of str
        One to four districts in the order in which they were chosen; none chosen is the page's own proposal.
    by : 'revenue' or 'firms'
        What structure is measured by.
    since : int or None
        Year that change is counted from; ``None`` is the page's own.
    """

    districts: tuple[str, ...] = ()
    by: By = "revenue"
    since: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address."""
        asked = dict.fromkeys(query.get("districts", "").split(","))
        known = tuple(d for d in asked if d in dataset.districts.index)
        by, since = query.get("by"), query.get("since", "")
        return cls(
            districts=known[:MOST_DISTRICTS],
            by=by if by in BYS else "revenue",
            since=int(since) if since.isascii() and since.isdecimal() and int(since) in dataset.years else None,
        )
