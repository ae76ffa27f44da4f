"""Debian's Chromium under Playwright, for tests that look at a page as its reader does; None where one of them is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.report.style import FONTS

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")


def browser() -> str | None:
    """The path of a browser."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing() -> str:
    """What is missing for tests in a browser; empty where nothing is."""
    if browser() is None:
        return "no browser: none of " + ", ".join(BROWSERS) + " is installed (Debian: apt-get install chromium)"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "no playwright: pip install -e '.[dev]'"
    return ""


@contextmanager
def chromium(folder: Path) -> Iterator[Any]:
    """A browser with an empty profile and the package's own font. What it keeps stands in `folder`."""
    from playwright.sync_api import sync_playwright
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{FONTS}</dir><cachedir>{folder}/cache</cachedir></fontconfig>", encoding="utf-8")
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=browser(), args=list(QUIET),
                                       env={**os.environ, "FONTCONFIG_FILE": f"{folder}/fonts.conf"})
        try:
            yield found
        finally:
            found.close()
