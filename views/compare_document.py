"""The comparison as a document: the sentences, every table with its n, and the small charts. No Streamlit here.

The maps stay on the page: a document's link reopens it.
"""

from views.compare_charts import figure_of, value_of
from views.compare_tables import headline_table, pairs_table, parts_table, quotient_table, structure_table
from views.compare_words import (
    duplication,
    how_tested,
    shares_sentence,
    specialization_sentence,
    summary,
    years_note,
)
from views.comparison import Comparison
from views.document import Block, Document, Figure, Section, Text
from views.provenance import footer_lines, sample_sentence, stamp
from views.small_multiples import key_line, panels, sheet
from views.static_charts import PairRow, dumbbell_svg
from views.tokens import tokens
from views.words import Words


def compare_document(found: Comparison, t: Words, *, link: str = "") -> Document:
    """The document of a comparison of two districts or more.

    Parameters
    ----------
    found : Comparison
    t : Words
    link : str
        Address that reopens the page.
    """
    names = t.listed([found.name(d, t.language) for d in found.districts])
    derived = t("word.derived")
    sections = [
        Section("", (Text(tuple(summary(found, t))),)),
        Section(t("compare.part.facts"), (headline_table(found, t),), derived),
        Section(t("compare.part.structure"), _structure(found, t), derived),
        Section(
            t("compare.part.specialization"),
            (Text(tuple(specialization_sentence(found, t))), quotient_table(found, t)),
            derived,
        ),
        Section(t("compare.part.similarity"), _similarity(found, t), derived),
        Section(t("compare.part.years"), _years(found, t), derived),
        Section(t("compare.part.moved"), _moved(found, t), derived),
    ]
    return Document(
        language=t.language,
        title=t("compare.document_title", districts=names, year=found.board.year),
        subtitle=t("compare.by_measure", measure=t(f"measure.{found.structure_by}").lower()),
        lead=sample_sentence(found.board, t),
        sections=tuple(sections),
        origin=tuple(footer_lines(found.board, t)),
        link=link,
        stamp=stamp(found.board, t),
    )


def _structure(found: Comparison, t: Words) -> tuple[Block, ...]:
    """The table; of two districts also as marks on a log axis."""
    table = structure_table(found, t)
    if len(found.districts) != 2 or not found.subsectors:
        return (table,)
    one, other = found.districts
    rows = [
        PairRow(
            t(f"subsector.{s}"),
            value_of(found, s, one, t),
            value_of(found, s, other, t),
            figure_of(found, s, one, t),
            figure_of(found, s, other, t),
        )
        for s in found.subsectors
    ]
    names = (found.name(one, t.language), found.name(other, t.language))
    unit = t.money_unit if found.structure_by == "revenue" else t("measure_unit.firms")
    keys = t.listed(list(names))
    note = t("compare.structure_note", unit=unit, keys=keys)
    return (Figure(dumbbell_svg(rows, names, log=True), t("compare.structure_alt", keys=keys), note=note), table)


def _similarity(found: Comparison, t: Words) -> tuple[Block, ...]:
    said = Text(tuple(duplication(found, t)))
    return (said,) if found.pairs.empty else (said, pairs_table(found, t, every=True), Text((how_tested(found, t),)))


def _years(found: Comparison, t: Words) -> tuple[Block, ...]:
    look = tokens("light")
    drawn = panels(found, look, t)
    if not drawn:
        return (Text((t("compare.no_subsector", year=found.board.year),)),)
    lead = Text((key_line(found, t), years_note(found, t)))
    return (lead, Figure(sheet(drawn, look), " · ".join(each.alt for each in drawn)))


def _moved(found: Comparison, t: Words) -> tuple[Block, ...]:
    if found.since is None:
        return (Text((t("compare.no_earlier", year=found.board.year),)),)
    if not found.has_change:
        return (Text((t("compare.none_matched", since=found.since, year=found.board.year),)),)
    note = t("compare.moved_note", since=found.since, year=found.board.year)
    return (
        Text(tuple(shares_sentence(found, t))),
        parts_table(found, t),
        parts_table(found, t, by_subsector=True),
        Text((note,)),
    )
