"""What we know: tables with their columns, sources and checks; ``reference/`` and ``plans/`` are plain files."""
