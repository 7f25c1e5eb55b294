"""The labels of the shipped pipeline, and how they map to the types of a scheme."""

from __future__ import annotations

from core.scheme import Scheme

# What the names head tells apart; which of GPE, LOC and FAC a PLACE is, rules decide.
NAMES = ("PERSON", "ORG", "PLACE", "NORP", "EVENT", "MISC")
# The noun phrases of defence reports, as re3d marks them.
REPORTS = (
    "Organisation", "Person", "Location", "Temporal", "Quantity", "Weapon", "MilitaryPlatform",
    "DocumentReference", "Nationality", "Money", "Vehicle",
)  # fmt: skip
# Relations between mentions of reports, under re3d's names, and of encyclopaedic text, under those
# of the news scheme. OTHER is a relation that no scheme of ours has.
REPORT_RELATIONS = (
    "NONE", "CoLocated", "Apart", "BelongsTo", "InChargeOf", "HasAttrOf", "IsSynonymOf",
    "FightingAgainst", "AlliesOf", "CommWith", "Likes", "Dislikes",
)  # fmt: skip
WIKI_RELATIONS = (
    "NONE", "OTHER", "member_of", "works_for", "citizen_of", "based_in", "located_in", "part_of",
    "leads", "occurred_on",
)  # fmt: skip
SYMMETRIC = frozenset({"IsSynonymOf", "AlliesOf", "CommWith"})
# The kinds of ends that the relation heads know.
ENDS = (
    "PERSON", "ORG", "PLACE", "NORP", "EVENT", "MISC", "DATE", "NUMBER", "WEAPON", "PLATFORM",
    "VEHICLE", "DOCUMENT", "MONEY",
)  # fmt: skip
END_OF = {
    "PERSON": "PERSON", "ORG": "ORG", "PLACE": "PLACE", "GPE": "PLACE", "LOC": "PLACE",
    "FAC": "PLACE", "NORP": "NORP", "EVENT": "EVENT", "MISC": "MISC", "DATE": "DATE",
    "CARDINAL": "NUMBER", "WEAPON": "WEAPON", "VEHICLE": "VEHICLE", "LAW": "DOCUMENT",
    "MONEY": "MONEY", "TITLE": "MISC",
    "Organisation": "ORG", "Person": "PERSON", "Location": "PLACE", "Temporal": "DATE",
    "Quantity": "NUMBER", "Weapon": "WEAPON", "MilitaryPlatform": "PLATFORM",
    "DocumentReference": "DOCUMENT", "Nationality": "NORP", "Money": "MONEY", "Vehicle": "VEHICLE",
    "PER": "PERSON", "TIME": "DATE", "NUM": "NUMBER",
}  # fmt: skip


def bio(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The tags of `labels`: O, then B- and I- of each."""
    return ("O", *(f"{position}-{label}" for label in labels for position in "BI"))


def of_reports(scheme: Scheme) -> bool:
    """Whether the types of a scheme are those of reports rather than those of names."""
    return sum(t in scheme.entity_types for t in REPORTS) > sum(
        t in scheme.entity_types for t in NAMES
    )
