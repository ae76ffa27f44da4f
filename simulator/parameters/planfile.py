"""A stand-alone plan file (docs/claims.md): any rules written down in yuan and percent, read as carefully as parameters."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, WithJsonSchema, create_model, model_validator

from simulator.dimensions import DIMENSIONS
from simulator.plan import BANDS, ORDERS, TERMS, Plan
from simulator.term import Term

from .catalogue import GROUPS, KEYS, SCHEMES
from .check import _validate as validate
from .claims_terms import CLAIMS_KEYS, ClaimsTerms, claims_terms, rows_of
from .errors import InputError, display_path, nearest, one_of
from .files import or_example, read_file
from .names import in_canonical_names
from .percent import NUMBER, fraction_fault
from .plans import BANDED, PLAN_KEYS, plan_of
from .read import Mapping, decode, parse_yaml
from .regions import params_path
from .scalars import Day, Flag, Text, fault, name_type, parse_number, parse_percent, wrong_shape
from .schema import _Fixed, _list, _mapping, _no_repeats, _rising
from .schema_words import in_both_languages
from .stated import by_a_later, is_share, unstated_ratios

OTHER = "other"                 # the scheme of a plan that is none of the four
LARGEST, NO_LIMIT = 1e8, 1e12   # yuan; as large as a bill may be, and what no limit is above


def _exact(text: object, low: float, high: float, percent: bool = False) -> Decimal:
    """A number with at most two decimals: whole fen, hundredths of a percentage point.

    A percentage may carry its sign, and from above 0 to 1 it must: three quarters or the whole may be meant.
    """
    number = (parse_percent if percent else parse_number)(text, low, high)
    if percent and number == 1 and "%" not in str(text):
        raise fault(**fraction_fault(str(text)))
    if number != number.quantize(Decimal("0.01")):
        raise fault("too fine:", text, "at most two decimals")
    return number


def _number(high: float, words: str = "", percent: bool = False) -> Any:
    """A number from 0 to `high`, or one of the words that stand for one."""
    def read(text: object) -> Any:
        return text if words and text == words else _exact(text, 0, high, percent)
    schema = {"anyOf": [{"type": "number", "minimum": 0, "maximum": high},
                        {"type": "string", "pattern": f"^{NUMBER}{'%?' if percent else ''}$"},
                        *([{"const": words}] if words else [])]}
    return Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)]


def _amount_or_share() -> Any:
    """A deductible: an amount, or a share of the admission with its sign."""
    def read(text: object) -> Any:
        if not is_share(text):
            return _exact(text, 0, LARGEST)
        _exact(text, 0, 100, percent=True)
        return text
    schema = {"anyOf": [{"type": "number", "minimum": 0, "maximum": LARGEST}, {"type": "string", "pattern": f"^{NUMBER}%?$"}]}
    return Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)]


def _numbers(inner: Any, empty: bool = False, most: int = BANDS) -> Any:
    """A list of numbers, at most `most`."""
    def short(value: list) -> list:
        if len(value) > most:
            raise fault("too many values:", str(len(value)), f"at most {most}")
        return value
    return Annotated[list[inner], BeforeValidator(partial(_list, what="a list of numbers", empty=empty)), AfterValidator(short)]


def _numbers_or_one(inner: Any) -> Any:
    """A list of numbers, one a band, or the one number of a schedule of one band."""
    several = TypeAdapter(_numbers(inner))

    def read(value: object) -> Any:
        return several.validate_python([value] if isinstance(value, str) else value)
    schema = {"anyOf": [several.json_schema(), TypeAdapter(inner).json_schema()]}
    return Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)]


def _keyed(keys: str, inner: Any) -> Any:
    """A mapping from some of the keys to `inner`; it may be empty."""
    def check(value: object) -> object:
        return value if value == {} else _mapping(value, KEYS[keys], keys, complete=False)
    return Annotated[dict[Literal[KEYS[keys]], inner], BeforeValidator(check)]      # type: ignore[valid-type]


def _schedule(inner: Any, of_class: Any, most: int) -> Any:
    """By tier a list of numbers `inner`, or by tier and member class of numbers `of_class`."""
    row = TypeAdapter(_numbers(inner, most=most))
    by_class = TypeAdapter(_keyed("class", _numbers(of_class, most=most)))

    def read(value: object) -> Any:
        if isinstance(value, str):
            raise wrong_shape("a list", value, "a list of numbers, or a mapping from member class to one")
        return (by_class if isinstance(value, dict) else row).validate_python(value)
    schema = {"anyOf": [row.json_schema(), by_class.json_schema()]}
    return _keyed("tier", Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)])


def _nested(term: Term, one: Any, dimensions: tuple[str, ...]) -> Any:
    """A mapping by the first of the dimensions to what the others need; or one value where one may hold for all; or, in the place
    of a mapping by group of chronic diseases or of an amount by tier, one by a later dimension."""
    if not dimensions:
        return one
    first, rest = dimensions[0], dimensions[1:]
    inner = _nested(term, one, rest)
    by_key: Any = dict[str, inner] if first == "chronic" else _keyed(first, inner)             # type: ignore[valid-type]
    mapping: TypeAdapter[Any] = TypeAdapter(by_key)
    for_all = TypeAdapter(inner) if rest and (first == "chronic" or term.has_one_for_all) else None
    single = TypeAdapter(one) if term.has_one_for_all or first == "class" else None

    def read(value: object) -> Any:
        if isinstance(value, dict):
            if for_all and by_a_later(value, dimensions):
                return for_all.validate_python(value)
            return mapping.validate_python(value)
        if single is None:
            raise wrong_shape("a mapping", value, f"a value for each {first}")
        return single.validate_python(value)
    schema = {"anyOf": [part.json_schema() for part in (mapping, for_all, single) if part]}
    return Annotated[Any, BeforeValidator(read), WithJsonSchema(schema)]


def _names(value: object) -> list[str]:
    """Names of groups of chronic diseases."""
    names = _no_repeats([str(name) for name in _list(value, "a list of names", empty=False)])        # type: ignore[attr-defined]
    for n, name in enumerate(names):
        if not name.strip() or not name.isprintable() or name in (*KEYS["tier"], *KEYS["class"], *DIMENSIONS["chronic"]):
            raise fault("no name for a group of diseases:", name, "a name that is neither a number nor a tier nor a member class",
                        at=(n,))
    if len(names) > len(DIMENSIONS["chronic"]):
        raise fault("too many groups:", str(len(names)), f"at most {len(DIMENSIONS['chronic'])}")
    return names


def _groups() -> Any:
    check = BeforeValidator(partial(_list, what="a list of assistance groups", empty=True))
    return Annotated[list[name_type(GROUPS, "group")], check, AfterValidator(_no_repeats)]       # type: ignore[misc]


def _tops(inner: Any) -> Any:
    return Annotated[_numbers(inner, empty=True, most=BANDS - 1), AfterValidator(_rising)]


def _type(term: Term) -> Any:
    """How a plan file states a term, from its unit and shape."""
    if term.words:
        one: Any = name_type(term.words, "choice")
    elif term.unit == "flag":
        one = Flag
    elif term.is_ratio:
        one = _number(term.most, percent=term.unit == "%")
    else:
        one = _number(NO_LIMIT, "unlimited") if term.is_limit else _number(LARGEST)
    if not term.shape:
        return one
    first, last = term.shape[0], term.shape[-1]
    if last == "band" and len(term.shape) > 1:
        return _schedule(one, one, BANDS)
    if "order" in term.shape:
        return _schedule(_amount_or_share(), one, ORDERS)
    if len(term.shape) > 1 or term.has_one_for_all:
        return _nested(term, one, term.shape)
    if first == "band":
        return _tops(one) if term.is_tops else _numbers_or_one(one)
    return _groups() if term.unit == "flag" else _keyed(first, one)


def _meaning(term: Term) -> str:
    """What a term means and its unit, for editors."""
    unit = "" if term.unit in ("name", "flag") else f" ({term.unit})"
    return term.says.removesuffix(".") + unit


# key -> type, meaning
KEYS_OF_A_PLAN: dict[str, tuple[Any, str]] = {
    **{name: (_type(TERMS[name]), _meaning(TERMS[name])) for name in PLAN_KEYS},
    "class_own_share": (_keyed("class", _number(100, percent=True)),
                        "Share of its own part of inpatient bills that a member class bears: 50 where it bears half of it (%)"),
    "chronic_groups": (Annotated[list[str], BeforeValidator(_names)],
                       "Names of the groups of diseases on the chronic list, up to four"),
}


class About(_Fixed):
    """What a plan file says about itself, under `about`: nothing of it is reckoned with."""

    title: Text = Field(description="What the plan is: place, members, days in force")
    title_zh: Text = Field(description="The same in Chinese")
    scheme: name_type((*SCHEMES, OTHER), "scheme") = Field(          # type: ignore[valid-type]
        description=f"The scheme, or `{OTHER}` of another country's plan")
    from_: Day = Field(alias="from", description="The first day on which it is in force")
    until: Day | None = Field(None, description="The last day on which it is in force; left out where it is not known")
    confidence: name_type(("a", "b", "c"), "confidence") = Field(    # type: ignore[valid-type]
        description="a: text or news of the time; b: copies, undated or recalled; c: doubtful")
    source: Annotated[list[Text], BeforeValidator(partial(_list, what="a list of texts", empty=False))] = Field(
        description="Documents with their addresses")
    missing: Text | None = Field(None, description="What the real schedule has beside these terms: not known, or not writable")
    missing_zh: Text | None = Field(None, description="The same in Chinese")


@dataclass(frozen=True)
class PlanFile:
    """A plan, what it says of whole claims files, and where its file says what.

    A plan with hospital tiers of its own is several rows of terms: in row n stands the n-th local tier of each care tier.
    """

    plans: tuple[Plan, ...]
    claims: ClaimsTerms
    file: str
    lines: dict[str, int]                      # key -> line
    about: About | None = None

    @property
    def plan(self) -> Plan:
        """The plan where it is one row. InputError for one with several tiers of its own in a care tier."""
        if self.claims.tiers:
            raise InputError("a plan with hospital tiers of its own:", value=one_of(tier.name for tier in self.claims.tiers),
                             expected="a plan by the four care tiers; explain and settle take local ones", file=self.file,
                             line=self.lines["tiers"])
        return self.plans[0]

    def cite(self, key: str) -> str:
        """`file:line key`, or nothing where the file is silent."""
        return f"{self.file}:{self.lines[key]} {key}" if key in self.lines else ""


class _PlanKeys(_Fixed):
    """Checks between keys."""

    @model_validator(mode="after")
    def _a_ratio_a_band(self) -> _PlanKeys:
        said: Any = self
        bands = len(said.band_tops or ()) + 1
        for tier, rows in (said.ratio or {}).items():
            for at, row in ([((tier, name), row) for name, row in rows.items()] if isinstance(rows, dict) else [((tier,), rows)]):
                if len(row) != bands:
                    raise fault("ratios for", f"{len(row)} bands", f"{bands}: one more than band_tops", at=("ratio", *at))
        least = said.band_own_least or ()
        if least and len(least) != bands:
            raise fault("amounts for", f"{len(least)} bands", f"{bands}: one more than band_tops", at=("band_own_least",))
        for tops, ratios in BANDED.items():
            stated, wanted = len(getattr(said, ratios) or ("0",)), len(getattr(said, tops) or ()) + 1
            if stated != wanted and ratios != "ratio":
                raise fault("ratios for", f"{stated} bands", f"{wanted}: one more than {tops}",
                            at=(ratios,) if getattr(said, ratios) else (tops,))
        return self

    @model_validator(mode="after")
    def _tops_above_the_threshold(self) -> _PlanKeys:
        said: Any = self
        threshold, tops = said.cii_threshold, said.cii_tops
        if threshold not in (None, "unlimited") and tops and said.cii_tops_from != "threshold" and tops[0] <= threshold:
            raise fault("a band that CII never pays: its top is", f"{tops[0]:f}", f"more than cii_threshold, {threshold:f}",
                        next_step="say `cii_tops_from: threshold` if the tops are counted from the threshold", at=("cii_tops", 0))
        return self

    @model_validator(mode="after")
    def _known_groups_of_diseases(self) -> _PlanKeys:
        said: Any = self
        names = [*(said.chronic_groups or ()), *DIMENSIONS["chronic"]]
        for key in ("chronic_deductible", "chronic_ratio", "chronic_year_limit"):
            stated = getattr(said, key)
            for name in stated if isinstance(stated, dict) else ():
                if name not in names and not (key == "chronic_ratio" and stated.keys() <= set(KEYS["tier"])):
                    raise fault("unknown group of diseases", name, one_of(names), nearest(name, names), at=(key, name),
                                at_key=True)
        return self


@cache
def _adapter() -> TypeAdapter[Any]:
    _PlanKeys.called, _PlanKeys.among = "plan key", "one of the keys of docs/claims.md"
    fields: dict[str, Any] = {name: (kind | None if kind is Flag else kind, Field(None, description=words or None))
                              for name, (kind, words) in (KEYS_OF_A_PLAN | CLAIMS_KEYS).items()}
    fields["about"] = (About | None, Field(None, description="What the plan is, and where it comes from"))
    return TypeAdapter(create_model("plan", __base__=_PlanKeys, **fields))


def shipped_plans() -> dict[str, Path]:
    """The plans that come with the program, real schedules with their sources: name -> file."""
    return {path.stem: path for path in sorted((params_path() / "plans").glob("*.yaml"))}


def located(path: Path) -> Path:
    """The file itself, or the shipped plan of which only the name is given. InputError for a name that is neither."""
    if path.suffix or len(path.parts) != 1 or os.path.lexists(path):             # a loop of links is there, and cannot be read
        return path
    shipped = shipped_plans()
    if path.name not in shipped:
        raise InputError("neither a plan file nor a plan that is shipped:", value=path.name,
                         expected="a plan file such as docs/plan-example.yaml, or a name that `fundsim params plans` lists",
                         suggestion=nearest(path.name, shipped))
    return shipped[path.name]


def read_plan(path: Path) -> PlanFile:
    """The plan in a file, or the shipped plan of that name. InputError with file, line and column for what is not one."""
    return _plan_of_tree(*_tree_of(path))


def text_of_plan(path: Path) -> str:
    """What a plan file says, as a line of JSON, which is YAML too. InputError as `read_plan` raises it."""
    root, shown = _tree_of(path)
    _plan_of_tree(root, shown)
    return json.dumps(in_canonical_names(root, tuple(root.items), paths_only=False).data(), ensure_ascii=False)


def plan_of_text(text: str, shown: str) -> PlanFile:
    """The plan of such a text. InputError, naming `shown`, for what is not one."""
    return _plan_of_tree(parse_yaml(text, shown), shown)


def _tree_of(path: Path) -> tuple[Mapping, str]:
    path = located(or_example(path))
    shown = display_path(path)
    raw = read_file(path, "plan", "a plan file such as docs/plan-example.yaml")
    return parse_yaml(decode(raw, shown), shown), shown


def _plan_of_tree(root: Mapping, shown: str) -> PlanFile:
    plans, unstated = list[Plan](), set[tuple[int, int, int, int, int]]()
    for number, row in enumerate(rows_of(root, shown)):    # a tier of the plan's own may be called what elsewhere is a care tier
        try:
            row = in_canonical_names(row, ("about", "tiers"), paths_only=False)
        except InputError as error:
            error.file = shown
            raise
        try:
            validate(_adapter(), row, shown)
        except InputError as error:
            for found in (error, *error.others):
                if found.problem == "unknown tier":
                    found.next_step = "a plan states its own tiers under `tiers`"
            raise
        read = _adapter().validate_python(row.data())
        said = read.model_dump(exclude_unset=True, exclude={"about"})
        unstated |= unstated_ratios(said, number)
        plans.append(plan_of({key: value for key, value in said.items() if key not in CLAIMS_KEYS}))
    claims = replace(claims_terms(said), chronic_groups=tuple(said.get("chronic_groups") or ()), unstated=frozenset(unstated),
                     said=frozenset(said))
    if claims.family_deductible is not None and "family" in (claims.inpatient_deductible_of, claims.outpatient_deductible_of):
        raise InputError("family_deductible beside deductibles that are the family's alone",
                         expected="`deductible_of: person`, or no family_deductible", file=shown,
                         line=_lines(root)["family_deductible"])
    return PlanFile(tuple(plans), claims, shown, _lines(root), read.about)


def _lines(root: Mapping) -> dict[str, int]:
    return {key: line for key, (line, _) in root.keys.items()}


def plan_schema() -> str:
    """The JSON Schema of a plan file, for editors."""
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "fundsim plan",
              **in_both_languages(_bare(_adapter().json_schema(by_alias=True)), terms=True)}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _bare(schema: Any) -> Any:
    """Without titles and without null defaults: a key without a value is refused."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema if part != {"type": "null"}]
    if isinstance(schema, dict):
        return {key: _bare(part) for key, part in schema.items()
                if not (key == "default" and part is None) and not (key == "title" and isinstance(part, str))}
    return schema


