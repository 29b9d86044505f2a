"""Docstrings are read part by part, whatever stands between the parts."""

import pytest

from clusters.measure_docs import Item, MeasureDoc, Note, read_docs


def described(a: float, b: float, *, c: int = 0) -> float:
    r"""A share of a share.

    It is what it is,
    over two lines.

    And ``more`` of it [1]_.

    Parameters
    ----------
    a, b : float
        Two things,
        both positive.
    c : int, optional
        A third.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        When it is not.

    Notes
    -----
    With :math:`a` small,

    .. math::

        x = \frac{a}{b}
          + c

    and then

    .. math:: y = x^2

    for all of them.

    Reading: one
    is one.

    Limits: needs two.

    References
    ----------
    .. [1] Somebody (1990). "A title".
       A journal 1.
    .. [2] Somebody else (1991).

    Examples
    --------
    >>> 1 + 1
    2
    >>> print("a")
    a
    """
    return a / b + c


@pytest.fixture(scope="module")
def docs() -> MeasureDoc:
    return read_docs(described)


def test_prose_is_one_line_a_paragraph_with_code_and_citations_marked(docs: MeasureDoc) -> None:
    assert docs.summary == "A share of a share."
    assert docs.definition == ("It is what it is, over two lines.", "And `more` of it [1].")


def test_parameters_returns_and_errors_keep_name_type_and_sentence(docs: MeasureDoc) -> None:
    assert docs.parameters == (
        Item("a, b", "float", "Two things, both positive."),
        Item("c", "int, optional", "A third."),
    )
    assert docs.returns == (Item("", "float", "From 0 to 1."),)
    assert docs.raises == (Item("", "ValueError", "When it is not."),)


def test_notes_keep_formulas_and_paragraphs_in_order(docs: MeasureDoc) -> None:
    assert docs.notes == (
        Note("With $a$ small,", False),
        Note("x = \\frac{a}{b}\n  + c", True),
        Note("and then", False),
        Note("y = x^2", True),
        Note("for all of them.", False),
    )
    assert docs.formulas == ("x = \\frac{a}{b}\n  + c", "y = x^2")
    assert docs.symbols == ("With $a$ small,", "and then", "for all of them.")


def test_reading_and_limits_stand_apart(docs: MeasureDoc) -> None:
    assert (docs.reading, docs.limits) == ("one is one.", "needs two.")


def test_references_and_example_are_whole(docs: MeasureDoc) -> None:
    assert docs.references == ('Somebody (1990). "A title". A journal 1.', "Somebody else (1991).")
    assert docs.example == '>>> 1 + 1\n2\n>>> print("a")\na'


def test_what_is_absent_is_empty() -> None:
    def plain() -> None:
        """Only this."""

    docs = read_docs(plain)
    assert docs.summary == "Only this."
    assert not any((docs.definition, docs.parameters, docs.returns, docs.notes, docs.reading, docs.references))
    assert read_docs(lambda: None).summary == ""
