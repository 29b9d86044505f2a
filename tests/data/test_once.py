"""A derived thing is built once per dataset, by one of those who ask together, and goes with the dataset."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from data.dataset import Dataset
from data.once import once_per_dataset


def test_those_who_ask_together_get_one_thing(four_towns: Dataset) -> None:
    built, together = [], threading.Barrier(8)

    @once_per_dataset
    def thing(dataset: Dataset) -> object:
        built.append(dataset.version)
        threading.Event().wait(0.05)
        return object()

    def ask(_: int) -> int:
        together.wait()
        return id(thing(four_towns))

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1
    assert built == ["four-towns"]


def test_a_failure_is_tried_again(four_towns: Dataset) -> None:
    tries = iter([ValueError("no"), None])

    @once_per_dataset
    def thing(dataset: Dataset) -> str:
        if error := next(tries):
            raise error
        return dataset.version

    with pytest.raises(ValueError, match="no"):
        thing(four_towns)
    assert thing(four_towns) == "four-towns"


def test_the_thing_goes_with_its_dataset(four_towns: Dataset) -> None:
    class Thing:
        """Something that can be watched."""

    @once_per_dataset
    def thing(dataset: Dataset) -> Thing:
        return Thing()

    passing = replace(four_towns)
    watched = weakref.ref(thing(passing))
    assert watched() is not None
    del passing
    gc.collect()
    assert watched() is None


def test_what_was_kept_is_used_and_not_built_again(four_towns: Dataset) -> None:
    @once_per_dataset
    def thing(dataset: Dataset) -> str:
        return dataset.version

    one, other = replace(four_towns), replace(four_towns)
    thing.prime(one, "kept")
    assert (thing(one), thing(other)) == ("kept", "four-towns")
    thing.prime(other, "too late")
    assert thing(other) == "four-towns"


def test_the_thing_keeps_the_words_of_its_builder() -> None:
    @once_per_dataset
    def thing(dataset: Dataset) -> str:
        """What it is."""
        return dataset.version

    assert (thing.__name__, thing.__doc__) == ("thing", "What it is.")
