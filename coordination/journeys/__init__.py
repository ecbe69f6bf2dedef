"""Journeys of persons in programmes: steps, suspensions, contacts, needs; their import."""
