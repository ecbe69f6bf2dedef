"""Do the migrations, run from nothing, make exactly the tables of the models?"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="passerelles-migrations-") as folder:
        config = Config(ROOT / "alembic.ini")
        config.attributes["url"] = f"sqlite:///{folder}/base.db"
        try:
            command.upgrade(config, "head")
            command.check(config)
        except CommandError as refused:
            print(f"migrations: {refused}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
