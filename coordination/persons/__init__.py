"""What describes a person: one category per table, and the agency that recorded it. No pages."""
