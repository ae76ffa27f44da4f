"""What the levels of inpatient schedules rest on: a line on the terminal, one on the first page, and a table with both terms."""

from __future__ import annotations

from simulator.report.format import NONE, number
from simulator.report.prose import BRIEF, PAGE, REPORT, say
from simulator.report.select import Selection
from simulator.words import STATUS_NAMES, level_said, ratios_said, region_name, short_k, short_scheme, word

LEVELS_NAMED = 6                 # levels that the first page has one by one


def level_rows(selection: Selection, lang: str) -> list[list[str]]:
    """A row for each level: region (and the policy that asked for it), scheme, year, k, ratio reached, ratio at k = 1, the ratios
    as written and as paid, and what the level rests on."""
    return [[region_name(row["region"], lang) + (f" ({row['policy']})" if row["policy"] else ""),
             short_scheme(row["scheme"], lang), str(row["year"]), f"{float(row['k']):.3f}",
             *(NONE if row[name] is None else number(row[name], 1) for name in ("reached", "unsolved")),
             ratios_said(row["written"], lang), NONE if row["written"] == row["paid"] else ratios_said(row["paid"], lang),
             level_said(row, lang)] for row in selection.levels]


def of_regions(selection: Selection) -> list[dict]:
    """The level of each region and scheme in its first year, as no policy asked for another."""
    first: dict[tuple[str, str], dict] = {}
    for row in selection.levels:
        if not row["policy"]:
            first.setdefault((row["region"], row["scheme"]), row)
    return list(first.values())


def who(row: dict, lang: str) -> str:
    """Whose level it is: the region and the scheme."""
    return f"{region_name(row['region'], lang)} {short_scheme(row['scheme'], lang)}"


def page_lines(selection: Selection, lang: str) -> list[str]:
    """What every level rests on in a line of the first page, in short where there are many; none where no policy has the region's
    level."""
    if len(of_regions(selection)) > LEVELS_NAMED:
        return [counted(selection, lang)]
    parts = [say(PAGE, f"level_{row['basis']}", lang, who=who(row, lang), status=word(STATUS_NAMES, row["status"], lang),
                 k=short_k(row["k"]), goal=None if row["goal"] is None else short_k(row["goal"]), solved_in=row["solved_in"])
             for row in of_regions(selection)]
    return [say(PAGE, "levels", lang, levels=say(PAGE, "then", lang).join(parts))] if parts else []


def counted(selection: Selection, lang: str) -> str:
    """How many schedules are paid as written or solved to what, and whose level is not known."""
    return say(BRIEF, "levels", lang, levels=say(PAGE, "then", lang).join(_counts(selection, lang, "levels")))


def counted_shortly(selection: Selection, lang: str) -> str:
    """The same without names, after other words on the terminal; empty where no policy has the region's level."""
    parts = _counts(selection, lang, "shortly")
    return say(BRIEF, "schedules", lang, levels=say(REPORT, "comma", lang).join(parts)) if parts else ""


def _counts(selection: Selection, lang: str, words: str) -> list[str]:
    rows, parts = of_regions(selection), []
    for basis in ("written", "outcome", "target", "unknown"):
        found = [row for row in rows if row["basis"] == basis]
        if found:
            named = say(REPORT, "comma", lang).join(who(row, lang) for row in found)
            parts.append(say(BRIEF, f"{words}_{basis}", lang, count=len(found), named=named))
    return parts
