"""The keys of a plan file that concern whole claims files (docs/claims.md): insured year, stays, families, local hospital tiers.

The rules of one bill never read them. They are kept beside the plan: what a simulation needs is in `Plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, TypeAdapter, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from simulator.dimensions import DIMENSIONS
from simulator.money import LARGEST_BILL, fen
from simulator.plan import TERMS

from .catalogue import TIERS
from .check import _validate as validate
from .errors import InputError, nearest, one_of
from .percent import NUMBER
from .read import Mapping, Node
from .scalars import fault, known_name, name_type, parse_number, parse_percent, wrong_shape

WHOSE = ("person", "family")
CARE = ("inpatient", "outpatient")
OF_A_TIER = ("of", "share")
LONGEST_TIER = 40
NOT_A_TIER = {*DIMENSIONS["class"], *DIMENSIONS["group"]}        # they stand where a tier may stand in a plan file
TIER_KEYED = tuple(name for name, term in TERMS.items() if "tier" in term.shape)


@dataclass(frozen=True)
class LocalTier:
    """A hospital tier of a plan's own: the care tier it belongs to, and its row among the plan's rows of terms.

    `share`, percent of the care tier's admissions, is for simulations; None where the plan does not say.
    """

    name: str
    care: int
    row: int
    share: Decimal | None = None


@dataclass(frozen=True)
class ClaimsTerms:
    """What a plan says of a person's several bills. None: it does not say; claims that need it are then refused."""

    year_begins: int = 1                       # month of the year
    new_year: str | None = None                # discharge or split
    readmission_days: int | None = None
    readmission_tier: str = "any"              # or same
    transfer_deductible: str | None = None     # full, difference or none
    inpatient_deductible_of: str | None = None       # person or family
    outpatient_deductible_of: str | None = None
    family_deductible: int | None = None       # fen: most that deductibles take of a family in a year, beside each person's own
    tiers: tuple[LocalTier, ...] = ()
    chronic_groups: tuple[str, ...] = ()       # names of the groups of chronic diseases
    unstated: frozenset[tuple[int, ...]] = frozenset()           # ratios that are left out (`stated.unstated_ratios`)
    said: frozenset[str] = frozenset()         # every key of the plan file, also those that say what holds without them

    @property
    def rows(self) -> int:
        """How many rows of terms the plan has: the most local tiers in one care tier, at least 1."""
        return 1 + max((tier.row for tier in self.tiers), default=0)


# A region says nothing of its own on these: what its rules have always meant. Notes name it where claims come by it.
OF_A_REGION = ClaimsTerms(new_year="discharge", transfer_deductible="full", inpatient_deductible_of="person",
                          outpatient_deductible_of="person")


# --- how the keys are written ---------------------------------------------------------------------


def _whole(low: int, high: int, what: str) -> Any:
    """A whole number within bounds."""
    def read(text: object) -> int:
        if not isinstance(text, str):
            raise wrong_shape("a whole number", text, what)
        if not (text.isascii() and text.isdecimal() and len(text) <= 4 and low <= int(text) <= high):
            raise fault("not a whole number within bounds:", text, what)
        return int(text)
    schema = {"anyOf": [{"type": "integer", "minimum": low, "maximum": high}, {"type": "string", "pattern": "^[0-9]{1,4}$"}]}
    return Annotated[int, BeforeValidator(read), WithJsonSchema(schema)]


def _whose(value: object) -> dict[str, str]:
    """Whose deductibles are, by the kind of care: one word for both, or a mapping."""
    if isinstance(value, str):
        return dict.fromkeys(CARE, known_name(value, WHOSE, "word"))
    if not isinstance(value, dict):
        raise wrong_shape("a word", value, f"{one_of(WHOSE)}, or a mapping from {one_of(CARE)}")
    for kind in value:
        if kind not in CARE:
            raise fault("unknown kind of care", kind, one_of(CARE), nearest(kind, CARE), at=(kind,), at_key=True)
    return {kind: known_name(word, WHOSE, "word") for kind, word in value.items()}


def _share(name: str, text: object) -> Decimal:
    try:
        return parse_percent(text, 0, 100)
    except PydanticCustomError as error:
        raise fault(**{**(error.context or {}), "at": (name, "share")}) from None


def _local_tiers(value: object) -> tuple[LocalTier, ...]:
    """Local tiers in the order of the file, each with its row. A pydantic error for what is none."""
    if value == {}:
        raise fault("the mapping is empty", None, "each local tier with the care tier it is of")
    if not isinstance(value, dict):
        raise wrong_shape("a mapping", value, "a mapping from each local tier to {of: township}, one of the care tiers")
    found: list[LocalTier] = []
    for name, said in value.items():
        if name != name.strip() or not name or len(name) > LONGEST_TIER or name in NOT_A_TIER or not name.isprintable():
            raise fault("not a name of a hospital tier:", name, f"1 to {LONGEST_TIER} characters, no member class and no group",
                        at=(name,), at_key=True)
        if not isinstance(said, dict) or "of" not in said:
            raise fault("which care tier is it of?", None, f"{{of: TIER}} with one of {one_of(TIERS)}", at=(name,))
        for key in said:
            if key not in OF_A_TIER:
                raise fault("unknown key of a tier", key, one_of(OF_A_TIER), nearest(key, OF_A_TIER), at=(name, key), at_key=True)
        if not isinstance(said["of"], str) or said["of"] not in TIERS:
            raise fault("unknown care tier", said["of"] if isinstance(said["of"], str) else None, one_of(TIERS),
                        nearest(str(said["of"]), TIERS), at=(name, "of"))
        if name in TIERS and said["of"] != name:
            raise fault("a care tier's name for a tier of another:", name, f"{name}: {{of: {name}}}, or another name", at=(name,),
                        at_key=True)
        care = TIERS.index(said["of"])
        row = sum(tier.care == care for tier in found)
        found.append(LocalTier(name, care, row, _share(name, said["share"]) if "share" in said else None))
    for care, known in enumerate(TIERS):
        shares = [tier.share for tier in found if tier.care == care]
        stated = [share for share in shares if share is not None]
        if stated and (len(stated) < len(shares) or sum(stated) != 100):
            raise fault(f"the shares of the tiers of {known} sum to", format(sum(stated), "f"), "100, one for each of them")
    return tuple(found)


def _amount(text: object) -> int:
    """Fen of an amount in yuan."""
    number = parse_number(text, 0, LARGEST_BILL / 100)
    if number != number.quantize(Decimal("0.01")):
        raise fault("too fine:", text, "at most two decimals")
    return fen(number)


_AMOUNT_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"^{NUMBER}$"}]}
_TIERS_SCHEMA = {"type": "object", "minProperties": 1, "additionalProperties": {
    "type": "object", "required": ["of"], "additionalProperties": False,
    "properties": {"of": {"enum": list(TIERS)}, "share": {"type": ["number", "string"]}}}}
_WHOSE_SCHEMA = {"anyOf": [{"enum": list(WHOSE)}, {"type": "object", "additionalProperties": False,
                                                   "properties": {kind: {"enum": list(WHOSE)} for kind in CARE}}]}

# key -> type, meaning
CLAIMS_KEYS: dict[str, tuple[Any, str]] = {
    "tiers": (Annotated[Any, BeforeValidator(_local_tiers), WithJsonSchema(_TIERS_SCHEMA)],
              "The plan's own hospital tiers, each of one care tier; tiers of the other keys and of claims are then these"),
    "year_begins": (_whole(1, 12, "a month from 1 to 12"), "Month in which the insured year begins; 1, January, if left out"),
    "new_year": (name_type(("discharge", "split"), "choice"),
                 "A stay over the turn of the insured year: all of it in the year of discharge, or split by days"),
    "readmission_days": (_whole(0, 366, "days from 0 to 366"),
                         "An admission within so many days after a discharge continues that stay: no second deductible (days)"),
    "readmission_tier": (name_type(("any", "same"), "choice"), "At which tier: any, or the same as before"),
    "transfer_deductible": (name_type(("full", "difference", "none"), "choice"),
                            "After a transfer: a deductible of its own, the difference to what was taken (转院补差额), or none"),
    "deductible_of": (Annotated[Any, BeforeValidator(_whose), WithJsonSchema(_WHOSE_SCHEMA)],
                      "Whether deductibles are a person's or a family's: one word, or by inpatient and outpatient care"),
    "family_deductible": (Annotated[int, BeforeValidator(_amount), WithJsonSchema(_AMOUNT_SCHEMA)],
                          "Most that deductibles take of a family in a year, beside each person's own (CNY/family/year)"),
}


def claims_terms(said: dict[str, Any]) -> ClaimsTerms:
    """The terms of validated keys; keys of other kinds are left out."""
    whose = said.get("deductible_of", {})
    plain = {key: said[key] for key in CLAIMS_KEYS if key in said and key not in ("deductible_of", "tiers")}
    return ClaimsTerms(**plain, tiers=tuple(LocalTier(**tier) for tier in said.get("tiers", ())),
                       inpatient_deductible_of=whose.get("inpatient"), outpatient_deductible_of=whose.get("outpatient"))


# --- local tiers ----------------------------------------------------------------------------------


_FIELD: Any = CLAIMS_KEYS["tiers"][0], ()
_TIERS: TypeAdapter[Any] = TypeAdapter(create_model("tiers", tiers=_FIELD))


def rows_of(root: Mapping, file: str) -> list[Mapping]:
    """A plan file's tree once for each row of terms, local tiers renamed to the care tiers whose place they take in it.

    InputError where a tier's name is not one of the file's own.
    """
    if "tiers" not in root.items:
        return [root]
    validate(_TIERS, root, file)
    tiers = _TIERS.validate_python(root.data()).tiers
    return [_renamed(root, row, tiers, file) for row in range(ClaimsTerms(tiers=tiers).rows)]


def _renamed(root: Mapping, row: int, tiers: tuple[LocalTier, ...], file: str) -> Mapping:
    tree = Mapping(root.line, root.column, dict(root.items), root.keys)
    for key in TIER_KEYED:
        if key in tree.items:
            tree.items[key] = _by_care_tier(tree.items[key], row, tiers, file, TERMS[key].shape[0] == "tier")
    return tree


def _by_care_tier(node: Node, row: int, tiers: tuple[LocalTier, ...], file: str, first: bool) -> Node:
    """A mapping by local tier as one by care tier; one by something else, where the tier is not `first`, with such mappings
    inside."""
    if not isinstance(node, Mapping):
        return node
    known = {tier.name: tier for tier in tiers}
    if not first and not node.items.keys() & (known.keys() | set(TIERS)):
        inner = {key: _by_care_tier(item, row, tiers, file, first) for key, item in node.items.items()}
        return Mapping(node.line, node.column, inner, node.keys)
    made = Mapping(node.line, node.column)
    for name, item in node.items.items():
        if name not in known:
            _unknown(name, node, tuple(known), file)
        if known[name].row == row:
            made.items[TIERS[known[name].care]] = item
            made.keys[TIERS[known[name].care]] = node.keys[name]
    return made


def _unknown(name: str, node: Mapping, known: tuple[str, ...], file: str) -> NoReturn:
    line, column = node.keys[name]
    raise InputError("unknown tier", value=name, expected=one_of(known), suggestion=nearest(name, known),
                     next_step="the file states its own `tiers`", file=file, line=line, column=column)
