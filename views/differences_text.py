"""Two versions beside each other, as lines for a terminal and as a document for a program."""

from collections.abc import Hashable, Iterator
from dataclasses import asdict
from typing import Any

import pandas as pd

from data import columns as c
from data.dataset import Dataset
from data.differences import AFTER, BEFORE, CHANGE, COLUMNS, DIFFERENCE, Differences
from views.words import Words

MOST_LINES = 10


def differences_text(found: Differences, after: Dataset, t: Words) -> str:
    """Counts, then the clusters and districts whose total differs in the latest year that has any, then firms."""
    lines = [t("differences.head", before=found.before, after=found.after)]
    lines += [
        t(f"differences.{name}", added=f"{counts.added:,}", gone=f"{counts.gone:,}", changed=f"{counts.changed:,}")
        for name, counts in _counts(found).items()
    ]
    if found.changed_columns:
        parts = t.listed([f"{name} {firms:,}" for name, firms in found.changed_columns.items()])
        lines.append(t("differences.columns", columns=parts))
    names = after.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    for table, key in ((found.clusters, c.SUBSECTOR_ID), (found.districts, c.DISTRICT_ID)):
        lines += _total_lines(table, key, names, t)
    examples = found.examples.head(MOST_LINES)
    lines += [
        f"{t(f'differences.{one[CHANGE]}')} {one[c.FIRM_ID]} {one[c.NAME]} {one[COLUMNS]}".rstrip()
        for one in examples.to_dict("records")
    ]
    return "\n".join(lines)


def differences_document(found: Differences) -> dict[str, Any]:
    """All of it, as JSON knows it."""
    tables = {"examples": found.examples, "clusters": found.clusters, "districts": found.districts}
    return {
        "before": found.before,
        "after": found.after,
        **{name: asdict(counts) for name, counts in _counts(found).items()},
        "changed_columns": found.changed_columns,
        **{name: _records(table) for name, table in tables.items()},
    }


def _records(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Rows; what is withheld from the reader, or missing, is ``None``, and money is whole."""
    whole = {name: table[name].astype("Int64") for name in (BEFORE, AFTER, DIFFERENCE) if name in table}
    told = table.assign(**whole).astype(object)
    return told.where(told.notna(), None).to_dict("records")


def _money(cny: float, t: Words) -> str:
    """A total, or that it is withheld: nothing else leaves one without a figure."""
    return t.nothing(withheld=True) if cny != cny else t.money(cny)


def _counts(found: Differences) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("firms", "observations", "parks", "indicators", "hubs")}


def _total_lines(table: pd.DataFrame, key: str, names: "pd.Series[str]", t: Words) -> Iterator[str]:
    differ = table[(table[DIFFERENCE] != 0) & ~(table[BEFORE].isna() & table[AFTER].isna())]
    latest = differ[differ[c.YEAR] == differ[c.YEAR].max()]
    for row in latest.to_dict("records"):
        one = str(row[key])
        named = f"subsector.{one}" if key == c.SUBSECTOR_ID else f"word.{one}"
        yield t(
            "differences.total",
            name=t(named) if named in t else names.get(one, one),
            year=row[c.YEAR],
            **{one: _money(row[key], t) for one, key in (("before", BEFORE), ("after", AFTER))},
        )
