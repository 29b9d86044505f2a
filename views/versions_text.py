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
                t("version.holds", firms=f"{record.firms:,}", observations=f"{record.observations:,}"),
                f"{record.years[0]}–{record.years[-1]}",
                record.digest,
            )
            if part
        )
        for record in records
    ]
