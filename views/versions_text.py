"""The versions of the data as lines for a terminal."""

from collections.abc import Iterable

from data.version_files import VersionRecord
from views.words import Words


def version_lines(records: Iterable[VersionRecord], current: str, t: Words) -> list[str]:
    """One line a version, the current one with an asterisk."""
    return [
        " · ".join(
            part
            for part in (
                f"{'*' if record.id == current else ' '} {record.id}",
                record.created or t("version.bundled"),
                t(f"basis.{record.basis.value}"),
                t("version.synthetic") if record.synthetic else "",
                _brought(record, t),
                t("version.holds", firms=f"{record.firms:,}", observations=f"{record.observations:,}"),
                f"{record.years[0]}–{record.years[-1]}",
                record.digest,
            )
            if part
        )
        for record in records
    ]


def _brought(record: VersionRecord, t: Words) -> str:
    """What the import of a version brought, and what became of its rows."""
    if not record.file_name:
        return ""
    kind = t(f"version.kind_{record.kind}")
    counts = {name: f"{getattr(record, name):,}" for name in ("accepted", "repaired", "refused")}
    rows = t("version.rows", **counts) if record.repaired or record.refused else ""
    return " · ".join(filter(None, (t("version.brought", kind=kind, file=record.file_name), rows, record.note)))
