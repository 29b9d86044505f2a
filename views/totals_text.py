"""The totals of a register that lies in partitions, as JSON and as lines for a terminal.

They are the figures of the caller's own files, whole: no rule of confidentiality was asked, and the text says so.
"""

from typing import Any

import pandas as pd

from data import columns as c
from data.cube import cube_totals
from data.partition_cube import Counted
from views.words import Words

YI = 10**8


def totals_document(counted: Counted, names: pd.Series, *, partitions: int, year: int) -> dict[str, Any]:
    """Totals by year, and those of one year by area and by subsector.

    Parameters
    ----------
    counted : Counted
    names : Series
        Names of the areas by id.
    partitions : int
        How many there were.
    year : int
        One that the register has.
    """
    cube = counted.cube
    areas = _rows(cube_totals(cube, [c.DISTRICT_ID], year=year))
    return {
        "partitions": partitions,
        "rows": counted.rows,
        "synthetic": counted.synthetic,
        "each_firm_in_one_partition": counted.once,
        "year": year,
        "years": _rows(cube_totals(cube, [c.YEAR])),
        "districts": [{**row, "name": names.get(row[c.DISTRICT_ID])} for row in areas],
        "subsectors": _rows(cube_totals(cube, [c.SUBSECTOR_ID], year=year)),
        "outside": _outside(cube, year),
    }


def totals_text(document: dict[str, Any], t: Words) -> str:
    """The document as lines."""
    lines = [t("synthetic.notice")] if document["synthetic"] else []
    lines += [
        t("totals.read", rows=f"{document['rows']:,}", partitions=f"{document['partitions']:,}"),
        t("totals.once" if document["each_firm_in_one_partition"] else "totals.perhaps_twice"),
        t("totals.own_files"),
        "",
        *(_line(str(row[c.YEAR]), row, t) for row in document["years"]),
        "",
        t("totals.by_area", year=document["year"]),
        *(_line(f"{row[c.DISTRICT_ID]} {row['name'] or ''}".strip(), row, t) for row in document["districts"]),
        _line(t("totals.outside"), document["outside"], t),
        "",
        t("totals.by_subsector", year=document["year"]),
        *(_line(row[c.SUBSECTOR_ID], row, t) for row in document["subsectors"]),
    ]
    return "\n".join(lines)


def _rows(totals: pd.DataFrame) -> list[dict[str, Any]]:
    kept = totals[[c.FIRMS, c.TOTAL_CNY]].reset_index()
    return [{str(name): value for name, value in row.items()} for row in kept.to_dict("records")]


def _outside(cube: pd.DataFrame, year: int) -> dict[str, int]:
    """Firms beyond every area; cells of outside are counted as one district would be."""
    beyond = cube[cube[c.DISTRICT_ID] == c.OUTSIDE].assign(**{c.DISTRICT_ID: c.UNPLACED})
    rows = _rows(cube_totals(beyond, [c.DISTRICT_ID], year=year))
    return {name: rows[0][name] if rows else 0 for name in (str(c.FIRMS), str(c.TOTAL_CNY))}


def _line(name: str, row: dict[str, Any], t: Words) -> str:
    return t("totals.line", name=name, firms=f"{row[c.FIRMS]:,}", yi=f"{row[c.TOTAL_CNY] / YI:,.2f}")
