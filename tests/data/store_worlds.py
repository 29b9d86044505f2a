"""Sizes and kinds that the tests of the store share."""

from collections.abc import Callable

FEW = 40
Import = Callable[..., str]
