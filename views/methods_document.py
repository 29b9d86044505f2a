"""Writes ``docs/methods.md`` from the docstrings of all documented measures: ``make docs``.

The document says in English what the page of methods says in both languages, with parameters and a worked example.
"""

from collections.abc import Iterator
from pathlib import Path

from clusters.measure_docs import Item
from clusters.measures import Measure, Section, measures_of
from views.words import words

DOCUMENT = Path(__file__).parents[1] / "docs" / "methods.md"
HEAD = """# Methods

Written by `make docs` from the docstrings of the code; do not edit it by hand. The page 方法 of the app shows the same
measures in Chinese and English, with values on the data that are open.

Undefined is NaN and never 0; input that cannot be meant raises an error that says what came. Money is whole CNY, shares
run from 0 to 1, logarithms are natural, moments divide by n unless a formula says otherwise.
"""


def document() -> str:
    """The whole document."""
    sections = [section for section in Section if measures_of(section)]
    return "\n".join([HEAD, *_contents(sections), "", *(block for s in sections for block in _section(s))])


def write() -> None:
    """Write the document into ``docs/``."""
    DOCUMENT.write_text(document(), "utf-8")


def _contents(sections: list[Section]) -> Iterator[str]:
    zh, en = words("zh"), words("en")
    for section in sections:
        links = " · ".join(f"[{en(f'measure.{m.id}.name')}](#{m.id})" for m in measures_of(section))
        yield f"- **{en(f'methods.section.{section}')} {zh(f'methods.section.{section}')}**: {links}"


def _section(section: Section) -> Iterator[str]:
    zh, en = words("zh"), words("en")
    yield f"## {en(f'methods.section.{section}')} {zh(f'methods.section.{section}')}\n"
    yield f"{en(f'methods.section_lead.{section}')}\n"
    yield from ("\n\n".join(_measure(measure)) + "\n" for measure in measures_of(section))


def _measure(measure: Measure) -> Iterator[str]:
    zh, en = words("zh"), words("en")
    docs = measure.docs
    yield f'<a id="{measure.id}"></a>'
    yield f"### {en(f'measure.{measure.id}.name')} {zh(f'measure.{measure.id}.name')}"
    yield f"`{measure.path}`: {docs.summary}"
    yield from docs.definition
    yield from (f"```math\n{note.text}\n```" if note.is_formula else note.text for note in docs.notes)
    yield f"**Reading.** {_sentence(docs.reading)}"
    yield f"**Limits.** {_sentence(docs.limits)}"
    yield f"**Data.** {en(f'measure.{measure.id}.needs')}"
    for title, items in (("Parameters", docs.parameters), ("Returns", docs.returns), ("Raises", docs.raises)):
        if items:
            yield f"**{title}**\n\n" + "\n".join(_item(item) for item in items)
    yield "**References**\n\n" + "\n".join(f"- {reference}" for reference in docs.references)
    yield f"```pycon\n{docs.example}\n```"


def _item(item: Item) -> str:
    head = ", ".join(f"`{text}`" for text in (item.name, item.type) if text)
    return f"- {head}: {item.text}" if item.text else f"- {head}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    write()
