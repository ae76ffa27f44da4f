"""Numba, told to optimise and translate a function once: within the program that Python calls.

By itself Numba does both for every compiled function and again for whatever calls it, though only the outermost copy runs. Here
an inner copy (*part*) is optimised by itself only if it has a loop, and never translated; a *program* takes in those it calls,
directly or not, before it is optimised and translated. This hangs on Numba's private parts, so it is done with the versions it
was tried with; with others Numba goes its ordinary way, which takes longer and computes the same.
"""

from __future__ import annotations

import dis
import gc

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags

TRIED = ((0, 68),)                                         # versions


class _NoMachineCode:
    """The code generator of a part: nothing of it is in memory, so nothing can be set there."""

    def set_env(self, *_) -> None:
        pass


class _Part(JITCodeLibrary):
    """What one function says, for programs to take in. One with a loop is optimised first, with the parts that have none taken
    in: a loop vectorises best before it stands among others."""

    codegen = _NoMachineCode()
    has_loop = False

    def _optimize_functions(self, ll_module) -> None:
        pass

    def finalize(self) -> None:
        if self.has_loop:
            for library in _taken_in(self, lambda part: not part.has_loop):
                self._final_module.link_in(library._get_module_for_linking(), preserve=True)
            _optimise(self)
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0


class _Program(JITCodeLibrary):
    """What Python calls, with all its parts."""

    def finalize(self) -> None:
        self._linking_libraries = _taken_in(self, lambda part: True)
        super().finalize()

    def _optimize_final_module(self) -> None:
        missing = [function.name for function in self._final_module.functions
                   if function.is_declaration and function.name.startswith("_ZN")]
        assert not missing, f"{self.name} has been linked without {missing}"       # calling it would end the process
        _optimise(self)                                    # once: Numba's first round is for what counts references


def _optimise(library) -> None:
    passes, builder = library._codegen._module_pass_manager()
    passes.run(library._final_module, builder)


def _taken_in(library, wanted) -> list:
    """The libraries that one links, and those that the wanted parts among them link, each behind all that link it: what nothing
    asks for yet is not taken in."""
    found: list = []
    seen = {library}

    def visit(one) -> None:
        for other in one._linking_libraries:
            if other not in seen and (not isinstance(other, _Part) or wanted(other)):
                seen.add(other)
                if isinstance(other, _Part):
                    visit(other)
                found.append(other)

    visit(library)
    return found[::-1]


def _has_loop(function) -> bool:
    return any("FOR_ITER" in each.opname or "JUMP_BACKWARD" in each.opname for each in dis.get_instructions(function))


class _Flags(Flags):
    """Options of a compilation, which Numba compares again and again, all of them. Here only those that were set."""

    alike = hash(Flags())                                  # whatever the values

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if isinstance(other, _Flags) else super().__eq__(other)

    def __hash__(self) -> int:
        return self.alike


class _Pipeline(Compiler):
    """Numba's compiler, with a library of ours and without collecting garbage, of which it leaves little."""

    library = _Program

    def compile_extra(self, function):
        state = self.state
        state.flags = _Flags(state.flags)
        state.library = self.library(state.targetctx.codegen(), function.__qualname__)
        state.library.has_loop = _has_loop(function)
        state.library.enable_object_caching()
        collecting = gc.isenabled()
        gc.disable()
        try:
            return super().compile_extra(function)
        finally:
            if collecting:
                gc.enable()


class _PartPipeline(_Pipeline):
    library = _Part


def options(part: bool) -> dict[str, type]:
    """Numba's option for a program or a part; none if its version was not tried."""
    if numba.version_info.short not in TRIED:
        return {}
    return {"pipeline_class": _PartPipeline if part else _Pipeline}
