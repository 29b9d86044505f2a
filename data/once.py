"""One derived thing per dataset: built once however many ask at the same time, and gone when the dataset is gone.

``functools.lru_cache`` would let several threads build the same thing at once, and would keep the dataset alive.
"""

import functools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from data.dataset import Dataset

T = TypeVar("T")


class _Slot(Generic[T]):
    """Place of one thing; its lock is held while the thing is built."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.built: list[T] = []


def once_per_dataset(build: Callable[[Dataset], T]) -> Callable[[Dataset], T]:
    """Make ``build`` answer with the same object for the same dataset; a failure is tried again by the next who asks.

    The thing must not refer to the dataset, or neither would ever be let go.
    """
    slots: WeakKeyDictionary[Dataset, _Slot[T]] = WeakKeyDictionary()
    door = threading.Lock()

    @functools.wraps(build)
    def built_once(dataset: Dataset) -> T:
        with door:
            slot = slots.setdefault(dataset, _Slot())
        with slot.lock:
            if not slot.built:
                slot.built.append(build(dataset))
        return slot.built[0]

    return built_once
