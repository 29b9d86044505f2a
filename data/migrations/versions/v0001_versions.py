"""Versions, their parts, and the tables of the parts.

A step is history: it names its columns itself, and is never edited once a release has it.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = {
    "firms": """
        firm_id text NOT NULL, name text NOT NULL, short_name text, listed text, holding_id text, address text,
        business_scope text, subsector_id text, subsector_basis text, subsector_weights text, industry_code text,
        registered_district_id text, operating_district_id text, district_by_point boolean, lon double precision,
        lat double precision, location_precision text, place_id text, place_evidence text, place_conflict text,
        office_note text, confidentiality text, synthetic boolean, notes text, source text, status text""",
    "observations": """
        firm_number integer NOT NULL, year smallint NOT NULL, revenue_cny bigint, value_added_cny bigint,
        employees bigint, scope text, status text, source text""",
    "districts": """
        district_id text NOT NULL, adcode text, name text NOT NULL, label_zh text, name_en text, label_en text,
        kind text, parent_adcode text, official_area_m2 double precision, area_source text, area_status text, note text,
        label_lon double precision, label_lat double precision, geometry {geometry}""",
    "parks": """
        park_id text NOT NULL, name text NOT NULL, lon double precision, lat double precision, district_id text,
        district_text text, district_basis text, operator text, area_text text, focus text, precision text, source text,
        status text, note text, area_m2 double precision, floor_area_m2 double precision, vacant_m2 double precision,
        rent_cny_m2_month double precision, contact text, geometry {geometry}""",
    "indicators": """
        indicator text NOT NULL, scope text, area_id text, area_name text, period text, year bigint,
        value double precision, value_text text, unit text, status text, source text, note text""",
    "hubs": """
        hub_id text NOT NULL, kind text, name text NOT NULL, lon double precision, lat double precision, precision text,
        source text, status text""",
    "findings": """
        file_row bigint, "column" text, code text, effect text, before text, after text""",
    "refused": "",
}
POINTS = ("firms", "parks", "hubs")
VIEWS = ("firms", "districts", "parks", "indicators", "hubs")


def upgrade() -> None:
    """Make everything; where PostGIS lives is asked, since a database may keep it in a schema of its own."""
    found = op.get_bind().exec_driver_sql(
        "SELECT quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE extname = 'postgis'"
    )
    gis = found.scalar_one()
    for statement in _statements(gis):
        op.get_bind().exec_driver_sql(statement)


def _statements(gis: str) -> list[str]:
    made = [
        """CREATE TABLE jiqun.store (
            single boolean PRIMARY KEY DEFAULT true CHECK (single), id uuid NOT NULL DEFAULT gen_random_uuid())""",
        "INSERT INTO jiqun.store DEFAULT VALUES",
        """CREATE TABLE jiqun.versions (
            id bigint PRIMARY KEY CHECK (id > 0), digest text NOT NULL, basis text NOT NULL, synthetic boolean NOT NULL,
            firms bigint NOT NULL, observations bigint NOT NULL, years smallint[] NOT NULL,
            created timestamptz NOT NULL, parent bigint NOT NULL CHECK (parent < id), kind text NOT NULL,
            file_name text NOT NULL, sha256 text NOT NULL, accepted bigint NOT NULL, repaired bigint NOT NULL,
            refused bigint NOT NULL, datum text NOT NULL, note text NOT NULL, parts jsonb NOT NULL,
            mapping text NOT NULL, import_id uuid NOT NULL UNIQUE)""",
        """CREATE TABLE jiqun.parts (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, digest text NOT NULL)""",
        """CREATE TABLE jiqun.part_tables (
            part bigint NOT NULL REFERENCES jiqun.parts, name text NOT NULL, rows bigint NOT NULL,
            sha256 text NOT NULL, columns json NOT NULL, arrow_schema bytea NOT NULL, PRIMARY KEY (part, name))""",
        """CREATE TABLE jiqun.version_parts (
            version bigint NOT NULL REFERENCES jiqun.versions, kind text NOT NULL,
            part bigint NOT NULL REFERENCES jiqun.parts, PRIMARY KEY (version, kind))""",
        """CREATE TABLE jiqun.current_version (
            single boolean PRIMARY KEY DEFAULT true CHECK (single), version bigint REFERENCES jiqun.versions,
            moves bigint NOT NULL, moved timestamptz NOT NULL DEFAULT now())""",
        "INSERT INTO jiqun.current_version (moves) VALUES (0)",
        """CREATE TABLE jiqun.keepsakes (
            kind text NOT NULL, name text NOT NULL, data bytea NOT NULL, asked timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (kind, name))""",
    ]
    for name, columns in TABLES.items():
        own = columns.format(geometry=f"{gis}.geometry(Geometry, 4326)").strip()
        point = ""
        if name in POINTS:
            point = f"""geom {gis}.geometry(Point, 4326) GENERATED ALWAYS AS (
                CASE WHEN lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90
                THEN {gis}.st_setsrid({gis}.st_makepoint(lon, lat), 4326) END) STORED,"""
        made.append(
            f"CREATE TABLE jiqun.{name} (part bigint NOT NULL, row integer NOT NULL, {own}{',' if own else ''}"
            f" further jsonb, {point} PRIMARY KEY (part, row))"
        )
        if point:
            made.append(f"CREATE INDEX ON jiqun.{name} USING gist (geom)")
        if "geometry" in columns:
            made.append(f"CREATE INDEX ON jiqun.{name} USING gist (geometry)")
    made += [
        f"""CREATE VIEW jiqun.current_{name} AS SELECT * FROM jiqun.{name} WHERE part = (
            SELECT v.part FROM jiqun.version_parts v JOIN jiqun.current_version c USING (version)
            WHERE v.kind = '{name}')"""  # noqa: S608 - names of our own
        for name in VIEWS
    ]
    made.append(
        """CREATE VIEW jiqun.current_observations AS
        SELECT f.firm_id, o.* FROM jiqun.observations o JOIN jiqun.current_firms f
        ON f.part = o.part AND f.row = o.firm_number"""
    )
    return made
