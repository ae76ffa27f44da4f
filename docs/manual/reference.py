"""The pages of reference, in markdown, from the catalogue, the plan's terms, the command and the public names themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import typer

import simulator
from docs.manual.glossary import GLOSSARY, entries
from simulator import words
from simulator.cli.help_words import VERB_HELP
from simulator.cli.helping import default_of, of_parameter, said_of
from simulator.cli.main import app
from simulator.definitions import DEFINITIONS, SYMBOLS, Definition
from simulator.parameters.catalogue import CATALOGUE, PER
from simulator.parameters.quantities import Quantity
from simulator.parameters.schema_words import name_of_key
from simulator.parameters.statements import STATEMENTS
from simulator.plan import TERMS
from simulator.report.codes import key_kind
from tests.support.term_table import neutral_of, unit_of

SAID: words.Words = {
    "measures": ("Measures", "指标"), "parameters": ("Parameters", "参数"), "terms": ("Terms of a plan", "待遇方案条目"),
    "commands": ("Commands", "命令"), "python": ("Python", "Python 接口"), "glossary": ("Glossary", "术语对照"),
    "measure": ("measure", "指标"), "unit": ("Unit", "单位"), "groups": ("Groups", "分组"), "formula": ("Formula", "算式"),
    "name": ("name", "名称"), "meaning": ("meaning", "含义"), "values": ("values", "取值"), "from_to": ("from, to", "范围"),
    "parameter": ("parameter", "参数"), "term": ("term", "条目"), "neutral": ("neutral", "中性值"),
    "stated_by": ("stated by", "由何参数给出"), "option": ("option", "选项"), "default": ("default", "默认"), "needed": ("needed", "必填"),
    "argument": ("argument", "位置参数"), "symbol": ("in formulas", "算式中"), "statement": ("statement", "表述"),
    "everybody": ("all", "全体"), "and": (", ", "、"), "colon": (": ", "："), "stop": (". ", "。"),
    "tier": ("hospital tier", "医院级别"), "quintile": ("income quintile", "收入五等份"), "illness": ("listed illness", "重大疾病病种"),
    "quantile": ("quantile over persons", "人群分位数"), "layer": ("layer of insurance", "各层保障之后"), "payer": ("payer", "支付方"),
    "units": ("spread over pooling units", "统筹单位间分布"),
    "scheme_of": ("one for each scheme: ", "按制度分别规定："), "illness_of": ("one for each listed illness: ", "按病种分别规定："),
    "once": ("one for the region: ", "全地区一个："),
}
INTRODUCTIONS: words.Words = {
    "measures": (
        "Every figure in `summary.csv`, as `measure[group]` in `--measure`, `--until` and `--least` (`oop_share_of_income[quintile:q1]`). "
        "Amounts are in yuan of the year; a mean, its standard error and quantiles are over worlds. Formulas are written in the names "
        "of other measures, of payers and of the symbols at the end; Σ runs over the year's bills.",
        "`summary.csv` 中的全部指标，在 `--measure`、`--until`、`--least` 中写作 `指标[分组]`（如 `oop_share_of_income[quintile:q1]`）。"
        "金额为当年元；均值、标准误和分位数均就各次模拟而言。算式由其他指标、支付方和文末符号写成；Σ 表示对当年全部单据求和。"),
    "parameters": (
        "Every parameter that a file `params/REGION/TOPIC.yaml`, a scenario's `changes` or `--set` may state. A path is "
        "`topic.scheme.name`, or `topic.name` where a topic is stated once for the region, and a key after it picks one number: "
        "`inpatient.nrcms.deductible.county`. How a value is written, dated and cited: parameter files.",
        "参数文件 `params/地区/主题.yaml`、方案文件的 `changes` 及 `--set` 可以给出的全部参数。路径为 `主题.制度.名称`，全地区只有一个的写作 "
        "`主题.名称`；其后再加键可取其中一个数：`inpatient.nrcms.deductible.county`。"),
    "terms": (
        "The terms by which a bill is settled, in the order of settlement, as keys of a plan file. What each does to the fen is said "
        "in the settlement text.",
        "结算一张单据所依据的条目，按结算次序排列，即待遇方案文件的各个键。括号内为维度。"),
    "commands": (
        "Every verb of `fundsim`, from its own `--help`.",
        "`fundsim` 的全部命令，取自其 `--help`。命令行中地区、制度、医院级别和病种可写中文。"),
    "python": (
        "The public names of the package, from their docstrings.",
        "软件包的公开名称，取自其文档字符串（英文）。"),
    "glossary": (
        "Terms of the field in both languages, as reports, slips and files use them.",
        "报告、结算单和文件中所用术语的中英对照与释义。"),
}
SECTIONS: tuple[tuple[str, str, str], ...] = (      # of the measures: the first one of each section, and its title
    ("admissions_per_100", "Benefits", "待遇"), ("oop_per_head", "Burden of members", "参保人负担"),
    ("cash_per_bill", "Listed illnesses", "重大疾病"), ("revenue", "The fund", "基金"),
    ("enterprise_payments", "Other accounts", "其他账户"), ("units", "Pooling units", "统筹单位"),
    ("government_compensation", "Hospitals and public health", "医疗机构与公共卫生"),
)
LANGUAGES = words.LANGUAGES


def say(key: str, lang: str) -> str:
    return words.word(SAID, key, lang)


def page(name: str, lang: str, *parts: str) -> str:
    """A page with its title and introduction."""
    return "\n\n".join([f"# {say(name, lang)}", words.word(INTRODUCTIONS, name, lang), *parts]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells).replace("\n", " ") + " |"
             for cells in (head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows))]
    return "\n".join(lines)


def measures(lang: str) -> str:
    """Every measure: name, definition, unit, groups, formula; then the symbols of the formulas."""
    begins, parts = {first: (en, zh) for first, en, zh in SECTIONS}, []
    for name, definition in DEFINITIONS.items():
        if name in begins:
            parts.append("## " + begins[name][LANGUAGES.index(lang)])
        parts.append(measure(name, definition, lang))
    symbols = table([say("symbol", lang), say("meaning", lang)],
                    [*((f"`{name}`", words.word(SYMBOLS, name, lang)) for name in SYMBOLS),
                     *((f"`{name}`", words.word(words.PAYER_NAMES, name, lang)) for name in words.PAYER_NAMES)])
    return page("measures", lang, *parts, "## " + ("Symbols" if lang == "en" else "算式中的符号"), symbols)


def measure(name: str, definition: Definition, lang: str) -> str:
    groups = say("and", lang).join(say(group or "everybody", lang) for group in definition.groups)
    said = definition.en if lang == "en" else definition.zh
    unit = words.unit_name(definition.unit, lang)
    return (f"`{name}` {words.measure_name(name, lang)}\n: {said}\n\n"
            f"  {say('unit', lang)}{say('colon', lang)}{unit}{say('stop', lang)}{say('groups', lang)}{say('colon', lang)}{groups}"
            f"{say('stop', lang)}{say('formula', lang)}{say('colon', lang)}`{definition.formula}`")


def parameters(lang: str) -> str:
    """Every parameter by topic: name, unit, what its value is, range; then the statements of planning documents."""
    parts = []
    for topic, of_topic in CATALOGUE.items():
        per = {"scheme": "scheme_of", "illness": "illness_of", None: "once"}[PER[topic]]
        place = {"scheme": f"{topic}.SCHEME.NAME", "illness": f"{topic}.ILLNESS.NAME", None: f"{topic}.NAME"}[PER[topic]]
        parts += [f"## {words.word(words.TOPIC_NAMES, topic, lang)} (`{topic}`)", f"{say(per, lang)}`{place}`",
                  table([say(key, lang) for key in ("parameter", "meaning", "unit", "values", "from_to")],
                        ((f"`{name}`", quantity.en if lang == "en" else quantity.zh, words.unit_name(quantity.unit, lang),
                          kind(quantity, lang), limits(quantity)) for name, quantity in of_topic.items()))]
    parts += [f"## {words.word(words.TOPIC_NAMES, 'law', lang)} (`law`)",
              table([say(key, lang) for key in ("statement", "meaning", "unit")],
                    ((f"`{name}`", statement.en if lang == "en" else statement.zh, words.unit_name(statement.unit, lang))
                     for name, statement in STATEMENTS.items()))]
    return page("parameters", lang, *parts)


SHAPES: words.Words = {
    "number": ("a number", "一个数"), "flag": ("true or false", "是或否"), "numbers": ("a list of numbers", "一列数"),
    "plan": ("a plan file", "方案文件"), "choice": ("one of", "择一："), "by": ("by", "按"), "names": ("a list of", "列举："),
    "each": ("a list for each", "每项一列数"), "chosen": ("one of these for each", "每项择一："),
}
KINDS_OF_KEYS: words.Words = {
    "tier": ("tier", "医院级别"), "class": ("member class", "人员类别"), "group": ("assistance group", "救助类别"),
    "quintile": ("income quintile", "收入五等份"), "age": ("age band", "年龄组"), "survey_age": ("age band of surveys", "调查年龄组"),
    "size": ("household size", "家庭规模"), "illness": ("listed illness", "病种"), "level": ("level of government", "政府层级"),
    "response": ("response", "应对措施"), "chronic": ("group of chronic diseases", "慢性病分组"),
}


def kind(quantity: Quantity, lang: str) -> str:
    """What the value of a parameter is."""
    first, _, rest = quantity.shape.partition(":")
    options = say("and", lang).join(f"`{option}`" for option in quantity.options)
    if first in ("by", "names"):
        keys = words.word(KINDS_OF_KEYS, key_kind(quantity), lang)
        said = f"{words.word(SHAPES, first, lang)}{' ' if lang == 'en' else ''}{keys}"
        if first == "by" and rest.endswith(":numbers"):
            return f"{said}{say('and', lang)}{words.word(SHAPES, 'each', lang)}"
        if first == "by" and rest.endswith(":choice"):
            return f"{said}{say('and', lang)}{words.word(SHAPES, 'chosen', lang)} {options}"
        return said
    said = words.word(SHAPES, first, lang)
    return f"{said} {options}" if options else said


def limits(quantity: Quantity) -> str:
    """The range of a parameter's numbers; nothing where there are none or the range says nothing."""
    if quantity.unit in ("name", "flag") or quantity.high >= 1e12:
        return ""
    return f"{quantity.low:,.12g} – {quantity.high:,.12g}"


def terms(lang: str) -> str:
    """Every term of a plan, as docs/settlement.md has them, with their names."""
    rows = []
    for name, term in TERMS.items():
        said = term.says if lang == "en" else name_of_key(name) or term.says
        unit = unit_of(term) if lang == "en" else words.unit_name(unit_of(term), lang)
        indexed = name + "".join(f"[{key}]" for key in term.shape)
        paths = say("and", lang).join(f"`{path.replace('{scheme}', '*')}`" for path in (term.path, *term.also) if path)
        rows.append((f"`{indexed}`", said, unit, neutral_of(term), paths))
    return page("terms", lang, table([say(key, lang) for key in ("term", "meaning", "unit", "neutral", "stated_by")], rows))


def commands(lang: str) -> str:
    """Every verb: what it does, its example, its arguments and options."""
    parts: list[str] = []
    for name, verb in verbs():
        help_, *rest = (verb.help or "").split("\n\n")
        said = " ".join(help_.split()) if lang == "en" else VERB_HELP[name]
        parts += [f"## `fundsim {name}`", said]
        examples = [line.strip().removeprefix("Example: ") for text in rest for line in text.splitlines()
                    if "fundsim " in line]
        if examples:
            parts.append("```sh\n" + "\n".join(examples) + "\n```")
        rows = [(f"`{of_parameter(parameter)}`", said_of(name, parameter, lang), default_said(parameter, lang))
                for parameter in verb.params if parameter.name != "help"]
        if rows:
            parts.append(table([say(key, lang) for key in ("option", "meaning", "default")], rows))
    return page("commands", lang, *parts)


def verbs() -> list[tuple[str, typer.core.TyperCommand]]:
    """Every verb with its name, `params show` after its group."""
    found = []

    def walk(command: typer.core.TyperCommand, name: str) -> None:
        if hasattr(command, "commands"):
            for part, below in command.commands.items():
                walk(below, f"{name} {part}".strip())
        else:
            found.append((name, command))

    walk(typer.main.get_command(app), "")
    return found


def default_said(parameter: typer.core.TyperArgument, lang: str) -> str:
    if parameter.required:
        return say("needed", lang)
    default = default_of(parameter)
    return f"`{default}`" if default else ""


def python(lang: str) -> str:
    """Sphinx's autodoc of every public name."""
    parts = []
    for name in sorted(simulator.__all__, key=str.lower):
        made = getattr(simulator, name)
        directive = "autoexception" if name.endswith("Error") else "autoclass" if isinstance(made, type) else "autofunction"
        members = "\n   :members:" if directive == "autoclass" else ""
        parts.append(f"```{{eval-rst}}\n.. {directive}:: simulator.{name}{members}\n```")
    return page("python", lang, *parts)


def glossary(lang: str) -> str:
    """The glossary, English and Chinese names in one heading."""
    parts = []
    for title, of_section in GLOSSARY:
        parts.append("## " + title[LANGUAGES.index(lang)])
        for en, zh, said_en, said_zh in entries(of_section):
            heading = f"{en} · {zh}" if lang == "en" else f"{zh} · {en}"
            parts.append(f"{heading}\n: {said_en if lang == 'en' else said_zh}")
    return page("glossary", lang, *parts)


PAGES: dict[str, Callable[[str], str]] = {"measures": measures, "parameters": parameters, "terms": terms, "commands": commands,
                                          "python": python, "glossary": glossary}


def pages(lang: str) -> dict[str, str]:
    """The text of every page of reference by file name."""
    return {f"{name}.md": made(lang) for name, made in PAGES.items()}


def chinese_words() -> list[str]:
    """The terms that a Chinese reader may look for, which a general dictionary would cut up."""
    texts = [zh for _, of_section in GLOSSARY for _, zh, _, _ in entries(of_section)]
    texts += [zh for _, zh in words.MEASURE_NAMES.values()]
    texts += [quantity.zh for of_topic in CATALOGUE.values() for quantity in of_topic.values()]
    found = {part for text in texts for part in re.findall(r"[\u4e00-\u9fff]{2,}", text)}
    return sorted(found)


