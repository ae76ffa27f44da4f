"""One bill as a row of int64: first the facts the rules read, then where the walk drew it.

A rank is compared with the plan's number of counties or share of persons that take part (a county's or
a person's fixed place in line). Amounts are fen, flags 0/1; docs/settlement.md says what each fact means.
"""

FACTS = ("kind", "tier", "member_class", "group", "pilot_rank", "payment_rank", "cover_rank", "illness", "units", "days",
         "billed", "eligible", "tcm", "case_price", "new_drug", "unreferred", "chronic", "emergency")
(KIND, TIER, MEMBER_CLASS, GROUP, PILOT_RANK, PAYMENT_RANK, COVER_RANK, ILLNESS, UNITS, DAYS, BILLED, ELIGIBLE, TCM, CASE_PRICE,
 NEW_DRUG, UNREFERRED, CHRONIC, EMERGENCY) = range(len(FACTS))
INPATIENT, OUTPATIENT_VISIT = 0, 1                # kind
NO_ILLNESS = -1
BEHIND_ALL = 1 << 40                              # a rank behind every county and person: takes part in nothing

# Behind the facts of a simulated bill: order in the year, roster row, stream, month, and the words it was drawn with.
KEY, ROW, SOURCE, MONTH, TIER_WORD, AMOUNT_WORD, MIX_WORD, KEEP_WORD = range(len(FACTS), len(FACTS) + 8)
BILL = len(FACTS) + 8
