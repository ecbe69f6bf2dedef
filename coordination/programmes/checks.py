"""What rules cannot say together. Pure."""

from coordination.programmes.catalogue import Rules
from coordination.programmes.models import Commitment


def contradictions(rules: Rules) -> dict[str, str]:
    """The rule to look at → why it does not hold with the others."""
    found: dict[str, str] = {}
    for check in (_durations, _blocks, _ranges, _exits, _entries):
        for name, why in check(rules):
            found.setdefault(name, why)
    return found


def _durations(r: Rules) -> list[tuple[str, str]]:
    said = []
    if r.max_duration_months and r.max_duration_weeks:
        said.append(("max_duration_weeks", "Dites la durée en mois ou en semaines, pas les deux."))
    most = r.max_duration_weeks or (r.max_duration_months or 0) * 52 // 12
    if r.fixed_duration and not most:
        said.append(("fixed_duration", "Dites d’abord cette durée, en mois ou en semaines."))
    if r.min_duration_weeks and most and r.min_duration_weeks > most:
        said.append(("min_duration_weeks", "La durée au moins dépasse la durée au plus."))
    if r.suspension_max_months and r.suspension_allowed is False:
        said.append(("suspension_max_months", "La pause n’est pas possible : ôtez sa durée."))
    return said


def _blocks(r: Rules) -> list[tuple[str, str]]:
    if not r.block_weeks:
        alone = [n for n in ("block_renewals", "block_parts") if getattr(r, n)]
        return [(n, "Dites d’abord la durée d’une période.") for n in alone]
    said = []
    if r.block_parts and sum(r.block_parts) != r.block_weeks:
        said.append(("block_parts", f"Ces semaines font {sum(r.block_parts)}, et la période en "
                     f"compte {r.block_weeks}."))  # fmt: skip
    whole = r.block_weeks * (1 + (r.block_renewals or 0))
    if r.max_duration_weeks and whole > r.max_duration_weeks:
        said.append(("block_renewals", f"Toutes les périodes font {whole} semaines, plus que la "
                     "durée au plus."))  # fmt: skip
    return said


_RANGES = (
    ("caseload_active_min", "caseload_active_max"),
    ("caseload_total_min", "caseload_total_max"),
    ("caseload_active_max", "caseload_total_max"),
    ("group_size_min", "group_size_max"),
    ("age_min", "age_max"),
    ("contact_target_days", "contact_every_days"),
)


def _ranges(r: Rules) -> list[tuple[str, str]]:
    return [
        (high, "Ce nombre est plus petit que celui qui le précède.")
        for low, high in _RANGES
        if (getattr(r, low) or 0) > (getattr(r, high) or 10**6)
    ]


def _exits(r: Rules) -> list[tuple[str, str]]:
    said = []
    if list(r.follow_up_months) != sorted(set(r.follow_up_months)):
        said.append(("follow_up_months", "Écrivez chaque mois une fois, dans l’ordre."))
    if r.follow_up_employer and not r.follow_up_months:
        said.append(("follow_up_employer", "Dites à quels mois après la sortie."))
    if r.follow_up_continuous and not r.follow_up_months:
        said.append(("follow_up_continuous", "Dites jusqu’à quel mois."))
    return said


def _entries(r: Rules) -> list[tuple[str, str]]:
    asked = r.commitment in {Commitment.SIGNED_BEFORE_ENTRY, Commitment.MORAL}
    said = []
    if r.commitment_within_days is not None and not asked:
        said.append(("commitment_within_days", "Dites d’abord quel engagement est demandé."))
    if r.contract_makes_entry and r.commitment is not Commitment.SIGNED_BEFORE_ENTRY:
        said.append(("contract_makes_entry", "L’engagement doit alors être signé avant l’entrée."))
    return said
