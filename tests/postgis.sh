#!/bin/sh
# PostgreSQL with PostGIS for the tests of the shared store: uses what is there, installs on Debian as root, else says loudly
# that those tests are skipped. In CI nothing is skipped: it fails.
set -u
for control in /usr/share/postgresql/*/extension/postgis.control; do
    version=$(basename "$(dirname "$(dirname "$control")")")
    [ -f "$control" ] && [ -x "/usr/lib/postgresql/$version/bin/initdb" ] && exit 0
done
if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql postgresql-postgis; } >/dev/null && exit 0
fi
echo "!!! The tests of the PostGIS store are SKIPPED: install PostgreSQL with PostGIS (on Debian: sudo apt-get install postgresql postgresql-postgis)." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
