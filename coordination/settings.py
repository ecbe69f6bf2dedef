"""What changes from one installation to the next; read once, from the environment or `.env`."""

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from starlette.config import Config

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Every value has a safe default for one machine; production names its own."""

    database_url: str
    owner_url: str
    worker_url: str
    roles: str  # how the names of PostgreSQL's roles begin
    public_url: str
    secret: str
    demo: bool
    var: Path
    smtp_url: str
    mail_from: str
    pepper: str = field(repr=False, default="")
    anchors: Path = ROOT / "var" / "anchors"
    sms_url: str = ""
    sms_token: str = field(repr=False, default="")
    sms_from: str = "Passerelles"

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def on_loopback(self) -> bool:
        host = self.public_url.split("//", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
        return host in {"127.0.0.1", "localhost", "[::1]", "testserver"}

    @property
    def mail_folder(self) -> Path:
        return self.var / "mail"


@cache
def load() -> Settings:
    env_file = ROOT / ".env"
    config = Config(env_file if env_file.exists() else None, env_prefix="PASSERELLES_")
    var = Path(config("VAR", default=str(ROOT / "var")))
    database_url = config("DATABASE_URL", default=f"sqlite:///{var / 'passerelles.db'}")
    secret = config("SECRET", default="") or _kept_secret(var)
    return Settings(
        database_url=database_url,
        owner_url=config("OWNER_URL", default=database_url),
        worker_url=config("WORKER_URL", default=database_url),
        roles=config("ROLES", default="passerelles"),
        public_url=config("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/"),
        secret=secret,
        pepper=config("PEPPER", default="") or secret,
        anchors=Path(config("ANCHORS", default=str(var / "anchors"))),
        demo=config("DEMO", cast=bool, default=False),
        var=var,
        smtp_url=config("SMTP_URL", default=""),
        mail_from=config("MAIL_FROM", default="Passerelles <ne-pas-repondre@localhost>"),
        sms_url=config("SMS_URL", default=""),
        sms_token=config("SMS_TOKEN", default=""),
        sms_from=config("SMS_FROM", default="Passerelles"),
    )


def check(settings: Settings) -> None:
    """Refuse to start with what would be dangerous."""
    if len(settings.secret) < 32:
        raise SystemExit("PASSERELLES_SECRET : au moins 32 caractères sont nécessaires.")
    if settings.sms_url and not settings.sms_url.startswith("https://"):
        raise SystemExit("PASSERELLES_SMS_URL : une adresse en https:// est nécessaire.")
    if settings.demo and not settings.on_loopback:
        raise SystemExit("Le mode démonstration ne démarre que sur 127.0.0.1 ou localhost.")


def _kept_secret(var: Path) -> str:
    """A secret made once for this installation and kept beside the base, readable by its owner."""
    kept = var / "secret"
    if not kept.exists():
        var.mkdir(parents=True, exist_ok=True)
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(os.urandom(32).hex())
    return kept.read_text().strip()
