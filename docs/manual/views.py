"""Pages that are written for GitHub, as Sphinx needs them; the two languages; and the words that Chinese search knows."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from docs.manual import reference

DOCS = Path(__file__).resolve().parents[1]
TITLES = {"en": "fundsim", "zh": "fundsim 手册"}
ABOVE = {"en": {"README.md": "readme.md", "CHANGELOG.md": "changes.md"}, "zh": {"README.zh.md": "readme.md"}}   # they stand above docs/
LINK = re.compile(r"(!?)\[([^\]\n]*)\]\(([^)\s]+)\)")


def language_of(app: Any) -> str:
    return "zh" if app.config.language.startswith("zh") else "en"


def configure(app: Any, config: Any) -> None:
    """The titles and the search of the language that is built."""
    language = language_of(app)
    config.html_title = TITLES[language]
    if language == "zh":
        # Sphinx stems Latin words in Chinese pages by the English stemmer, but its script asks for a ChineseStemmer, which there is not.
        from sphinx.search.zh import SearchChinese
        SearchChinese.language_name = "English"
        words = Path(app.doctreedir).parent / "search-words.txt"
        words.parent.mkdir(parents=True, exist_ok=True)
        words.write_text("".join(f"{word} 100000 n\n" for word in reference.chinese_words()), encoding="utf-8")
        config.html_search_options = {"dict": str(words)}


def write_reference(app: Any) -> None:
    """Write the pages of reference into the sources of the language, where git ignores them; only those that have changed."""
    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    language = language_of(app)
    pages = reference.pages(language) | {made: from_above(DOCS.parent / name, folder) for name, made in ABOVE[language].items()}
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def from_above(path: Path, folder: Path) -> str:
    """A page that stands above docs/, with its links as they are from `folder`."""
    def moved(found: re.Match[str]) -> str:
        mark, text, target = found.groups()
        if "://" in target or target.startswith("#"):
            return found[0]
        return f"{mark}[{text}]({os.path.relpath(path.parent / target, folder)})"

    return LINK.sub(moved, path.read_text(encoding="utf-8"))


def fit_links(app: Any, name: str, source: list[str]) -> None:
    """Lead links to pages above docs/ to the pages that hold them here, and those of one language's pages to the other's to the
    manual beside this one; a link to any other file of the checkout becomes the file's name."""
    source_folder, language = Path(app.srcdir), language_of(app)
    here, up = (source_folder / name).parent, "../" * name.count("/")

    def led(found: re.Match[str]) -> str:
        mark, text, target = found.groups()
        path, hash_, anchor = target.partition("#")
        if mark or not path or "://" in target:
            return found[0]
        there = Path(os.path.normpath(here / path))
        if there.is_relative_to(source_folder) and (language == "zh" or not there.is_relative_to(DOCS / "zh")):
            return found[0] if there.suffix == ".md" else f"{text} (`{there.relative_to(DOCS.parent)}`)"
        for side, pages in ABOVE.items():
            if there.name in pages and there.parent == DOCS.parent:
                page = f"reference/{pages[there.name]}"
                return (f"[{text}]({up}{page}{hash_}{anchor})" if side == language else
                        f'<a href="{up}../{side}/{Path(page).with_suffix(".html")}{hash_}{anchor}">{text}</a>')
        if there.suffix == ".md" and there.is_relative_to(DOCS):
            inside = there.relative_to(DOCS).with_suffix(".html")
            side, inside = ("zh", inside.relative_to("zh")) if inside.parts[0] == "zh" else ("en", inside)
            return f'<a href="{up}../{side}/{inside}{hash_}{anchor}">{text}</a>'
        return f"{text} (`{there.relative_to(DOCS.parent)}`)" if there.is_relative_to(DOCS.parent) else found[0]

    source[0] = LINK.sub(led, source[0])


def other_language(app: Any, pagename: str, templatename: str, context: dict, doctree: Any) -> None:
    """Tell the sidebar where this page stands in the other language, or else the other manual's front page."""
    chinese = language_of(app) == "zh"
    folder = DOCS if chinese else DOCS / "zh"
    there = pagename if (folder / f"{pagename}.md").is_file() or pagename.startswith("reference/") else "index"
    context["other_language"] = "English" if chinese else "中文"
    context["other_page"] = "../" * (pagename.count("/") + 1) + f"{'en' if chinese else 'zh'}/{there}.html"


def plain_docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Examples in docstrings, which are indented, are shown as code."""
    made: list[str] = []
    for line in lines:
        begins = line.startswith("    ") and not (made and (made[-1].startswith("    ") or made[-1] == ""))
        if begins or (line.startswith("    ") and len(made) > 1 and made[-1] == "" and not made[-2].startswith("    ")):
            made += ["", "::", ""]
        elif made and made[-1].startswith("    ") and line and not line.startswith(" "):
            made.append("")
        made.append(line)
    lines[:] = made


def put_front_page(app: Any, error: Exception | None) -> None:
    """A page above the two languages that leads to the English manual, for those who open the folder."""
    above = Path(app.outdir).parent
    if error is None and above.name == "_build":
        shutil.copyfile(DOCS / "manual" / "static" / "front.html", above / "index.html")


def connect(app: Any) -> None:
    app.connect("config-inited", configure)
    app.connect("builder-inited", write_reference)
    app.connect("source-read", fit_links)
    app.connect("html-page-context", other_language)
    app.connect("autodoc-process-docstring", plain_docstring)
    app.connect("build-finished", put_front_page)
