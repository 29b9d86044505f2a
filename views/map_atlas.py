"""What every map of a version holds whatever a reader chooses: outlines of the districts, and the parks."""

from collections.abc import Mapping
from typing import cast, get_args

from shapely.geometry.base import BaseGeometry

from data.dataset import Dataset
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
        made[language, theme] = make_atlas(outlines, features, f"{ADDRESS}?lang={language}&theme={theme}")
    return made[language, theme]


def asked_atlas(dataset: Dataset, query: Mapping[str, str]) -> Atlas | None:
    """Atlas that the parameters of an address ask for; ``None`` for a language or theme that nobody knows."""
    language, theme = query.get("lang"), query.get("theme")
    if language not in LANGUAGES or theme not in get_args(Theme):
        return None
    return map_atlas(dataset, language, cast(Theme, theme))
