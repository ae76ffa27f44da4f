"""Numba, told to optimise and translate a function once: within the program that Python calls.

By itself Numba does both for every compiled function and again for whatever calls it, though only the outermost copy runs. Here
an inner copy (*part*) is neither optimised nor translated by itself; a *program* takes in those it calls, directly or not, before
it is optimised and translated. On the way to LLVM what is needless for functions as plain as ours is
left out: most of the text that LLVM was given moved arrays into memory and back. All of it is in classes of ours that Numba is
given for our functions: nothing of Numba's is replaced. It hangs on Numba's private parts, so it is done with the versions it was
tried with; with others Numba goes its ordinary way, which takes longer and computes the same.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba
from llvmlite.ir import Constant, InsertValue, IRBuilder, Undefined
from numba.core import ir, types
from numba.core.analysis import compute_cfg_from_blocks, compute_use_defs, must_use_alloca
from numba.core.base import _wrap_impl
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.compiler_machinery import PassManager
from numba.core.cpu import CPUContext
from numba.core.datamodel.models import OpaqueModel
from numba.core.lowering import Lower
from numba.core.targetconfig import ConfigStack
from numba.core.typed_passes import IRLegalization, NativeLowering, NoPythonBackend, NopythonTypeInference, PreLowerStripPhis
from numba.core.typing.context import Context
from numba.core.untyped_passes import (
    FixupArgs,
    GenericRewrites,
    IRProcessing,
    ReconstructSSA,
    TranslateByteCode,
)
from numba.extending import register_model
from numba.np import arrayobj

TRIED = ((0, 68),)                                         # versions


class _NoMachineCode:
    """The code generator of a part: nothing of it is in memory, so nothing can be set there."""

    def set_env(self, *_) -> None:
        pass


class _Part(JITCodeLibrary):
    """What one function says, for programs to take in."""

    codegen = _NoMachineCode()

    def _optimize_functions(self, ll_module) -> None:      # each by itself, before all are
        pass

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0


class _Program(JITCodeLibrary):
    """What Python calls, with all its parts."""

    def _optimize_functions(self, ll_module) -> None:
        pass

    def finalize(self) -> None:
        self._linking_libraries = _taken_in(self)
        super().finalize()

    def _optimize_final_module(self) -> None:
        missing = [function.name for function in self._final_module.functions
                   if function.is_declaration and function.name.startswith("_ZN")]
        assert not missing, f"{self.name} has been linked without {missing}"       # calling it would end the process
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)            # once: Numba's first round is for what counts references


def _taken_in(library) -> list:
    """The libraries that one links, and those that the parts among them link, each behind all that link it: what nothing asks
    for yet is not taken in."""
    found: list = []
    seen = {library}

    def visit(one) -> None:
        for other in one._linking_libraries:
            if other not in seen:
                seen.add(other)
                if isinstance(other, _Part):
                    visit(other)
                found.append(other)

    visit(library)
    return found[::-1]


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


class _Lower(Lower):
    """Numba's way to LLVM's instructions where no references are counted. A variable that is assigned once, before whatever
    asks for it, stays a value; Numba puts it into memory if two blocks know it, and a tuple of arrays is a hundred numbers, each
    read and written by itself."""

    def setup_function(self, fndesc) -> None:
        super().setup_function(fndesc)
        self.builder = _Builder(self.entry_block)
        self.call_helper = self.call_conv.init_call_helper(self.builder)

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

    def __init__(self, kind: types.Array, context: Any, builder: IRBuilder, value: Any) -> None:
        vars(self).update(_kind=kind, _context=context, _builder=builder, _value=value,
                          _datamodel=context.data_model_manager[kind])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):                           # a place in memory
            return getattr(arrayobj.make_array(self._kind)(self._context, self._builder, self._value), name)
        return self._builder.extract_value(self._value, self._datamodel.get_field_position(name))

    def __setattr__(self, name: str, value: Any) -> None:
        whole = self._builder.insert_value(self._value, value, self._datamodel.get_field_position(name))
        vars(self)["_value"] = whole

    def _getvalue(self) -> Any:
        return self._value


def _make_array(kind: types.Array) -> Callable:
    """Numba's `make_array`, but that an array which is there already is read without memory."""
    def make(context, builder, value=None, ref=None):
        if value is None or not isinstance(kind, types.Array):
            return arrayobj.make_array(kind)(context, builder, value=value, ref=ref)
        return _Array(kind, context, builder, value)
    return make


def _make_view(context, builder, _, array, kind, data, shapes, strides):
    """Numba's `make_view`, without memory."""
    view = _Array(kind, context, builder, Constant(context.get_value_type(kind), Undefined))
    arrayobj.populate_array(view, data=data, shape=shapes, strides=strides, itemsize=array.itemsize, meminfo=array.meminfo,
                            parent=array.parent)
    return view


class _ArrayFunctions:
    """Copies of Numba's functions that write out what is done with arrays (those of `arrayobj` that begin with a context and a
    builder), which call `_make_array` and `_make_view` where Numba's own call `make_array` and `make_view`."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = dict(vars(arrayobj))
        self.copies: dict[FunctionType, FunctionType] = {}
        self.names.update({name: self.copy(thing) for name, thing in vars(arrayobj).items()},
                          make_array=_make_array, make_view=_make_view)

    def copy(self, function: Any) -> Any:
        """The copy of such a function; any other thing is its own."""
        if (not isinstance(function, FunctionType) or function.__module__ != arrayobj.__name__
                or function.__code__.co_varnames[:2] != ("context", "builder")):
            return function
        if function not in self.copies:
            copy = FunctionType(function.__code__, self.names, function.__name__, function.__defaults__, function.__closure__)
            copy.__kwdefaults__ = function.__kwdefaults__
            self.copies[function] = self.copies[copy] = copy
        return self.copies[function]


class _Function(types.Function):
    """A builtin function that finds what it returns for arguments of the same types once."""

    def __init__(self, original: types.Function) -> None:
        vars(self).update(vars(original), found={})

    def get_call_type(self, context, args, kws):
        key = ConfigStack.top_or_none(), *map(id, args), *kws.items()
        if key not in self.found:
            self.found[key] = super().get_call_type(context, args, kws), args      # kept, so that their ids are theirs
        return self.found[key][0]


register_model(_Function)(OpaqueModel)                     # nothing of it is left when the program runs


class _TypingContext(Context):
    """A copy of Numba's in which builtin functions remember, for one compilation."""

    def __init__(self, original: Context) -> None:
        original.refresh()
        vars(self).update(vars(original), functions={})

    def load_additional_registries(self) -> None:
        """All are loaded."""

    def _lookup_global(self, value):
        found = super()._lookup_global(value)
        if type(found) is not types.Function:
            return found
        if found not in self.functions:
            self.functions[found] = function = object.__new__(_Function)     # beside Numba's own, which has the same key
            function.__init__(found)
        return self.functions[found]


class _TargetContext(CPUContext):
    """A copy of Numba's in which arrays are read as the values that they are, for one compilation."""

    array_functions = _ArrayFunctions()

    def __init__(self, original: CPUContext, typing: _TypingContext) -> None:
        original.refresh()
        vars(self).update(vars(original), typing_context=typing, cached_internal_func={})

    def load_additional_registries(self) -> None:
        """All are loaded; what they have been added to is looked at again."""
        for registry in list(self._registries):
            self.install_registry(registry)

    def get_function(self, fn, sig, _firstcall=True):
        found = super().get_function(fn, sig, _firstcall)
        return _wrap_impl(self.array_functions.copy(found._callable.func), found._context, found._sig)

    def get_getattr(self, typ, attr):
        return self.array_functions.copy(super().get_getattr(typ, attr))


class _Pipeline(Compiler):
    """Numba's compiler, with a library, passes and contexts of ours."""

    library = _Program
    contexts: tuple[_TypingContext, _TargetContext] | None = None       # of the program that is being compiled, with its parts

    def __init__(self, typing: Context, target: CPUContext, *others: Any) -> None:
        if _Pipeline.contexts is None:
            ours = _TypingContext(typing)
            self.contexts = ours, _TargetContext(target, ours)
        super().__init__(*self.contexts, *others)

    def define_pipelines(self) -> list[PassManager]:
        return [_Passes("fundsim")]

    def compile_extra(self, function):
        state = self.state
        state.flags = _Flags(state.flags)
        state.library = self.library(state.targetctx.codegen(), function.__qualname__)
        state.library.enable_object_caching()
        if _Pipeline.contexts is not None:                 # a part
            return super().compile_extra(function)
        _Pipeline.contexts, collecting = self.contexts, gc.isenabled()
        gc.disable()                                       # garbage is left for later
        try:
            return super().compile_extra(function)
        finally:
            _Pipeline.contexts = None
            if collecting:
                gc.enable()


class _PartPipeline(_Pipeline):
    library = _Part


def options(part: bool) -> dict[str, type]:
    """Numba's option for a program or a part; none if its version was not tried."""
    if numba.version_info.short not in TRIED:
        return {}
    return {"pipeline_class": _PartPipeline if part else _Pipeline}
