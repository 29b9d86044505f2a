"""A small register most of which is nobody's business, and how to find its figures wherever they might come out.

Every revenue is a random number of 13 digits, so that no other number is it by chance. `Secrets` knows them in all the
forms in which a page, a tile or a file could hold them: as digits with any decimal point and any commas, rounded as a
reader sees them, and as the bytes of integers and floats, at any offset and within what is packed or encoded.
"""

import base64
import binascii
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusters.accounts import UNIT_CNY
from clusters.release import release
from clusters.roles import Viewer
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.observed import observed_rows
from data.store import open_version
from data.synthetic import synthesize, write_register
from tests.register_files import import_register

FIRMS, FREE, YEAR = 300, 40, 2023
NUMBER = re.compile(rb"\d[\d,]*(?:\.\d+)?")
SHOWN = re.compile(rb"(?<![\d,.])\d{1,3}(?:,\d{3})+\.\d{1,2}(?!\d)")
BASE64 = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")
NAME = re.compile(rb"(?:SYN-|%b |%b )(\d{6})" % ("合成企业".encode(), re.escape(json.dumps("合成企业")[1:-1]).encode()))
PNG = b"\x89PNG\r\n\x1a\n"


def write_secret_register(home: Path, reference: Dataset) -> Dataset:
    """Make it the current version of a workspace."""
    firms = synthesize(FIRMS, 5, reference)
    firms = firms.drop(columns=[name for name in firms if str(name).startswith("revenue_") and name != c.REVENUE_CNY])
    number, rng = np.arange(FIRMS), np.random.default_rng(20)
    firms[c.REVENUE_CNY] = rng.integers(10**12, 9 * 10**12, FIRMS)
    firms[c.CONFIDENTIALITY] = np.where(number < FREE, "public_record", "statistical")
    firms[c.HOLDING_ID] = np.where(number % 7 == 0, "集团一", None)
    firms[c.SUBSECTOR_WEIGHTS] = np.where(firms[c.SUBSECTOR_ID] == "S01", "S01:0.7;S05:0.3", None)
    firms[c.OPERATING_DISTRICT_ID] = np.where(number % 9 == 0, "440304", None)
    firms[c.ADDRESS] = [f"某路{n}号" for n in number]
    write_register(firms, home / "register.parquet")
    return open_version(home, import_register(home / "register.parquet", home, reference).id, reference)


class Secrets:
    """What one reader may not see.

    Parameters
    ----------
    dataset : Dataset
        Everything.
    viewer : Viewer
    """

    def __init__(self, dataset: Dataset, viewer: Viewer) -> None:
        hidden, observed = viewer.hidden_firms(dataset.firms), observed_rows(dataset)
        own = observed.revenue[hidden[observed.firm]]
        withheld, told = self._totals(dataset, release(dataset, viewer))
        free = set(observed.revenue[~hidden[observed.firm]].tolist()) | told
        self.withheld = withheld - free
        self.amounts = np.array(sorted((set(own.tolist()) | withheld) - free - {0}), np.int64)
        self._names = {str(name)[-6:].encode() for name in dataset.firms.loc[hidden, c.NAME]}
        self._digits = {self._digits_of(str(one).encode()) for one in self.amounts.tolist()}
        self._shown = self._as_shown(self.amounts) - self._as_shown(np.array(sorted(free), np.int64))
        self._bytes = np.unique(np.concatenate(list(self._as_numbers())))
        self._heads = np.zeros(2**16, bool)  # upper two bytes of any of them: few words have the same
        self._heads[self._bytes >> 48] = True

    @staticmethod
    def _totals(dataset: Dataset, seen: Dataset) -> tuple[set[int], set[int]]:
        """Totals of cells, of districts and of clusters that are withheld, and those that are not."""
        withheld: set[int] = set()
        told: set[int] = set()
        places: tuple[Place, ...] = ("registered", "operating")
        for place in places:
            for by in ([c.DISTRICT_ID, c.SUBSECTOR_ID], [c.DISTRICT_ID], [c.SUBSECTOR_ID], [c.YEAR]):
                right, shown = (
                    cube_totals(cube_of(each), by, place=place, year=YEAR)[c.TOTAL_CNY] for each in (dataset, seen)
                )
                lacking = shown.reindex(right.index).isna()
                withheld |= set(right[lacking].astype(int).tolist())
                told |= set(right[~lacking].astype(int).tolist())
        return withheld, told

    @staticmethod
    def _digits_of(token: bytes) -> bytes:
        """Digits alone: whatever the unit of an amount, they are the same."""
        return token.replace(b",", b"").replace(b".", b"").strip(b"0")

    @staticmethod
    def _as_shown(amounts: NDArray[np.int64]) -> set[bytes]:
        """Digits of an amount that is rounded up or down for display, of either language."""
        units = [way for cny in amounts.tolist() for way in (cny // UNIT_CNY, -(-cny // UNIT_CNY))]
        return {str(unit).encode() for unit in units}

    def _as_numbers(self) -> Iterator[NDArray[np.uint64]]:
        """Bytes of an amount as an integer, and as a float in any unit that somebody reads."""
        yield self.amounts.astype("<i8").view("<u8")
        for unit in (1, 10**4, 10**6, 10**8, 10**9):
            yield (self.amounts / unit).astype("<f8").view("<u8")

    def found_in(self, blob: bytes) -> dict[str, int]:
        """How many secrets some bytes hold, by form."""
        counts = dict.fromkeys(("digits", "shown", "bytes"), 0)
        for part in unfolded(blob):
            digits = {self._digits_of(token) for token in set(NUMBER.findall(part))}
            shown = {token.replace(b",", b"").replace(b".", b"") for token in set(SHOWN.findall(part))}
            counts["digits"] += len(digits & self._digits)
            counts["shown"] += len(shown & self._shown)
            for offset in range(min(8, max(len(part) - 7, 0))):
                words = np.frombuffer(part, "<u8", count=(len(part) - offset) // 8, offset=offset)
                if (likely := words[self._heads[words >> 48]]).size:
                    counts["bytes"] += int(np.isin(likely, self._bytes).sum())
        return counts

    def names_in(self, blob: bytes) -> int:
        """How many names and codes of firms whose figures are hidden some bytes hold."""
        return sum(len(self._names & set(NAME.findall(part))) for part in unfolded(blob))


def unfolded(blob: bytes, depth: int = 3) -> Iterator[bytes]:
    """Some bytes, and what is packed or encoded in them."""
    yield blob
    if depth:
        for inner in _inner(blob):
            yield from unfolded(inner, depth - 1)


def _inner(blob: bytes) -> Iterable[bytes]:
    with suppress(zipfile.BadZipFile, zlib.error):
        if blob.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(blob)) as packed:
                yield from [packed.read(name) for name in packed.namelist()]
    with suppress(zlib.error):
        if blob.startswith(b"\x1f\x8b"):
            yield zlib.decompress(blob, 31)
        if blob.startswith(PNG):
            yield zlib.decompressobj().decompress(blob[blob.index(b"IDAT") + 4 :])
    for run in BASE64.findall(blob):
        with suppress(binascii.Error):
            yield base64.b64decode(run[: len(run) // 4 * 4])


def text_of(path: Path) -> bytes:
    """What a table that is a file holds, read back: formats pack their numbers each in its own way."""
    import geopandas as gpd

    suffix = path.suffix
    if suffix == ".parquet":
        return pd.read_parquet(path).to_csv().encode()
    return gpd.read_file(path, engine="pyogrio").to_csv().encode() if suffix == ".gpkg" else b""
