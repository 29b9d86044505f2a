"""What the docstring of a measure says, part by part, so that a page and a document can be made of it.

The sections are read by ``docstring_parser``; ours is only the shape of ``Notes``: formulas as ``.. math::`` blocks, a
paragraph that starts with ``Reading:`` and one that starts with ``Limits:``. A part that is absent is empty here; the
tests say which may be.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import cleandoc, getdoc
from typing import Any, NamedTuple

from docstring_parser import Docstring, DocstringMeta, DocstringStyle, parse

MATH = ".. math::"
LABELS = ("Reading:", "Limits:")


class Item(NamedTuple):
    """A parameter, a returned value or an error: its name (may be empty), its type, its sentence."""

    name: str
    type: str
    text: str


class Note(NamedTuple):
    """A block of the notes: a paragraph, or the LaTeX of a formula without delimiters."""

    text: str
    is_formula: bool


@dataclass(frozen=True)
class MeasureDoc:
    """The parts of a docstring; prose is one line a paragraph, `code` between backticks, formulas between dollars.

    Attributes
    ----------
    summary : str
        The first line.
    definition : tuple of str
        The paragraphs after it.
    parameters, returns, raises : tuple of Item
    notes : tuple of Note
        Formulas and the paragraphs around them, in order, without the two below.
    reading, limits : str
        How to read a value; what it cannot tell.
    references : tuple of str
    example : str
        Lines of a Python prompt with their output.
    """

    summary: str
    definition: tuple[str, ...]
    parameters: tuple[Item, ...]
    returns: tuple[Item, ...]
    raises: tuple[Item, ...]
    notes: tuple[Note, ...]
    reading: str
    limits: str
    references: tuple[str, ...]
    example: str

    @property
    def formulas(self) -> tuple[str, ...]:
        """LaTeX of each formula."""
        return tuple(note.text for note in self.notes if note.is_formula)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The paragraphs around the formulas, which say what their letters stand for."""
        return tuple(note.text for note in self.notes if not note.is_formula)


def read_docs(function: Callable[..., Any]) -> MeasureDoc:
    """The parts of a function's docstring.

    Parameters
    ----------
    function : callable
        With a docstring in numpy form.

    Returns
    -------
    MeasureDoc
        Parts that the docstring lacks are empty.

    Examples
    --------
    >>> read_docs(read_docs).summary
    "The parts of a function's docstring."
    """
    parsed = parse(getdoc(function) or "", style=DocstringStyle.NUMPYDOC)
    notes = tuple(_notes(_section(parsed, "notes")))
    said = {label: note.text[len(label) :].strip() for note in notes for label in LABELS if _is(note, label)}
    return MeasureDoc(
        summary=_line(parsed.short_description or ""),
        definition=tuple(_paragraphs(parsed.long_description or "")),
        parameters=tuple(
            Item(p.arg_name, f"{p.type_name or ''}{', optional' if p.is_optional else ''}", _line(p.description or ""))
            for p in parsed.params
        ),
        returns=tuple(
            Item(r.return_name or "", r.type_name or "", _line(r.description or "")) for r in parsed.many_returns
        ),
        raises=tuple(Item("", r.type_name or "", _line(r.description or "")) for r in parsed.raises),
        notes=tuple(note for note in notes if not any(_is(note, label) for label in LABELS)),
        reading=said.get("Reading:", ""),
        limits=said.get("Limits:", ""),
        references=tuple(_references(_section(parsed, "references"))),
        example="\n".join(f"{e.snippet or ''}\n{e.description or ''}".strip() for e in parsed.examples),
    )


def _section(parsed: Docstring, name: str) -> str:
    metas: list[DocstringMeta] = parsed.meta
    return next((meta.description or "" for meta in metas if meta.args == [name]), "")


def _notes(text: str) -> Iterator[Note]:
    """A formula is what stands beside the mark or is indented under it; what lies between formulas are paragraphs."""
    while MATH in text:
        before, _, after = text.partition(MATH)
        yield from (Note(paragraph, is_formula=False) for paragraph in _paragraphs(before))
        first, _, below = after.partition("\n")
        indented = re.match(r"(?:[ \t]+\S[^\n]*(?:\n|$)|[ \t]*\n)*", below)
        block = indented.group() if indented else ""
        yield Note(f"{first.strip()}\n{cleandoc(block)}".strip(), is_formula=True)
        text = below[len(block) :]
    yield from (Note(paragraph, is_formula=False) for paragraph in _paragraphs(text))


def _is(note: Note, label: str) -> bool:
    return not note.is_formula and note.text.startswith(label)


def _references(text: str) -> Iterator[str]:
    """Numbered entries, or paragraphs where they are not numbered."""
    for entry in re.split(r"^\.\. \[\w+\]", text, flags=re.MULTILINE):
        yield from _paragraphs(entry)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        if line := _line(paragraph):
            yield line


def _line(text: str) -> str:
    """One line, with plain backticks for code, dollars around formulas and without the marks of citations."""
    line = re.sub(r"\s*\[(\w+)\]_", r" [\1]", " ".join(text.split()))
    return re.sub(r":math:`([^`]*)`", r"$\1$", line).replace("``", "`")
