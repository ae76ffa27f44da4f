"""A figure inside a page: its SVG as the address of an image, as short as it may be without looking otherwise."""

from __future__ import annotations

import re

from markupsafe import Markup

PLACES_OF_PATHS = 2              # behind the point of a path's coordinates: a hundredth of a point of 1/72 inch
NOT_DRAWN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
PATH, STYLE = re.compile(r'(?<= d=")[^"]*'), re.compile(r'(?<= style=")[^"]*')
COMMAND = re.compile(r"\s*([A-Za-z])\s*")
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
TAG = re.compile(r"<[^>]+>")
ID, REFERENCE = re.compile(r' id="([^"]*)"'), re.compile(r"#([A-Za-z_][\w.-]*)")
IN_ADDRESS = (("'", "&apos;"), ('"', "'"), ("%", "%25"), ("#", "%23"), ("<", "%3C"), (">", "%3E"), ("&", "&amp;"))


def image_address(svg: str) -> Markup:
    """The address of an SVG drawn by matplotlib, to stand between double quotes in HTML: text, which is a quarter shorter than
    base64, without comments and what describes it, its paths to a hundredth of a point, its parts named only where another part
    refers to them, by short names."""
    text = PATH.sub(lambda path: COMMAND.sub(r"\1", LONG_NUMBER.sub(_rounded, path[0])), NOT_DRAWN.sub("", svg))
    text = STYLE.sub(lambda style: style[0].replace(": ", ":").replace("; ", ";"), text)
    text = re.sub(r"\s+", " ", text).replace("> <", "><").strip()
    text = _short_names(text)
    for letter, written in IN_ADDRESS:
        text = text.replace(letter, written)
    return Markup(f"data:image/svg+xml,{text}")


def _short_names(svg: str) -> str:
    """The SVG with short names of what is referred to, and no others. A colour (`#222222`) names nothing."""
    tags = " ".join(TAG.findall(svg))
    stated = set(ID.findall(tags))
    short = {name: f"_{n:x}" for n, name in enumerate(dict.fromkeys(n for n in REFERENCE.findall(tags) if n in stated))}

    def shortened(tag: re.Match) -> str:
        named = ID.sub(lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", tag[0])
        return REFERENCE.sub(lambda found: f"#{short.get(found[1], found[1])}", named)
    return TAG.sub(shortened, svg)


def _rounded(number: re.Match) -> str:
    return f"{float(number[0]):.{PLACES_OF_PATHS}f}".rstrip("0").rstrip(".")
