"""The shelf that several machines share: versions as rows of a PostGIS database."""
