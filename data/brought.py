"""What an import brings to the store: tables of one kind or more, what was found in them, and where they come from.

A table that is not brought stays as it was in the version before. A brought table takes the place of the old one, or,
with ``merge``, is laid over it: what a row gives replaces what was known, what it leaves empty stays.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from data import findings
from data.dataset import Basis


@dataclass(frozen=True)
class About:
    """Where the tables come from and how they were read.

    Attributes
    ----------
    kind : str
        What the file is about, as in ``data.mapping.TableKind``.
    file_name : str
        As its owner called it; never a path that is opened.
    sha256 : str
        Of the file's bytes, hexadecimal.
    accepted, repaired, refused : int
        Rows of the file: taken (repaired ones included), taken after a repair, kept out.
    datum : str
        Datum that the positions came in; empty when the file has none.
    mapping : str
        Which column was taken for which, as TOML.
    note : str
        Remark of the person who imports.
    basis : Basis, optional
        What a sum over the firms may be called. Left out, a new register is a ``REGISTER`` and anything else keeps
        what the version before was called, so that merging into a sample never makes it more than a sample.
    """

    kind: str
    file_name: str
    sha256: str
    accepted: int = 0
    repaired: int = 0
    refused: int = 0
    datum: str = ""
    mapping: str = ""
    note: str = ""
    basis: Basis | None = None


@dataclass(frozen=True, eq=False)
class Brought:
    """Tables for a new version; ``None`` leaves those of the version before.

    Attributes
    ----------
    about : About
    firms : pyarrow.Table, optional
        One row a firm: ``data.register.TEXTS`` and ``CODES`` as text (or dictionaries), ``lon``, ``lat``,
        ``synthetic``; ``firm_id`` and ``name`` must be there.
    observations : pyarrow.Table, optional
        ``firm_id``, ``year``, ``revenue_cny`` and, where known, ``value_added_cny``, ``employees``, ``scope``,
        ``status``, ``source``. Firms that come without observations keep those they had.
    parks : DataFrame, optional
        Columns of the bundled parks; ``area_m2``, ``floor_area_m2``, ``vacant_m2``, ``rent_cny_m2_month``, ``contact``
        and ``geometry`` (outlines as WKB, EPSG:4326) where known. Only ``name`` must be there.
    districts : GeoDataFrame, optional
        Columns of the bundled districts, EPSG:4326; ``district_id`` and ``name`` must be there.
    indicators : DataFrame, optional
        Columns of the bundled indicators; ``indicator`` must be there.
    hubs : DataFrame, optional
        Columns of the bundled hubs; ``name``, ``kind``, ``lon`` and ``lat`` must be there.
    findings : pyarrow.Table
        ``data.findings.SCHEMA``.
    refused : pyarrow.Table, optional
        Rows that were kept out, as they stand in the file.
    merge : bool
        Whether the tables are laid over those of the version before.
    """

    about: About
    firms: pa.Table | None = None
    observations: pa.Table | None = None
    parks: pd.DataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    indicators: pd.DataFrame | None = None
    hubs: pd.DataFrame | None = None
    findings: pa.Table = field(default_factory=findings.SCHEMA.empty_table)
    refused: pa.Table | None = None
    merge: bool = False

    @property
    def brings_firms(self) -> bool:
        """Whether firms or their observations come."""
        return self.firms is not None or self.observations is not None

    @property
    def nbytes(self) -> int:
        """About how many bytes the tables take."""
        arrow = (self.firms, self.observations, self.findings, self.refused)
        frames = (self.parks, self.districts, self.indicators, self.hubs)
        sizes = [table.nbytes for table in arrow if table is not None]
        sizes += [frame.memory_usage(deep=True).sum() for frame in frames if frame is not None]
        return int(sum(sizes))
