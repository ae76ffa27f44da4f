"""What a value may be stated by: a number for each hospital tier, member class, assistance group, listed illness, and so on."""

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "tier": ("township", "county", "city", "outside"),
    "order": ("first", "second", "third", "fourth", "fifth", "sixth"),       # admission of the year; the sixth and all later ones
    "class": ("adult", "child", "student", "active", "retired"),
    "group": ("none", "dibao", "wubao", "low_income", "disabled", "elderly"),
    "illness": (  # the 8 first, then the 12 of the pilot, in the order of 国办发〔2012〕20号 二(一)5(2)
        "esrd", "childhood-leukaemia", "childhood-congenital-heart-disease", "breast-cancer",
        "cervical-cancer", "severe-mental-illness", "mdr-tb", "aids-opportunistic-infection",
        "lung-cancer", "oesophageal-cancer", "gastric-cancer", "colon-cancer", "rectal-cancer", "cml",
        "acute-myocardial-infarction", "cerebral-infarction", "haemophilia", "type-1-diabetes",
        "hyperthyroidism", "cleft-lip-palate"),
    "chronic": ("1", "2", "3", "4"),                       # groups of diseases on the chronic outpatient list
    "band": ("1", "2", "3", "4", "5", "6", "7", "8"),      # of a schedule, at most
}
