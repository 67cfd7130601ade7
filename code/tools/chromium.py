"""Find a Chromium for the tests, or install one.

    python code/tools/chromium.py

Takes one that is installed, else Debian's package where apt is at hand, else Playwright's own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed():
    """The path of a Chromium or Chrome on this machine, or None: Playwright has its own."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install():
    if shutil.which("apt-get"):
        print("Installing Chromium with apt-get", flush=True)
        root = [] if os.getuid() == 0 else ["sudo", "-n"]
        commands = (["update", "-qq"], ["install", "-y", "-qq", "chromium"])
        if all(run([*root, "apt-get", *command]) for command in commands):
            return
    print("Installing Playwright's Chromium", flush=True)
    if not run([sys.executable, "-m", "playwright", "install", "chromium"]):
        raise SystemExit(
            "make: no browser for the tests; install Chromium or Chrome and run make test again"
        )


def run(command):
    """Whether a command succeeds; a missing program is a failure too."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if not installed() and not own.exists():
        install()
