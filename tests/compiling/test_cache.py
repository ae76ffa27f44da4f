"""A file of the cache is what was written under its name, or is not there; where nothing can be written nothing is kept."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from simulator.compiling import cache
from tests.campaigns.cache import DAMAGES, another, files_of, is_whole

BODY = bytes(range(256)) * 5


@pytest.fixture(autouse=True)
def base(tmp_path, monkeypatch):
    """A cache of the test's own, and nothing said yet."""
    monkeypatch.setenv("FUNDSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_said", set())
    return tmp_path / "cache"


def test_what_was_written_is_read_under_its_own_name_alone(base):
    cache.write("a/b", "one", BODY)
    cache.write("a/b", "two", b"")
    assert (cache.read("a/b", "one"), cache.read("a/b", "two")) == (BODY, b"")
    assert cache.read("a/b", "three") is None and cache.read("a", "one") is None
    assert [is_whole(base, path) for path in files_of(base)] == [True, True]


def test_nothing_is_made_by_reading(base):
    assert cache.read("a", "one") is None and not base.exists()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("round", range(5))
def test_a_damaged_file_is_as_if_it_were_not_there_and_is_replaced(base, damage, round):
    for name in ("one", "two"):
        cache.write("a", name, name.encode() * 50)
    one, two = files_of(base)
    one.write_bytes(damage(one.read_bytes(), two.read_bytes()))
    assert cache.read("a", "one") is None and cache.read("a", "two") == b"two" * 50
    cache.write("a", "one", BODY)
    assert cache.read("a", "one") == BODY


def test_a_file_moved_here_from_another_folder_is_not_read(base):
    cache.write("kernels/old", "one", BODY)
    cache.write("kernels/new", "two", BODY)
    (base / "kernels" / "old" / "one").rename(base / "kernels" / "new" / "one")
    assert cache.read("kernels/new", "one") is None


@pytest.mark.parametrize("what", ["base", "folder", "file"])
def test_what_others_can_write_is_not_read(base, what, capsys):
    cache.write("a", "one", BODY)
    {"base": base, "folder": base / "a", "file": base / "a" / "one"}[what].chmod(0o777)
    assert cache.read("a", "one") is None
    said = capsys.readouterr().err
    assert ("can be written by others (chmod go-w)" in said) == (what != "file")
    cache.write("a", "one", BODY)
    assert (cache.read("a", "one") == BODY) == (what == "file")        # a file is replaced, a folder is left alone


def test_what_belongs_to_another_user_is_not_read(base, monkeypatch, capsys):
    cache.write("a", "one", BODY)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cache.read("a", "one") is None
    assert f"{base} belongs to another user" in capsys.readouterr().err


def test_folders_and_files_are_this_users_alone_whatever_the_mask(base):
    before = os.umask(0)
    try:
        cache.write("a", "one", BODY)
    finally:
        os.umask(before)
    assert [oct(path.stat().st_mode & 0o777) for path in (base, base / "a", base / "a" / "one")] == ["0o700", "0o700", "0o600"]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_read_only_folder_keeps_nothing_and_is_named_once(base, error, monkeypatch, capsys):
    cache.write("a", "one", BODY)

    def refuse(*_, **__):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    cache.write("a", "two", BODY)
    cache.write("a", "three", BODY)
    note, = capsys.readouterr().err.splitlines()
    assert str(base) in note and os.strerror(error) in note
    assert cache.read("a", "one") == BODY and not cache.works("a")
    assert [path.name for path in (base / "a").iterdir()] == ["one"]


def test_a_write_that_fails_half_way_leaves_nothing(base, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", refuse)
    cache.write("a", "one", BODY)
    assert list((base / "a").iterdir()) == []


@pytest.mark.parametrize("home", ["/dev/null/none", None])
def test_a_user_without_a_home_is_told_once_and_has_no_cache(home, monkeypatch, capsys):
    monkeypatch.delenv("FUNDSIM_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if home:
        monkeypatch.setenv("HOME", home)
    else:
        monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    for _ in range(2):
        cache.write("a", "one", BODY)
        assert cache.read("a", "one") is None
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_cache_lies_where_the_environment_says(monkeypatch, tmp_path):
    assert cache.base_folder() == tmp_path / "cache"
    monkeypatch.delenv("FUNDSIM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.base_folder() == tmp_path / "xdg" / "fundsim"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.base_folder() == tmp_path / ".cache" / "fundsim"


def test_a_full_folder_loses_the_older_half_of_its_files(base):
    for number in range(9):
        cache.write("a", str(number), BODY, most=8)
        os.utime(base / "a" / str(number), (number, number))
    assert sorted(path.name for path in files_of(base)) == ["4", "5", "6", "7", "8"]


def test_folders_of_earlier_sources_are_bounded(base, monkeypatch):
    monkeypatch.setattr(cache, "MOST_SOURCES", 3)
    for number in range(6):
        cache.write(f"kernels/{number:016x}/arrays", "one", BODY)
        os.utime(base / "kernels" / f"{number:016x}", (number, number))
    (base / "kernels" / "not named after sources").mkdir()
    cache.write(f"kernels/{9:016x}/arrays", "one", BODY)
    assert sorted(path.name for path in (base / "kernels").iterdir()) == [
        *(f"{number:016x}" for number in (4, 5, 9)), "not named after sources"]


def test_an_empty_cache_reads_nothing_of_before_and_leaves_nothing(base):
    cache.write("a", "one", BODY)
    with cache.empty_cache():
        assert cache.read("a", "one") is None
        cache.write("a", "two", BODY)
        assert cache.read("a", "two") == BODY
        other = cache.base_folder()
    assert cache.read("a", "one") == BODY and cache.read("a", "two") is None and not other.exists()


def test_an_empty_cache_without_a_temporary_folder_keeps_nothing(base, monkeypatch, capsys):
    def refuse(*_, **__):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    cache.write("a", "one", BODY)
    with cache.empty_cache():
        assert cache.read("a", "one") is None and not cache.works("a")
    assert cache.read("a", "one") == BODY and len(capsys.readouterr().err.splitlines()) == 1


def test_one_process_at_a_time_holds_a_name(base):
    code = ("import sys; from simulator.compiling import cache\n"
            "with cache.locked('a', 'one') as ours, cache.locked('a', 'two') as other: print(ours, other, flush=True)\n"
            "with cache.locked('a', 'one', 60) as ours: print(ours)")
    with cache.locked("a", "one") as ours:
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        assert ours and other.stdout.readline() == "False True\n"
    assert other.communicate(timeout=60)[0] == "True\n"


def test_where_nothing_can_be_locked_every_process_works_for_itself(base, monkeypatch):
    base.write_text("in the way", encoding="utf-8")
    with cache.locked("a", "one") as ours:
        assert ours
    base.unlink()
    monkeypatch.setattr(cache, "CAN_LOCK", False)
    with cache.locked("a", "one") as ours:
        assert ours


def test_another_file_of_the_same_kind_is_one_of_its_folder():
    files = [Path("a/1"), Path("a/2"), Path("b/1")]
    assert [another(path, files) for path in files] == [Path("a/2"), Path("a/1"), Path("a/1")]
