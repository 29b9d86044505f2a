"""Small tables in the form that a version keeps them, and where things lie when boundaries change.

Every column is there, unknown stays empty, and a table with a fault is refused in one sentence that names every fault.
"""

import re
from collections.abc import Iterable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data import columns as c
from data.dataset import Status
from data.errors import BadTable
from data.hub_kinds import HUB_KINDS
from data.register import TEXT
from geo.locate import locate_areas

OUTLINE, WGS84 = "geometry", "EPSG:4326"
KINDS = ("行政区", "功能区")
PARK_NUMBERS = (c.LON, c.LAT, c.AREA_M2, c.FLOOR_AREA_M2, c.VACANT_M2, c.RENT_CNY_M2_MONTH)
PARK_COLUMNS = (c.PARK_ID, c.NAME, c.LON, c.LAT, c.DISTRICT_ID, c.DISTRICT_TEXT, c.DISTRICT_BASIS, c.OPERATOR,
                c.AREA_TEXT, c.FOCUS, c.PRECISION, c.SOURCE, c.STATUS, c.NOTE, c.AREA_M2, c.FLOOR_AREA_M2, c.VACANT_M2,
                c.RENT_CNY_M2_MONTH, c.CONTACT)  # fmt: skip
DISTRICT_NUMBERS = (c.OFFICIAL_AREA_M2, c.LABEL_LON, c.LABEL_LAT)
DISTRICT_COLUMNS = (c.DISTRICT_ID, c.ADCODE, c.NAME, c.LABEL_ZH, c.NAME_EN, c.LABEL_EN, c.KIND, c.PARENT_ADCODE,
                    c.OFFICIAL_AREA_M2, c.AREA_SOURCE, c.AREA_STATUS, c.NOTE, c.LABEL_LON, c.LABEL_LAT)  # fmt: skip
INDICATOR_COLUMNS = (c.INDICATOR, c.SCOPE, c.AREA_ID, c.AREA_NAME, c.PERIOD, c.YEAR, c.VALUE, c.VALUE_TEXT, c.UNIT,
                     c.STATUS, c.SOURCE, c.NOTE)  # fmt: skip
HUB_COLUMNS = (c.HUB_ID, c.KIND, c.NAME, c.LON, c.LAT, c.PRECISION, c.SOURCE, c.STATUS)
MOST_DISTRICTS = 250  # a district is one byte of a point
_PARK_NUMBER = re.compile(r"P(\d+)", re.ASCII)


def settled_parks(given: pd.DataFrame, districts: gpd.GeoDataFrame, *, name: str = "parks") -> pd.DataFrame:
    """Parks with all columns; a park with an outline and no point has one inside it, and its district by its point.

    Parameters
    ----------
    given : DataFrame
        See ``data.brought.Brought``.
    districts : GeoDataFrame
    name : str, optional
        What an error calls the table.

    Raises
    ------
    BadTable
    """
    _check(name, _problems_of_columns(given, (*PARK_COLUMNS, OUTLINE), needed=(c.NAME,)))
    parks = _with_columns(given, PARK_COLUMNS, PARK_NUMBERS)
    problems = list(_problems_of_texts(parks, c.NAME))
    if OUTLINE in given:
        outlines = shapely.from_wkb(given[OUTLINE].to_numpy(object), on_invalid="ignore")
        parks[OUTLINE] = given[OUTLINE].to_numpy(object)
        if wrong := int((shapely.is_missing(outlines) & given[OUTLINE].notna().to_numpy()).sum()):
            problems.append(f"{wrong} rows whose geometry is no outline")
        bare = parks[c.LON].isna().to_numpy() & ~shapely.is_missing(outlines) & ~shapely.is_empty(outlines)
        inside = shapely.point_on_surface(outlines[bare])
        parks.loc[bare, c.LON], parks.loc[bare, c.LAT] = shapely.get_x(inside), shapely.get_y(inside)
    lon, lat = parks[c.LON].to_numpy(), parks[c.LAT].to_numpy()
    if wrong := int(((np.abs(lon) > 180) | (np.abs(lat) > 90) | (np.isnan(lon) != np.isnan(lat))).sum()):
        problems.append(f"{wrong} rows whose lon and lat are no place in degrees")
    problems += _strangers(parks, c.DISTRICT_ID, map(str, districts.index))
    problems += _strangers(parks, c.STATUS, map(str, Status))
    _check(name, problems)
    found = pd.Series(locate_areas(lon, lat, districts), dtype=object)
    parks[c.DISTRICT_ID] = parks[c.DISTRICT_ID].where(parks[c.DISTRICT_ID].notna(), found)
    parks[c.STATUS] = parks[c.STATUS].fillna(str(Status.UNVERIFIED))
    return parks


def numbered_parks(parks: pd.DataFrame, known: pd.DataFrame, taken: Iterable[str]) -> pd.DataFrame:
    """Parks with ids, so that what a firm says of its place stays true.

    A park of the same name keeps its id; another has the one that it brings, unless that was some other place's, or the
    next number.

    Parameters
    ----------
    parks : DataFrame
        Settled ones.
    known : DataFrame
        Parks of the version before.
    taken : iterable of str
        Further ids that stand for a place.
    """
    of_name = dict(zip(known[c.NAME], map(str, known[c.PARK_ID]), strict=True))
    used = {*of_name.values(), *taken}
    ids: list[str] = []
    for park, brought in zip(parks[c.NAME], parks[c.PARK_ID], strict=True):
        own = of_name.get(park) or (brought if isinstance(brought, str) and brought not in used else _next(used))
        used.add(own)
        ids.append(own)
    return parks.assign(**{c.PARK_ID: ids})


def settled_districts(given: gpd.GeoDataFrame, *, name: str = "districts") -> gpd.GeoDataFrame:
    """Districts with all columns, by id; a label that is not given lies inside its outline.

    Raises
    ------
    BadTable
    """
    _check(name, _problems_of_columns(given.drop(columns=given.geometry.name), DISTRICT_COLUMNS,
                                      needed=(c.DISTRICT_ID, c.NAME)))  # fmt: skip
    table = _with_columns(pd.DataFrame(given.drop(columns=given.geometry.name)), DISTRICT_COLUMNS, DISTRICT_NUMBERS)
    outlines = given.geometry.to_numpy() if given.crs is None else given.geometry.to_crs(WGS84).to_numpy()
    problems = [*_problems_of_texts(table, c.DISTRICT_ID), *_problems_of_texts(table, c.NAME)]
    if given.crs is None:
        problems.append("outlines without a coordinate system")
    if reserved := sorted({c.OUTSIDE, c.UNPLACED} & set(table[c.DISTRICT_ID])):
        problems.append(f"district_id {reserved[0]!r} is kept for firms without a district")
    if not 1 <= len(table) <= MOST_DISTRICTS:
        problems.append(f"{len(table)} districts; expected 1 to {MOST_DISTRICTS}")
    kinds = shapely.get_type_id(outlines)
    if wrong := int((~np.isin(kinds, (3, 6)) | ~shapely.is_valid(outlines) | shapely.is_empty(outlines)).sum()):
        problems.append(f"{wrong} rows whose outline is no valid polygon")
    problems += _strangers(table, c.AREA_STATUS, map(str, Status)) + _strangers(table, c.KIND, KINDS)
    _check(name, problems)
    inside = shapely.point_on_surface(outlines)
    kind = pd.Series(np.where(table[c.ADCODE].notna(), *KINDS), dtype=object)
    for column, otherwise in (
        (c.LABEL_ZH, table[c.NAME]), (c.NAME_EN, table[c.NAME]), (c.KIND, kind),
        (c.AREA_STATUS, pd.Series([str(Status.UNVERIFIED)] * len(table))),
        (c.LABEL_LON, pd.Series(shapely.get_x(inside))), (c.LABEL_LAT, pd.Series(shapely.get_y(inside))),
    ):  # fmt: skip
        table[column] = table[column].where(table[column].notna(), otherwise)
    table[c.LABEL_EN] = table[c.LABEL_EN].where(table[c.LABEL_EN].notna(), table[c.NAME_EN])
    return gpd.GeoDataFrame(table.set_index(c.DISTRICT_ID, drop=False).rename_axis(None), geometry=outlines, crs=WGS84)


def settled_indicators(given: pd.DataFrame, *, name: str = "indicators") -> pd.DataFrame:
    """Indicators with all columns.

    Raises
    ------
    BadTable
    """
    _check(name, _problems_of_columns(given, INDICATOR_COLUMNS, needed=(c.INDICATOR,)))
    table = _with_columns(given, INDICATOR_COLUMNS, (c.VALUE,)).astype({c.YEAR: "Int64"})
    problems = [f"{empty} rows without {c.INDICATOR}"] if (empty := int(table[c.INDICATOR].isna().sum())) else []
    _check(name, [*problems, *_strangers(table, c.STATUS, map(str, Status))])
    year, value = (table[column].astype("str").astype(object) for column in (c.YEAR, c.VALUE))
    for column, otherwise, known in (
        (c.PERIOD, year, table[c.YEAR].notna()), (c.VALUE_TEXT, value, table[c.VALUE].notna()),
        (c.AREA_NAME, table[c.AREA_ID], table[c.AREA_ID].notna()),
    ):  # fmt: skip
        table[column] = table[column].where(table[column].notna() | ~known, otherwise)
    table[c.STATUS] = table[c.STATUS].fillna(str(Status.UNVERIFIED))
    return table


def settled_hubs(given: pd.DataFrame, *, name: str = "hubs") -> pd.DataFrame:
    """Hubs with all columns, numbered where they bring no id; two of one kind never share a name.

    Raises
    ------
    BadTable
    """
    _check(name, _problems_of_columns(given, HUB_COLUMNS, needed=(c.NAME, c.KIND, c.LON, c.LAT)))
    hubs = _with_columns(given, HUB_COLUMNS, (c.LON, c.LAT))
    hubs[c.HUB_ID] = hubs[c.HUB_ID].where(hubs[c.HUB_ID].notna(), [f"H{i:03d}" for i in range(1, len(hubs) + 1)])
    problems = list(_problems_of_texts(hubs, c.HUB_ID))
    for column in (c.NAME, c.KIND):
        if empty := int((hubs[column].isna() | (hubs[column] == "")).sum()):
            problems.append(f"{empty} rows without {column}")
    if twice := int(hubs.duplicated([c.KIND, c.NAME]).sum()):
        problems.append(f"{twice} hubs stand twice under one kind and name")
    lon, lat = hubs[c.LON].to_numpy(), hubs[c.LAT].to_numpy()
    if wrong := int((~(np.abs(lon) <= 180) | ~(np.abs(lat) <= 90)).sum()):
        problems.append(f"{wrong} rows whose lon and lat are no place in degrees")
    problems += _strangers(hubs, c.KIND, HUB_KINDS) + _strangers(hubs, c.STATUS, map(str, Status))
    _check(name, problems)
    hubs[c.STATUS] = hubs[c.STATUS].fillna(str(Status.UNVERIFIED))
    return hubs


def firms_to_place_again(firms: pa.Table, districts: gpd.GeoDataFrame) -> pa.Table:
    """Canonical firms without the districts that were found by a polygon, or that there are no more."""
    columns = dict(zip(firms.column_names, firms.columns, strict=True))
    known = pa.array([*map(str, districts.index), c.OUTSIDE], TEXT)
    for name in (c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID):
        if name in columns:
            texts = columns[name].cast(TEXT)
            stays = pc.is_in(texts, value_set=known)
            if name == c.REGISTERED_DISTRICT_ID and c.DISTRICT_BY_POINT in columns:
                stays = pc.and_not(stays, pc.fill_null(columns[c.DISTRICT_BY_POINT], False))
            columns[name] = pc.if_else(stays, texts, pa.scalar(None, TEXT)).dictionary_encode()
    columns.pop(c.DISTRICT_BY_POINT, None)
    return pa.table(columns).combine_chunks()


def parks_placed_again(parks: pd.DataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Parks in the districts that hold their points; another keeps its district while there is one of that id."""
    lon, lat = (parks[name].to_numpy(np.float64, na_value=np.nan) for name in (c.LON, c.LAT))
    found = pd.Series(locate_areas(lon, lat, districts), index=parks.index, dtype=object)
    kept = parks[c.DISTRICT_ID].where(parks[c.DISTRICT_ID].isin(list(districts.index)), None)
    return parks.assign(**{c.DISTRICT_ID: found.where(found.notna(), kept).astype(object)})


def _next(used: Iterable[str]) -> str:
    numbers = [int(match.group(1)) for one in used if (match := _PARK_NUMBER.fullmatch(one))]
    return f"P{max(numbers, default=0) + 1:02d}"


def _with_columns(given: pd.DataFrame, names: Iterable[str], numbers: Iterable[str]) -> pd.DataFrame:
    """All columns in their order, index from 0: numbers as floats, anything else as objects, ``None`` where empty."""
    columns = {}
    for name in names:
        values = (
            given[name].reset_index(drop=True) if name in given else pd.Series(None, range(len(given)), dtype=object)
        )
        if name in numbers:
            columns[name] = pd.to_numeric(values).astype(np.float64)
        else:
            columns[name] = values.astype(object).where(values.notna(), None)
    return pd.DataFrame(columns)


def _check(name: str, problems: Iterable[str]) -> None:
    if listed := list(problems):
        raise BadTable(name, listed)


def _problems_of_columns(given: pd.DataFrame, known: Iterable[str], *, needed: Iterable[str]) -> Iterator[str]:
    yield from (f"no column {column!r}" for column in needed if column not in given)
    yield from (f"column {column!r} is not one of this table" for column in given if column not in set(known))


def _problems_of_texts(table: pd.DataFrame, column: str) -> Iterator[str]:
    """What is wrong with a column that tells the rows apart."""
    if empty := int((table[column].isna() | (table[column] == "")).sum()):
        yield f"{empty} rows without {column}"
    twice = table[column][table[column].duplicated() & table[column].notna()]
    if len(twice):
        yield f"{column} {str(twice.iloc[0])[:40]!r} stands twice ({len(twice)} such rows)"


def _strangers(table: pd.DataFrame, column: str, known: Iterable[str]) -> list[str]:
    values = list(known)
    strange = table[column][table[column].notna() & ~table[column].isin(values)]
    if strange.empty:
        return []
    return [f"{column} {str(strange.iloc[0])[:40]!r} is none of {', '.join(values)} ({len(strange)} rows)"]
