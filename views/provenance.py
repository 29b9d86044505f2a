"""Where the figures on a page, map or export come from, in words: versions, basis, scope, boundaries, notices."""

from clusters.goals import Board
from data.settings import settings
from views.words import Words


def map_notice(t: Words) -> str:
    """Printed on every map: a sketch, no legal boundary, the map's approval number and further attribution."""
    approval = settings().map_approval or t("notice.not_configured")
    parts = [t("notice.sketch"), t("notice.approval", number=approval), settings().map_attribution]
    return " · ".join(part for part in parts if part)


def footer_lines(board: Board, t: Words) -> list[str]:
    """Footer of a page or an exported document."""
    return [
        " · ".join(
            (
                t("footer.data", version=board.dataset.version, digest=board.dataset.digest, year=board.year),
                t(
                    "footer.plan",
                    title=t(f"plan.{board.plan.id}") if f"plan.{board.plan.id}" in t else board.plan.title,
                    digest=board.plan.origin.sha256[:8],
                ),
                t("footer.basis", basis=t(f"basis.{board.dataset.basis.value}")),
                t("footer.method", place=t(f"place.{board.place}")),
            )
        ),
        " · ".join((t("footer.areas"), t("footer.crs"), t("footer.boundaries"), map_notice(t))),
    ]


def stamp(board: Board, t: Words) -> dict[str, str]:
    """Columns that every exported row carries."""
    return {
        "data_version": f"{board.dataset.version} ({board.dataset.digest})",
        "plan": f"{board.plan.id} ({board.plan.origin.sha256[:8]})",
        "basis": t(f"basis.{board.dataset.basis.value}"),
        "notice": map_notice(t),
    }


def sample_sentence(board: Board, t: Words) -> str:
    """One sentence on what the sums cover; it stands beside every total."""
    coverage = board.coverage
    key = "sample.sentence" if board.dataset.basis == "listed_sample" else "sample.register"
    return t(
        key, n=coverage["firms"], of=coverage["of_firms"], year=board.year, sourced=t.share(coverage["sourced_share"])
    )
