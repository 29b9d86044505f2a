"""Who looks at the figures: the public, an investor, the government of the city or of one district.

Firms of public record (listed firms, whose reports anybody can read) are open to all. Figures of any other firm are
statistical data: the government sees them, of the city or of its own district; everybody else sees released cells only.
An investor also sees names and places, which the public register of enterprises shows; the public sees neither.
Sign-in decides where it is set up (``clusters.readers``); without it, and at a terminal, ``JIQUN_ROLE`` does.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.errors import UnknownRole
from data import columns as c
from data.dataset import firm_column, firm_districts
from data.settings import settings

PUBLIC_RECORD = "public_record"


class Role(StrEnum):
    """What kind of reader."""

    PUBLIC = "public"
    INVESTOR = "investor"
    GOVERNMENT = "government"


@dataclass(frozen=True)
class Viewer:
    """One reader.

    Attributes
    ----------
    role : Role
    district_id : str
        The one district whose government this is; empty for the city's, and for any other role.
    """

    role: Role = Role.GOVERNMENT
    district_id: str = ""

    def __str__(self) -> str:
        """As ``read_viewer`` reads it."""
        return f"{self.role}:{self.district_id}" if self.district_id else str(self.role)

    @property
    def keeps_data(self) -> bool:
        """Whether this reader may bring files, choose versions and read what is found in them."""
        return self.role is Role.GOVERNMENT and not self.district_id

    @property
    def sees_names(self) -> bool:
        """Whether names and exact places of all firms are for this reader."""
        return self.role is not Role.PUBLIC

    def hidden_firms(self, firms: pd.DataFrame) -> NDArray[np.bool_]:
        """Firms whose own figures this reader may not see.

        Parameters
        ----------
        firms : DataFrame
            A firm whose ``confidentiality`` is not ``public_record``, or is missing, is statistical.

        Examples
        --------
        >>> firms = pd.DataFrame({"confidentiality": ["public_record", "statistical", None],
        ...                       "registered_district_id": ["X", "X", "Y"], "operating_district_id": None})
        >>> Viewer(Role.PUBLIC).hidden_firms(firms).tolist()
        [False, True, True]
        >>> Viewer(Role.GOVERNMENT, "X").hidden_firms(firms).tolist()
        [False, False, True]
        """
        if self.keeps_data:
            return np.zeros(len(firms), bool)
        statistical = (firm_column(firms, c.CONFIDENTIALITY) != PUBLIC_RECORD).to_numpy(bool)
        if self.role is not Role.GOVERNMENT:
            return statistical
        return statistical & (firm_districts(firms, "registered") != self.district_id).to_numpy(bool)


def read_viewer(text: str) -> Viewer:
    """A reader as settings write it: ``public``, ``investor``, ``government`` or ``government:440305``.

    Raises
    ------
    UnknownRole

    Examples
    --------
    >>> read_viewer("government:440305")
    Viewer(role=<Role.GOVERNMENT: 'government'>, district_id='440305')
    >>> read_viewer("mayor")
    Traceback (most recent call last):
        ...
    clusters.errors.UnknownRole: unknown role 'mayor'; expected one of: public, investor, government
    """
    name, colon, district_id = text.strip().partition(":")
    if name not in tuple(Role) or (colon and (Role(name) is not Role.GOVERNMENT or not district_id)):
        raise UnknownRole(text, [str(role) for role in Role])
    return Viewer(Role(name), district_id)


def viewer_without_sign_in() -> Viewer:
    """The reader that ``JIQUN_ROLE`` names; without it the government on this machine alone, else the public.

    Raises
    ------
    UnknownRole
    """
    now = settings()
    return read_viewer(now.role or (Role.GOVERNMENT if now.is_local and not _serving.to_others else Role.PUBLIC))


class _Serving:
    """Whether this process answers requests at an address that somebody else chose, as ``uvicorn app:app`` does."""

    to_others = False


_serving = _Serving()


def serve_to_others(whether: bool) -> None:
    """Say that this process serves at an address which the settings do not know, or that it is theirs after all."""
    _serving.to_others = whether
