"""Every gesture on a journey that has its own page."""
