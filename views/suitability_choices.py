"""What a reader chose on the map of squares: how large they are, the mask and what it means, the square in focus."""

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from data.masks import DIGEST

MaskMeans = Literal["banned", "allowed"]
MASK_MEANS: tuple[MaskMeans, ...] = get_args(MaskMeans)
CELLS = (1_000, 500)
SQUARE = re.compile(r"E-?[0-9]{1,8}N-?[0-9]{1,8}", re.ASCII)


def read_suitability(query: Mapping[str, str]) -> dict[str, Any]:
    """The checked fields of an address; what nobody knows is left at its default."""
    mask, square = query.get("mask", ""), query.get("square", "")
    return {
        "cell": next((cell for cell in CELLS if query.get("cell") == str(cell)), CELLS[0]),
        "mask": mask if DIGEST.fullmatch(mask) else "",
        "mask_means": next((one for one in MASK_MEANS if query.get("mask_means") == one), MASK_MEANS[0]),
        "square": square if SQUARE.fullmatch(square) else "",
    }
