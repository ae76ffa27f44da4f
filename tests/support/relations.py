"""All relations, payer by payer."""

from tests.support import relations_care, relations_layers

RELATIONS = [*relations_care.RELATIONS, *relations_layers.RELATIONS]
