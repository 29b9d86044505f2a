"""What Alembic runs: the steps that are missing, on the connection that it is given, in one transaction."""

from alembic import context

from data.postgis.schema import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA)
with context.begin_transaction():
    context.run_migrations()
