"""In session: attendance, the chair’s page, the room’s screen, decisions and actions."""
