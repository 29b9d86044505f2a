"""The gap lab as a document: where it stands, what closes it, by whom, when, and the scenario with its tables.

It holds what the page holds, in its words. No widgets here.
"""

from dataclasses import replace

from clusters.scenarios import Change
from views.document import Block, Cell, Column, Document, Facts, Figure, Section, Table, Text
from views.gaps_answer import GapPage, Played
from views.gaps_figures import fan_svg, mixes_svg
from views.gaps_tables import chance_table, clusters_table, districts_table, goals_table, left_table, mixes_table
from views.gaps_text import assumed_lines, rate
from views.gaps_words import (
    chance_basis,
    chance_sentences,
    change_text,
    city_sentence,
    gap_text,
    growth_words,
    left_sentence,
    refusal,
    scope,
    summary,
    target_text,
    total_text,
)
from views.provenance import footer_lines, sample_sentence, stamp
from views.words import Words, capital


def gaps_document(page: GapPage, played: Played, beside: Played | None, t: Words, *, link: str = "") -> Document:
    """The document of a gap and a scenario.

    Parameters
    ----------
    page : GapPage
    played : Played
        The scenario, or the baseline where there is none.
    beside : Played or None
        Another scenario that it is held against.
    t : Words
    link : str
        Address that reopens the page.
    """
    closing, label = page.closing, t("word.derived") if page.district_id else ""
    place = t(f"axis.place.{page.board.place}")
    return Document(
        language=t.language,
        title=t("lab.document"),
        subtitle=t("lab.document_lead", scope=scope(page, t), year=closing.year, until=closing.until, place=place),
        lead=sample_sentence(page.city, t),
        sections=(
            Section(scope(page, t), _head(page, t), label),
            Section(t("lab.mixes"), _mixes(page, t), label),
            Section(t("lab.by_whom"), _by_whom(page, t), label),
            Section(t("lab.when"), _when(page, t), label),
            Section(t("lab.scenario"), _scenario(page, played, beside, t)),
            Section(t("lab.districts_after"), (_untitled(districts_table(page.city, played, t)),), t("word.derived")),
        ),
        origin=tuple(footer_lines(page.city, t)),
        link=link,
        stamp=stamp(page.city, t),
    )


def _head(page: GapPage, t: Words) -> tuple[Block, ...]:
    asked = page.closing.required
    seen = page.observed
    observed = growth_words(seen.growth, seen.growth_from, seen.year, t)
    total = (t.firms(page.closing.firms), total_text(page, t), _coverage(page, t))
    gap = (t("lab.gap_to", year=page.closing.until), gap_text(page, t), target_text(page, t))
    grow = (t("lab.required"), "—" if asked is None else rate(asked.required_growth), observed)
    facts = Facts((total, gap) if page.closing.withheld else (total, gap, grow))
    return facts, Text(tuple(summary(page, t)))


def _coverage(page: GapPage, t: Words) -> str:
    coverage = page.board.coverage
    return t("lab.coverage", n=f"{coverage['firms']:,}", of=f"{coverage['of_firms']:,}", year=page.closing.year)


def _mixes(page: GapPage, t: Words) -> tuple[Block, ...]:
    closing = page.closing
    if closing.withheld:
        return (Text((t("gaps.withheld"),)),)
    assumed = list(assumed_lines(closing, t))
    if page.board.dataset.release is not None:
        assumed.append(t("gaps.free_only"))
    if not closing.mixes:
        nothing = t("lab.top" if closing.target_cny is None else "lab.nothing_to_close")
        return (Text((nothing,)),)
    drawn = [mix for mix in closing.mixes if mix.typical is not None]
    alt = t("lab.mixes_alt", until=closing.until)
    figures = (Figure(mixes_svg(closing.mixes, t), alt),) if drawn else ()
    return (
        _untitled(mixes_table(page, t)), *figures, Text((t("lab.assumed"),)), Text(tuple(assumed), as_list=True)
    )  # fmt: skip


def _by_whom(page: GapPage, t: Words) -> tuple[Block, ...]:
    if page.closing.withheld:
        return (Text((t("gaps.withheld"),)),)
    said = Text((left_sentence(page, t),))
    return (said, _untitled(left_table(page, t))) if len(page.left) else (said,)


def _when(page: GapPage, t: Words) -> tuple[Block, ...]:
    said = Text(tuple(chance_sentences(page, t)))
    if page.outlook is None:
        return (said,)
    alt = t("lab.fan_alt", scope=scope(page, t), target=target_text(page, t))
    note = t("lab.when_note", unit=t.money_unit)
    return (
        said,
        Figure(fan_svg(page, t), alt, note=note),
        _untitled(chance_table(page, t)),
        Text(tuple(chance_basis(page, t))),
    )


def _scenario(page: GapPage, played: Played, beside: Played | None, t: Words) -> tuple[Block, ...]:
    data, changes = page.board.dataset, played.scenario.changes
    note = t("lab.scenario_note", year=played.scenario.year, until=played.scenario.until,
             place=t(f"axis.place.{played.scenario.place}"))  # fmt: skip
    blocks: list[Block] = [Text((note,))]
    if played.unreadable:
        blocks.append(Text((t("lab.unreadable"),), caution=True))
    if played.problem is not None:
        blocks.append(Text((t("lab.not_played") + refusal(played.problem, data, t),), caution=True))
    blocks.append(_changes(changes, page, t) if changes else Text((t("lab.baseline_only"),)))
    lines = [city_sentence(played, t)]
    if played.moves_cny is not None:
        lines.append(t("lab.moves_zero", yuan=f"{played.moves_cny:,}"))
    if beside is not None:
        told = t("lab.between").join(change_text(each, data, t) for each in beside.scenario.changes)
        lines.append(t("lab.beside_is", changes=told))
    blocks += [Text(tuple(lines)), clusters_table(page.city, played, beside, t)]
    basis = page.board.dataset.evidence
    why = [capital(t(f"why.{basis}")) + t("lab.stop")] if basis in ("listed_sample", "synthetic") else []
    return (*blocks, goals_table(page.city, played.result, t), Text((*why, t("lab.goals_note"))))


def _untitled(table: Table) -> Table:
    """A table under a heading that names it already."""
    return replace(table, title="")


def _changes(changes: tuple[Change, ...], page: GapPage, t: Words) -> Table:
    rows = tuple(
        (Cell(str(n), n), Cell(change_text(change, page.board.dataset, t))) for n, change in enumerate(changes, start=1)
    )
    return Table(t("lab.sheet_changes"), (Column(t("lab.number"), "right", "0"), Column(t("lab.changes"))), rows)
