"""The app over data whose names try to run: ``python -m tests.views.serve_hostile PORT``.

The largest firms of 南山, its first parks, every street and two labels carry the payloads; the tables are otherwise the
bundled ones. Imported by the tests too, for the data alone.
"""

import dataclasses
import sys
from functools import lru_cache

import pandas as pd

import data.reference
from data import columns as c
from data.dataset import Dataset

# quotes kill a script that was escaped once and hide what would run, so that one payload of each kind goes without
PAYLOADS = (
    "![x](http://127.0.0.1:9/beacon)",
    "{{ 7*7 }}",
    '<img src=x onerror="window.pwned=1">',
    "`${window.pwned=1}`",
    "${window.pwned=1}",
    "</script><script>window.pwned=1</script>",
    "{% if %}",
    "{# x",
    "javascript:window.pwned=1",
    "<b>\\u0061</b> & 'q'",
)
DISTRICT = "440305"
LABELS = {"440308": PAYLOADS[2], "440310": PAYLOADS[1]}
real_reference = data.reference.load_reference


@lru_cache(maxsize=1)
def hostile_dataset() -> Dataset:
    """The bundled data with hostile names; the n-th firm and the n-th park carry the n-th payload everywhere."""
    real = real_reference()
    firms, parks, streets, districts, hubs = (
        table.copy() for table in (real.firms, real.parks, real.streets, real.districts, real.hubs)
    )
    observations = real.observations.copy()
    for payload, firm, park in zip(PAYLOADS, hostile_firms(), hostile_parks(), strict=True):
        for column in (c.NAME, c.SHORT_NAME, c.ADDRESS, c.SOURCE, c.OFFICE_NOTE):
            firms.loc[firm, column] = payload
        # alone at the park of the same number, a kilometre to the side so that both marks can be reached
        firms.loc[firm, [c.PLACE_ID, c.LOCATION_PRECISION]] = [park, "park"]
        firms.loc[firm, [c.LON, c.LAT]] = [parks[c.LON][park] + 0.01, parks[c.LAT][park]]
        observations.loc[observations[c.FIRM_ID] == firm, c.SOURCE] = payload
        for column in (c.NAME, c.OPERATOR, c.FOCUS, c.AREA_TEXT, c.SOURCE):
            parks.loc[park, column] = payload
    for payload, hub in zip(PAYLOADS, hubs.index, strict=False):
        for column in (c.NAME, c.PRECISION, c.SOURCE):
            hubs.loc[hub, column] = payload
    streets[c.NAME] = [PAYLOADS[n % len(PAYLOADS)] for n in range(len(streets))]
    districts[c.AREA_SOURCE] = [PAYLOADS[n % len(PAYLOADS)] for n in range(len(districts))]
    for district, label in LABELS.items():
        districts.loc[district, [c.LABEL_ZH, c.LABEL_EN]] = label
    return dataclasses.replace(
        real,
        digest="hostile0",
        firms=firms,
        parks=parks,
        streets=streets,
        hubs=hubs,
        districts=districts,
        observations=observations,
    )


@lru_cache(maxsize=1)
def hostile_firms() -> list[str]:
    """The largest firms of the district in the default year, of as many subsectors as there are."""
    real = real_reference()
    year = real.usable[real.usable[c.YEAR] == real.default_year].set_index(c.FIRM_ID)[c.REVENUE_CNY]
    mine = real.firms.index[(real.firms[c.REGISTERED_DISTRICT_ID] == DISTRICT) & real.firms[c.LON].notna()]
    return [str(f) for f in year.reindex(mine).sort_values(ascending=False).index[: len(PAYLOADS)]]


@lru_cache(maxsize=1)
def hostile_parks() -> list[str]:
    """The district's first parks that have a point and no firm."""
    real = real_reference()
    free = real.parks[c.LON].notna() & (real.parks[c.DISTRICT_ID] == DISTRICT)
    taken: pd.Series = real.parks[c.PARK_ID].isin(real.firms[c.PLACE_ID])
    return [str(p) for p in real.parks.index[free & ~taken][: len(PAYLOADS)]]


if __name__ == "__main__":
    data.reference.load_reference = hostile_dataset
    from app import run

    run(int(sys.argv[1]))
