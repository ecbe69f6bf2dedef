"""Runs import-linter's contracts, without its banner; fails with the broken chains."""

import sys

from importlinter.cli import lint_imports

if __name__ == "__main__":
    sys.exit(lint_imports(show_timings=False, no_logo=True))
