"""Numba's compiler, with a cache whose name holds a hash of every compiled source.

Numba's own cache does not notice that a function *called* from another file has changed; a cache
folder named after all sources can never be stale.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numba
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

from simulator.compiling import pipeline
from simulator.compiling.types import signature_of

# Where compiled functions, their constants and the makers of kept arrays may stand (tests hold this to the code).
SOURCES = ("compiling", "money.py", "tables.py", "plan.py", "chance", "care", "law", "kernel", "run/demand.py")


def _cache_folder() -> Path:
    """The cache of the sources as they are now."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for name in SOURCES:
        place = package / name
        for source in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(source.relative_to(package).as_posix().encode())
            digest.update(source.read_bytes())
    base = os.environ.get("FUNDSIM_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fundsim")
    return Path(base) / "kernels" / digest.hexdigest()[:16]


def _compiler(**options):
    """A decorator that compiles a function, with a cache in our folder whatever the process's other compiled functions use.

    Compiled code calls a second copy, which has no entry for Python and is not kept, and whose constant arguments are typed
    as any others: one copy serves all that call it, and is translated to machine code only within them.
    """
    def compile_it(function):
        common = {"nogil": True, "error_model": "numpy", **options}
        others = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = FOLDER
        try:
            entry = numba.njit(cache=True, no_cfunc_wrapper=True, **pipeline.options(part=False), **common)(function)
        finally:
            numba.config.CACHE_DIR = others
        if numba.config.DISABLE_JIT:                       # plain Python, to look into
            return entry
        inner = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **pipeline.options(part=True), **common)(function)
        entry.get_call_template = lambda args, kws: inner.get_call_template([types.unliteral(arg) for arg in args], kws)
        entry.get_overload = inner.get_overload
        return entry
    return compile_it


def address(program) -> int:
    """Where the machine code of a program is, for the types written beside its arguments."""
    signature = signature_of(program)
    program.compile(signature.args)                        # from the cache, which knows it by its arguments only
    result = program.get_compile_result(signature)
    return result.library.get_pointer_to_function(result.fndesc.llvm_func_name)


@intrinsic
def call_at(context, place, arguments):
    """Call the program at a place, a NamedTuple of one address whose class tells the `program`."""
    said = signature_of(place.instance_class.program())
    if tuple(arguments) != said.args:
        raise TypingError(f"called with {arguments}, said to be {said}")

    def code(target, builder, _, values):
        kind = target.call_conv.get_function_type(said.return_type, said.args)
        function = builder.inttoptr(builder.extract_value(values[0], 0), kind.as_pointer())
        arguments = [builder.extract_value(values[1], n) for n in range(len(said.args))]
        status, result = target.call_conv.call_function(builder, function, said.return_type, said.args, arguments)
        with cgutils.if_unlikely(builder, status.is_error):
            target.call_conv.return_status_propagate(builder, status)
        return result

    return said.return_type(place, arguments), code


if numba.config.DISABLE_JIT:                               # plain Python, to look into
    call_at = lambda place, arguments: type(place).program()(*arguments)              # noqa: E731


FOLDER = str(_cache_folder())
compiled = _compiler()
# For functions called for every bill: they allocate nothing, so the counting of references to arrays is left out.
lean = _compiler(_nrt=False)
# For what vectorises only inside the loop that calls it.
inlined = _compiler(_nrt=False, forceinline=True)
