"""A small workbook written by hand: sheets of rows of texts, numbers and days, as spreadsheets store them."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

OPEN = "http://schemas.openxmlformats.org"
MAIN, OFFICE, PACKAGE = (f"{OPEN}/{part}" for part in ("spreadsheetml/2006/main", "officeDocument/2006/relationships",
                                                       "package/2006"))
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = ('<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>'
          '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/>'
          '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs>')           # style 1 is a day


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Sheets by name; cells are text, numbers, days or None."""
    numbered = list(enumerate(sheets, 1))
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles"),
             *((f"/xl/worksheets/sheet{n}.xml", "worksheet") for n, _ in numbered)]
    links = [(n, "worksheet", f"worksheets/sheet{n}.xml") for n, _ in numbered] + [(0, "styles", "styles.xml")]
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="{name}" ContentType="{KINDS}.{kind}+xml"/>' for name, kind in parts) + "</Types>",
        "_rels/.rels": _links([(1, "officeDocument", "xl/workbook.xml")]), "xl/_rels/workbook.xml.rels": _links(links),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered) + "</sheets></workbook>"}
    for n, name in numbered:
        rows = "".join(f'<row r="{at}">{"".join(_cell(cell, at, place) for place, cell in enumerate(row))}</row>'
                       for at, row in enumerate(sheets[name], 1))
        files[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w") as book:
        for name, text in files.items():
            book.writestr(name, HEAD + text)


def _links(links: Sequence[tuple[int, str, str]]) -> str:
    made = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>' for n, kind, target in links)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{made}</Relationships>'


def _cell(cell: object, row: int, place: int) -> str:
    at = f"{chr(65 + place)}{row}"
    if cell is None:
        return ""
    if isinstance(cell, datetime.date):
        return f'<c r="{at}" s="1"><v>{(cell - datetime.date(1899, 12, 30)).days}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{at}"><v>{cell!r}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(str(cell))}</t></is></c>'
