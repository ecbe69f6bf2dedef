"""Committees, meetings, agendas, decisions, actions, minutes."""
