#!/bin/sh
# Make sure that there is a Chromium for the tests: one that is installed, else Debian's package
# where apt is at hand, else Playwright's own.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
python=$(dirname "$0")/../../.venv/bin/python
if command -v apt-get >/dev/null 2>&1; then
    root=""
    if [ "$(id -u)" -ne 0 ]; then root="sudo -n"; fi
    echo "Installing chromium with apt-get"
    if $root apt-get update -qq && $root apt-get install -y -qq chromium >/dev/null; then exit 0; fi
fi
echo "Installing Playwright's Chromium"
"$python" -m playwright install chromium && exit 0
echo "make: no browser for the tests; install Chromium or Chrome and run make test again" >&2
exit 1
