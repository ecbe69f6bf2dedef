"""Why a journey comes before a committee: alerts raised by rules, and demands."""
