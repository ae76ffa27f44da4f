"""All relations, payer by payer: of bills, and of whole years."""

from tests.support import relations_care, relations_layers, relations_rare, relations_real, relations_years

RELATIONS = [*relations_care.RELATIONS, *relations_layers.RELATIONS, *relations_real.RELATIONS,
             *relations_rare.RELATIONS]
YEARS = relations_years.RELATIONS
