"""Numba's compiler, with a cache that holds a hash of every compiled source in its name.

Numba's own cache does not notice that a function *called* from another file has changed, lies beside the source where the user
has no other folder, and ends the process where a file of it is damaged. This one is in a folder named after all sources, so it
can never be stale, and its files are checked (`cache.py`).
"""

from __future__ import annotations

import hashlib
import pickle
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import types
from numba.core import cgutils, sigutils
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.errors import TypingError
from numba.core.serialize import dumps
from numba.core.typing import Signature
from numba.extending import intrinsic

from simulator.compiling import cache, pipeline
from simulator.compiling.types import signature_of

# Where compiled functions, their constants and the makers of cached arrays may stand (tests hold this to the code).
SOURCES = ("compiling", "money.py", "tables.py", "dimensions.py", "plan.py", "chance", "care", "law", "kernel", "people",
           "claims/names.py", "engine/demand.py", "engine/level.py", "parameters/distribution_tables.py")
VERSIONS = platform.python_version(), np.__version__, numba.__version__, llvmlite.__version__


def _sources_folder() -> str:
    """The folder of the cache that belongs to the sources as they are now."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for name in SOURCES:
        place = package / name
        for source in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(source.relative_to(package).as_posix().encode())
            digest.update(source.read_bytes())
    return f"kernels/{digest.hexdigest()[:16]}"


FOLDER = _sources_folder()
PROGRAMS_FOLDER = f"{FOLDER}/programs"


class ProgramCache(_Cache):
    """The machine code of one function between runs, by the types of its arguments, the processor and the versions of Numba."""

    def __init__(self, function: Callable) -> None:
        self.function = function

    @property
    def cache_path(self) -> str:
        return str((cache.base_folder() or Path()) / PROGRAMS_FOLDER)

    def name(self, signature: Signature | Sequence[types.Type], codegen: Any) -> str:
        """The name of the file for a signature and a code generator."""
        arguments, _ = sigutils.normalize_signature(signature)
        made_of = self.function.__module__, self.function.__qualname__, arguments, codegen.magic_tuple(), VERSIONS
        return f"{self.function.__name__}-{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}"

    def load_overload(self, signature: Signature | Sequence[types.Type], target: Any) -> CompileResult | None:
        """What was compiled for the signature; None if there is nothing."""
        target.refresh()
        stored = cache.read(PROGRAMS_FOLDER, self.name(signature, target.codegen()))
        try:
            return None if stored is None else CompileResult._rebuild(target, *pickle.loads(stored))
        except Exception:                                  # whole, and of no use to this process
            return None

    def save_overload(self, signature: Signature | Sequence[types.Type], compiled: CompileResult) -> None:
        """Keep what was compiled, unless it holds addresses of this process."""
        if not compiled.library.has_dynamic_globals and not compiled.lifted:
            cache.write(PROGRAMS_FOLDER, self.name(signature, compiled.codegen), dumps(compiled._reduce()))

    def enable(self) -> None:
        """It is always on."""

    def disable(self) -> None:
        """It is always on."""

    def flush(self) -> None:
        """What was compiled of other sources lies elsewhere, so there is nothing to forget."""


def is_compiled(program: Dispatcher, arguments: tuple[types.Type, ...]) -> bool:
    """Whether a program is compiled for these types, in this process or in the cache."""
    if arguments in program.overloads:
        return True
    return cache.read(PROGRAMS_FOLDER, program._cache.name(arguments, program.targetctx.codegen())) is not None


def _compiler(**options: Any) -> Callable[[Callable], Dispatcher]:
    """A decorator that compiles a function of this package, with the cache above.

    Compiled code calls a second copy, which has no entry for Python and is not cached, and whose constant arguments are typed
    as any others: one copy serves all that call it, and is translated to machine code only within them.
    """
    def compile_it(function: Callable) -> Dispatcher:
        common = {"nogil": True, "error_model": "numpy", **options}
        entry = numba.njit(no_cfunc_wrapper=True, **pipeline.options(part=False), **common)(function)
        if numba.config.DISABLE_JIT:                       # plain Python, to look into
            return entry
        if function.__module__.startswith("simulator.") and function.__closure__ is None:     # else it is not of SOURCES alone
            entry._cache = ProgramCache(function)
        inner = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **pipeline.options(part=True), **common)(function)
        entry.get_call_template = lambda args, kws: inner.get_call_template([types.unliteral(arg) for arg in args], kws)
        entry.get_overload = inner.get_overload
        return entry
    return compile_it


def address(program: Dispatcher) -> int:
    """Where the machine code of a program is, for the types written beside its arguments."""
    signature = signature_of(program)
    program.compile(signature.args)                        # from the cache, which knows it by its arguments only
    result = program.get_compile_result(signature)
    return result.library.get_pointer_to_function(result.fndesc.llvm_func_name)


@intrinsic
def call_at(context, place, arguments):
    """Call the program at a place, a NamedTuple of one address whose class tells the `program`."""
    signature = signature_of(place.instance_class.program())
    if tuple(arguments) != signature.args:
        raise TypingError(f"called with {arguments}, declared as {signature}")

    def code(target, builder, _, values):
        kind = target.call_conv.get_function_type(signature.return_type, signature.args)
        function = builder.inttoptr(builder.extract_value(values[0], 0), kind.as_pointer())
        arguments = [builder.extract_value(values[1], n) for n in range(len(signature.args))]
        status, result = target.call_conv.call_function(builder, function, signature.return_type, signature.args, arguments)
        with cgutils.if_unlikely(builder, status.is_error):
            target.call_conv.return_status_propagate(builder, status)
        return result

    return signature.return_type(place, arguments), code


if numba.config.DISABLE_JIT:                               # plain Python, to look into
    call_at = lambda place, arguments: type(place).program()(*arguments)              # noqa: E731


compiled = _compiler()
# For functions called for every bill: they allocate nothing, so the counting of references to arrays is left out.
lean = _compiler(_nrt=False)
# For what vectorises only inside the loop that calls it.
inlined = _compiler(_nrt=False, forceinline=True)
