#!/bin/sh
# A Chromium and a Chinese font for the browser tests: uses what is there, installs on Debian as root, else says what to do.
set -u
found=""
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then found=$name; break; fi
done
[ -n "$found" ] && { ! command -v fc-list >/dev/null 2>&1 || [ -n "$(fc-list :lang=zh)" ]; } && exit 0
if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null && exit 0
fi
[ -n "$found" ] && exit 0
echo "The browser tests need Chromium: install it (on Debian: sudo apt-get install chromium fonts-noto-cjk), or set CHROMIUM to its path." >&2
exit 1
