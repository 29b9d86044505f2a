"""Why a file is not read: every reason, once.

The words of a reason are the pages' (``error.RefusedFile.<reason>``); a test compares them with this list.
"""

REASONS = frozenset(
    {
        # the file as a whole
        "not_a_file",
        "no_parquet",
        "empty",
        "too_large",
        "binary",
        "html",
        "unsupported",
        "points_elsewhere",
        "encrypted",
        "damaged",
        # text
        "unknown_encoding",
        "wrong_encoding",
        "undecodable",
        "damaged_text",
        "unknown_separator",
        "unclosed_quote",
        # tables
        "no_rows",
        "only_bad_rows",
        "too_many_bad_rows",
        "too_many_rows",
        "too_many_columns",
        "too_many_cells",
        "cell_too_long",
        "no_such_sheet",
        # archives
        "unsafe_member",
        "linked_member",
        "repeated_member",
        "nested_archive",
        "too_many_members",
        "unpacks_too_large",
        # layers
        "too_many_features",
        "no_such_layer",
        "no_layer",
        "no_dbf",
        "lone_shapefile",
        "not_geojson",
        "crs_link",
        "document_type",
        "not_utf8",
        "unsafe_sql",
        "geometry_encoding",
        # the reader
        "too_slow",
        "too_much_memory",
        "reader_stopped",
    }
)


class Refusal(Exception):
    """Raised where the reason is seen, which need not know what the file is called; ``read_file`` adds the name."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason, self.values = reason, values
        super().__init__(reason)
