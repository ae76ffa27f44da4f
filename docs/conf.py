"""The manual, English from docs/ and Chinese from docs/zh/ (`make docs`). Pages of reference come from the program itself."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import jieba  # noqa: E402

from docs.manual import views  # noqa: E402

jieba.setLogLevel(logging.WARNING)       # else it tells how long its dictionary takes to load

project = "fundsim"
author = "the fundsim authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "zh", "manual"]
templates_path = [str(HERE / "templates")]
# Links and headings are GitHub's, so that pages read the same there and here.
myst_heading_anchors = 6
myst_enable_extensions = ["deflist", "attrs_inline"]
myst_links_external_new_tab = False
html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_static_path = [str(HERE / "manual" / "static")]
html_css_files = ["manual.css"]
html_sidebars = {"**": ["sidebar/brand.html", "sidebar/search.html", "language.html", "sidebar/scroll-start.html",
                        "sidebar/navigation.html", "sidebar/scroll-end.html"]}
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"
nitpicky = False


def setup(app):
    views.connect(app)
