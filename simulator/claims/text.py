"""The text of a CSV file: which encoding its bytes are in, found by their signs, and the text in pieces of whole lines.

UTF-8 is what decodes as UTF-8; what does not, and reads as GB18030 in characters that are in use, is GB18030; zero bytes or a
mark at the beginning say UTF-16. What is declared and contradicted by these signs is refused, so that no name is written as
other characters than it was.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from simulator.parameters.errors import InputError

ENCODINGS = ("auto", "utf-8", "gb18030", "utf-16")
PIECE = 1 << 20                 # bytes read at once
LONGEST_ROW = 1 << 24           # bytes: no row, and no text between quotes, is longer
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
IN_USE = 0.9                    # the least share of GB2312's characters among those that are not ASCII, in text of GB18030
COMMON_SHARE = 0.6                    # of these, the least share of the 3,755 characters of its first level and of its signs


def encoding_of(path: Path, declared: str, file: str) -> tuple[str, int]:
    """The encoding of a file, for codecs, and how many bytes its mark has. InputError where what is declared cannot be, or where
    the bytes are of no encoding that is known."""
    with path.open("rb") as raw:
        head = raw.read(4096)
    mark = next(((name, len(bom)) for bom, name in BYTE_ORDER_MARKS if head.startswith(bom)), None)
    even = _mostly_zeros(head)
    found = mark or (even, 0) if even or mark else None
    if found is not None and found[0].startswith("utf-16"):
        if declared not in ("auto", "utf-16"):
            raise _other(declared, "UTF-16", file)
        wrong = _first_undecodable(path, found[0])
        if wrong is not None:
            raise InputError("not UTF-16 throughout: byte", value=f"0x{wrong[1]:02x}", expected="UTF-16 text",
                             next_step="save the file as UTF-8", file=file, line=wrong[0])
        return found
    if declared == "utf-16":
        raise InputError("not UTF-16: neither a byte-order mark nor zero bytes", expected="UTF-16 text",
                         next_step="leave --encoding out: the encoding is found", file=file, line=1)
    skip = found[1] if found else 0
    bad = _first_undecodable(path, "utf-8")
    if bad is None:
        if declared == "gb18030" and not _is_ascii(path):
            raise _other(declared, "UTF-8", file)
        return "utf-8", skip
    if declared == "utf-8" or found is not None:
        line, byte = bad
        other = "gb18030" if _first_undecodable(path, "gb18030") is None else "auto"
        raise InputError("not UTF-8: byte", value=f"0x{byte:02x}", expected="UTF-8 text",
                         next_step=f"say --encoding {other}, or save the file as UTF-8", file=file, line=line)
    wrong = _first_undecodable(path, "gb18030")
    if wrong is None and _reads_as_chinese(path):
        return "gb18030", 0
    line, byte = bad if wrong is None else wrong
    raise InputError(f"neither UTF-8 nor {'text in use of ' if wrong is None else ''}GB18030: byte", value=f"0x{byte:02x}",
                     expected="text in UTF-8, GB18030 or UTF-16", next_step="save the file as UTF-8", file=file, line=line)


def _other(declared: str, found: str, file: str) -> InputError:
    return InputError("--encoding:", value=declared, expected=f"{found.lower()}, for the bytes are {found}",
                      next_step="or leave --encoding out: the encoding is found", file=file, line=1)


def _mostly_zeros(head: bytes) -> str:
    """The byte order of UTF-16 without a mark, by the zeros of its ASCII characters; empty for other text."""
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if len(head) < 4 or max(zeros) * 8 < len(head):
        return ""
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def _first_undecodable(path: Path, encoding: str) -> tuple[int, int] | None:
    """Line and value of the first byte that is not of the encoding."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as raw:
        while True:
            piece = raw.read(PIECE)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                whole = pending + piece
                return line + whole[:error.start].count(b"\n"), (whole or b"\0")[min(error.start, max(len(whole) - 1, 0))]
            if not piece:
                return None
            line += piece.count(b"\n")


def _is_ascii(path: Path) -> bool:
    with path.open("rb") as raw:
        return all(piece.isascii() for piece in iter(lambda: raw.read(PIECE), b""))


def _reads_as_chinese(path: Path) -> bool:
    """Whether what is not ASCII, of the first characters of a file of GB18030, is mostly of GB2312, and of that mostly common."""
    with path.open("rb") as raw:
        text = codecs.getincrementaldecoder("gb18030")().decode(raw.read(PIECE))
    wide = [character.encode("gb18030") for character in text if not character.isascii()]
    pairs = [code for code in wide if len(code) == 2 and code[0] >= 0xA1 and code[1] >= 0xA1]
    common = sum(code[0] < 0xAA or 0xB0 <= code[0] <= 0xD7 for code in pairs)
    return bool(wide) and len(pairs) >= IN_USE * len(wide) and common >= COMMON_SHARE * len(pairs)


def garbled(text: str) -> str:
    """What text says that was written in one encoding and read as another; empty where it is as it should be."""
    for read, written in (("gb18030", "utf-8"), ("cp1252", "gb18030"), ("latin-1", "gb18030"), ("cp1252", "utf-8"),
                          ("latin-1", "utf-8")):
        if text.isascii():
            break
        try:
            meant = text.encode(read).decode(written)
        except UnicodeError:
            continue
        if len(meant) < len(text) and all(c.isascii() or "\u4e00" <= c <= "\u9fff" for c in meant) and not meant.isascii():
            return meant
    return ""


def pieces(raw: BinaryIO, encoding: str, skip: int) -> Iterator[bytes]:
    """The text after its mark as UTF-8, in pieces of whole lines that end with a line feed: a lone carriage return ends a line
    too. Quotes pair within a piece, unless they do not at all."""
    raw.seek(skip)
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
    rest, last = b"", False
    while not last:
        read = raw.read(PIECE)
        last = not read
        rest += read if decoder is None else decoder.decode(read, final=last).encode()
        if last and not rest:
            return
        if last and rest[-1:] not in (b"\n", b"\r"):
            rest += b"\n"
        if b"\r" in rest:
            held = b"\r" if rest.endswith(b"\r") and not last else b""
            rest = rest.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held
        end = rest.rfind(b"\n") + 1
        if not last and b'"' in rest:
            end = _paired_end(rest, end)
        if end:
            yield rest[:end]
            rest = rest[end:]


def _paired_end(text: bytes, end: int) -> int:
    """The end of the last line up to `end` with an even number of quotes before it; `end` itself where the text is too long for
    a row."""
    quotes = text.count(b'"', 0, end)
    while end and quotes % 2:
        before = text.rfind(b"\n", 0, end - 1) + 1
        quotes -= text.count(b'"', before, end)
        end = before
    return end if end or len(text) < LONGEST_ROW else text.rfind(b"\n") + 1
