"""The table of plan terms in docs/settlement.md, written from the rows of `simulator.plan.Plan`.

    python -m tests.support.term_table      # writes it
"""

from __future__ import annotations

from pathlib import Path

from simulator.money import UNLIMITED
from simulator.plan import TERMS
from simulator.term import Term
from tests.support.plan_text import text_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settlement.md"
START, END = "<!-- terms: written by `make tables` -->\n", "<!-- end of terms -->"


def unit_of(term: Term) -> str:
    """The unit in which parameters and plan files state a term, or the words there are."""
    if term.words:
        return ", ".join(f"`{word}`" for word in term.words)
    if term.unit == "flag":
        return f"list of {term.shape[0]}s" if term.shape else "true, false"
    return term.unit


def neutral_of(term: Term) -> str:
    """The neutral value in that unit; none of terms that plan files do not state."""
    if not term.in_plan_file:
        return ""
    if term.neutral == UNLIMITED:
        return "no limit"
    if term.words:
        return f"`{term.words[0]}`"
    if term.unit == "flag":
        return "empty" if term.shape else "false"
    return text_of(term, term.neutral).removesuffix(".00")


def table() -> str:
    """One line a term: its name with indices, unit, neutral value, parameters and meaning."""
    lines = ["| term | unit | neutral | parameters | meaning |", "|---|---|---|---|---|"]
    for name, term in TERMS.items():
        indexed = name + "".join(f"[{key}]" for key in term.shape)
        paths = ", ".join(f"`{path.replace('{scheme}', '*')}`" for path in (term.path, *term.also) if path)
        paths += " (may be absent)" if term.optional else ""
        lines.append(f"| `{indexed}` | {unit_of(term)} | {neutral_of(term)} | {paths} | {term.says} |")
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    """The page with the table as it is now between its marks."""
    head, rest = page.split(START)
    return head + START + table() + rest[rest.index(END):]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)
