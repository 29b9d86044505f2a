"""Steps of the schema of the PostGIS store, for Alembic."""
