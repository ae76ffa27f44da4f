"""In which language the command speaks, and how it writes on a console that lacks some signs."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping, Sequence

# Signs that GBK or ASCII lack, and what is written in their place.
READABLE = {"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2012": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
            "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00d7": "x", "\u00b7": ".", "\u2022": "*",
            "\u2020": "+", "\u2026": "~", "\u2264": "<", "\u2265": ">", "\u2192": ">", "\u00b1": "~", "\u00b2": "2",
            "\u00b3": "3", "\u2160": "I", "\uff0c": ", ", "\u3002": ". ", "\uff1a": ": ", "\uff1b": "; ",
            "\uff08": " (", "\uff09": ") ", "\u3001": ", ", "\uff1f": "? ", "\uff01": "! ", "\u2501": "-",
            "\u2500": "-", "\u2502": "|", "\u2503": "|", "\u2550": "="}
HANDLER = "fundsim-readable"           # of errors while a text is encoded
_spoken = ["en"]


def language() -> str:
    """The language of help, notes and errors in this command: en or zh."""
    return _spoken[0]


def speak(words: Sequence[str]) -> str:
    """Settle the language by the words of the command and the locale, and return it."""
    _spoken[0] = asked_language(words, os.environ, _encodes_chinese())
    return _spoken[0]


def asked_language(words: Sequence[str], environment: Mapping[str, str], chinese_can_be_written: bool = True) -> str:
    """The last `--lang` among the words; else Chinese in a Chinese locale whose console can write it; else English."""
    asked = [word.removeprefix("--lang=") if word.startswith("--lang=") else after
             for word, after in zip(words, [*words[1:], ""], strict=False) if word == "--lang" or word.startswith("--lang=")]
    if asked:
        return "zh" if asked[-1] == "zh" else "en"
    return "zh" if chinese_can_be_written and _locale(environment).lower().startswith(("zh", "chinese")) else "en"


def _locale(environment: Mapping[str, str]) -> str:
    """The name of the locale for messages: as POSIX says, or Windows' own where the environment names none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    if sys.platform == "win32":
        import locale
        return locale.getlocale()[0] or ""
    return ""


def _encodes_chinese() -> bool:
    try:
        "汉".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_readably() -> None:
    """Let standard output and error write what their encoding lacks as a sign that resembles it, or as `\\u6c49`."""
    codecs.register_error(HANDLER, _readable)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=HANDLER)


def _readable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start:error.end]
    return "".join(READABLE.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in lost), error.end
