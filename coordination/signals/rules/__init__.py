"""The rules that read journeys and demands only. Each is one SELECT and one sentence; those that
read referrals or committees too stand in the `rules.py` of those rooms."""

from coordination.signals.rules import contacts, demands, durations, duties, exits, steps

RULES = (
    *durations.RULES,
    *contacts.RULES,
    *steps.RULES,
    *exits.RULES,
    *duties.RULES,
    *demands.RULES,
)
