"""The compiler: Numba, and the cache of what it has compiled and of arrays that are slow to make.

Read compiled.py first, which says how a function is compiled and when a cached one is valid. This wing knows nothing of
insurance: it imports no other wing, and every wing may use it.
"""
