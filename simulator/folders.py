"""Files and folders that are whole or not there: written aside, made durable, put in place, each byte under its checksum.

What is written stands under an unguessable name beside its place (`.partial-NAME-TOKEN`) until it is whole; then its files, its
folders and the name it gets are forced to the disk, in this order, so that a result survives a power cut. Whoever writes holds a
lock on what is written, so that what an interrupted writer has left is known. A folder's manifest.json holds the SHA-256 of every
other file in it and of its own text: what is damaged, exchanged, missing or added is named.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simulator.parameters.errors import InputError, let_through

if sys.platform != "win32":        # there, what was left behind is not looked for
    import fcntl

MANIFEST = "manifest.json"
ASIDE_NAME = re.compile(r"\.partial-(.+?)-[0-9a-f]+")
placed: list[Path] = []            # what this process has put in place since the command began
_written: dict[Path, int | None] = {}      # what this process is writing aside, with its lock
_made: list[Path] = []             # the folders that this process has made to put something in
_placing = threading.Lock()        # held while something gets its name, so that a forced end knows whether it has it


class Fault(NamedTuple):
    """What is wrong with a file of a folder that has a manifest."""

    file: str
    problem: str
    registered: bool = True        # whether the manifest names the file


# --- writing --------------------------------------------------------------------------------------


class Aside:
    """A file or folder while it is written: `path` is where to write; `final` its place, and once there where it stands."""

    def __init__(self, final: Path, folder: bool = False) -> None:
        """Make an empty file or folder beside `final`, and lock it. OSError if that is not possible."""
        self.final, self.new = final, False                # `new`: put in place where nothing stood
        self.path = final.with_name(f".partial-{final.name}-{secrets.token_hex(8)}")
        if folder:
            self.path.mkdir()
        else:
            self.path.touch(exist_ok=False)
        _written[self.path] = _lock(self.path)

    def put(self, replace: bool = False) -> Path:
        """Make it durable and give it its name, in place of what has it or, unless `replace`, with -2, -3 ... where it is taken.

        Returns where it stands. After an OSError nothing new stands there, unless it has taken the place of something.
        """
        flush(self.path)
        with _placing:
            new = not (replace and os.path.lexists(self.final))
            if replace:
                os.replace(self.path, self.final)
            else:
                self.final = _rename_free(self.path, self.final)
            try:
                flush_one(self.final.parent)
            except OSError:
                if new:
                    remove(self.final)
                raise
            self.new = new
            placed.append(self.final)
        self.release()
        return self.final

    def discard(self) -> None:
        """Remove what was written, unless it has its place."""
        remove(self.path)
        self.release()

    def withdraw(self) -> None:
        """Take away what was put in place where nothing stood."""
        if self.new:
            remove(self.final)
            placed.remove(self.final)

    def release(self) -> None:
        """Give the lock back."""
        held = _written.pop(self.path, None)
        if held is not None:
            os.close(held)


@contextlib.contextmanager
def new_folder(final: Path) -> Iterator[Aside]:
    """A folder to be filled at `.path`: put in place, durable, when the block ends well, else removed.

    Where the name is taken by then it gets -2, -3 ... after it; `.final` says which. Missing parents are made.
    """
    make_folder(final.parent)
    aside = Aside(final, folder=True)
    try:
        yield aside
        aside.put()
    except OSError as error:
        raise placed_error(error, final) from None
    finally:
        aside.discard()


def write_file(path: Path, data: bytes) -> None:
    """Write or replace a file: whole and durable, or as it was before."""
    aside = Aside(path)
    try:
        aside.path.write_bytes(data)
        aside.put(replace=True)
    except OSError as error:
        raise placed_error(error, path) from None
    finally:
        aside.discard()


def placed_error(error: OSError, place: Path) -> OSError:
    """An error of the system that says where it was, if it does not say so itself."""
    if error.filename is None:
        error.filename = str(place)
    return error


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents, durable."""
    if not path.is_dir():
        if path.parent != path:
            make_folder(path.parent)
        path.mkdir(exist_ok=True)
        _made.append(path.absolute())
        flush_one(path.parent)


def begin() -> None:
    """A command begins: nothing is put in place by it yet, and no folder made."""
    placed.clear()
    _made.clear()


def remove_empty() -> None:
    """Remove the folders that this process has made and has put nothing into."""
    while _made:
        with contextlib.suppress(OSError):                 # something stands in it
            _made.pop().rmdir()


def add_to(folder: Path, aside: Path) -> None:
    """Move what stands in the folder `aside` into one that has a manifest, and last the manifest that registers it, over the old.

    Nothing else is replaced: FileExistsError. What is there already, byte for byte, is kept.
    """
    flush(aside)
    new = [name for name in sorted(os.listdir(aside)) if name != MANIFEST and not _same(aside / name, folder / name)]
    before = aside / f"{MANIFEST}.before"
    shutil.copyfile(folder / MANIFEST, before)
    with _placing:
        moved, replaced = [], False
        try:
            for name in new:
                if os.path.lexists(folder / name):
                    raise FileExistsError(errno.EEXIST, "it is there already, and is another", str(folder / name))
                moved.append(folder / name)
                os.rename(aside / name, folder / name)
            flush_one(folder)
            os.replace(aside / MANIFEST, folder / MANIFEST)
            replaced = True
            flush_one(folder)
        except BaseException:
            if replaced:
                os.replace(before, folder / MANIFEST)
            for path in moved:
                remove(path)
            raise
        placed.append(folder)


def _same(one: Path, other: Path) -> bool:
    """Whether two files, or two folders with all that is in them, are equal."""
    if one.is_dir() != other.is_dir() or not other.exists():
        return False
    return table_of(one) == table_of(other) if one.is_dir() else digest_of(one) == digest_of(other)


def flush(path: Path) -> None:
    """Force a file, or the files of a folder, its folders and itself in this order, to the disk."""
    if path.is_dir():
        for place, _, files in os.walk(path, topdown=False):
            for name in sorted(files):
                flush_one(Path(place, name))
            flush_one(Path(place))
    else:
        flush_one(path)


def flush_one(path: Path) -> None:
    """Force one file, or the names in one folder, to the disk; a system or disk that does this for files alone is left to it."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return
    try:
        file = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        if not (folder and error.errno in (errno.EINVAL, errno.ENOTSUP)):
            raise OSError(error.errno, error.strerror, str(path)) from error


def remove(path: Path) -> None:
    """Remove a file or folder of this process's making if it is there; what cannot be removed is left."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _rename_free(path: Path, final: Path) -> Path:
    """Give a file or folder the first name of final, final-2, final-3 ... that nobody has."""
    number, free = 2, final
    while True:
        if not os.path.lexists(free):
            try:
                os.rename(path, free)
                return free
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
        free, number = final.with_name(f"{final.name}-{number}"), number + 1


# --- what interrupted writers leave -----------------------------------------------------------------


def discard_all() -> bool:
    """Remove all that this process is writing aside, for an end that cannot wait for its threads: nothing gets its name after.

    False if something is still getting its name: that is left alone.
    """
    if not _placing.acquire(timeout=0.5):
        return False
    for path in list(_written):
        remove(path)
    return True


def placing() -> bool:
    """Whether something is getting its name at this moment."""
    return _placing.locked()


def leftovers(folder: Path) -> list[Path]:
    """What writers that are no more have left aside in a folder, by name."""
    try:
        names = sorted(name for name in os.listdir(folder) if ASIDE_NAME.fullmatch(name))
    except OSError:
        return []
    found = []
    for path in (folder / name for name in names):
        held = None if path in _written else _lock(path)
        if held is not None:
            os.close(held)
            found.append(path)
    return found


def name_of(path: Path) -> str:
    """The name that a file or folder has or, while it is written aside, will have."""
    name = path.resolve().name
    found = ASIDE_NAME.fullmatch(name)
    return found[1] if found else name


def _lock(path: Path) -> int | None:
    """Lock a file or folder for as long as this process lasts; None if another holds it or nothing can be locked here."""
    if sys.platform == "win32":
        return None
    file = None
    try:
        file = os.open(path, os.O_RDONLY)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file
    except OSError:
        if file is not None:
            os.close(file)
        return None


# --- the manifest and its checksums -----------------------------------------------------------------


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> dict[str, Path]:
    """Every file of a folder and of those in it but its manifest, by relative path with slashes, in order."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return {name: found[name] for name in sorted(found.keys() - {MANIFEST})}


def table_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of each of these files."""
    return {name: digest_of(path) for name, path in files_of(folder).items()}


def sealed(manifest: dict[str, Any], files: dict[str, str]) -> bytes:
    """The text of a manifest with the checksums of a folder's files and, last, that of the text without it."""
    body = {**{key: value for key, value in manifest.items() if key != "checksum"}, "files": files}
    return _text({**body, "checksum": hashlib.sha256(_text(body)).hexdigest()})


def read_manifest(folder: Path) -> dict[str, Any]:
    """A folder's manifest as JSON; `faults` says whether it is as it was written. InputError if there is none with checksums."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        let_through(error, folder)
        raise InputError("not a run folder:", value=str(folder), expected=f"a folder with a whole {MANIFEST}",
                         next_step=getattr(error, "msg", str(error)), file=folder / MANIFEST, line=getattr(error, "lineno", None),
                         column=getattr(error, "colno", None)) from error
    if not isinstance(manifest, dict):
        raise InputError("not a manifest:", value=str(folder / MANIFEST), expected="an object with names")
    if not isinstance(manifest.get("files"), dict) or "checksum" not in manifest:
        raise InputError("the manifest has no checksums:", value=str(folder / MANIFEST), expected="a run of this version",
                         next_step="earlier versions wrote none, so nothing in the folder can be checked: run the scenario anew")
    return manifest


def faults(folder: Path, manifest: dict[str, Any]) -> list[Fault]:
    """What in a folder is not as its manifest says: changed and missing files, files added, the manifest itself."""
    table = manifest["files"]
    try:
        whole = (folder / MANIFEST).read_bytes() == sealed(manifest, table)
    except UnicodeEncodeError:                             # half of a character, which is not written
        whole = False
    if not whole:
        return [Fault(MANIFEST, "is not as it was written")]
    there = files_of(folder)
    found = [Fault(name, "is missing") for name in table.keys() - there.keys()]
    found += [Fault(name, "is not in the manifest", registered=False) for name in there.keys() - table.keys()]
    for name in table.keys() & there.keys():
        if not there[name].is_file():
            found.append(Fault(name, "is not a file"))
        elif digest_of(there[name]) != table[name]:
            found.append(Fault(name, "is not as it was written: its SHA-256 is another"))
    return sorted(found)


def read_checked(folder: Path, manifest: dict[str, Any], name: str) -> bytes:
    """The bytes of a file that the manifest names. InputError if they are not those that were written."""
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        raise _not_as_written(folder, Fault(name, "is missing")) from None
    if hashlib.sha256(data).hexdigest() != manifest["files"].get(name):
        raise _not_as_written(folder, Fault(name, "is not as it was written"))
    return data


def read_whole(folder: Path) -> dict[str, Any]:
    """A folder's manifest, when every file that it names is as it was written. InputError names the first that is not."""
    manifest = read_manifest(folder)
    found = [fault for fault in faults(folder, manifest) if fault.registered]
    if found:
        raise _not_as_written(folder, found[0])
    return manifest


def _not_as_written(folder: Path, fault: Fault) -> InputError:
    return InputError(f"the folder is not as fundsim wrote it: {fault.file} {fault.problem}:", value=str(folder),
                      next_step="`fundsim verify` names all that differs")


def _text(manifest: dict[str, Any]) -> bytes:
    """The one way in which a manifest is written."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
