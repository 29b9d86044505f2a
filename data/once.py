"""One derived thing per dataset: built once however many ask at the same time, and gone when the dataset is gone.

``functools.lru_cache`` would let several threads build the same thing at once, and would keep the dataset alive.
"""

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from data.dataset import Dataset

T = TypeVar("T")


class _Slot(Generic[T]):
    """Place of one thing; its lock is held while the thing is built."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.built: list[T] = []


class OncePerDataset(Generic[T]):
    """Call it with a dataset and get the dataset's thing."""

    def __init__(self, build: "Callable[[Dataset], T]") -> None:
        self._build = build
        self._slots: WeakKeyDictionary[Dataset, _Slot[T]] = WeakKeyDictionary()
        self._door = threading.Lock()
        functools.update_wrapper(self, build)

    def __call__(self, dataset: "Dataset") -> T:
        """The thing, built by the first who asks."""
        slot = self._slot(dataset)
        with slot.lock:
            if not slot.built:
                slot.built.append(self._build(dataset))
        return slot.built[0]

    def prime(self, dataset: "Dataset", thing: T) -> None:
        """Give the thing that was kept from an earlier build; what is there already stays."""
        slot = self._slot(dataset)
        with slot.lock:
            if not slot.built:
                slot.built.append(thing)

    def _slot(self, dataset: "Dataset") -> _Slot[T]:
        with self._door:
            return self._slots.setdefault(dataset, _Slot())


def once_per_dataset(build: "Callable[[Dataset], T]") -> OncePerDataset[T]:
    """Make ``build`` answer with the same object for the same dataset; a failure is tried again by the next who asks.

    The thing must not refer to the dataset, or neither would ever be let go.
    """
    return OncePerDataset(build)
