"""A check for a terminal and for programs: the document of codes with a sentence for each of them."""

from typing import Any

from views.finding_words import (
    column_words,
    datum_sentence,
    finding_sentence,
    question_sentence,
    row_sentence,
)
from views.words import Words

SHOWN = 20


def check_json(document: dict[str, Any], t: Words) -> dict[str, Any]:
    """The document with ``rows`` (every finding listed, with its reason in words) and questions in words."""
    rows = [{**finding, "reason": finding_sentence(finding, t)} for finding in document["findings"]]
    questions = [{**question, "question": question_sentence(question, t)} for question in document["questions"]]
    rest = {key: value for key, value in document.items() if key not in ("findings", "points")}
    return {**rest, "rows": rows, "questions": questions}


def check_lines(document: dict[str, Any], t: Words) -> list[str]:
    """What a person reads."""
    lines = [
        t("check.head", file=document["file"], kind=t(f"table_kind.{document['kind']}")),
        t("check.counts", **{key: f"{document[key]:,}" for key in ("rows_read", "accepted", "repaired", "refused")}),
    ]
    for column in document["columns"]:
        taken = column_words(column["column"], t) if column["column"] else t("check.left_out")
        more = " ".join(str(part) for part in (column["unit"], column["year"]) if part)
        heading = column["heading"] or t("check.column_number", number=column["position"] + 1)
        lines.append(f"  {heading} → {taken}{f' ({more})' if more else ''}")
    if document["datum"]:
        lines.append(datum_sentence(document["datum"], t))
    lines += [row_sentence(finding, t) for finding in document["findings"][:SHOWN]]
    if document["findings_total"] > SHOWN:
        lines.append(t("check.more", n=f"{document['findings_total'] - SHOWN:,}"))
    lines += [question_sentence(question, t) for question in document["questions"]]
    return lines
