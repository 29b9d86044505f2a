"""What responsible units are listed for, all of them or one, to take away; the same tables as their page."""

from clusters.district_duties import UnitAccount
from clusters.goals import Board
from views.document import Document, Section, Table, Text
from views.plan_words import unit_name
from views.provenance import footer_lines, sample_sentence, stamp
from views.units_tables import (
    districts_table,
    duties_table,
    subsectors_table,
    summary,
    targets_table,
    units_table,
)
from views.words import Words


def unit_tables(account: UnitAccount, city: Board, t: Words) -> tuple[Table, ...]:
    """Tables of a unit; the ones without a row are left out."""
    tables = (
        subsectors_table(account, city, t),
        targets_table(account, city, t),
        duties_table(account, "tasks", t),
        duties_table(account, "safeguards", t),
        districts_table(account, city, t),
    )
    return tuple(table for table in tables if table.rows)


def unit_document(account: UnitAccount, city: Board, t: Words, *, link: str = "") -> Document:
    """Document of a unit.

    Parameters
    ----------
    account : UnitAccount
    city : Board
        Of the whole city, so that every figure stands in its context.
    t : Words
    link : str
        Address that reopens the page.
    """
    lead = Text((summary(account, t), t("units.lead")))
    sections = (
        Section(t("units.all_of"), (lead,)),
        *(Section(table.title, (table,)) for table in unit_tables(account, city, t)),
    )
    return _document(t("units.document_title", unit=unit_name(account.unit, t)), sections, city, t, link)


def units_document(city: Board, t: Words, *, link: str = "") -> Document:
    """Document of all units: how often each is listed, in the order of the text.

    Parameters
    ----------
    city : Board
    t : Words
    link : str
        Address that reopens the page.
    """
    table = units_table(city.plan, t)
    sections = (Section(t("units.all_of"), (Text((t("units.lead"),)),)), Section(table.title, (table,)))
    return _document(t("units.all_title"), sections, city, t, link)


def _document(title: str, sections: tuple[Section, ...], city: Board, t: Words, link: str) -> Document:
    return Document(
        language=t.language,
        title=title,
        subtitle=t(f"plan.{city.plan.id}") if f"plan.{city.plan.id}" in t else city.plan.title,
        lead=sample_sentence(city, t),
        sections=sections,
        origin=tuple(footer_lines(city, t)),
        link=link,
        stamp=stamp(city, t),
    )
