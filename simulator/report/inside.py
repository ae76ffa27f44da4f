"""A figure inside a page: its SVG as the address of an image, as short as it may be without looking otherwise."""

from __future__ import annotations

import re

from markupsafe import Markup

PLACES_OF_PATHS = 2              # behind the point of a path's coordinates: a hundredth of a point of 1/72 inch
NOT_DRAWN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
PATH = re.compile(r' d="([^"]*)"')
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
IN_ADDRESS = (("'", "&apos;"), ('"', "'"), ("%", "%25"), ("#", "%23"), ("<", "%3C"), (">", "%3E"), ("&", "&amp;"))


def image_address(svg: str) -> Markup:
    """The address of an SVG drawn by matplotlib, to stand between double quotes in HTML: text, which is a quarter shorter than
    base64, without comments and what describes it, its paths to a hundredth of a point."""
    text = PATH.sub(lambda path: f' d="{LONG_NUMBER.sub(_rounded, path[1])}"', NOT_DRAWN.sub("", svg))
    text = re.sub(r"\s+", " ", text).replace("> <", "><").strip()
    for letter, written in IN_ADDRESS:
        text = text.replace(letter, written)
    return Markup(f"data:image/svg+xml,{text}")


def _rounded(number: re.Match) -> str:
    return f"{float(number[0]):.{PLACES_OF_PATHS}f}".rstrip("0").rstrip(".")
