"""What Numba is told of the kernel's arguments: the types written beside the fields of records and the arguments of programs.

A field of type `Ints2` is an int64 array of two axes in C order. A program whose types are known can be compiled before there
is anything to call it with, and called without a look at what it is called with.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
from numba import types
from numba.core.typing.templates import Signature

Ints = Annotated[np.ndarray, types.int64[::1]]
Ints2 = Annotated[np.ndarray, types.int64[:, ::1]]
Ints3 = Annotated[np.ndarray, types.int64[:, :, ::1]]
Ints4 = Annotated[np.ndarray, types.int64[:, :, :, ::1]]
Floats = Annotated[np.ndarray, types.float64[::1]]
Floats2 = Annotated[np.ndarray, types.float64[:, ::1]]
Floats3 = Annotated[np.ndarray, types.float64[:, :, ::1]]
Floats4 = Annotated[np.ndarray, types.float64[:, :, :, ::1]]
Floats6 = Annotated[np.ndarray, types.float64[:, :, :, :, :, ::1]]
Flags = Annotated[np.ndarray, types.boolean[::1]]
Int8s = Annotated[np.ndarray, types.int8[::1]]
Int16s = Annotated[np.ndarray, types.int16[::1]]
Int32s = Annotated[np.ndarray, types.int32[::1]]
UInt32s = Annotated[np.ndarray, types.uint32[::1]]
UInt32s2 = Annotated[np.ndarray, types.uint32[:, ::1]]
UInt64 = Annotated[np.uint64, types.uint64]

_SCALARS = {int: types.int64, np.int64: types.int64, float: types.float64, bool: types.boolean, type(None): types.none}


def numba_type(hint: Any) -> types.Type:
    """Numba's type of what a hint says: an alias of this module, a scalar, or a record (NamedTuple) of such."""
    if get_origin(hint) is Annotated:
        return get_args(hint)[1]
    if hint in _SCALARS:
        return _SCALARS[hint]
    fields = get_type_hints(hint, include_extras=True)
    return types.BaseTuple.from_types([numba_type(fields[name]) for name in hint._fields], hint)


def argument_types(function: Callable) -> tuple[types.Type, ...]:
    """The types of a program's arguments, as they are written beside them."""
    plain = getattr(function, "py_func", function)
    hints = get_type_hints(plain, include_extras=True)
    return tuple(numba_type(hints[name]) for name in inspect.signature(plain).parameters)


def signature_of(function: Callable) -> Signature:
    """Numba's signature of a program, from the types written beside its arguments and its result."""
    hints = get_type_hints(getattr(function, "py_func", function), include_extras=True)
    return numba_type(hints["return"])(*argument_types(function))
