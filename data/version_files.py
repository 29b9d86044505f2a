"""What the folder of one version holds: tables that are mapped or small, and what is derived from them.

A version has five parts: firms (with observations and all that is derived from them), districts, parks, indicators,
hubs. A part that no import has brought yet is lent by the bundled set and has no file. Texts and numbers of firms stay
in their file until somebody touches them; texts of few values are one or two bytes a row. A version of few firms is
turned into the plain tables of the bundled set, whose rows the pages walk over; what it needs is derived at once, so
nothing derived is kept beside it.
"""

import json
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from data import columns as c
from data.brought import Brought
from data.dataset import Basis, Dataset
from data.derived import DERIVED, prime_derived, save_derived
from data.durable import flush_folder, flushed
from data.errors import DamagedVersion
from data.findings import SCHEMA
from data.firm_points import IDS, POINTS, firm_points, load_points, save_points
from data.register import Register

FORMAT, FORMATS = 2, (1, 2)
FIRMS, OBSERVATIONS, RECORD = "firms.arrow", "observations.arrow", "version.json"
FINDINGS, REFUSED = "findings.parquet", "refused.parquet"

log = logging.getLogger(__name__)


class Part(StrEnum):
    """What a version may have of its own."""

    FIRMS = "firms"
    DISTRICTS = "districts"
    PARKS = "parks"
    INDICATORS = "indicators"
    HUBS = "hubs"


FILES: dict[Part, tuple[str, ...]] = {
    Part.FIRMS: (FIRMS, OBSERVATIONS, IDS, POINTS, *(f"{name}.parquet" for name in DERIVED)),
    Part.DISTRICTS: ("districts.parquet",),
    Part.PARKS: ("parks.parquet",),
    Part.INDICATORS: ("indicators.parquet",),
    Part.HUBS: ("hubs.parquet",),
}
"""Files and folders of each part."""


@dataclass(frozen=True)
class VersionRecord:
    """What a version says of itself.

    Attributes
    ----------
    id : str
        ``"0"`` is the bundled set, others count up from ``"1"``.
    digest : str
        8 hexadecimal digits that change with what it was made from.
    basis : Basis
    synthetic : bool
        Whether any firm is made up.
    firms, observations : int
    years : tuple of int
    created : str
        ISO 8601, UTC; empty for the bundled set.
    parent : str
        Version that was current when its import began; empty for the bundled set.
    kind, file_name, sha256, accepted, repaired, refused, datum, note
        See ``data.brought.About``.
    parts : mapping of str to str
        Digest of each part that is its own or its parent's; what is not named is lent by the bundled set.
    """

    id: str
    digest: str
    basis: Basis
    synthetic: bool
    firms: int
    observations: int
    years: tuple[int, ...]
    created: str = ""
    parent: str = ""
    kind: str = ""
    file_name: str = ""
    sha256: str = ""
    accepted: int = 0
    repaired: int = 0
    refused: int = 0
    datum: str = ""
    note: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: Dataset, **facts: Any) -> "VersionRecord":
        """Record of a dataset."""
        return cls(dataset.version, dataset.digest, dataset.basis, dataset.synthetic, len(dataset.firms),
                   len(dataset.observations), tuple(dataset.years), **facts)  # fmt: skip


def write_register(register: Register, folder: Path) -> None:
    """Write the tables of the firms into the folder of a version."""
    for table, name in ((register.firms, FIRMS), (register.observations, OBSERVATIONS)):
        with flushed(folder / name) as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)


def write_table(part: Part, table: pd.DataFrame, folder: Path) -> None:
    """Write districts, parks, indicators or hubs into the folder of a version."""
    with flushed(folder / FILES[part][0]) as file:
        table.to_parquet(file)


def write_leftovers(brought: Brought, folder: Path) -> None:
    """Write what was found in the rows of an import, and its refused rows, when there are any."""
    for table, name in ((brought.findings, FINDINGS), (brought.refused, REFUSED)):
        if table is not None and len(table):
            with flushed(folder / name) as file:
                pq.write_table(table, file)


def link_part(part: Part, source: Path, target: Path) -> None:
    """Give the folder of a version a part of another version: the same files under one more name.

    A file is on the disk already and never changes, so a second name is as good as a copy; where a system has no hard
    links it is copied.
    """
    for name in FILES[part]:
        if (source / name).is_dir():
            (target / name).mkdir()
            for inner in (source / name).iterdir():
                _link(inner, target / name / inner.name)
            flush_folder(target / name)
        elif (source / name).exists():
            _link(source / name, target / name)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        with source.open("rb") as old, flushed(target) as new:
            shutil.copyfileobj(old, new)


def derive(dataset: Dataset, folder: Path) -> None:
    """Build what pages and tiles of many firms would wait for, and keep it in the folder."""
    if dataset.has_many_firms:
        save_derived(dataset, folder)
        save_points(firm_points(dataset), folder)


def write_record(record: VersionRecord, mapping: str, folder: Path) -> None:
    """Let a folder say what it is, so that a catalogue that is lost can be made again."""
    with flushed(folder / RECORD) as file:
        file.write(json.dumps({"format": FORMAT, **asdict(record), "mapping": mapping}, indent=1).encode())


def read_record(folder: Path) -> tuple[VersionRecord, str]:
    """What the folder of a version says of itself, and the mapping of its import.

    Raises
    ------
    DamagedVersion
        When its record is not there, not whole or of another format.
    """
    try:
        told = json.loads((folder / RECORD).read_text("utf-8"))
        form, mapping = told.pop("format"), told.pop("mapping", "")
        if form not in FORMATS:
            raise DamagedVersion(folder.name, "it was written by another release")
        if form == 1:  # it held one register and nothing else
            told |= {"parts": {Part.FIRMS.value: told["digest"]}, "kind": "firms", "accepted": told["firms"]}
        return VersionRecord(**told | {"basis": Basis(told["basis"]), "years": tuple(told["years"])}), str(mapping)
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise error if isinstance(error, DamagedVersion) else DamagedVersion(folder.name, str(error)) from error


def open_folder(folder: Path, record: VersionRecord, reference: Dataset) -> Dataset:
    """Open a version; what is derived is there with it, mapped or small.

    Parameters
    ----------
    folder : Path
    record : VersionRecord
        What the catalogue says of it.
    reference : Dataset
        Lends what the version has no part of.

    Raises
    ------
    DamagedVersion
    """
    dataset = open_tables(folder, record, reference)
    if Part.FIRMS in record.parts and dataset.has_many_firms:
        prime_derived(dataset, folder)
        _prime_points(dataset, folder)
    return dataset


def open_tables(folder: Path, record: VersionRecord, reference: Dataset) -> Dataset:
    """A version without what is derived from it.

    Raises
    ------
    DamagedVersion
    """
    around = open_surroundings(folder, record, reference)
    if Part.FIRMS not in record.parts:
        return around
    firms, observations = mapped_tables(folder)
    if (len(firms), len(observations)) != (record.firms, record.observations):
        raise DamagedVersion(folder.name, f"it holds {len(firms)} firms, its record says {record.firms}")
    return _dataset(firms, observations, around)


def open_surroundings(folder: Path, record: VersionRecord, reference: Dataset) -> Dataset:
    """A version with its own districts, parks, indicators and hubs, and the firms of the bundled set.

    Raises
    ------
    DamagedVersion
    """
    try:
        tables: dict[str, Any] = {
            part.value: _read_frame(part, folder) for part in Part if part in record.parts and part is not Part.FIRMS
        }
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise DamagedVersion(folder.name, " ".join(str(error).split())) from error
    return replace(
        reference,
        version=record.id,
        digest=record.digest,
        basis=record.basis,
        synthetic=record.synthetic,
        firms_digest=record.parts.get(Part.FIRMS, reference.digest),
        **tables,
    )


def mapped_tables(folder: Path) -> tuple[pa.Table, pa.Table]:
    """Firms and observations of a version as they lie in its files.

    Raises
    ------
    DamagedVersion
    """
    try:
        firms, observations = (_mapped(folder / name) for name in (FIRMS, OBSERVATIONS))
    except (OSError, pa.ArrowException) as error:
        raise DamagedVersion(folder.name, str(error)) from error
    return firms, observations


def read_leftover(folder: Path, name: str) -> pa.Table:
    """Findings or refused rows of a version; a table without rows when there were none."""
    path = folder / name
    if not path.exists():
        return SCHEMA.empty_table() if name == FINDINGS else pa.table({})
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DamagedVersion(folder.name, " ".join(str(error).split())) from error


def _prime_points(dataset: Dataset, folder: Path) -> None:
    try:
        firm_points.prime(dataset, load_points(folder, dataset))
    except (OSError, ValueError, KeyError) as error:
        log.warning("the points are built again: %s", error)


def _mapped(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _read_frame(part: Part, folder: Path) -> pd.DataFrame:
    """Small tables are as those of the bundled set: plain, by id where they have one."""
    path = folder / FILES[part][0]
    if part is Part.DISTRICTS:
        areas = gpd.read_parquet(path)
        table = _by(_plain(pd.DataFrame(areas.drop(columns=areas.geometry.name))), c.DISTRICT_ID)
        return gpd.GeoDataFrame(table, geometry=areas.geometry.to_numpy(), crs=areas.crs)  # type: ignore[no-any-return]
    frame: pd.DataFrame = _plain(pd.read_parquet(path))
    return _by(frame, _KEYS[part]) if part in _KEYS else frame


_KEYS = {Part.PARKS: c.PARK_ID, Part.HUBS: c.HUB_ID}


def _by(table: pd.DataFrame, key: str) -> pd.DataFrame:
    return pd.DataFrame(table.set_index(key, drop=False).rename_axis(None))


def _dataset(firms: pa.Table, observations: pa.Table, around: Dataset) -> Dataset:
    known, seen = _frame(firms), _frame(observations)
    ids = pd.Index(known[c.FIRM_ID].array)
    missing = pd.Categorical.from_codes(np.full(len(known), -1, np.int8), pd.Index([], dtype="str"))
    further = [name for name in known if name not in around.firms.columns and name != c.DISTRICT_BY_POINT]
    names = [*map(str, around.firms.columns), *further]
    known = pd.DataFrame(
        {name: known[name].array if name in known else missing for name in names}, index=ids, copy=False
    )
    # the public way hashes every id to see that none stands twice, which takes more memory than all the rest
    of_firms = pd.CategoricalDtype._from_fastpath(ids)  # type: ignore[attr-defined]
    firm = pd.Categorical.from_codes(seen.pop(c.FIRM_NUMBER).to_numpy(), dtype=of_firms, validate=False)
    seen.insert(0, c.FIRM_ID, pd.Series(firm, copy=False))
    made = replace(around, firms=known, observations=seen)
    if made.has_many_firms:
        return made
    return replace(made, firms=_plain(known), observations=_plain(seen).astype({c.YEAR: "int64"}))


def _frame(table: pa.Table) -> pd.DataFrame:
    """Columns as they lie in the file; whole numbers with gaps stay whole numbers."""
    frame = pd.DataFrame(table.to_pandas(split_blocks=True))
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_int64(column.type) and column.null_count:
            frame[name] = column.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Texts as objects and what is missing as ``None``, as in the bundled set."""
    text = table.select_dtypes(exclude=["number", "bool"])
    return pd.DataFrame(table.assign(**text.astype(object).where(text.notna(), None)))
