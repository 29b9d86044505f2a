"""What the tables of a version are: those of its parent, with what an import brings in their place or laid over them.

Nothing is written here. A part that stays is named, so that its files are taken over; only what an import needs of its
parent is opened, so that a damaged table can still be replaced.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data import columns as c
from data.brought import Brought
from data.dataset import Basis, Dataset
from data.known_firms import firms_at_places
from data.merging import merge_firms, merge_frames, merge_observations
from data.register import (
    CODES,
    OF_FIRMS,
    OF_OBSERVATIONS,
    TEXT,
    TEXTS,
    Register,
    build_register,
    canonical,
    check_columns,
    located_districts,
    row_numbers,
)
from data.settling import (
    firms_to_place_again,
    numbered_parks,
    parks_placed_again,
    settled_districts,
    settled_hubs,
    settled_indicators,
    settled_parks,
)
from data.version_files import Part, VersionRecord, mapped_tables, open_folder, open_surroundings

HUB_KEYS: list[str] = [c.KIND, c.NAME]
INDICATOR_KEYS = [c.INDICATOR, c.SCOPE, f"{c.AREA_ID}|{c.AREA_NAME}", f"{c.YEAR}|{c.PERIOD}"]


@dataclass(frozen=True, eq=False)
class NextTables:
    """Tables of a version that is not written yet.

    Attributes
    ----------
    parent : VersionRecord
        What it was made from.
    record : VersionRecord
        All but id, time and years.
    register : Register or None
        Firms and observations, when they are written again.
    frames : mapping of Part to DataFrame
        Small tables that are written again.
    kept : tuple of Part
        Parts whose files are the parent's.
    """

    parent: VersionRecord
    record: VersionRecord
    register: Register | None
    frames: Mapping[Part, pd.DataFrame]
    kept: tuple[Part, ...]


def next_tables(folder: Path, parent: VersionRecord, reference: Dataset, brought: Brought) -> NextTables:
    """Lay what is brought over a version.

    Parameters
    ----------
    folder : Path
        The parent's; not there for the bundled set.
    parent : VersionRecord
    reference : Dataset
        The bundled set.
    brought : Brought

    Raises
    ------
    BadTable
        When a table breaks the rules.
    DamagedVersion
        When the parent cannot lend what is needed of it.
    """
    before = _Before(folder, parent, reference)
    frames: dict[Part, pd.DataFrame] = {}
    districts, parks = before.around.districts, before.around.parks
    if brought.districts is not None:
        districts = frames[Part.DISTRICTS] = _next_districts(brought.districts, brought, districts)
    if brought.parks is not None:
        parks = _next_parks(brought.parks, brought, before, districts)
        frames[Part.PARKS] = parks
    if brought.districts is not None:
        frames[Part.PARKS] = parks_placed_again(parks, districts)
    if brought.indicators is not None:
        frames[Part.INDICATORS] = _next_indicators(brought.indicators, brought, before)
    if brought.hubs is not None:
        frames[Part.HUBS] = _next_hubs(brought.hubs, brought, before)
    register = None
    if brought.brings_firms or brought.districts is not None:
        register = _next_register(brought, before, districts)
    return _named(brought, parent, reference, register, frames)


class _Before:
    """What the parent lends, opened when it is asked for."""

    def __init__(self, folder: Path, record: VersionRecord, reference: Dataset) -> None:
        self.folder, self.record, self.reference = folder, record, reference
        self.around = open_surroundings(folder, record, reference)

    def dataset(self) -> Dataset:
        return open_folder(self.folder, self.record, self.reference)

    def firms_and_observations(self) -> tuple[pa.Table, pa.Table]:
        """Canonical tables; observations name their firm by id."""
        if Part.FIRMS in self.record.parts:
            firms, observations = mapped_tables(self.folder)
            number = observations[c.FIRM_NUMBER].combine_chunks().cast(pa.int32())
            ids = pa.DictionaryArray.from_arrays(number, firms[c.FIRM_ID].combine_chunks())
            observations = observations.drop_columns([c.FIRM_NUMBER]).append_column(c.FIRM_ID, ids)
        else:
            firms = _text_table(self.reference.firms, [*TEXTS, *CODES, c.LON, c.LAT])
            observations = _text_table(self.reference.observations, [*OF_OBSERVATIONS])
        return canonical(firms, OF_FIRMS), canonical(observations, OF_OBSERVATIONS)


def _text_table(frame: pd.DataFrame, names: list[str]) -> pa.Table:
    """Columns of a plain table that it has."""
    return pa.table({
        name: pa.array(frame[name], None if pd.api.types.is_numeric_dtype(frame[name]) else TEXT, from_pandas=True)
        for name in names
        if name in frame
    })  # fmt: skip


def _next_districts(given: gpd.GeoDataFrame, brought: Brought, known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    districts = settled_districts(given, name=brought.about.file_name)
    if not brought.merge:
        return districts
    kept = known[~known.index.isin(districts.index)]
    return gpd.GeoDataFrame(pd.concat([kept, districts]), crs=districts.crs)


def _next_parks(given: pd.DataFrame, brought: Brought, before: _Before, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    name, around = brought.about.file_name, before.around
    taken = {*map(str, around.streets.index), *map(str, before.reference.parks.index),
             *map(str, firms_at_places(before.dataset())[c.PLACE_ID])}  # fmt: skip
    parks = numbered_parks(settled_parks(given, districts, name=name), around.parks, taken)
    return merge_frames(around.parks, parks, [c.NAME], name=name) if brought.merge else parks


def _next_indicators(given: pd.DataFrame, brought: Brought, before: _Before) -> pd.DataFrame:
    name = brought.about.file_name
    indicators = settled_indicators(given, name=name)
    if not brought.merge:
        return indicators
    return merge_frames(before.around.indicators, indicators, INDICATOR_KEYS, name=name)


def _next_hubs(given: pd.DataFrame, brought: Brought, before: _Before) -> pd.DataFrame:
    name = brought.about.file_name
    hubs = settled_hubs(given, name=name)
    return merge_frames(before.around.hubs, hubs, HUB_KEYS, name=name) if brought.merge else hubs


def _next_register(brought: Brought, before: _Before, districts: gpd.GeoDataFrame) -> Register:
    name, firms, observations = brought.about.file_name, brought.firms, brought.observations
    if firms is not None:
        check_columns(name, firms.schema, OF_FIRMS, needed=(c.FIRM_ID, c.NAME))
    if observations is not None:
        check_columns(name, observations.schema, OF_OBSERVATIONS, needed=(c.FIRM_ID, c.YEAR))
        if c.REVENUE_CNY not in observations.column_names:
            observations = observations.append_column(c.REVENUE_CNY, pa.nulls(len(observations), pa.int64()))
    if firms is None or observations is None or brought.merge:
        known, seen = before.firms_and_observations()
        if brought.districts is not None:
            known = firms_to_place_again(known, districts)
        if firms is None:
            firms = known
        elif brought.merge:
            new = located_districts(canonical(firms, OF_FIRMS), districts)
            firms, rows = merge_firms(known, new, name=name)
            if observations is not None:
                observations = _renamed(observations, new[c.FIRM_ID], firms[c.FIRM_ID].take(pa.array(rows)))
        if observations is None:
            observations = _of_firms(seen, firms)
        elif brought.merge:
            new = canonical(observations, OF_OBSERVATIONS)
            observations = merge_observations(seen, new, firms[c.FIRM_ID], name=name)
    around = replace(before.around, districts=districts)
    digest = _digest_of_firms(brought, before.record, before.reference)
    return build_register(firms, observations, around, digest, name=name)


def _renamed(observations: pa.Table, given: pa.ChunkedArray, known_as: pa.ChunkedArray) -> pa.Table:
    """Observations under the ids that their firms were known by already."""
    seen = canonical(observations, OF_OBSERVATIONS)
    ids = seen[c.FIRM_ID].combine_chunks()
    names = known_as.take(pc.index_in(ids.dictionary, value_set=given, skip_nulls=True))
    names = pc.coalesce(names, ids.dictionary).combine_chunks()
    at = seen.schema.get_field_index(c.FIRM_ID)
    return seen.set_column(at, c.FIRM_ID, pa.DictionaryArray.from_arrays(ids.indices, names))


def _of_firms(observations: pa.Table, firms: pa.Table) -> pa.Table:
    """Observations of the firms that there still are."""
    known = row_numbers(observations[c.FIRM_ID], firms[c.FIRM_ID].cast(TEXT)) >= 0
    return observations if known.all() else observations.filter(pa.array(known))


def _named(
    brought: Brought,
    parent: VersionRecord,
    reference: Dataset,
    register: Register | None,
    frames: Mapping[Part, pd.DataFrame],
) -> NextTables:
    """The tables with all that can be said of them before they are a version."""
    about, new = brought.about, {part: _digest(brought, parent.parts.get(part, "")) for part in frames}
    if register is not None:
        new[Part.FIRMS] = register.digest
    parts = {part.value: new.get(part) or parent.parts[part] for part in Part if part in new or part in parent.parts}
    basis = about.basis or (Basis.REGISTER if brought.firms is not None and not brought.merge else parent.basis)
    record = VersionRecord(
        id="",
        digest=_sha(reference.digest, *parts, *parts.values()),
        basis=basis,
        synthetic=parent.synthetic if register is None else register.synthetic,
        firms=parent.firms if register is None else len(register.firms),
        observations=parent.observations if register is None else len(register.observations),
        years=(),
        parent=parent.id,
        kind=about.kind,
        file_name=about.file_name,
        sha256=about.sha256,
        accepted=about.accepted,
        repaired=about.repaired,
        refused=about.refused,
        datum=about.datum,
        note=about.note,
        parts=parts,
    )
    return NextTables(
        parent, record, register, frames, tuple(part for part in Part if part in parts and part not in new)
    )


def _digest_of_firms(brought: Brought, parent: VersionRecord, reference: Dataset) -> str:
    """Digest of the firms: of a register alone, or of what it is laid over as well."""
    whole = brought.firms is not None and brought.observations is not None and not brought.merge
    before = "" if whole else parent.parts.get(Part.FIRMS, reference.digest)
    areas = "" if brought.districts is not None else parent.parts.get(Part.DISTRICTS, "")
    return _digest(brought, before, areas)


def _digest(brought: Brought, *before: str) -> str:
    """What changes with the file, with how it was read, and with what it is laid over."""
    about = brought.about
    return _sha(about.sha256, about.mapping, about.datum, str(brought.merge), *before)


def _sha(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]
