"""What a reader may see of a version, made once, before anything is computed, drawn or written from it.

Every page, tile, export and verb takes its dataset from here. For whoever sees everything it is the version itself; for
anybody else a dataset whose tables do not hold the figures of firms that are not free: they are nowhere, not in a
column that nobody draws either. Sums come from the released cells of ``clusters.released_cells``, and what follows from
sums (tiers, shares, quotients, scenarios) follows from those. A number that would need the firms is missing, and says
that it is withheld.

All readers get the same table; the government of one district gets it with its own row opened. Left out: what it can
work out of a neighbor's cells by taking its own figures off the margins is for the law to forbid, and so is what
several readers learn by putting together what each may see.
"""

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.released_cells import released_cells, released_cube, with_own_district
from clusters.released_firms import released_firms, without
from clusters.roles import Role, Viewer, read_viewer, viewer_without_sign_in
from clusters.suppression_rules import DEFAULT_RULE, SafetyRule
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Release, firms_by_year
from data.derived import load_table, save_table
from data.firm_points import build_points, firm_points
from data.known_firms import known_firms
from data.observed import Observed, observed_rows, rows_of
from data.once import once_per_dataset
from data.settings import settings
from data.shelf import shelf_of
from data.store import current_dataset, dataset_of


def visible_dataset(viewer: Viewer | None = None, *, version: str = "") -> Dataset:
    """A version as a reader may see it.

    Parameters
    ----------
    viewer : Viewer, optional
        The reader without sign-in when left out.
    version : str
        Id of an earlier version; empty is the current one. Only who keeps the data gets another than the current one:
        two released versions may differ by one firm.

    Raises
    ------
    UnknownRole
    UnknownVersion, DamagedVersion
    """
    reader = viewer or viewer_without_sign_in()
    return release(dataset_of(version) if version and reader.keeps_data else current_dataset(), reader)


def release(dataset: Dataset, viewer: Viewer) -> Dataset:
    r"""A dataset as a reader may see it, made once for each kind of reader.

    Firms whose own figures are not for this reader stay in the tables without them; sums are those of one fixed table
    of district by subsector a year, of which what would give somebody away is withheld.

    Parameters
    ----------
    dataset : Dataset
    viewer : Viewer

    Returns
    -------
    Dataset
        The same one when there is nothing to hide; else with a digest of its own and ``release`` set.

    Notes
    -----
    With :math:`F` the sums of firms that are free for the reader, :math:`S` those of the others and :math:`y` whether a
    cell is withheld, the cell of district d, subsector k and year t that the reader gets is

    .. math:: \tilde C_{d,k,t} = F_{d,k,t} + (1 - y_{d,k,t})\, S_{d,k,t}, \qquad y_{d,k,t} \in \{0, 1\}

    and margins are released or withheld alike. A total that needs a withheld cell and has no released margin is
    missing.

    Reading: whatever is shown is exact; what is missing is withheld, not unknown and not zero. Numbers of firms are
    complete.

    Limits: each year's table is safe by itself; what changes between years or versions of the data is not looked at,
    nor what readers of several kinds learn by putting together what each may see.

    References
    ----------
    Hundepool, A. et al. (2012): Statistical Disclosure Control, Wiley, chapter 4.

    Examples
    --------
    Listed firms are public record, so the bundled sample is the same for everybody.

    >>> from clusters.roles import Role
    >>> from data.reference import load_reference
    >>> sample = load_reference()
    >>> release(sample, Viewer(Role.PUBLIC)) is sample
    True
    """
    if viewer.keeps_data:
        return dataset
    return _made(dataset).of(dataset, viewer)


def is_visible(viewer: Viewer) -> bool:
    """Whether ``visible_dataset`` answers this reader at once, and need not look for safe cells first."""
    return viewer.keeps_data or _made(current_dataset()).has(viewer)


def safety_rule() -> SafetyRule:
    """When a cell of the fixed table is unsafe: the product's rules, and the one that ``JIQUN_DOMINANCE`` adds."""
    n, _, k = settings().dominance.partition(":")
    return SafetyRule(dominance=(int(n), float(k))) if n else DEFAULT_RULE


def withheld_firms(dataset: Dataset, firms: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of some firms of a dataset have figures that were taken out for its reader.

    Parameters
    ----------
    dataset : Dataset
    firms : DataFrame
        Rows of its firms.
    """
    if dataset.release is None:
        return np.zeros(len(firms), bool)
    return read_viewer(dataset.release.audience).hidden_firms(firms)


class _Made:
    """The releases of one dataset; each is built by the first who asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_viewer: dict[Viewer, Dataset | None] = {}
        self._designs: dict[SafetyRule, pd.DataFrame] = {}

    def has(self, viewer: Viewer) -> bool:
        return viewer in self._by_viewer

    def of(self, dataset: Dataset, viewer: Viewer) -> Dataset:
        with self._lock:
            if viewer not in self._by_viewer:
                hidden = viewer.hidden_firms(dataset.firms)
                self._by_viewer[viewer] = self._released(dataset, viewer, hidden) if hidden.any() else None
        return self._by_viewer[viewer] or dataset

    def _released(self, dataset: Dataset, viewer: Viewer, hidden: NDArray[np.bool_]) -> Dataset:
        statistical = Viewer(Role.PUBLIC).hidden_firms(dataset.firms)
        rule = safety_rule()
        if rule not in self._designs:
            self._designs[rule] = _kept_design(dataset, statistical, rule)
        design = self._designs[rule]
        if (statistical & ~hidden).any():
            design = with_own_district(design, _unmoved(dataset, statistical & ~hidden), viewer.district_id)
        cube = released_cube(_some(dataset, ~hidden), _unmoved(dataset, hidden), design)
        return _released(dataset, viewer, hidden, cube)


@once_per_dataset
def _made(dataset: Dataset) -> _Made:
    return _Made()


def _kept_design(dataset: Dataset, statistical: NDArray[np.bool_], rule: SafetyRule) -> pd.DataFrame:
    """The fixed table that lies beside the version; made once, since another search might withhold other cells."""
    told = f"{dataset.firms_stamp} {rule} ".encode() + np.packbits(statistical).tobytes()
    shelf = shelf_of(settings().home)
    path = shelf.folder / dataset.version / f"released-{hashlib.sha256(told).hexdigest()[:16]}.parquet"

    def write(file: Path) -> None:
        save_table(released_cells(_unmoved(dataset, statistical), rule), file, digest=dataset.firms_stamp)

    if not path.parent.is_dir():  # no version
        return released_cells(_unmoved(dataset, statistical), rule)
    if not path.is_file():
        shelf.keep_first(path, write)
    return load_table(path, digest=dataset.firms_stamp)


def _unmoved(dataset: Dataset, keep: NDArray[np.bool_]) -> Dataset:
    """Some of its firms, which count where they are registered under either reading of place."""
    some = _some(dataset, keep)
    return replace(some, firms=without(some.firms, (c.OPERATING_DISTRICT_ID,), np.ones(len(some.firms), bool)))


def _released(dataset: Dataset, viewer: Viewer, hidden: NDArray[np.bool_], cube: pd.DataFrame) -> Dataset:
    firms, rows = released_firms(dataset, viewer, hidden)
    digest, stamp = (_digest(text, viewer) for text in (dataset.digest, dataset.firms_stamp))
    made = replace(
        dataset,
        firms=firms,
        observations=_observations(dataset, firms, rows, hidden),
        digest=digest,
        firms_digest=stamp,
        release=Release(str(viewer), int(hidden.sum()), int(cube[c.WITHHELD].sum()) // 2),
    )
    cube_of.prime(made, cube)
    firms_by_year.prime(made, firms_by_year(dataset))
    known_firms.prime(made, known_firms(_counted(dataset, firms, rows, hidden)))
    firm_points.prime(made, build_points(made, _presence(dataset, rows, hidden)))
    return made


_OF_CELLS = (
    *(c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID, c.HOLDING_ID),
    *(c.LOCATION_PRECISION, c.LON),
)


def _some(dataset: Dataset, keep: NDArray[np.bool_]) -> Dataset:
    """The same version with some of its firms, and of these what cells are made of."""
    return replace(dataset, firms=dataset.firms.loc[keep, [name for name in _OF_CELLS if name in dataset.firms]])


def _observations(
    dataset: Dataset, firms: pd.DataFrame, rows: NDArray[np.intp], hidden: NDArray[np.bool_]
) -> pd.DataFrame:
    """Observations of free firms; those of the others do not leave this module."""
    table = dataset.observations
    firm = rows_of(table[c.FIRM_ID], dataset.firms.index)
    keep = np.flatnonzero((firm >= 0) & ~hidden[firm])
    kept = table.iloc[keep]
    if not isinstance(table[c.FIRM_ID].dtype, pd.CategoricalDtype):
        return kept.reset_index(drop=True)
    number = pd.Categorical.from_codes(_place_of(rows)[firm[keep]], dtype=pd.CategoricalDtype(firms.index))
    return kept.assign(**{c.FIRM_ID: number}).reset_index(drop=True)


def _counted(dataset: Dataset, firms: pd.DataFrame, rows: NDArray[np.intp], hidden: NDArray[np.bool_]) -> Dataset:
    """The same firms to be counted: the places that are shown, the parts that are kept."""
    known = without(_some(dataset, np.ones(len(rows), bool)).firms, (c.OPERATING_DISTRICT_ID,), hidden).iloc[rows]
    shown = {name: firms[name].array for name in (c.LOCATION_PRECISION, c.LON) if name in firms}
    return replace(dataset, firms=known.set_axis(firms.index).assign(**shown))


def _presence(dataset: Dataset, rows: NDArray[np.intp], hidden: NDArray[np.bool_]) -> Observed:
    """In which years each firm was observed, with the revenue of the free ones."""
    observed = observed_rows(dataset)
    revenue = np.where(hidden[observed.firm], 0, observed.revenue)
    return replace(observed, firm=_place_of(rows)[observed.firm].astype(np.int32), revenue=revenue)


def _place_of(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    place = np.empty(len(rows), np.intp)
    place[rows] = np.arange(len(rows))
    return place


def _digest(text: str, viewer: Viewer) -> str:
    return hashlib.sha256(f"{text}/{viewer}".encode()).hexdigest()[:8]
