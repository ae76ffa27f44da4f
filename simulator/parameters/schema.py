"""What a parameter file may hold: pydantic models built from the catalogue, and the same as JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache, partial
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    WithJsonSchema,
    WrapValidator,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from simulator.dimensions import DIMENSIONS

from .catalogue import CATALOGUE, ILLNESSES, KEYS, PER, RULES, SCHEMES, STATUSES, SUM_TO_100, is_percent
from .distribution_schema import STATED, check_uncertain
from .errors import nearest, one_of
from .levers import lever_of
from .quantities import Quantity
from .scalars import Day, Flag, Text, fault, name_type, number_type, percent_type, with_faults, wrong_shape
from .schema_words import in_both_languages
from .statements import STATEMENTS

TOPICS = (*CATALOGUE, "law", "region")
LAW_SECTIONS = (*SCHEMES, "assistance", "general")
RISING = ("band_tops", "tops", "listed_tops")
SUM_TOLERANCE = Decimal("0.05")
MOST_UNKNOWN = 50                  # keys of one mapping that are told of

# a document (its number, its title in 《》, or a kind of document), then a clause in it
DOCUMENT = re.compile(r"〔[0-9]{4}〕[0-9]+号|《[^》]+》|工作安排|办法|意见|通知|规定|条例|方案|\bplan\b")
CLAUSE = re.compile(r"[0-9一二三四五六七八九十]|第|结语|附")


# --- shapes ---------------------------------------------------------------------------------------


def _mapping(value: object, keys: tuple[str, ...], what: str, complete: bool) -> object:
    """The value, if it is a mapping from `keys`, from all of them where `complete`. PydanticCustomError for its first fault."""
    for found in _faults_of_keys(value, keys, what, complete):
        raise found
    return value


def _unknown(value: dict[Any, Any], keys: Iterable[str]) -> list[Any]:
    """The first keys that are not among those known."""
    return list(islice((key for key in value if key not in keys), MOST_UNKNOWN))


def _faults_of_keys(value: object, keys: tuple[str, ...], what: str, complete: bool) -> list[PydanticCustomError]:
    if not isinstance(value, dict):
        return [wrong_shape("a mapping", value, f"a value for each {what}, of {one_of(keys)}")]
    found = [fault(f"unknown {what}", key, one_of(keys), nearest(key, keys), at=(key,), at_key=True)
             for key in _unknown(value, keys)]
    if complete:
        meant = {one.context["suggestion"] for one in found if one.context}         # a misspelt key is not missing too
        found += [fault(f"missing {what}", key, "a value for each of " + ", ".join(keys)) for key in keys
                  if key not in value and key not in meant]
    return found or ([] if value else [fault("the mapping is empty", None, f"a value for at least one {what}")])


def _every_fault(value: object, handler: Callable[[object], Any], keys: tuple[str, ...], what: str, complete: bool) -> Any:
    """As _mapping, with every fault of its keys and of its values."""
    found = _faults_of_keys(value, keys, what, complete)
    if not isinstance(value, dict):
        raise found[0]
    return with_faults(found, {key: part for key, part in value.items() if key in keys}, handler)


def _list(value: object, what: str, empty: bool) -> object:
    if not isinstance(value, list):
        raise wrong_shape("a list", value, what)
    if not value and not empty:
        raise fault("the list is empty", None, what)
    return value


def _sum_to_100(value: Any) -> Any:
    """Shares by key, or a list of them; an empty list states none."""
    total = sum(value.values() if isinstance(value, dict) else value, Decimal(0))
    if abs(total - 100) > SUM_TOLERANCE and value != []:
        raise fault("the shares sum to", format(total, "f"), f"a sum of 100, within {SUM_TOLERANCE}")
    return value


def _by_disease(value: Any) -> Any:
    """Lists by group of chronic diseases, of which there are no more than the rules know."""
    for key, items in value.items() if isinstance(value, dict) else [(None, value)]:
        if len(items) > len(DIMENSIONS["chronic"]):
            raise fault("too many groups of diseases:", str(len(items)), f"at most {len(DIMENSIONS['chronic'])}",
                        at=() if key is None else (key,))
    return value


def _above_zero(value: dict[str, Decimal]) -> dict[str, Decimal]:
    """Incomes of which some are above zero."""
    if not any(value.values()):
        raise fault("every income is", "0", "at least one above 0")
    return value


_OF_ALL: dict[str, Callable[[Any], Any]] = {**dict.fromkeys(SUM_TO_100, _sum_to_100),      # name -> what holds of all parts
                                            **dict.fromkeys(("urban_fifths", "rural_fifths"), _above_zero),
                                            **dict.fromkeys(("chronic_group_deductible", "chronic_group_ratio",
                                                             "chronic_group_limit"), _by_disease),
                                            "chronic_group_shares": lambda value: _by_disease(_sum_to_100(value))}


OF_A_PLAN = {"plan": {"type": "string"}, "share": {"type": "object"}}
NAMES_A_PLAN: Any = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["plan"], "additionalProperties": False,
                                                    "properties": OF_A_PLAN}]}


def _names_a_plan(value: object) -> object:
    """The name or path of a plan file, or with it the shares of its local tiers; the file is read by whoever knows its folder."""
    if isinstance(value, dict) and isinstance(value.get("plan"), str) and value.keys() <= OF_A_PLAN.keys():
        return value
    if not isinstance(value, str) or not value.strip():
        raise wrong_shape("a plan file", value, "its name or path, none, or {plan: NAME, share: {tier: percent}}")
    return value


def _rising(value: list[Decimal]) -> list[Decimal]:
    for i in range(1, len(value)):
        if value[i] <= value[i - 1]:
            raise fault("the bands do not rise:", format(value[i], "f"), f"more than {value[i - 1]:f}", at=(i,))
    return value


def _no_repeats(value: list[str]) -> list[str]:
    for i, name in enumerate(value):
        if name in value[:i]:
            raise fault("the name stands twice:", name, "each name once", at=(i,))
    return value


@cache
def value_type(name: str, quantity: Quantity, written: bool = True) -> Any:
    """The type of the value of the parameter called `name`, from its shape in the catalogue: as somebody writes it, or else as it
    has been worked out, where a percentage below 1 needs no sign."""
    number = (percent_type if written and is_percent(name, quantity) else number_type)(quantity.low, quantity.high)
    kind, _, rest = quantity.shape.partition(":")
    if kind == "number":
        return number
    if kind == "flag":
        return Flag
    if kind == "choice":
        return name_type(quantity.options, "choice")
    if kind == "plan":
        return Annotated[Any, BeforeValidator(_names_a_plan), WithJsonSchema(NAMES_A_PLAN)]
    if kind == "numbers":
        check = BeforeValidator(partial(_list, what="a list of numbers", empty=True))
        return Annotated[list[number], check, AfterValidator(_rising if name in RISING else _OF_ALL.get(name, list))]
    if kind == "names":
        check = BeforeValidator(partial(_list, what=f"a list of {one_of(KEYS[rest])}", empty=True))
        return Annotated[list[name_type(KEYS[rest], rest)], check, AfterValidator(_no_repeats)]
    keys, _, item = rest.partition(":")
    inner = {"": number, "choice": name_type(quantity.options, "choice"),
             "numbers": Annotated[list[number], BeforeValidator(partial(_list, what="a list of numbers",
                                                                        empty=False))]}[item]
    what = {"survey_age": "age", "size": "household size"}.get(keys, keys)
    keyed = WrapValidator(partial(_every_fault, keys=KEYS[keys], what=what, complete=quantity.default is None))
    return Annotated[dict[Literal[KEYS[keys]], inner], AfterValidator(_OF_ALL.get(name, dict)), keyed]


# --- entries, parameters, files -------------------------------------------------------------------


class _Fixed(BaseModel):
    """A mapping with fixed keys. `called` is what one of its keys is, `among` what may stand there."""

    model_config = ConfigDict(extra="forbid")
    called: ClassVar[str] = "key"
    among: ClassVar[str] = ""

    @model_validator(mode="wrap")
    @classmethod
    def _known_keys(cls, data: object, handler: Callable[[object], Any]) -> Any:
        fields = {info.alias or name: info for name, info in cls.model_fields.items()}
        if not isinstance(data, dict):
            raise wrong_shape("a mapping", data, f"a mapping with {one_of(fields)}")
        found = [fault(f"unknown {cls.called}", key, cls.among or one_of(fields), nearest(key, fields), at=(key,), at_key=True)
                 for key in _unknown(data, fields)]
        needed = [key for key, info in fields.items() if info.is_required()]
        meant = {one.context["suggestion"] for one in found if one.context}
        found += [fault("missing key", key, f"the keys {', '.join(needed)}") for key in needed
                  if key not in data and key not in meant]
        return with_faults(found, {key: part for key, part in data.items() if key in fields}, handler)


class _Dated(_Fixed):
    """What every value carries: when it takes effect, where it comes from, how sure it is."""

    from_: Day = Field(alias="from", description="The day it takes effect")
    status: name_type(STATUSES, "status")
    source: Text = Field(description="Document and clause, table, or the reason of an assumption")
    note: Text | None = Field(None, description="A remark")

    @model_validator(mode="after")
    def _law_is_cited(self) -> Self:
        document = DOCUMENT.search(self.source)
        if self.status == "law" and not (document and CLAUSE.search(self.source, document.end())):
            raise fault("status law, but no document and clause in the source:", self.source,
                        "for example '国办发〔2012〕20号 二(一)2(2)'", next_step="cite the clause, or use another status",
                        at=("source",))
        return self


class _Operating(_Dated):
    """An operating value, which may be uncertain."""

    known_from: Day | None = Field(None, description="The day from which somebody could have known it: a back-test of an "
                                   "earlier day does not read it")
    local: Flag | None = Field(None, description="Its own: a later standard of an ancestor does not displace it")
    standard: Flag | None = Field(None, description="From its day on it holds in every descendant whose own value is older "
                                  "and not local")
    spread: percent_type(0, 200) | None = Field(
        None, description="Relative standard deviation of the uncertain value, percent: a distribution in short")
    distribution: STATED | None = Field(None, description="The distribution of its settings over the worlds")
    shares: Text | None = Field(None, description="The factor that it shares with other values, which move together")
    correlation: number_type(-1, 1) | None = Field(None, description="With other values of the factor; left out: 1")
    of: ClassVar[tuple[str, str, str]] = ("", "", "")              # lever, topic and name of the parameter

    @model_validator(mode="after")
    def _is_moved(self) -> Self:
        check_uncertain(self, *self.of)
        return self

    @model_validator(mode="after")
    def _alternatives_are_apart(self) -> Self:
        others = getattr(self, "alternatives", None) or []
        if others and self.status == "law":
            raise fault("alternatives to a value of status law:", others[0].name,
                        "alternatives only to a statistic, an estimate or an assumption", at=("alternatives",))
        for nth, other in enumerate(others):
            if other.name in (before.name for before in others[:nth]):
                raise fault("the alternative stands twice:", other.name, "each name once", at=("alternatives", nth, "name"))
        if others and (total := sum(other.weight for other in others)) >= 100:
            raise fault("the alternatives' weights sum to", format(total, "f"), "less than 100: the value has the rest",
                        at=("alternatives",))
        return self


class _Statement(_Dated):
    """A sentence of a planning document."""

    issued: Day | None = Field(None, description="The day of the document")
    until: Day | None = Field(None, description="The last day on which it holds, where the document says so")
    rule: name_type(RULES, "rule")
    value: number_type(-1e12, 1e12)
    text: Text = Field(description="The words of the document")


class _PercentStatement(_Statement):
    """A sentence of a planning document that states a percentage."""

    value: percent_type(-1e12, 1e12)


def _unit(text: object, unit: str) -> str:
    if not isinstance(text, str):
        raise wrong_shape("a unit", text, f"'{unit}'")
    if text != unit:
        raise fault("wrong unit", text, f"'{unit}'")
    return unit


def _dates_rise(entries: list[_Dated]) -> list[_Dated]:
    for i in range(1, len(entries)):
        if entries[i].from_ <= entries[i - 1].from_:
            raise fault("the dates do not rise:", str(entries[i].from_), f"a day after {entries[i - 1].from_}",
                        next_step="order the entries by date", at=(i, "from"))
    return entries


def _parameter(title: str, unit: str, entry: Any) -> Any:
    """The model of one parameter: its unit and its dated entries."""
    unit_type = Annotated[str, BeforeValidator(partial(_unit, unit=unit)), WithJsonSchema({"const": unit})]
    check = BeforeValidator(partial(_list, what="a list of dated entries", empty=False))
    return create_model(title, __base__=_Fixed, unit=(unit_type, ...),
                        values=(Annotated[list[entry], check, AfterValidator(_dates_rise)], ...))


def _parameters(title: str, called: str, among: str, models: dict[str, tuple[Any, str]]) -> Any:
    """The model of all parameters of a topic; `models` holds each one's model and description."""
    class Parameters(_Fixed):
        pass
    Parameters.called, Parameters.among = called, among
    fields: dict[str, Any] = {name: (model | None, Field(None, description=words)) for name, (model, words) in models.items()}
    return create_model(title, __base__=Parameters, **fields)


def _sections(names: tuple[str, ...], what: str, inner: Any) -> Any:
    """A mapping from some of `names` (the schemes, the illnesses) to `inner`."""
    return Annotated[dict[Literal[names], inner], WrapValidator(partial(_every_fault, keys=names, what=what, complete=False))]


@cache
def topic_type(topic: str) -> TypeAdapter[Any]:
    """The validator of `params/<region>/<topic>.yaml`; `topic` is one of TOPICS."""
    section: Any
    if topic == "region":
        language = create_model("name", __base__=_Fixed, en=(Text, ...), zh=(Text, ...))
        return TypeAdapter(create_model("region", __base__=_Fixed, name=(language, ...), parent=(Text | None, None)))
    if topic == "law":
        kinds = {"%": _PercentStatement}
        statements = {name: (_parameter(name, s.unit, kinds.get(s.unit, _Statement)), f"{s.en} / {s.zh} ({s.unit})")
                      for name, s in STATEMENTS.items()}
        section = _parameters("law", "statement", "one of the statements of simulator/parameters/statements.py", statements)
        return TypeAdapter(_sections(LAW_SECTIONS, "section", section))
    models: dict[str, tuple[Any, str]] = {}
    for name, q in CATALOGUE[topic].items():
        other = create_model(f"{name}_alternative", __base__=_Fixed, name=(Text, ...), value=(value_type(name, q), ...),
                             weight=(percent_type(0, 100), Field(description="Percent; the value itself has the rest")),
                             source=(Text, Field(description="Where it is known from, and why it may hold here")))
        others = Annotated[list[other], BeforeValidator(partial(_list, what="a list of alternatives", empty=False))]
        entry = create_model(f"{name}_entry", __base__=_Operating, value=(value_type(name, q), ...), alternatives=(
            others | None, Field(None, description="What it might be instead; those of one name hold together")))
        entry.of = (lever_of(f"{topic}.{name}"), topic, name)
        models[name] = (_parameter(name, q.unit, entry), f"{q.en} / {q.zh} ({q.unit})")
    section = _parameters(topic, "parameter", f"one of the parameters of topic {topic}", models)
    if PER[topic] is None:
        return TypeAdapter(section)
    if PER[topic] == "scheme":
        return TypeAdapter(_sections(SCHEMES, "scheme", section))
    return TypeAdapter(_sections(ILLNESSES, "illness", section))


# --- for editors ----------------------------------------------------------------------------------


def json_schema(topic: str) -> dict[str, Any]:
    """The JSON Schema of a topic's files. What it cannot say (sums, rising bands and dates) only the loader checks."""
    schema = topic_type(topic).json_schema(by_alias=True)
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": f"fundsim parameters: {topic}",
            **in_both_languages(_plain(schema))}


def _plain(schema: Any) -> Any:
    """Without titles (they repeat the key) and without null: a key without a value is refused."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: _plain(part) for key, part in schema.items()
              if not (key == "default" and part is None) and not (key == "title" and isinstance(part, str))}
    some = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(some) == 1:
        del schema["anyOf"]
        return some[0] | schema
    return schema | ({"anyOf": some} if some else {})


def schemas() -> dict[str, str]:
    """The text of `<topic>.json` for every topic."""
    return {topic: schema_text(topic) for topic in TOPICS}


def schema_text(topic: str) -> str:
    """The JSON Schema of a topic as it stands in `params/schema/<topic>.json`."""
    return json.dumps(json_schema(topic), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
