#!/bin/sh
# An nginx and an openssl for the test of the proxy: uses what is there, installs on Debian as root, else says what to do.
set -u
have() { command -v nginx >/dev/null 2>&1 && command -v openssl >/dev/null 2>&1; }
PATH=$PATH:/usr/sbin
have && exit 0
if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # the package would start a server on port 80, which nobody wants of a test
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && trap 'rm -f /usr/sbin/policy-rc.d' EXIT; }
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light openssl; } >/dev/null && have && exit 0
fi
echo "The test of the proxy needs nginx and openssl: install them (on Debian: sudo apt-get install nginx-light openssl)." >&2
exit 1
