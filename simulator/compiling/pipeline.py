"""Numba, told to optimise and translate a function once: within the program that Python calls.

By itself Numba does both for every compiled function and again for whatever calls it, though only the outermost copy runs. Here
an inner copy (*part*) is optimised by itself only if it has a loop, and never translated; a *program* takes in those it calls,
directly or not, before it is optimised and translated. On the way to LLVM what is needless for functions as plain as ours is
left out: most of the text that LLVM was given moved arrays into memory and back. This hangs on Numba's private parts, so it is
done with the versions it was tried with; with others Numba goes its ordinary way, which takes longer and computes the same.
"""

from __future__ import annotations

import contextlib
import dis
import gc
from collections import Counter
from collections.abc import Iterator

import numba
from llvmlite.ir import Constant, ExtractValue, InsertValue, IRBuilder, PhiInstr, Undefined
from numba.core import ir, types
from numba.core.analysis import compute_cfg_from_blocks, compute_use_defs, must_use_alloca
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.compiler_machinery import PassManager
from numba.core.lowering import Lower
from numba.core.targetconfig import ConfigStack
from numba.core.typed_passes import IRLegalization, NativeLowering, NoPythonBackend, NopythonTypeInference, PreLowerStripPhis
from numba.core.types.functions import BaseFunction
from numba.core.untyped_passes import (
    FixupArgs,
    GenericRewrites,
    IRProcessing,
    ReconstructSSA,
    TranslateByteCode,
)
from numba.np import arrayobj

MAKE_ARRAY = arrayobj.make_array
FIND = BaseFunction.get_call_type
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

    def _optimize_functions(self, ll_module) -> None:      # each by itself, before all are
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

    def _optimize_functions(self, ll_module) -> None:
        pass

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


class _Builder(IRBuilder):
    """LLVM's instructions, one by one; what has been put into a tuple need not be taken out of it."""

    def extract_value(self, agg, idx, name=""):
        wanted, source = list(idx) if isinstance(idx, (tuple, list)) else [idx], agg
        while isinstance(source, InsertValue):
            known = list(source.indices)
            if known == wanted[:len(known)]:
                return self.extract_value(source.value, wanted[len(known):]) if wanted[len(known):] else source.value
            if wanted == known[:len(wanted)]:              # only a part of it is known
                break
            source = source.aggregate
        return super().extract_value(source, wanted, name)


def _sweep(function) -> None:
    """Drop the tuples that nobody asks for any more."""
    waiting: list = []
    wanted: set = set()
    for block in function.blocks:
        for each in block.instructions:
            if not isinstance(each, (InsertValue, ExtractValue)):
                waiting += [value for value, _ in each.incomings] if isinstance(each, PhiInstr) else each.operands
    while waiting:
        each = waiting.pop()
        if isinstance(each, (InsertValue, ExtractValue)) and each not in wanted:
            wanted.add(each)
            waiting += each.operands
    for block in function.blocks:
        block.instructions[:] = [each for each in block.instructions
                                 if each in wanted or not isinstance(each, (InsertValue, ExtractValue))]


class _Lower(Lower):
    """Numba's way to LLVM's instructions where no references are counted. A variable that is assigned once, before whatever
    asks for it, stays a value; Numba puts it into memory if two blocks know it, and a tuple of arrays is a hundred numbers, each
    read and written by itself."""

    def setup_function(self, fndesc) -> None:
        super().setup_function(fndesc)
        self.builder = _Builder(self.entry_block)
        self.call_helper = self.call_conv.init_call_helper(self.builder)

    def lower_function_body(self):
        tail = super().lower_function_body()
        _sweep(self.function)
        return tail

    def _find_singly_assigned_variable(self) -> None:
        found, dominators = compute_use_defs(self.blocks), compute_cfg_from_blocks(self.blocks).dominators()
        times = Counter(each.target.name for block in self.blocks.values() for each in block.find_insts(ir.Assign))
        values = {name for name, number in times.items() if number == 1} - must_use_alloca(self.blocks)
        home = {name: label for label, names in found.defmap.items() for name in names}
        for label, names in found.usemap.items():          # what it asks for and has not assigned
            values -= {name for name in names if home.get(name, label) >= label or home[name] not in dominators[label]}
        self._singly_assigned_vars = values
        self._blk_local_varmap: dict = {}

    def storevar(self, value, name, argidx=None) -> None:
        if name in self._singly_assigned_vars:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))


class _Lowering(NativeLowering):
    lowering_class = _Lower


class _Passes(PassManager):
    """Those passes of Numba's that have anything to do in functions as plain as ours, and nothing between them."""

    front = [each() for each in (TranslateByteCode, FixupArgs, IRProcessing, GenericRewrites, ReconstructSSA,
                                 NopythonTypeInference, PreLowerStripPhis)]
    counted = [*front, IRLegalization(), NativeLowering(), NoPythonBackend()]
    lean = [*front, _Lowering(), NoPythonBackend()]

    def run(self, state) -> None:
        for each in self.counted if state.flags.nrt else self.lean:
            each.run_pass(state)


class _Array:
    """The fields of an array, taken out of the value that it is; Numba puts them into memory to read them."""

    def __init__(self, kind, context, builder, value) -> None:
        vars(self).update(_kind=kind, _context=context, _builder=builder, _value=value,
                          _datamodel=context.data_model_manager[kind])

    def __getattr__(self, name):
        if name.startswith("_"):                           # a place in memory
            return getattr(MAKE_ARRAY(self._kind)(self._context, self._builder, self._value), name)
        return self._builder.extract_value(self._value, self._datamodel.get_field_position(name))

    def __setattr__(self, name, value) -> None:
        whole = self._builder.insert_value(self._value, value, self._datamodel.get_field_position(name))
        vars(self)["_value"] = whole

    def _getvalue(self):
        return self._value


def _make_array(kind):
    """Numba's `make_array`, but that an array which is there already is read without memory."""
    def make(context, builder, value=None, ref=None):
        if value is None or not isinstance(kind, types.Array):
            return MAKE_ARRAY(kind)(context, builder, value=value, ref=ref)
        return _Array(kind, context, builder, value)
    return make


def _make_view(context, builder, _, array, kind, data, shapes, strides):
    """Numba's `make_view`, without memory."""
    view = _Array(kind, context, builder, Constant(context.get_value_type(kind), Undefined))
    arrayobj.populate_array(view, data=data, shape=shapes, strides=strides, itemsize=array.itemsize, meminfo=array.meminfo,
                            parent=array.parent)
    return view


@contextlib.contextmanager
def _in_a_hurry() -> Iterator[None]:
    """What a builtin function returns for arguments of some types is found once, arrays are read as above, and garbage is left
    for later."""
    find, collecting = BaseFunction.get_call_type, gc.isenabled()
    numbas = arrayobj.make_array, arrayobj.make_view
    found: dict = {}

    def remember(function, context, arguments, named):
        key = (ConfigStack.top_or_none(), id(function), *map(id, arguments), *named.items())
        if key not in found:
            found[key] = find(function, context, arguments, named), function, arguments     # kept, so that their ids are theirs
        return found[key][0]

    BaseFunction.get_call_type = remember
    arrayobj.make_array, arrayobj.make_view = _make_array, _make_view
    gc.disable()
    try:
        yield
    finally:
        BaseFunction.get_call_type = find
        arrayobj.make_array, arrayobj.make_view = numbas
        if collecting:
            gc.enable()


class _Pipeline(Compiler):
    """Numba's compiler, with a library and passes of ours."""

    library = _Program

    def define_pipelines(self) -> list[PassManager]:
        return [_Passes("fundsim")]

    def compile_extra(self, function):
        state = self.state
        state.flags = _Flags(state.flags)
        state.library = self.library(state.targetctx.codegen(), function.__qualname__)
        state.library.has_loop = _has_loop(function)
        state.library.enable_object_caching()
        if BaseFunction.get_call_type is not FIND:         # within another
            return super().compile_extra(function)
        with _in_a_hurry():
            return super().compile_extra(function)


class _PartPipeline(_Pipeline):
    library = _Part


def options(part: bool) -> dict[str, type]:
    """Numba's option for a program or a part; none if its version was not tried."""
    if numba.version_info.short not in TRIED:
        return {}
    return {"pipeline_class": _PartPipeline if part else _Pipeline}
