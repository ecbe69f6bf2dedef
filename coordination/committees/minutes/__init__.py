"""Minutes: the nameless relevé, each agency’s annex, the follow-up."""
