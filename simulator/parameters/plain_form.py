"""The form of plain data, as JSON has it: which names, of what kind, what is wrong first."""

from __future__ import annotations

import re
from typing import Any

# A form is a type or several, a range of whole numbers, a pattern of text, [form] for a list of such, {name: form} for a mapping
# with these names among others, {str: form} for one with any names.
Form = Any
NUMBER_TEXT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


def misfit(data: object, form: Form, place: str = "") -> tuple[str, object] | None:
    """The place of the first part that has not the form, its names with points between, and what stands there; None for none."""
    if isinstance(form, dict):
        if not isinstance(data, dict):
            return place, data
        names = data if str in form else form
        found = (misfit(data.get(name), form.get(name, form.get(str)), f"{place}.{name}".lstrip(".")) for name in names)
        return next((one for one in found if one), None)
    if isinstance(form, list):
        if not isinstance(data, list):
            return place, data
        return next((one for n, item in enumerate(data) if (one := misfit(item, form[0], f"{place}.{n}"))), None)
    if isinstance(form, re.Pattern):
        fits = isinstance(data, str) and form.fullmatch(data) is not None
    elif isinstance(form, range):
        fits = type(data) is int and data in form
    else:
        kinds = form if isinstance(form, tuple) else (form,)
        fits = isinstance(data, kinds) and not (isinstance(data, bool) and bool not in kinds)
    return None if fits else (place, data)
