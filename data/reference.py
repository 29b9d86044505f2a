"""The bundled set, version 0: eleven areas, parks, streets, hubs, listed firms, their revenues, official facts.

Raw headings become canonical here and nowhere else. The firms have no coordinates; each is placed from its address by
``geo.address`` and keeps the precision. What a source does not say stays empty.
"""

import re
import tomllib
from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd

from data import columns as c
from data.dataset import Basis, Dataset, Status
from data.errors import BadTable
from data.once import once_per_dataset
from data.sources import REFERENCE, digest
from geo.address import Gazetteer, Place, PlaceKind, normalize_address
from geo.boundaries import BoundaryRule, load_areas
from geo.locate import locate_areas

CITY = "440300"
COUNTRY = "100000"
WIDER_AREAS = {"深圳市": CITY, "全国": COUNTRY}
CNY_PER_YI = Decimal(10**8)
OVERLAY = "(前海)"  # 前海 lies over 南山 and 宝安 and is never a district of its own
STATUSES = {
    "sourced": Status.SOURCED,
    "secondary source": Status.SECONDARY,
    "secondary source, unverified": Status.SECONDARY,
    "from memory, unverified": Status.MEMORY,
}


@lru_cache(maxsize=1)
def load_reference() -> Dataset:
    """Version 0, checked against ``sources.toml``; the same object on every call.

    Raises
    ------
    SourceMismatch
        When a shipped file was changed without its entry.
    BadTable
        When a row breaks the rules of its table.
    """
    stamp = digest()
    districts = _districts()
    parks, streets = _parks(districts), _streets(districts)
    firms = _firms(districts, parks, streets)
    return Dataset(
        version="0",
        digest=stamp,
        city_adcode=CITY,
        basis=Basis.LISTED_SAMPLE,
        firms=firms,
        observations=_observations(firms),
        indicators=_indicators(districts),
        parks=parks,
        streets=streets,
        hubs=_hubs(),
        districts=districts,
    )


def _table(name: str) -> pd.DataFrame:
    """Read a reference file as text; blanks are missing, and a firm may be called NA."""
    frame = pd.read_csv(REFERENCE / name, dtype=str, keep_default_na=False, na_values=[""])
    return frame.astype(object).where(frame.notna(), None)


def _check(table: str, problems: Iterable[str]) -> None:
    """Raise one error that lists every problem, when there is any."""
    if listed := list(problems):
        raise BadTable(table, listed)


def _statuses(table: str, written: pd.Series) -> pd.Series:
    unknown = sorted(set(written) - set(STATUSES), key=str)
    _check(table, (f"status {u!r} is not one of {sorted(STATUSES)}" for u in unknown))
    return written.map(STATUSES).astype(str)


def _rules() -> list[BoundaryRule]:
    listed = tomllib.loads((REFERENCE / "boundary_rules.toml").read_text("utf-8"))["area"]
    rules = []
    for entry in listed:
        line = None
        if "line" in entry:
            drawn = pd.read_csv(REFERENCE / entry["line"], comment="#")
            ends = [tuple(entry["south"])], [tuple(entry["north"])]
            line = tuple(ends[0] + list(drawn.itertuples(index=False, name=None)) + ends[1])
        rules.append(
            BoundaryRule(
                area_id=entry["area_id"],
                source_adcode=entry["source_adcode"],
                keep=entry.get("keep", "all"),
                longitude=entry.get("longitude"),
                line=line,
            )
        )
    return rules


def _districts() -> gpd.GeoDataFrame:
    raw = _table("districts.csv").set_index("area_id", drop=False)
    labels = _table("labels.csv").set_index("district_id")
    areas = load_areas(_rules())
    if missing := sorted(set(raw.index) ^ set(areas.index)):
        raise BadTable("districts.csv", [f"area {m} has no row or no boundary rule" for m in missing])
    frame = pd.DataFrame(
        {
            c.DISTRICT_ID: raw["area_id"],
            c.ADCODE: raw["adcode"],
            c.NAME: raw["name_zh"],
            c.LABEL_ZH: labels["label_zh"].reindex(raw.index),
            c.NAME_EN: raw["name_en"],
            c.LABEL_EN: labels["label_en"].reindex(raw.index),
            c.KIND: raw["kind"],
            c.PARENT_ADCODE: raw["parent_adcode"],
            c.OFFICIAL_AREA_M2: raw["official_area_km2"].astype(float) * 1e6,
            c.AREA_SOURCE: raw["area_source"],
            c.AREA_STATUS: _statuses("districts.csv", raw["area_status"]),
            c.NOTE: raw["area_note"],
            c.LABEL_LON: labels["lon"].reindex(raw.index).astype(float),
            c.LABEL_LAT: labels["lat"].reindex(raw.index).astype(float),
        }
    )
    frame.index.name = None
    return gpd.GeoDataFrame(frame, geometry=areas.geometry.reindex(frame.index), crs=areas.crs)


def _district_ids(written: pd.Series, districts: gpd.GeoDataFrame) -> pd.Series:
    """District of a written name; a name over several districts gives the first that it names, or nothing."""
    by_name = dict(zip(districts[c.NAME], districts.index, strict=True))
    pattern = re.compile("|".join(sorted(map(re.escape, by_name), key=len, reverse=True)))

    def one(text: str | None) -> str | None:
        found = pattern.search(text.replace(OVERLAY, "")) if text else None
        return by_name[found.group()] if found else None

    return written.map(one).astype(object).where(lambda s: s.notna(), None)


def _parks(districts: gpd.GeoDataFrame) -> pd.DataFrame:
    raw = _table("parks.csv")
    lon, lat = raw["lon"].astype(float), raw["lat"].astype(float)
    return (
        pd.DataFrame(
            {
                c.PARK_ID: [f"P{i:02d}" for i in range(1, len(raw) + 1)],
                c.NAME: raw["name"],
                c.LON: lon,
                c.LAT: lat,
                c.DISTRICT_ID: pd.Series(locate_areas(lon.to_numpy(), lat.to_numpy(), districts), dtype=object).fillna(
                    _district_ids(raw["district"], districts)
                ),
                c.DISTRICT_TEXT: raw["district"],
                c.DISTRICT_BASIS: raw["district_basis"],
                c.OPERATOR: raw["operator"],
                c.AREA_TEXT: raw["area"],
                c.FOCUS: raw["focus_sectors"],
                c.PRECISION: raw["precision"],
                c.SOURCE: raw["coord_source"].fillna(raw["attr_source"]),
                c.STATUS: np.where(raw["coord_source"].notna(), Status.SECONDARY, Status.UNVERIFIED),
                c.NOTE: raw["attr_source"],
            }
        )
        .set_index(c.PARK_ID, drop=False)
        .rename_axis(None)
    )


def _streets(districts: gpd.GeoDataFrame) -> pd.DataFrame:
    raw = _table("streets.csv")
    return (
        pd.DataFrame(
            {
                c.STREET_ID: [f"R{i:02d}" for i in range(1, len(raw) + 1)],
                c.NAME: raw["street"],
                c.LON: raw["lon"].astype(float),
                c.LAT: raw["lat"].astype(float),
                c.DISTRICT_ID: _district_ids(raw["district"], districts),
                c.PRECISION: raw["precision"],
                c.SOURCE: raw["source"],
                c.STATUS: _statuses("streets.csv", raw["status"]),
            }
        )
        .set_index(c.STREET_ID, drop=False)
        .rename_axis(None)
    )


def _hubs() -> pd.DataFrame:
    raw = _table("hubs.csv")
    return (
        pd.DataFrame(
            {
                c.HUB_ID: [f"H{i:03d}" for i in range(1, len(raw) + 1)],
                c.KIND: raw["kind"],
                c.NAME: raw["name"],
                c.LON: raw["lon"].astype(float),
                c.LAT: raw["lat"].astype(float),
                c.PRECISION: raw["precision"],
                c.SOURCE: raw["source"],
                c.STATUS: _statuses("hubs.csv", raw["status"]),
            }
        )
        .set_index(c.HUB_ID, drop=False)
        .rename_axis(None)
    )


@once_per_dataset
def gazetteer_of(dataset: Dataset) -> Gazetteer:
    """Places of a dataset by name: its parks, streets and districts, read once and shared."""
    return _gazetteer(dataset.districts, dataset.parks, dataset.streets)


def _gazetteer(districts: gpd.GeoDataFrame, parks: pd.DataFrame, streets: pd.DataFrame) -> Gazetteer:
    aliases: dict[tuple[str, str], list[str]] = {}
    written = _table("gazetteer_aliases.csv")
    for kind, name, alias in zip(written["place_kind"], written["name"], written["alias"], strict=True):
        aliases.setdefault((kind, name), []).append(alias)
    tables: tuple[tuple[PlaceKind, pd.DataFrame, str, str, str], ...] = (
        ("park", parks, c.PARK_ID, c.LON, c.LAT),
        ("street", streets, c.STREET_ID, c.LON, c.LAT),
        ("district", districts, c.DISTRICT_ID, c.LABEL_LON, c.LABEL_LAT),
    )
    places = [
        Place(
            str(row[key]),
            row[c.NAME],
            kind,
            row.get(lon),
            row.get(lat),
            row[c.DISTRICT_ID],
            (*aliases.get((kind, row[c.NAME]), ()), *_names_in_english(row)),
        )
        for kind, table, key, lon, lat in tables
        for row in table.astype(object).where(table.notna(), None).to_dict("records")
        if len(normalize_address(row[c.NAME] or "")) > 1  # a park of one letter would be read everywhere
    ]
    return Gazetteer(places)


def _names_in_english(row: Mapping[Hashable, str | None]) -> Iterator[str]:
    """What a column of districts may hold: ``Bao'an District``, ``Bao'an``, ``Baoan``; nothing for a park or street."""
    for name in filter(None, (row.get(c.NAME_EN), row.get(c.LABEL_EN))):
        yield from (name, name.replace("'", ""), name.replace("'", "\u2019"))


def _firms(districts: gpd.GeoDataFrame, parks: pd.DataFrame, streets: pd.DataFrame) -> pd.DataFrame:
    raw, subsectors = _table("firms.csv"), subsectors_by_name()
    _check(
        "firms.csv",
        (
            f"subsector {s!r} of {n} is none of the plan's"
            for n, s in zip(raw["name"], raw["subsector"], strict=True)
            if s not in subsectors
        ),
    )
    _check("firms.csv", (f"stock_code {s} stands twice" for s in raw["stock_code"][raw["stock_code"].duplicated()]))
    gazetteer = _gazetteer(districts, parks, streets)
    registered = _district_ids(raw["district"], districts)
    placed = [
        gazetteer.place(address or "", park=park, district=district)
        for address, park, district in zip(raw["address"], raw["park"], registered, strict=True)
    ]
    office_address = raw["address_source"].fillna("").str.startswith("办公地址")
    office_outside = raw["hq_check"].fillna("").str.startswith("office outside")
    operating = pd.Series([p.district for p in placed], dtype=object).where(office_address, None)
    operating[office_outside] = c.OUTSIDE
    return (
        pd.DataFrame(
            {
                c.FIRM_ID: raw["stock_code"],
                c.NAME: raw["name"],
                c.SHORT_NAME: raw["short_name"],
                c.LISTED: raw["listed"],
                c.ADDRESS: raw["address"],
                c.SUBSECTOR_ID: raw["subsector"].map(subsectors),
                c.SUBSECTOR_BASIS: raw["subsector_basis"],
                c.REGISTERED_DISTRICT_ID: registered,
                c.OPERATING_DISTRICT_ID: operating.where(operating.notna(), None),
                c.LON: [np.nan if p.lon is None else p.lon for p in placed],
                c.LAT: [np.nan if p.lat is None else p.lat for p in placed],
                c.LOCATION_PRECISION: [p.precision for p in placed],
                c.PLACE_ID: [p.place_id for p in placed],
                c.PLACE_EVIDENCE: ["; ".join(p.evidence) for p in placed],
                c.PLACE_CONFLICT: ["; ".join(p.conflicts) for p in placed],
                c.OFFICE_NOTE: raw["hq_check"],
                c.CONFIDENTIALITY: "public_record",
                c.NOTES: raw["notes"],
                c.SOURCE: raw["address_source"],
                c.STATUS: np.where(raw["address_source"].notna(), Status.SECONDARY, Status.UNVERIFIED),
            }
        )
        .set_index(c.FIRM_ID, drop=False)
        .rename_axis(None)
    )


def subsector_ids() -> tuple[str, ...]:
    """Ids of the subsectors of the bundled plan, in its order."""
    return tuple(subsectors_by_name().values())


def subsectors_by_name() -> dict[str, str]:
    """Id of each subsector of the bundled plan by its short name, in its order."""
    table = _table("subsectors.csv")
    return dict(zip(table["short_name"], table["subsector_id"], strict=True))


def _observations(firms: pd.DataFrame) -> pd.DataFrame:
    raw = _table("revenue.csv")
    _check(
        "revenue.csv",
        (f"stock_code {s} is not in firms.csv" for s in sorted(set(raw["stock_code"]) - set(firms.index))),
    )
    twice = raw[raw.duplicated(["stock_code", "year"])]
    _check(
        "revenue.csv", (f"{s} has two rows for {y}" for s, y in zip(twice["stock_code"], twice["year"], strict=True))
    )
    return pd.DataFrame(
        {
            c.FIRM_ID: raw["stock_code"],
            c.YEAR: raw["year"].astype(int),
            c.REVENUE_CNY: [int((Decimal(text) * CNY_PER_YI).to_integral_value()) for text in raw["revenue_yi"]],
            c.SCOPE: "合并营收",
            c.STATUS: _statuses("revenue.csv", raw["status"]),
            c.SOURCE: raw["source"],
        }
    )


def _indicators(districts: gpd.GeoDataFrame) -> pd.DataFrame:
    raw = _table("facts.csv")
    named = dict(zip(districts[c.NAME], districts.index, strict=True)) | WIDER_AREAS
    # "数字经济产业增加值(市统计局口径, 狭义)": the brackets hold the scope
    parts = raw["indicator"].str.extract(r"^(?P<name>.*?)(?:[(（](?P<scope>[^()（）]*)[)）])?$")
    return pd.DataFrame(
        {
            c.INDICATOR: parts["name"],
            c.SCOPE: parts["scope"].astype(object).where(parts["scope"].notna(), None),
            c.AREA_ID: raw["area"].map(named),
            c.AREA_NAME: raw["area"],
            c.PERIOD: raw["year"],
            c.YEAR: pd.to_numeric(raw["year"], errors="coerce").astype("Int64"),
            c.VALUE: pd.to_numeric(raw["value"], errors="coerce"),
            c.VALUE_TEXT: raw["value"],
            c.UNIT: raw["unit"],
            c.STATUS: _statuses("facts.csv", raw["status"]),
            c.SOURCE: raw["source"],
            c.NOTE: raw["note"],
        }
    )
