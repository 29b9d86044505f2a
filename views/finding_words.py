"""Findings, questions and the datum's evidence as sentences in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from views.words import Words


def column_words(column: str, t: Words) -> str:
    """Name of a column of ours for a reader."""
    key = f"column.{column}"
    return t(key) if key in t else column


def finding_sentence(finding: Mapping[str, Any], t: Words) -> str:
    """What was found in one cell, what stood there and what was made of it."""
    named = {
        "before": _shown(finding.get("before"), t),
        "after": _shown(finding.get("after"), t),
        "column": column_words(finding["column"], t),
    }
    key = f"finding.{finding['code']}"
    return t(key, **named) if key in t else f"{named['column']}: {finding['code']} {named['before']}".strip()


def row_sentence(finding: Mapping[str, Any], t: Words) -> str:
    """The same with its row."""
    return t("check.row", row=finding["row"], what=finding_sentence(finding, t))


def question_sentence(question: Mapping[str, Any], t: Words) -> str:
    """What is asked, and how it may be answered."""
    return t(
        f"question.{question['about']}", subject=question["subject"], options=t("word.comma").join(question["options"])
    )


def datum_sentence(datum: Mapping[str, Any], t: Words) -> str:
    """What the evidence says of the coordinates."""
    code = datum["datum"] or datum["likeliest"] or ""
    named = t(f"datum.{code}") if f"datum.{code}" in t else str(code).upper()
    said = t(f"datum_verdict.{datum['verdict']}", datum=named, confidence=f"{100 * datum['confidence']:.1f}%")
    return said + (t("datum_verdict.swapped") if datum["swapped"] else "")


def reasons_by_row(findings: Iterable[Mapping[str, Any]], t: Words) -> dict[int, str]:
    """For each row its refusals, in one text."""
    found: dict[int, list[str]] = {}
    for finding in findings:
        if finding["effect"] == "refused":
            found.setdefault(int(finding["row"]), []).append(finding_sentence(finding, t))
    return {row: t("check.separator").join(dict.fromkeys(said)) for row, said in found.items()}


def _shown(value: object, t: Words) -> str:
    return "" if value is None else str(value)[:80]
