"""The text of `--help` and of a wrong command line, in English and Chinese, within the width of the terminal.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import inspect
import re
from functools import partial
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from simulator.cli.help_words import HEADINGS, MISTAKES, VERB_GROUPS, VERB_HELP, said
from simulator.report.columns import columns_of, wrap
from simulator.words import LANGUAGES

if TYPE_CHECKING:
    import typer

WIDEST_HELP = 100                # columns, however wide the terminal
WIDEST_OPTION = 27                 # columns of an option beside its text; the text of a longer one begins a line below


def speaking(command: Any, lang: str, name: str = "") -> Any:
    """The command with help in a language for it and for all verbs below it; `name` is the verb's, empty for the program."""
    command.get_help = partial(help_text, command, name, lang)
    command.get_short_help_str = lambda limit=45: first_clause(command, name, lang)
    for part, below in getattr(command, "commands", {}).items():
        speaking(below, lang, f"{name} {part}".strip())
    return command


def heading(key: str, lang: str) -> str:
    return HEADINGS[key][LANGUAGES.index(lang)]


def help_text(command: Any, name: str, lang: str, context: typer.Context) -> str:
    """The whole help of a verb: usage, what it does, an example, its arguments, options and verbs."""
    width = min(get_terminal_size().columns, WIDEST_HELP)
    colon = heading("colon", lang)
    pieces = [*command.collect_usage_pieces(context)]
    if lang == "zh":
        pieces = [HEADINGS[piece][1] if piece in HEADINGS else piece for piece in pieces]
    blocks = [hanging(f"{heading('usage', lang)}{colon}{context.command_path} ", " ".join(pieces), width)]
    said_of_it, examples = parts_of_help(command, name, lang)
    blocks += [indented(part, width) for part in said_of_it]
    blocks += [hanging(f"  {heading('example', lang)}{colon}", example, width) for example in examples]
    shown = [parameter for parameter in command.get_params(context) if not getattr(parameter, "hidden", False)]
    for kind in ("argument", "option"):
        rows = [(of_parameter(parameter), with_extras(parameter, name, lang)) for parameter in shown
                if parameter.param_type_name == kind]
        if rows:
            blocks.append(table(f"{heading(kind, lang)}{colon}".rstrip(), rows, width))
    below = getattr(command, "commands", {})
    if below:
        rows = [(part, first_clause(verb, f"{name} {part}".strip(), lang)) for part, verb in below.items()]
        blocks.append(table(f"{heading('verb', lang)}{colon}".rstrip(), rows, width))
    return "\n\n".join("\n".join(lines) for lines in blocks)


def parts_of_help(command: Any, name: str, lang: str) -> tuple[list[str], list[str]]:
    """What a verb does, in paragraphs, and its examples."""
    paragraphs = [" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n")]
    examples = [part.removeprefix("Example: ") for part in paragraphs if part.startswith("Example: ")]
    told = [part for part in paragraphs if not part.startswith("Example: ")]
    return (told if lang == "en" else [plain((VERB_GROUPS | VERB_HELP)[name])]), examples


def first_clause(command: Any, name: str, lang: str) -> str:
    """What a verb does, up to the first stop that stands in no brackets, for the list of verbs; of a group, all of it."""
    told, _ = parts_of_help(command, name, lang)
    if name in VERB_GROUPS:
        return told[0]
    found = re.match(r"(?:\([^)]*\)|（[^）]*）|[.](?=\S)|[^.:;：；。])*", told[0]) if told else None
    return found[0] if found else ""


def plain(text: str) -> str:
    """A text of the table without the marks of markdown."""
    return text.replace("`", "")


def said_of(verb: str, parameter: Any, lang: str) -> str:
    """What an option or argument of a verb means."""
    if parameter.name == "help":
        return heading("help", lang)
    if lang == "zh":
        return said(verb, of_parameter(parameter).split(" ")[0].rstrip(","))
    return " ".join((parameter.help or "").split())


def with_extras(parameter: Any, verb: str, lang: str) -> str:
    """What a parameter means, then its default and the least and the most that it may be."""
    colon, found = heading("colon", lang), []
    if default := default_of(parameter):
        found.append(f"{heading('default', lang)}{colon}{default}")
    about = parameter.type_descriptor.parameter_info
    least, most = getattr(about, "min", None), getattr(about, "max", None)
    if least is not None:
        found.append(heading("from" if most is None else "from_to", lang).format(least=least, most=most))
    if parameter.required:
        found.append(heading("needed", lang))
    meaning = plain(said_of(verb, parameter, lang))
    extras = f"[{heading('joined', lang).join(found)}]" if found else ""
    return f"{meaning} {extras}".strip()


def of_parameter(parameter: Any) -> str:
    """How an option or argument is written: `--draws N`."""
    if parameter.param_type_name == "argument":
        return parameter.metavar or parameter.name.upper()
    names = ", ".join([*sorted(parameter.opts, key=len, reverse=True), *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {parameter.metavar or word_for(parameter.type_descriptor.annotation)}"


def word_for(type_: object) -> str:
    """The word that stands for a value of a type: N, PATH, TEXT or the words there are."""
    members = getattr(type_, "__members__", {})
    return "|".join(str(member.value) for member in members.values()) or {"int": "N", "float": "N", "Path": "PATH"}.get(
        getattr(type_, "__name__", ""), "TEXT")


def default_of(parameter: Any) -> str:
    """The default of a parameter as it would be typed; empty where there is none, or where it is to do nothing."""
    default = parameter.default
    if parameter.required or default is None or default is False or default in ((), []) or callable(default):
        return ""
    return str(getattr(default, "value", default))


def table(title: str, rows: list[tuple[str, str]], width: int) -> list[str]:
    """A title, and a line or more for each row: a name, and its text beside it."""
    wide = min(max(columns_of(name) for name, _ in rows), WIDEST_OPTION)
    lines = [title]
    for name, text in rows:
        told = wrap(text, width - wide - 4) if text else [""]
        if columns_of(name) > wide:
            lines.append(f"  {name}")
            name = ""
        first = f"  {name}{' ' * (wide - columns_of(name))}  {told[0]}"
        lines += [first.rstrip(), *(f"{' ' * (wide + 4)}{line}".rstrip() for line in told[1:])]
    return lines


def indented(text: str, width: int) -> list[str]:
    return [f"  {line}".rstrip() for line in wrap(text, width - 2)]


def hanging(before: str, text: str, width: int) -> list[str]:
    """A text after a few words, under which its further lines begin."""
    first, *more = wrap(text, width - columns_of(before))
    return [before + first, *(" " * columns_of(before) + line for line in more)]


def mistake_text(error: Any, lang: str) -> str:
    """What is said of a command line that cannot be read: usage, where help is, the mistake."""
    context, lines = getattr(error, "ctx", None), []
    if context is not None:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        if lang == "zh":
            for piece in ("[OPTIONS]", "COMMAND [ARGS]..."):
                pieces = pieces.replace(piece, HEADINGS[piece][1])
        lines = [f"{heading('usage', lang)}{heading('colon', lang)}{context.command_path} {pieces}",
                 heading("try", lang).format(command=f"{context.command_path} {context.help_option_names[0]}"), ""]
    told = error.format_message()
    if lang == "zh":
        told = in_chinese(told)
    return "\n".join([*lines, f"{heading('error', lang)}{heading('colon', lang)}{told}"])


def in_chinese(told: str) -> str:
    """A message of the command line's own parser in Chinese, as far as MISTAKES knows it."""
    for pattern, chinese in MISTAKES:
        told = re.sub(pattern, chinese, told)
    return told
