"""Runs import-linter's contracts without its banner. Exit status 1 and the broken chains if one fails."""

import sys

from importlinter.cli import lint_imports

if __name__ == "__main__":
    sys.exit(lint_imports(show_timings=False, no_logo=True))
