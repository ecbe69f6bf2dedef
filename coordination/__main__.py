"""`python -m coordination` is the command."""

from coordination.cli import app

app(prog_name="coordination")
