"""Workbooks as their cells: formulas and stored values by sheet and place, and the same file with some cells altered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

CELL = re.compile(r'<c r="([A-Z]+)([0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
FORMULA_OF_CELL = re.compile(r"<f[^>]*>(.*?)</f>", re.DOTALL)
SHEET_IN_BOOK = re.compile(r'<sheet name="([^"]*)" sheetId="([0-9]+)"')


def sheet_files(data: bytes) -> dict[str, str]:
    """The name of each sheet -> the name of its file inside the workbook."""
    with ZipFile(BytesIO(data)) as book:
        text = book.read("xl/workbook.xml").decode()
    return {unescape(name): f"xl/worksheets/sheet{number}.xml" for number, (name, _) in enumerate(SHEET_IN_BOOK.findall(text), 1)}


def formulas(data: bytes) -> dict[str, dict[str, str]]:
    """Every formula of a workbook by sheet and cell."""
    found: dict[str, dict[str, str]] = {}
    with ZipFile(BytesIO(data)) as book:
        for name, file in sheet_files(data).items():
            cells = CELL.finditer(book.read(file).decode())
            inside = ((cell, FORMULA_OF_CELL.search(cell[4] or "")) for cell in cells)
            found[name] = {cell[1] + cell[2]: unescape(formula[1]) for cell, formula in inside if formula}
    return found


def altered(data: bytes, edits: Mapping[tuple[str, str], str | float]) -> bytes:
    """The workbook with other values in some cells, by sheet and cell; each must have one. KeyError for a cell that has none."""
    files, left = sheet_files(data), dict(edits)
    out = BytesIO()
    with ZipFile(BytesIO(data)) as book, ZipFile(out, "w", ZIP_DEFLATED) as written:
        for item in book.infolist():
            content = book.read(item.filename)
            name = next((name for name, file in files.items() if file == item.filename), None)
            if name is not None:
                def put(cell: re.Match, name: str = name) -> str:
                    value = left.pop((name, cell[1] + cell[2]), None)
                    if value is None:
                        return cell[0]
                    style = re.sub(r' t="[a-z]+"', "", cell[3])
                    if isinstance(value, str):
                        return f'<c r="{cell[1]}{cell[2]}"{style} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
                    return f'<c r="{cell[1]}{cell[2]}"{style}><v>{value!r}</v></c>'

                content = CELL.sub(put, content.decode()).encode()
            written.writestr(item, content)
    if left:
        raise KeyError(next(iter(left)))
    return out.getvalue()
