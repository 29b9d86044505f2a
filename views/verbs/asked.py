"""What the options of a verb ask for: a board, a district by any of its names, names with numbers."""

from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from clusters.release import visible_dataset
from data import columns as c
from data.dataset import Dataset
from data.settings import settings
from views.verbs.telling import stop
from views.words import Words


def board_of(year: int | None, plan: str, district: str | None, place: str, t: Words) -> Board:
    """Goals of a plan as the reader at the terminal may see them."""
    if place not in ("registered", "operating"):
        stop(t("cli.unknown_place", place=place))
    dataset = visible_dataset()
    opened = open_plan(plan, *settings().plan_folders)
    return tally_goals(opened, dataset, year=year, district_id=district_of(dataset, district), place=place)


def district_of(dataset: Dataset, asked: str | None) -> str | None:
    """District by id, name or short name."""
    if asked is None:
        return None
    for column in (c.DISTRICT_ID, c.NAME, c.LABEL_ZH, c.NAME_EN, c.LABEL_EN):
        found = dataset.districts.index[dataset.districts[column] == asked]
        if len(found):
            return str(found[0])
    from clusters.errors import UnknownDistrict

    raise UnknownDistrict(asked, list(dataset.districts.index))


def pairs(asked: list[str] | None, example: str, t: Words) -> tuple[tuple[str, float], ...]:
    """Names with their numbers, written as ``name=number``."""
    found = []
    for text in asked or ():
        name, _, number = text.partition("=")
        try:
            found.append((name.strip(), float(number)))
        except ValueError:
            stop(t("cli.unknown_pair", text=text, example=example))
    return tuple(found)
