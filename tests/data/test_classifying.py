"""The first source that answers decides; nothing is guessed; what is not sure is marked for a person."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import classifying
from data import columns as c
from data.classifying import CONFIDENT, Classified, classify_firms
from data.dataset import Dataset
from data.reference import subsector_ids, subsectors_by_name
from data.weights import main_subsector, read_weights

SOURCES = ("declared", "weights", "codes", "scopes", "names")


def classify(**said: str | None) -> tuple[str | None, str | None, str | None, bool, set[str]]:
    """Subsector, weights, basis, review and problems of one row."""
    columns = {name: pa.array([said[name]], pa.large_string()) if name in said else None for name in SOURCES}
    found = classify_firms(**columns)
    texts = (found.subsector_id, found.subsector_weights, found.subsector_basis)
    subsector, weights, basis = (column.to_pylist()[0] for column in texts)
    return subsector, weights, basis, bool(found.review[0]), set(found.problems)


# ---------------------------------------------------------------- what is declared


@pytest.mark.parametrize(
    "text", ["S02", "s02", " Ｓ０２ ", "人工智能", "人工智能产业", "人工智能行业", "人工智能产业集群"]
)
def test_a_subsector_is_declared_by_id_or_name(text: str) -> None:
    assert classify(declared=text) == ("S02", None, "declared", False, set())


def test_every_subsector_is_known_by_its_name() -> None:
    for name, subsector in subsectors_by_name().items():
        assert classify(declared=name)[0] == classify(declared=f"{name}产业")[0] == subsector


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("高端软件:0.6;云计算:0.4", "S01:0.6;S05:0.4"),
        ("S02 60%, S05 40%", "S02:0.6;S05:0.4"),
        ("S05:40;S02:60", "S02:0.6;S05:0.4"),
        ("S02 0.6 S05 0.4", "S02:0.6;S05:0.4"),
        ("高端软件产业60%、云计算产业40%", "S01:0.6;S05:0.4"),
        ("人工智能（６０％）；云计算（４０％）", "S02:0.6;S05:0.4"),
        ("S02=0.7/S05=0.3", "S02:0.7;S05:0.3"),
        ("S02:33.33%;S05:66.67%", "S02:0.3333;S05:0.6667"),
        ("S02:0.3334;S05:0.3333;S03:0.3333", "S02:0.3334;S03:0.3333;S05:0.3333"),
    ],
)
def test_weights_are_read_as_people_write_them(text: str, weights: str) -> None:
    """In a column of their own, or where the subsector stands."""
    expected = main_subsector(read_weights(weights)), weights, "declared weights", False, set[str]()
    assert classify(weights=text) == expected
    assert classify(declared=text) == expected


@pytest.mark.parametrize("text", ["S02:1", "S02:100%", "S02:1;S05:0"])
def test_all_in_one_has_no_weights(text: str) -> None:
    assert classify(weights=text)[:2] == ("S02", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("S02:0.6;S05:0.5", "weights_not_one"),
        ("S02:60%;S05:30%", "weights_not_one"),
        ("S02:0.6", "weights_not_one"),
        ("S02:0.33333;S05:0.66667", "weights_not_one"),  # more than four digits
        ("S02:0.5;S02:0.5", "weights_unreadable"),
        ("S02:60%;S05:0.4", "weights_unreadable"),
        ("元宇宙:0.5;S05:0.5", "weights_unreadable"),
        ("S02:-0.5;S05:1.5", "weights_unreadable"),
        ("S02:0,6;S05:0,4", "weights_unreadable"),
        ("一半", "weights_unreadable"),
        ("S02 " * 200, "weights_unreadable"),
    ],
)
def test_weights_that_cannot_be_taken_are_told_and_nothing_is_put_in_their_place(text: str, problem: str) -> None:
    said = {"declared": "S07", "codes": "6513", "scopes": "云计算"}
    assert classify(weights=text, **said) == (None, None, None, True, {problem})


def test_several_subsectors_without_weights_are_not_guessed_at() -> None:
    assert classify(declared="人工智能、大数据", codes="6513") == (None, None, None, True, {"several_subsectors"})


def test_an_unknown_subsector_is_told_and_the_code_may_answer() -> None:
    assert classify(declared="元宇宙", codes="6513") == ("S01", None, "code 6513 -> S01", True, {"unknown_subsector"})
    assert classify(declared="元宇宙") == (None, None, None, True, {"unknown_subsector"})


# ---------------------------------------------------------------- the order of the sources


def test_the_first_source_that_answers_decides() -> None:
    said = {
        "weights": "S02:0.6;S05:0.4",
        "declared": "S02",
        "codes": "6440",
        "scopes": "区块链",
        "names": "甲电子商务公司",
    }
    expected = ["S02", "S02", "S06", "S11", "S11"]
    for name, subsector in zip(list(said), expected, strict=True):
        assert classify(**said)[0] == subsector
        del said[name]


def test_a_code_may_split_a_firm_and_is_then_looked_at() -> None:
    assert classify(codes="I6550") == ("S05", "S04:0.4;S05:0.6", "code 6550 -> S04:0.4;S05:0.6", True, set())
    assert classify(codes="6440") == ("S06", None, "code 6440 -> S06", False, set())


def test_sources_that_disagree_are_looked_at() -> None:
    assert classify(declared="云计算", codes="6513")[3]
    assert classify(weights="S02:0.6;S05:0.4", codes="6440")[3]
    assert classify(weights="S02:0.6;S05:0.4", declared="S07")[3]
    assert not classify(declared="云计算", codes="6550")[3]
    assert not classify(weights="S02:0.6;S05:0.4", declared="S02")[3]


def test_nothing_stays_nothing_and_is_looked_at() -> None:
    assert classify(declared=None, names="深圳市甲餐饮有限公司") == (None, None, None, True, set())
    assert classify(declared="  ") == (None, None, None, True, set())


# ---------------------------------------------------------------- words


def test_one_strong_word_is_sure_and_a_weak_one_is_not() -> None:
    assert classify(scopes="云计算装备技术服务") == ("S05", None, "words 云计算 -> S05", False, set())
    assert classify(scopes="物业管理；软件销售") == ("S01", None, "words 软件 -> S01", True, set())


def test_several_subsectors_are_ranked_by_points_and_never_split() -> None:
    """云计算 3, 云平台 2, 大数据 3, 软件开发 1: S05 has 5 of 9, and 5 of 10 with one more."""
    found = classify_firms(
        declared=None, weights=None, codes=None, names=None, scopes=pa.array(["软件开发；大数据；云计算；云平台"])
    )
    assert found.subsector_id.to_pylist() == ["S05"]
    assert found.subsector_weights.to_pylist() == [None]
    assert found.candidates.to_pylist() == ["S05:0.56;S04:0.33;S01:0.11"]
    assert found.score.tolist() == [0.5]
    assert found.review.tolist() == [True]


def test_of_equal_ones_the_first_named_is_taken() -> None:
    assert classify(scopes="区块链；大数据")[0] == "S03"
    assert classify(scopes="大数据；区块链")[0] == "S04"


def test_a_word_of_the_name_counts_twice() -> None:
    assert classify(scopes="区块链", names="甲大数据有限公司")[0] == "S04"


# ---------------------------------------------------------------- tables


def test_columns_differing_in_length_or_none_at_all_are_an_error() -> None:
    nothing = dict.fromkeys(SOURCES)
    with pytest.raises(ValueError, match="columns of no rows"):
        classify_firms(**nothing)
    with pytest.raises(ValueError, match=r"columns of \[1, 2\] rows"):
        classify_firms(**nothing | {"codes": pa.array(["6513"]), "names": pa.array(["a", "b"])})


def test_an_empty_table_has_no_rows() -> None:
    found = classify_firms(**dict.fromkeys(SOURCES) | {"names": pa.array([], pa.string())})
    assert len(found.subsector_id) == len(found.score) == len(found.review) == 0
    assert found.problems == {}


def test_problems_name_their_rows() -> None:
    column = pa.chunked_array([["S02:0.6", "S02:0.6;S05:0.4"], [None, "S02:0.6", "half"]])
    problems = classify_firms(**dict.fromkeys(SOURCES) | {"weights": column}).problems
    assert {code: rows.tolist() for code, rows in problems.items()} == {
        "weights_not_one": [0, 3],
        "weights_unreadable": [4],
    }


ROW = st.fixed_dictionaries(
    {
        "declared": st.sampled_from([None, "S02", "云计算产业", "元宇宙", "S01:0.5;S03:0.5", "大数据、区块链"]),
        "weights": st.sampled_from([None, None, "S02:0.6;S05:0.4", "S02:0.6"]),
        "codes": st.sampled_from([None, "6513", "I6550", "0111"]),
        "scopes": st.sampled_from([None, "云计算；大数据", "餐饮", "软件"]),
        "names": st.sampled_from([None, "甲公司", "乙云计算公司"]),
    }
)


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_rows_are_classified_one_by_one_and_weights_belong_to_their_subsector(
    rows: list[dict[str, str | None]],
) -> None:
    columns = {name: pa.array([row[name] for row in rows], pa.large_string()) for name in SOURCES}
    together = classify_firms(**columns)
    for i, row in enumerate(rows):
        alone = classify_firms(**{name: pa.array([row[name]], pa.large_string()) for name in SOURCES})
        for name in Classified.__dataclass_fields__:
            if name == "problems":
                mine = {code for code, where in together.problems.items() if i in where}
                assert mine == set(alone.problems)
            elif isinstance(getattr(alone, name), pa.Array):
                assert getattr(together, name).to_pylist()[i] == getattr(alone, name).to_pylist()[0]
            else:
                np.testing.assert_array_equal(getattr(together, name)[i : i + 1], getattr(alone, name))
    for subsector, weights, score, review in zip(
        together.subsector_id.to_pylist(), together.subsector_weights.to_pylist(), together.score, together.review,
        strict=True,
    ):  # fmt: skip
        assert subsector is None or subsector in subsector_ids()
        assert weights is None or main_subsector(read_weights(weights)) == subsector
        assert np.isnan(score) == (subsector is None)
        assert review or score >= CONFIDENT


# ---------------------------------------------------------------- how well names alone do


def test_the_docstring_says_how_well_names_alone_do(dataset: Dataset) -> None:
    firms = dataset.firms
    names = pa.array(firms[c.NAME].to_list(), pa.large_string())
    found = classify_firms(**dict.fromkeys(SOURCES) | {"names": names})
    given, told = firms[c.SUBSECTOR_ID].to_numpy(object), np.array(found.subsector_id.to_pylist(), object)
    confusion = pd.crosstab(given, pd.Series(told).fillna("none").to_numpy())
    f1 = {}
    for subsector in confusion.index:
        right = confusion.loc[subsector].get(subsector, 0)
        claimed = confusion[subsector].sum() if subsector in confusion else 0
        f1[subsector] = 2 * right / (confusion.loc[subsector].sum() + claimed)
    text = " ".join((classifying.__doc__ or "").split())
    said = re.search(r"(\d+) stay without a subsector; of the (\d+) that get one (\d+) get theirs", text)
    assert said is not None
    answered = told != None  # noqa: E711 - element by element
    assert tuple(map(int, said.groups())) == ((~answered).sum(), answered.sum(), (told == given).sum())
    wrong = [(g, t) for g, t in zip(given[answered], told[answered], strict=True) if g != t]
    assert wrong == [("S06", "S07")]
    assert "one of 信息安全 is taken for 互联网" in text
    assert (told == given)[~found.review].tolist() == [True, True]
    assert f"Macro-F1 over the {len(f1)} subsectors that occur is {np.mean(list(f1.values())):.2f}" in text
    assert {s: round(v, 2) for s, v in f1.items() if v} == {"S01": 0.33, "S11": 0.44, "S12": 0.18}
