"""Serve the application on this machine alone, until Ctrl-C; what was kept stands in the folder for run folders."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

from simulator.parameters.added import add_from_now_on, added_folder
from simulator.parameters.errors import InputError

LOOPBACK_ADDRESS = "127.0.0.1"
USUAL_PORT = 8765
SECONDS_TO_BEGIN = 30.0


def needs_nicegui() -> None:
    """InputError where NiceGUI is not installed."""
    try:
        import nicegui  # noqa: F401
    except ImportError as error:
        raise InputError("NiceGUI is not installed, which the application needs", expected="pip install 'fundsim[app]'"
                         ) from error


def listening(port: int) -> socket.socket:
    """A socket of this machine on a port, 0 for any that is free. InputError where another program has it."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((LOOPBACK_ADDRESS, port))
    except OSError as error:
        found.close()
        raise InputError("--port:", value=port, expected="a port that no other program has", next_step="--port 0 takes a free one"
                         ) from error
    return found


def serve(out: Path, port: int, lang: str, browser: bool, say_ready: Callable[[str], None]) -> list[Path]:
    """Serve until KeyboardInterrupt; the run folders that were kept meanwhile. `say_ready` is told the address, token and all."""
    needs_nicegui()
    own = listening(port)
    os.environ |= {"OTEL_SDK_DISABLED": "true", "FASTAPI_OTEL_AUTO_CONFIGURE": "false"}       # nothing is told to anybody
    import uvicorn
    from fastapi import FastAPI
    from nicegui import ui

    from simulator.app.guard import Guard
    from simulator.app.pages import serve_pages
    from simulator.app.shared import Shared
    from simulator.app.state import board_of, scenario_of
    from simulator.parameters.regions import load_regions

    token, port = secrets.token_urlsafe(16), own.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fundsim-app-", ignore_cleanup_errors=True) as uploads:
        logging.getLogger("nicegui").setLevel(logging.ERROR)          # nobody reads of each address that was not found
        shared = Shared(out, Path(uploads))
        serve_pages(shared, lang)
        outer = FastAPI(openapi_url=None)
        ui.run_with(outer, mount_path=f"/{token}", title="fundsim", favicon="📈", show_welcome_message=False, tailwind=False,
                    reconnect_timeout=30.0)
        server = uvicorn.Server(uvicorn.Config(Guard(outer, token, port), log_level="error", access_log=False, lifespan="on"))
        added = added_folder()

        def begin() -> None:
            add_from_now_on(added)                         # what this thread's pages load
            server.run([own])

        thread = threading.Thread(target=begin, daemon=True)
        try:
            regions = load_regions()                       # what the first page needs, before its address is known
            board_of(scenario_of({}, regions), regions)
            thread.start()
            begun = time.monotonic()
            while not server.started and thread.is_alive() and time.monotonic() - begun < SECONDS_TO_BEGIN:
                time.sleep(0.02)
            address = f"http://{LOOPBACK_ADDRESS}:{port}/{token}/"
            shared.load()
            say_ready(address)
            if browser:
                webbrowser.open(address)
            while thread.is_alive():
                thread.join(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            logging.disable(logging.CRITICAL)              # of connections that end with it
            shared.end()
            server.should_exit = server.force_exit = True
        return shared.made
