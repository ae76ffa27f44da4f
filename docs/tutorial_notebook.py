# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # fundsim from Python · 用 Python 使用 fundsim
#
# A notebook as text: open it in Jupyter with jupytext (`jupytext --to notebook tutorial_notebook.py`), in an editor that knows
# `# %%` cells, or run it as it is. Runs are small, so that each cell takes seconds.
#
# 文本形式的笔记本：可用 jupytext 在 Jupyter 中打开，在支持 `# %%` 单元的编辑器中打开，或直接运行。
# 各次运行规模很小，每格只需几秒。

# %%
import pandas as pd

from simulator import Policy, Scenario, explain, load_regions, run, settle

regions = load_regions()

# %% [markdown]
# ## A value, with what it rests on · 一个取值及其依据

# %%
print(regions["linyi"].value("funding.nrcms.subsidy", 2012))

# %% [markdown]
# ## One bill · 一张单据
#
# `lang="zh"` words the slip in Chinese. `lang="zh"` 时结算单为中文。

# %%
slip = explain(region="jiangsu", scheme="nrcms", year=2012, tier="county", bill=12000)
slip.table()

# %%
steps = {step.name: step.amount for step in slip.steps}
assert steps["cash"] == 554_700                      # fen: 5,547.00 yuan, as the command prints

# %% [markdown]
# ## A table of bills · 一张单据表

# %%
claims = pd.DataFrame({"person": ["a", "a", "b"], "tier": ["county", "city", "township"],
                       "billed": [6000, 38000, 900], "eligible": [4800, 26000, 800]})
paid = settle(claims, region="linyi", scheme="nrcms", year=2012)
paid[["person", "tier", "billed", "paid_basic", "paid_cash"]]

# %% [markdown]
# ## Change a rule and run it · 改一条规则并运行

# %%
generous = Policy("ten-points", {"inpatient.nrcms.ratio.county": {"plus": 10}})
scenario = Scenario("notebook", ("jiangsu",), schemes=("nrcms",), horizon=3, draws=8, people=400,
                    policies=(Policy("baseline"), generous))
answer = run(scenario, report=False)
answer

# %%
answer.table()                                       # differences, paired by draw, with 95% intervals

# %% [markdown]
# ## Look at the curve · 看曲线

# %%
figure = answer.plot.balance()
figure

# %% [markdown]
# ## Ask for any measure · 查询任何指标

# %%
summary = answer.table("summary", measure=["exhausted", "months_held", "oop_per_head"])
whole = summary[summary["group"].isna() | (summary["group"] == "")]
whole.pivot_table(index=["policy", "year"], columns="measure", values="mean").round(3)
