"""What a reader looks at in the gap lab: a cluster, where, by when, under which assumptions, and a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from data.dataset import Dataset
from views.page_choices import PageChoices


@dataclass(frozen=True)
class GapsChoices(PageChoices):
    """Choices of the gap lab.

    Attributes
    ----------
    subsector : str
        The cluster; empty is the page's own proposal.
    area : str
        A district; empty is the whole city.
    """

    subsector: str = ""
    area: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address."""
        return cls(
            subsector=query["subsector"] if query.get("subsector") in subsector_ids else "",
            area=query["area"] if query.get("area") in dataset.districts.index else "",
        )
