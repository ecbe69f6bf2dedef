"""What happened, and who looked.

Acts are chained (each line's hash covers the one before) and numbered without gaps, last, just
before the commit. Access lines are insert-only and not chained: one lock for all reads would stop
the house; each closed hour of them is counted in the chain. Neither holds personal text: a person
appears as a keyed digest with a salt of their own.
"""

from coordination.audit import anchors, seals, triggers
from coordination.audit.acts import act, canonical, digest_of
from coordination.audit.chain import GENESIS, Head, chain, head, link
from coordination.audit.lines import AccessLine, AccessSeal, AuditEntry
from coordination.audit.proof import Fault, Sort, Witness
from coordination.audit.verifying import said, said_of_hour, verify

__all__ = [
    "GENESIS", "AccessLine", "AccessSeal", "AuditEntry", "Fault", "Head", "Sort", "Witness", "act",
    "anchors", "canonical", "chain", "digest_of", "head", "link", "said", "said_of_hour", "seals",
    "triggers", "verify",
]  # fmt: skip
