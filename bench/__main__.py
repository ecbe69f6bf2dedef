"""`python -m bench [name …]`: runs the named benches (all by default) and writes their results."""

import importlib
import sys

BENCHES = ("imports", "loop", "seed", "signals", "trace")


def main(names: list[str]) -> int:
    missed = 0
    for name in names or BENCHES:
        if name not in BENCHES:
            print(f"no bench is called {name}; there are: {', '.join(BENCHES)}")
            return 2
        print(f"# {name}")
        missed += importlib.import_module(f"bench.{name}").run()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
