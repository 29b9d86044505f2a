#!/bin/sh
# A Chromium and a Chinese font for the browser tests: uses what is there, installs on Debian as root, else says what to do.
# The headless shell is the same engine for less processor time, so that Debian gets it beside another Chromium too.
set -u
found=""
for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then found=$name; break; fi
done
has_font() { ! command -v fc-list >/dev/null 2>&1 || [ -n "$(fc-list :lang=zh)" ]; }
{ [ "$found" = chromium-headless-shell ] || [ -n "${CHROMIUM:-}" ]; } && [ -n "$found" ] && has_font && exit 0
if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-noto-cjk; } >/dev/null && exit 0
fi
[ -n "$found" ] && exit 0
echo "The browser tests need Chromium: install it (on Debian: sudo apt-get install chromium-headless-shell fonts-noto-cjk), or set CHROMIUM to its path." >&2
exit 1
