"""What every map of a version holds whatever a reader chooses: outlines of the districts, and the parks."""

from collections.abc import Callable, Mapping
from typing import cast, get_args
from urllib.parse import urlencode

from shapely.geometry.base import BaseGeometry

from data.dataset import Dataset
from data.errors import UnknownVersion
from data.once import once_per_dataset
from geo.atlas import Atlas, make_atlas
from geo.layers import stack_features
from views.map_parks import park_stacks
from views.map_scene import display_areas
from views.tokens import Theme, tokens
from views.words import LANGUAGES, Language, words

ADDRESS = "/layers/atlas.js"


@once_per_dataset
def _made(dataset: Dataset) -> dict[tuple[Language, Theme], Atlas]:
    return {}


def map_atlas(dataset: Dataset, language: Language, theme: Theme) -> Atlas:
    """Atlas of a version in one language and theme, made once."""
    made = _made(dataset)
    if (language, theme) not in made:
        outlines: dict[str, BaseGeometry] = {f"district:{d}": o for d, o in display_areas(dataset).geometry.items()}
        features = stack_features(park_stacks(dataset, words(language)), tokens(theme).palette)
        made[language, theme] = make_atlas(outlines, features, _address(dataset, language, theme))
    return made[language, theme]


def asked_atlas(opened: Callable[[str], Dataset], query: Mapping[str, str]) -> Atlas | None:
    """Atlas that the parameters of an address ask for; ``None`` for a language, theme or version that nobody knows.

    Parameters
    ----------
    opened : callable
        Gives the dataset of a version, for an empty id the current one.
    query : mapping of str to str
        Parameters of the address.
    """
    language, theme = query.get("lang"), query.get("theme")
    if language not in LANGUAGES or theme not in get_args(Theme):
        return None
    try:
        return map_atlas(opened(query.get("data", "")), language, cast(Theme, theme))
    except UnknownVersion:
        return None


def _address(dataset: Dataset, language: Language, theme: Theme) -> str:
    return f"{ADDRESS}?{urlencode({'lang': language, 'theme': theme, 'data': dataset.version})}"
