"""What a responsible unit is listed for, to take away; the same tables as its page."""

from clusters.district_duties import UnitAccount
from clusters.goals import Board
from views.document import Document, Section, Table, Text
from views.plan_words import unit_name
from views.provenance import footer_lines, sample_sentence, stamp
from views.units_tables import districts_table, duties_table, subsectors_table, summary, targets_table
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
    return Document(
        language=t.language,
        title=t("units.document_title", unit=unit_name(account.unit, t)),
        subtitle=t(f"plan.{city.plan.id}") if f"plan.{city.plan.id}" in t else city.plan.title,
        lead=sample_sentence(city, t),
        sections=sections,
        origin=tuple(footer_lines(city, t)),
        link=link,
        stamp=stamp(city, t),
    )
