"""The JSON Schema of a scenario file, for editors: its keys, and every path that a change may have."""

from __future__ import annotations

import json
from typing import Any


def scenario_schema() -> str:
    """The schema as text. What it cannot say (which changes act, which regions there are) only the loader checks."""
    from simulator.parameters.catalogue import CATALOGUE, ILLNESSES, PER, SCHEMES
    from simulator.parameters.change import VERBS
    from simulator.parameters.names import CHINESE
    from simulator.scenario import KEYS_OF_A_FILE, LONGEST_TEXTS, POLICY_LEVELS, RESPONSES, WHOLE_NUMBERS

    paths = {".".join(part for part in (topic, section, name) if part): f"{quantity.en} / {quantity.zh} ({quantity.unit})"
             for topic, names in CATALOGUE.items() if topic != "plans" for name, quantity in names.items()
             for section in (SCHEMES if PER[topic] == "scheme" else ILLNESSES if PER[topic] == "illness" else ("",))}
    schemes = [*SCHEMES, *(word for scheme in SCHEMES for word in CHINESE["scheme"][scheme])]
    changes = {"type": "object", "properties": {path: {"description": said} for path, said in paths.items()},
               "description": f"path: value, or {{{' | '.join(VERBS)}: X}} / 路径: 数值"}
    policy = {"type": "object", "additionalProperties": False, "properties": {
        "changes": {"$ref": "#/definitions/changes", "description": "What it changes / 政策变动"},
        "plans": {"type": "object", "propertyNames": {"enum": schemes}, "additionalProperties": {"anyOf": [
            {"type": "string"}, {"type": "object"}]},
            "description": "Plan files in the place of schemes' rules: a name, a path or {plan: NAME, share: {tier: percent}} / "
                           "以方案文件代替制度规则"},
        "level": {"enum": list(POLICY_LEVELS), "description": "Whose solved level of the schedule it takes / 待遇水平系数取自"}}}
    flag = {"enum": [True, False, "true", "false"]}
    own: dict[str, dict[str, Any]] = {
        "name": {"type": "string", "description": "Of the folder under results/ / 结果文件夹名称"},
        "title": {"type": "string", "maxLength": LONGEST_TEXTS["title"], "description": "Shown above the answer / 标题"},
        "description": {"type": "string", "maxLength": LONGEST_TEXTS["description"],
                        "description": "Words for the reader / 说明"},
        "regions": _names({"type": "string"}, "Regions, the first compared with each other one / 地区, 首个与其余各个比较"),
        "schemes": _names({"enum": schemes}, "Schemes / 制度"),
        "outpatient_share": {"type": "string", "pattern": "^[1-9][0-9]*/[1-9][0-9]*$",
                             "description": "Share of households whose visits are simulated / 模拟门诊的家庭比例"},
        "response": {"enum": list(RESPONSES), "description": "What the fund does beyond its limits / 基金超限时的应对"},
        "systematic": {**flag, "description": "Whether the economy is uncertain / 是否含经济不确定性"},
        "demand": {**flag, "description": "Whether use responds to price / 就医需求是否随价格变化"},
        "precision": {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,4})?%$",
                      "description": "Add draws until spending is known to this / 追加模拟直至达到的精度"},
        "changes": {"$ref": "#/definitions/changes",
                    "description": "Made to every policy and the people / 对所有政策和人群的变动"},
        "policies": {"type": "object", "additionalProperties": policy,
                     "description": "Compared with the baseline / 与基准方案比较的政策"},
        "sets": {"type": "object", "additionalProperties": {"$ref": "#/definitions/changes"},
                 "description": "Named changes, values of a design's axis / 命名的变动组"},
        "design": {"type": "object", "description": "Many scenarios and policies from one file / 由一个文件生成的多个情景和政策"},
    }
    whole = {"year": "The first year / 起始年份", "seed": "Of the random numbers / 随机种子", "horizon": "Years / 年数",
             "draws": "Sampled futures / 模拟情景数", "people": "Persons on each roster, or all / 每份名册人数, 或 all",
             "replicas": "How often the roster is simulated in a draw / 每次模拟中名册的重复次数",
             "max_draws": "The most draws / 最多模拟数"}
    for name, (low, high) in WHOLE_NUMBERS.items():
        number = {"type": "integer", "minimum": low, "maximum": high}
        own[name] = {**({"anyOf": [number, {"const": "all"}]} if name == "people" else number), "description": whole[name]}
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "fundsim scenario / fundsim 情景", "type": "object",
              "required": ["regions"], "additionalProperties": False, "definitions": {"changes": changes},
              "properties": {name: own[name] for name in KEYS_OF_A_FILE}}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _names(item: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1, "uniqueItems": True, "description": description}
