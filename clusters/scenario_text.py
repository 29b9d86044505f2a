"""A scenario as a short text for a link and as a document for a machine, and back without loss.

``2021-2025;registered;attract:440305:S01:5000000000:3;move:00700.HK:440304;grow:0.05:S01:440305``: the year observed
and the year looked at, where revenue counts, then one change each. A part that is left empty is all of them; signs that
the text uses itself are percent-encoded within a part.
"""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, unquote

from clusters.errors import BadScenario
from clusters.scenarios import Attract, Change, Grow, Relocate, Scenario
from data.dataset import Place

_YEARS = re.compile(r"(\d{4})-(\d{4})")
_PARTS = {"attract": 4, "move": 2, "grow": 3}


def write_scenario(scenario: Scenario) -> str:
    """A scenario as text.

    Examples
    --------
    >>> write_scenario(Scenario(2021, 2025, changes=(Relocate("00700.HK", "440304"), Grow(0.05, "S01"))))
    '2021-2025;registered;move:00700.HK:440304;grow:0.05:S01:'
    """
    changes = (":".join([kind, *(quote(part, safe="") for part in parts)]) for kind, parts in _told(scenario))
    return ";".join([f"{scenario.year}-{scenario.until}", scenario.place, *changes])


def read_scenario(text: str) -> Scenario:
    """The scenario of a text.

    Raises
    ------
    BadScenario
        When it is not written as `write_scenario` does.

    Examples
    --------
    >>> read_scenario("2021-2025;registered;attract:440305:S01:5000000000:3").changes
    (Attract(district_id='440305', subsector_id='S01', revenue_cny=5000000000, ramp_years=3),)
    """
    years, _, rest = text.partition(";")
    place, _, changes = rest.partition(";")
    found = _YEARS.fullmatch(years)
    if found is None:
        raise BadScenario(years, "two years, such as 2021-2025")
    return Scenario(
        int(found[1]), int(found[2]), cast("Place", place), tuple(_change(each) for each in changes.split(";") if each)
    )


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a JSON object; money as integers.

    Examples
    --------
    >>> scenario_document(Scenario(2021, 2025, changes=(Grow(0.05),)))["changes"]
    [{'kind': 'grow', 'growth': 0.05, 'subsector_id': None, 'district_id': None}]
    """
    kinds = {Attract: "attract", Relocate: "move", Grow: "grow"}
    return {
        "year": scenario.year,
        "until": scenario.until,
        "place": scenario.place,
        "changes": [{"kind": kinds[type(change)], **vars(change)} for change in scenario.changes],
    }


def scenario_of(document: Mapping[str, Any]) -> Scenario:
    """The scenario of a document of `scenario_document`.

    Raises
    ------
    BadScenario
    """
    kinds: dict[str, type[Change]] = {"attract": Attract, "move": Relocate, "grow": Grow}
    try:
        changes = []
        for each in document["changes"]:
            named = dict(each)
            changes.append(kinds[named.pop("kind")](**named))
        return Scenario(int(document["year"]), int(document["until"]), document["place"], tuple(changes))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadScenario(error, "year, until, place and changes, each with its kind and parts") from error


def _told(scenario: Scenario) -> list[tuple[str, list[str]]]:
    told: list[tuple[str, list[str]]] = []
    for change in scenario.changes:
        if isinstance(change, Attract):
            parts = [change.district_id, change.subsector_id, str(change.revenue_cny), str(change.ramp_years)]
            told.append(("attract", parts))
        elif isinstance(change, Relocate):
            told.append(("move", [change.firm_id, change.district_id]))
        else:
            told.append(("grow", [f"{change.growth:.4f}".rstrip("0").rstrip("."), change.subsector_id or "",
                                  change.district_id or ""]))  # fmt: skip
    return told


def _change(text: str) -> Change:
    kind, *parts = (unquote(part) for part in text.split(":"))
    if _PARTS.get(kind) != len(parts):
        raise BadScenario(
            text, "attract:DISTRICT:SUBSECTOR:CNY:YEARS, move:FIRM:DISTRICT or grow:RATE:SUBSECTOR:DISTRICT"
        )
    try:
        if kind == "attract":
            return Attract(parts[0], parts[1], int(parts[2]), int(parts[3]))
        return (
            Relocate(parts[0], parts[1])
            if kind == "move"
            else Grow(float(parts[0]), parts[1] or None, parts[2] or None)
        )
    except BadScenario:
        raise
    except ValueError as error:
        raise BadScenario(text, "whole CNY and years, and growth as a decimal") from error
