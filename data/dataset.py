"""One version of what we know: the tables that every figure is computed from, and what kind of evidence they are.

The tables of a ``Dataset`` are read-only by agreement; nobody writes into them, so they can be shared by all readers.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.once import once_per_dataset


class Basis(StrEnum):
    """What a sum over the data may be called.

    ``STATISTICAL`` figures are official; ``REGISTER`` is a sum over an imported register of firms with its coverage;
    ``LISTED_SAMPLE`` is the bundled sample of listed firms, whose group revenue can never meet a goal.
    """

    STATISTICAL = "statistical"
    REGISTER = "register"
    LISTED_SAMPLE = "listed_sample"


class Status(StrEnum):
    """How well a row is known; ``MEMORY`` rows are kept for the record and never enter a figure."""

    SOURCED = "sourced"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"
    MEMORY = "memory"


@dataclass(frozen=True)
class Release:
    """For whom a dataset was made fit to be seen, and what is not in it.

    Attributes
    ----------
    audience : str
        Who may see it; see ``clusters.roles``.
    firms : int
        Firms whose own figures are not in the tables; they are only in the released cells of the cube.
    withheld_cells : int
        Cells of district × subsector × year that no figure is released of.
    """

    audience: str
    firms: int
    withheld_cells: int


Place = Literal["registered", "operating"]
"""Where a firm's revenue counts: at its registered place or at its office (reading A6 of the plan)."""

DEFAULT_YEAR_SHARE = 0.8
"""The default year is the latest whose coverage reaches this share of the best year's."""


MANY_FIRMS = 5_000
"""Above this many firms a page draws tiles and never walks over rows."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """The tables of one version.

    Attributes
    ----------
    version : str
        ``"0"`` is the bundled set.
    digest : str
        First 8 hexadecimal digits of a SHA-256 over the version's files.
    city_adcode : str
        The city that the districts belong to.
    basis : Basis
        What a sum over the firms may be called.
    firms, observations, indicators, parks, streets, hubs : DataFrame
        Columns as in ``data.columns``.
    districts : GeoDataFrame
        Index ``district_id``, EPSG:4326.
    synthetic : bool
        Whether a firm of it is made up; everything that shows a figure then says so.
    firms_digest : str
        Digest of the firms alone, which tables and tiles that are derived from them are kept under: they outlive an
        import of parks. Empty when it is the digest.
    release : Release or None
        What was taken out for the reader that it is for; ``None`` when nothing was.
    """

    version: str
    digest: str
    city_adcode: str
    basis: Basis
    firms: pd.DataFrame
    observations: pd.DataFrame
    indicators: pd.DataFrame
    parks: pd.DataFrame
    streets: pd.DataFrame
    hubs: pd.DataFrame
    districts: gpd.GeoDataFrame
    synthetic: bool = False
    firms_digest: str = ""
    release: Release | None = None

    @property
    def firms_stamp(self) -> str:
        """What changes when the firms do."""
        return self.firms_digest or self.digest

    @cached_property
    def has_many_firms(self) -> bool:
        """Whether there are more firms than a page may hold as features and rows."""
        return len(self.firms) > MANY_FIRMS

    @property
    def evidence(self) -> str:
        """What a sum over the firms is over: ``'synthetic'``, or the value of its basis."""
        return "synthetic" if self.synthetic else self.basis.value

    @cached_property
    def usable(self) -> pd.DataFrame:
        """Observations that may enter a figure; their revenue is whole numbers."""
        usable = usable_rows(self.observations)
        table = self.observations if usable.all() else self.observations[usable]
        return table.astype({c.REVENUE_CNY: "int64"}) if table[c.REVENUE_CNY].dtype != np.int64 else table

    @property
    def years(self) -> list[int]:
        """Years with at least one usable observation, ascending."""
        return [int(year) for year in firms_by_year(self).index]

    def is_well_covered(self, year: int) -> bool:
        """Whether a year has observations of at least ``DEFAULT_YEAR_SHARE`` of the best year's firms."""
        firms = firms_by_year(self)[c.FIRMS]
        return bool(firms.get(year, 0) >= DEFAULT_YEAR_SHARE * firms.max())

    @property
    def default_year(self) -> int:
        """Latest well covered year."""
        return max(year for year in self.years if self.is_well_covered(year))


def usable_rows(observations: pd.DataFrame) -> NDArray[np.bool_]:
    """Which observations may enter a figure: those with a revenue that was not written from memory."""
    return (observations[c.STATUS] != Status.MEMORY).to_numpy(bool) & observations[c.REVENUE_CNY].notna().to_numpy(bool)


@once_per_dataset
def firms_by_year(dataset: Dataset) -> pd.DataFrame:
    """Number of ``firms`` with a usable observation, by year, ascending."""
    usable = usable_rows(dataset.observations)
    firm, firms = pd.factorize(dataset.observations[c.FIRM_ID])
    year, years = pd.factorize(dataset.observations[c.YEAR].to_numpy(np.int64)[usable], sort=True)
    seen = np.zeros((len(years), len(firms)), bool)
    seen[year, firm[usable]] = True
    return pd.DataFrame({c.FIRMS: seen.sum(axis=1)}, index=pd.Index(years, name=c.YEAR))


def firm_districts(firms: pd.DataFrame, place: Place) -> pd.Series:
    """District that each firm counts in under a reading of 'place'.

    Parameters
    ----------
    firms : DataFrame
        Firms with their registered and operating districts.
    place : 'registered' or 'operating'
        Under 'operating' a firm whose office is not known counts where it is registered.

    Returns
    -------
    Series of text
        A district_id, ``'outside'`` (beyond the city) or ``'unplaced'``; on the index of ``firms``.
    """
    registered = _text(firms[c.REGISTERED_DISTRICT_ID])
    chosen = registered if place == "registered" else _text(firms[c.OPERATING_DISTRICT_ID]).fillna(registered)
    return chosen.fillna(c.UNPLACED).rename(c.DISTRICT_ID)


def office_elsewhere(firms: pd.DataFrame) -> NDArray[np.bool_]:
    """Which firms have their office in another district than they are registered in, or outside the city.

    A firm whose office is not known is none of them; one whose office alone is known is.
    """
    registered, operating = _text(firms[c.REGISTERED_DISTRICT_ID]), _text(firms[c.OPERATING_DISTRICT_ID])
    return (operating.notna() & (operating != registered)).to_numpy(bool)


def firm_column(firms: pd.DataFrame, name: str) -> pd.Series:
    """A column of the firms; all missing in a table that does not have it."""
    return firms[name] if name in firms else pd.Series(None, index=firms.index, dtype=object)


def _text(ids: pd.Series) -> pd.Series:
    """Ids as one kind of text, since categories of two columns do not mix."""
    return ids.astype("str")
