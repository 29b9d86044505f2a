"""Hubs from the rows of a file: metro and railway stations, border crossings, ports, airports, each one point.

A hub without a name, a kind that we know or a place says nothing about any site, so its row is refused. The datum is
judged by hubs of the same name that are known already, within some 300 m; what they do not settle is asked. Left out:
lines, exits, and how often anything leaves.
"""

import hashlib
import re

import numpy as np
import pandas as pd
import pyarrow as pa

from data import columns as c
from data.chosen import Chosen
from data.coordinates import PARK_PRECISION_M, Degrees, find_places, read_coordinates
from data.dataset import Dataset, Status
from data.findings import Effect, Findings
from data.heading_words import squeeze
from data.hub_kinds import read_hub_kinds
from data.progress import Progress
from data.statuses import read_statuses
from data.taken import Places, Taken

_STATION = re.compile(r"(?:地铁|地鐵|高铁|高鐵|火车|火車)?(?:车站|車站|站)$")


def read_hubs(
    chosen: Chosen, current: Dataset, *, told_datum: str | None, findings: Findings, progress: Progress
) -> Taken:
    """Hubs of a file, in the columns of the bundled ones.

    Parameters
    ----------
    chosen : Chosen
    current : Dataset
        Its hubs are evidence of the datum.
    told_datum : str or None
    findings : Findings
        Hears of rows without a name, a known kind or a place, and of hubs that stand twice.
    progress : Progress
    """
    rows, total = chosen.rows, len(chosen)
    names, written_kinds = chosen.or_nothing(c.NAME), chosen.or_nothing(c.KIND)
    findings.add("no_name", Effect.REFUSED, rows[np.asarray(names.is_null())], c.NAME)
    kinds = read_hub_kinds(written_kinds)
    at = np.flatnonzero(np.asarray(kinds.is_null()))
    findings.add("unknown_hub_kind", Effect.REFUSED, rows[at], c.KIND, before=written_kinds.take(pa.array(at)))
    progress("datum", 0, total)
    written = read_coordinates(chosen, findings)
    found = find_places(
        written,
        rows,
        areas=current.districts,
        named_area=np.full(total, None, object),
        anchors=_known_places(names, kinds, current.hubs),
        anchor_precision_m=np.full(total, PARK_PRECISION_M),
        told=told_datum,
        findings=findings,
    )
    progress("checking", 0, total)
    if not found.questions:
        findings.add("hub_without_place", Effect.REFUSED, rows[np.flatnonzero(np.isnan(found.lon))], c.LON)
    name, kind = pd.Series(names.to_pandas()), pd.Series(kinds.to_pandas())
    again = np.flatnonzero(pd.DataFrame({"name": name, "kind": kind}).duplicated().to_numpy() & name.notna().to_numpy())
    findings.add("hub_stands_twice", Effect.REFUSED, rows[again], c.NAME, before=name.iloc[again].tolist())
    kept = ~np.isin(rows, findings.rows(Effect.REFUSED))
    given = pd.Series(chosen.or_nothing(c.HUB_ID).to_pandas())
    table = pd.DataFrame(
        {
            c.HUB_ID: [i or made_hub_id(n, k) for i, n, k in zip(given, name, kind, strict=True)],
            c.KIND: kind.astype(object),
            c.NAME: name.astype(object),
            c.LON: found.lon,
            c.LAT: found.lat,
            c.PRECISION: _objects(chosen, c.PRECISION),
            c.SOURCE: _objects(chosen, c.SOURCE),
            c.STATUS: pd.Series(read_statuses(chosen, findings).to_pandas()).fillna(Status.UNVERIFIED.value),
        }
    )
    places = Places(written.x, written.y, found.lon, found.lat, found.diagnosis)
    return Taken({"hubs": table[kept].reset_index(drop=True)}, found.questions, places)


def made_hub_id(name: str | None, kind: str | None) -> str:
    """Id of a hub that has none: the same for the same name and kind."""
    return "HB-" + hashlib.sha256(f"{name}\n{kind or ''}".encode()).hexdigest()[:8].upper()


def _known_places(names: pa.ChunkedArray, kinds: pa.Array, hubs: pd.DataFrame) -> tuple[Degrees, Degrees]:
    """Where hubs of the same name and kind are known to lie; NaN where none is."""
    known: dict[tuple[str, str], tuple[float, float]] = {}
    for hub in hubs.to_dict("records"):
        known.setdefault((_bare(hub[c.NAME]), hub[c.KIND]), (hub[c.LON], hub[c.LAT]))
    nowhere = (np.nan, np.nan)
    pairs = [known.get((_bare(n or ""), k), nowhere) for n, k in zip(names.to_pylist(), kinds.to_pylist(), strict=True)]
    lon, lat = np.array(pairs, np.float64).reshape(-1, 2).T
    return lon, lat


def _bare(name: str) -> str:
    """A name as it is compared: 会展中心站 is 会展中心地铁站."""
    return _STATION.sub("", squeeze(name))


def _objects(chosen: Chosen, column: str) -> pd.Series:
    texts = pd.Series(chosen.or_nothing(column).to_pandas()).astype(object)
    return texts.where(texts.notna(), None)
