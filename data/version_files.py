"""What the folder of one version holds: two Arrow files that are mapped, never read whole, and what is derived.

Texts and numbers stay in the file until somebody touches them; texts of few values are one or two bytes a row. A
version of few firms is turned into the plain tables of the bundled set, whose rows the pages walk over; what it needs
is derived at once, so nothing derived is kept beside it.
"""

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc

from data import columns as c
from data.dataset import Basis, Dataset
from data.derived import prime_derived, save_derived
from data.durable import flushed, replacing
from data.errors import DamagedVersion
from data.firm_points import firm_points, load_points, save_points
from data.register import Register

FORMAT = 1
FIRMS, OBSERVATIONS, RECORD = "firms.arrow", "observations.arrow", "version.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VersionRecord:
    """What a version says of itself.

    Attributes
    ----------
    id : str
        ``"0"`` is the bundled set, others count up from ``"1"``.
    digest : str
        First 8 hexadecimal digits of a SHA-256 over what it was made from.
    basis : Basis
    synthetic : bool
        Whether any firm is made up.
    firms, observations : int
    years : tuple of int
    created : str
        ISO 8601, UTC; empty for the bundled set.
    """

    id: str
    digest: str
    basis: Basis
    synthetic: bool
    firms: int
    observations: int
    years: tuple[int, ...]
    created: str = ""

    @classmethod
    def of(cls, dataset: Dataset, created: str = "") -> "VersionRecord":
        """Record of a dataset."""
        return cls(dataset.version, dataset.digest, dataset.basis, dataset.synthetic, len(dataset.firms),
                   len(dataset.observations), tuple(dataset.years), created)  # fmt: skip


def write_version(
    register: Register, folder: Path, reference: Dataset, *, version_id: str, created: str
) -> VersionRecord:
    """Fill an empty folder with the tables of a register and all that is derived from them.

    Parameters
    ----------
    register : Register
    folder : Path
    reference : Dataset
        Lends districts, parks and all else.
    version_id, created : str
        For the record.
    """
    for table, name in ((register.firms, FIRMS), (register.observations, OBSERVATIONS)):
        with flushed(folder / name) as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    dataset = _dataset(
        register.firms,
        register.observations,
        reference,
        version=version_id,
        digest=register.digest,
        basis=Basis.REGISTER,
        synthetic=register.synthetic,
    )
    if dataset.has_many_firms:
        save_derived(dataset, folder)
        save_points(firm_points(dataset), folder)
    record = VersionRecord.of(dataset, created)
    with replacing(folder / RECORD) as file:
        file.write(json.dumps({"format": FORMAT, **asdict(record)}, indent=1).encode())
    return record


def read_record(folder: Path) -> VersionRecord:
    """What the version of a folder says of itself.

    Raises
    ------
    DamagedVersion
        When its record is not there, not whole or of another format.
    """
    try:
        told = json.loads((folder / RECORD).read_text("utf-8"))
        if told.pop("format") != FORMAT:
            raise DamagedVersion(folder.name, "it was written by another release")
        return VersionRecord(**told | {"basis": Basis(told["basis"]), "years": tuple(told["years"])})
    except (OSError, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise DamagedVersion(folder.name, str(error)) from error


def open_folder(folder: Path, reference: Dataset) -> Dataset:
    """Open a version; what is derived is there with it, mapped or small.

    Parameters
    ----------
    folder : Path
    reference : Dataset
        Lends districts, parks and all else.

    Raises
    ------
    DamagedVersion
    """
    record = read_record(folder)
    try:
        firms, observations = (_mapped(folder / name) for name in (FIRMS, OBSERVATIONS))
    except (OSError, pa.ArrowException) as error:
        raise DamagedVersion(folder.name, str(error)) from error
    if (len(firms), len(observations)) != (record.firms, record.observations):
        raise DamagedVersion(folder.name, f"it holds {len(firms)} firms, its record says {record.firms}")
    dataset = _dataset(
        firms,
        observations,
        reference,
        version=record.id,
        digest=record.digest,
        basis=record.basis,
        synthetic=record.synthetic,
    )
    if dataset.has_many_firms:
        prime_derived(dataset, folder)
        _prime_points(dataset, folder)
    return dataset


def _prime_points(dataset: Dataset, folder: Path) -> None:
    try:
        firm_points.prime(dataset, load_points(folder, dataset))
    except (OSError, ValueError, KeyError) as error:
        log.warning("the points are built again: %s", error)


def _mapped(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _dataset(firms: pa.Table, observations: pa.Table, reference: Dataset, **facts: Any) -> Dataset:
    known, seen = _frame(firms), _frame(observations)
    ids = pd.Index(known[c.FIRM_ID].array)
    missing = pd.Categorical.from_codes(np.full(len(known), -1, np.int8), pd.Index([], dtype="str"))
    names = [*map(str, reference.firms.columns), str(c.SYNTHETIC)]
    names += [str(c.SUBSECTOR_WEIGHTS)] if c.SUBSECTOR_WEIGHTS in known else []
    known = pd.DataFrame(
        {name: known[name].array if name in known else missing for name in names}, index=ids, copy=False
    )
    # the public way hashes every id to see that none stands twice, which takes more memory than all the rest
    of_firms = pd.CategoricalDtype._from_fastpath(ids)  # type: ignore[attr-defined]
    firm = pd.Categorical.from_codes(seen.pop(c.FIRM_NUMBER).to_numpy(), dtype=of_firms, validate=False)
    seen.insert(0, c.FIRM_ID, pd.Series(firm, copy=False))
    made = replace(reference, firms=known, observations=seen, **facts)
    if made.has_many_firms:
        return made
    return replace(made, firms=_plain(known), observations=_plain(seen).astype({c.YEAR: "int64"}))


def _frame(table: pa.Table) -> pd.DataFrame:
    return pd.DataFrame(table.to_pandas(split_blocks=True))


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Texts as objects and what is missing as ``None``, as in the bundled set."""
    text = table.select_dtypes(exclude=["number", "bool"])
    return table.assign(**text.astype(object).where(text.notna(), None))
