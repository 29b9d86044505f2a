"""A page of features as GeoJSON: the rows of one page become text, and nothing else of a table does."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.ogc.properties import PROPERTIES, Kind
from api.ogc.records import Link, PageHead, Provenance
from api.ogc.tables import Features, Said
from data import columns as c
from data.dataset import Dataset, firm_column


def provenance_of(dataset: Dataset, labels: Said, year: int | None) -> Provenance:
    """Where the figures of an answer come from.

    Parameters
    ----------
    dataset : Dataset
    labels : Said
        ``basis`` and ``notice``, and ``release`` when something was taken out for the reader.
    year : int or None
    """
    basis, notice, release = (labels.get(key, (None, None)) for key in ("basis", "notice", "release"))
    return Provenance.model_validate(
        {
            "data_version": f"{dataset.version} ({dataset.digest})",
            "year": year,
            "basis": dataset.basis.value,
            **dict(zip(("basis_zh", "basis_en"), basis, strict=True)),
            **dict(zip(("notice_zh", "notice_en"), notice, strict=True)),
            **dict(zip(("release_zh", "release_en"), release, strict=True)),
            "synthetic": dataset.synthetic,
        }
    )


def page(
    features: Features, rows: NDArray[np.intp], collection: str, told: Provenance, *, matched: int, links: list[Link]
) -> bytes:
    """A feature collection.

    Parameters
    ----------
    features : Features
    rows : ndarray of int
        Those of the page.
    collection : str
    told : Provenance
    matched : int
        How many features match, on all pages.
    links : list of Link
    """
    head = PageHead(
        time_stamp=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        number_matched=matched,
        number_returned=len(rows),
        provenance=told,
        links=links,
    )
    written = ",\n".join(_members(features, rows, collection, told))
    return b'%b,"features":[%b]}' % (head.json_bytes().removesuffix(b"}"), written.encode())


def feature(
    features: Features, rows: NDArray[np.intp], collection: str, told: Provenance, *, links: list[Link]
) -> bytes:
    """The one feature of these rows, with its links."""
    (written,) = _members(features, rows, collection, told)
    linked = json.dumps([link.model_dump(exclude_none=True) for link in links], ensure_ascii=False)
    return f'{written[:-1]},"links":{linked}}}'.encode()


def _members(features: Features, rows: NDArray[np.intp], collection: str, told: Provenance) -> list[str]:
    some = features.rows(rows)
    columns = {str(each.column): _values(firm_column(some, each.column), each.kind) for each in PROPERTIES[collection]}
    columns |= {name: [value] * len(some) for name, value in told.model_dump().items()}
    if c.SYNTHETIC in some:  # a register marks its rows one by one
        own = _values(some[c.SYNTHETIC], "boolean")
        columns[c.SYNTHETIC] = [told.synthetic if value is None else value for value in own]
    properties = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return [
        f'{{"type":"Feature","id":{_json(str(one))},"geometry":{place},"properties":{_json(said)}}}'
        for one, place, said in zip(some.index, features.places.geojson(rows), properties, strict=True)
    ]


def _values(column: pd.Series, kind: Kind) -> list[object]:
    """Values of a column as JSON of one kind knows them, ``None`` where there is none."""
    if kind in ("number", "integer"):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        whole = kind == "integer"
        return [None if not np.isfinite(v) else int(v) if whole else v for v in numbers.tolist()]
    make = bool if kind == "boolean" else str
    return [make(value) if there else None for value, there in zip(column, column.notna(), strict=True)]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
