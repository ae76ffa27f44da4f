"""How wide a text is on a terminal or in a figure, and where it is broken into lines."""

from __future__ import annotations

import re
import unicodedata


def columns_of(text: str) -> int:
    """The width of a text in half-em columns; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` columns, at spaces and after Chinese punctuation.

    A Chinese phrase wider than a line is broken within, but not before a punctuation mark; a word wider than a line, such as a
    policy's name, after a hyphen or where the line ends.
    """
    lines, pieces = [""], []
    for phrase in re.findall(r"[^，。；：、 ]*[，。；：、 ]+|[^，。；：、 ]+", text):
        wide = columns_of(phrase) > width
        pieces += re.findall(r"[\u2e80-\ufeff][，。；：、）％”:]*|[^ \u2e80-\ufeff]+ *| +", phrase) if wide else [phrase]
    for piece in (part for whole in pieces for part in _parts_of_word(whole, width)):
        if lines[-1] and columns_of(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return lines


def _parts_of_word(word: str, width: int) -> list[str]:
    """A word that fits a line of `width` columns, or the parts of one that does not."""
    if columns_of(word.rstrip()) <= width:
        return [word]
    return [part[at:at + width] for part in re.findall(r"[^-_/]*[-_/]+|[^-_/]+", word) for at in range(0, len(part), width)]
