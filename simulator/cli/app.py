"""`fundsim app`: the application in the browser.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import Lang, Language, Out, Params, make_writable


def app(
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port on 127.0.0.1; 0: any that is free.")] = 8765,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    out: Out = Path("results"),
    params: Params = None,
    lang: Language = Lang.en,
) -> None:
    """Move a fund's rules in the browser, settle bills and claims files, look at runs; on this machine alone, until Ctrl-C.

    Needs NiceGUI: pip install 'fundsim[app]'.

    Example: fundsim app --lang zh
    """
    from simulator.app.server import needs_nicegui, serve
    needs_nicegui()
    make_writable(out, "app")
    zh = lang is Lang.zh

    def ready(address: str) -> None:
        print(f"{address}\n{'仅限本机访问；按 Ctrl-C 结束。' if zh else 'for this machine only; Ctrl-C ends it.'}", flush=True)

    kept = serve(out, port, lang.value, browser, ready)
    named = ", ".join(map(str, kept))
    if zh:
        print(f"已结束；已保存的模拟结果：{named or '无'}", file=sys.stderr, flush=True)
    else:
        print(f"ended; runs kept: {named or 'none'}", file=sys.stderr, flush=True)
