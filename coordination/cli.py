"""The command: prepare a base, serve, work, import, check. Heavy imports wait until needed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from coordination import __version__, settings

app = typer.Typer(
    help="Passerelles : l’outil de travail des comités de coordination.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
importing = typer.Typer(help="Importer des fichiers.", no_args_is_help=True)
app.add_typer(importing, name="import")


@app.command()
def version() -> None:
    """Dire la version."""
    typer.echo(f"Passerelles {__version__}")


@app.command()
def init(
    email: Annotated[str, typer.Option(prompt="Adresse de la première administratrice")],
    given_name: Annotated[str, typer.Option(prompt="Prénom")],
    usual_name: Annotated[str, typer.Option(prompt="Nom")],
    web_role: Annotated[str, typer.Option(help="PostgreSQL : rôle de l’application")] = "",
) -> None:
    """Créer les tables et le premier compte d’administration ; imprime son lien de connexion."""
    from coordination.administration import founding

    kept = settings.load()
    migrate(web_role=web_role)
    token = founding.first_administrator(
        _engine(kept.owner_url), email=email, given_name=given_name, usual_name=usual_name
    )
    typer.echo(
        "La base est prête. Lancez « coordination serve » et, dans un autre terminal, "
        "« coordination worker » (courriels, documents). Puis ouvrez, une seule fois :\n"
        f"  {kept.public_url}/lien/{token}"
    )


@app.command()
def link(email: str) -> None:
    """Imprimer un lien de connexion à usage unique (par exemple quand aucun courriel ne part)."""
    from coordination.administration import founding
    from coordination.errors import NotFound

    try:
        token = founding.sign_in_link(_engine(settings.load().database_url), email=email)
    except NotFound as unknown:
        raise SystemExit(str(unknown)) from unknown
    typer.echo(f"{settings.load().public_url}/lien/{token}")


@app.command()
def mails(to: Annotated[str, typer.Option(help="une partie de l’adresse")] = "") -> None:
    """Lire les courriels gardés en fichiers, quand aucun serveur d’envoi n’est réglé."""
    from coordination.postman import delivery

    for mail in reversed(delivery.kept(settings.load().mail_folder, to=to.casefold())):
        files = "".join(f"\nPièce jointe : {name}" for name in mail.attachments)
        typer.echo(f"À : {mail.to}\nObjet : {mail.subject}{files}\n\n{mail.text}\n{'—' * 20}")


@app.command()
def migrate(
    web_role: Annotated[str, typer.Option(help="PostgreSQL : rôle de l’application")] = "",
) -> None:
    """Mettre les tables à jour. Peut être interrompu et relancé."""
    from alembic import command
    from alembic.config import Config

    from coordination import db

    kept = settings.load()
    kept.var.mkdir(parents=True, exist_ok=True)
    config = Config(settings.ROOT / "alembic.ini")
    config.attributes["url"] = kept.owner_url
    command.upgrade(config, "head")
    if web_role:
        with db.transaction(_engine(kept.owner_url)) as session:
            db.grant_web(session, web_role)


@app.command()
def serve(
    port: int = 8000,
    host: str = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="processus")] = 2,
) -> None:
    """Servir les pages (granian)."""
    from granian.constants import Interfaces
    from granian.server import Server

    kept = settings.load()
    settings.check(kept)
    _refuse_an_old_schema()
    _refuse_a_taken_port(host, port)
    typer.echo(
        f"Passerelles écoute sur http://{host}:{port} ; adresse publique : {kept.public_url}"
    )
    Server(
        "coordination.app:from_environment",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        factory=True,
        log_enabled=False,
        respawn_failed_workers=True,
    ).serve()


@app.command()
def worker() -> None:
    """Faire le travail de fond : courriels, calculs, horloges."""
    from coordination import worker as room
    from coordination.web import shell

    shell.log_to_stderr()
    room.run(_engine(settings.load().database_url))


@app.command()
def seed(
    journeys: int = 3000,
    seed: int = 1,
    regions: int = 1,
) -> None:
    """Remplir une base vide avec une Région de démonstration, toujours la même pour une graine."""
    from coordination import seed as room

    migrate()
    engine = _engine(settings.load().owner_url)
    room.plant(engine, journeys=journeys, seed=seed, regions=regions, say=typer.echo)


@app.command()
def demo(port: int = 8000) -> None:
    """La démonstration : une base dans var/demo, les pages et le travail de fond."""
    started = time.monotonic()
    folder = settings.ROOT / "var" / "demo"
    _demonstration(folder, port)
    _refuse_a_taken_port("127.0.0.1", port)
    if not (folder / "passerelles.db").exists():
        _plant_beside(folder)
    command, journal = [sys.executable, "-m", "coordination"], folder / "journal.log"
    with journal.open("w") as log:
        children = [
            subprocess.Popen([*command, *words], stdout=log, stderr=log)
            for words in (("serve", "--port", str(port)), ("worker",))
        ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if _wait_for(f"http://127.0.0.1:{port}/sante", children[0]):
            took = time.monotonic() - started
            typer.echo(f"Passerelles est prête en {took:.1f} s : http://127.0.0.1:{port}")
            typer.echo(f"Courriels : http://127.0.0.1:{port}/administration/courriels")
            typer.echo(f"Journal : {journal.relative_to(settings.ROOT)}")
            typer.echo("Ctrl+C pour arrêter ; ce qui a été fait reste.")
            raise SystemExit(children[0].wait())
        typer.echo(journal.read_text()[-2000:], err=True)
        raise SystemExit(1)
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


@app.command()
def verify(
    head: Annotated[list[str] | None, typer.Option(help="empreinte d’un relevé, 128:4f0c…")] = None,
) -> None:
    """Relire le journal, ses ancres et ses heures : dit la première ligne fausse, s’il y en a."""
    from coordination.administration import checking
    from coordination.errors import Invalid

    try:
        seen = checking.whole(_engine(settings.load().database_url), heads=head or ())
    except Invalid as unread:
        raise SystemExit(str(unread)) from unread
    typer.echo(seen.sentence)
    raise SystemExit(0 if seen.whole else 1)


@importing.command("journeys")
def import_journeys(
    file: Path,
    agency: Annotated[str, typer.Option(help="nom exact de la structure")],
    programme: Annotated[str, typer.Option(help="mot du dispositif dans le catalogue")],
    entered: Annotated[str, typer.Option(help="entrée, jj/mm/aaaa")],
    ends: Annotated[str, typer.Option(help="fin prévue, jj/mm/aaaa")] = "",
) -> None:
    """Importer une liste de personnes et ouvrir leurs parcours."""
    from coordination import assembly
    from coordination.journeys.imports import command

    engine = _engine(settings.load().database_url)
    lines, refused = command.import_file(
        engine, assembly.CLOSERS, file, agency=agency, programme=programme,
        entered=entered, ends=ends,
    )  # fmt: skip
    for line in lines:
        typer.echo(line)
    raise SystemExit(1 if refused else 0)


def _engine(url: str) -> Any:
    from coordination import db

    return db.connect(url)


def _demonstration(folder: Path, port: int) -> None:
    """The demonstration's own settings, for this process and its children."""
    os.environ.update(
        PASSERELLES_DEMO="true",
        PASSERELLES_VAR=str(folder),
        PASSERELLES_PUBLIC_URL=f"http://127.0.0.1:{port}",
        PASSERELLES_DATABASE_URL=f"sqlite:///{folder / 'passerelles.db'}",
    )
    settings.load.cache_clear()


def _plant_beside(folder: Path) -> None:
    """Make the base under another name, then give it its own: a killed start leaves no half."""
    growing, base = folder / "growing.db", folder / "passerelles.db"
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("growing.db*"):
        leftover.unlink()
    typer.echo("Première fois : création de la Région de démonstration…")
    environment = {**os.environ, "PASSERELLES_DATABASE_URL": f"sqlite:///{growing}"}
    subprocess.run([sys.executable, "-m", "coordination", "seed"], env=environment, check=True)
    _fold_log(growing)
    growing.rename(base)


def _fold_log(base: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(base)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for leftover in base.parent.glob(base.name + "-*"):
        leftover.unlink(missing_ok=True)


def _wait_for(url: str, server: subprocess.Popen[bytes], patience: float = 60) -> bool:
    from urllib.error import URLError
    from urllib.request import urlopen

    end = time.monotonic() + patience
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.05)
    return False


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Two servers may share a port without a word, and each answers half of the requests."""
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise SystemExit(
                f"Le port {port} est déjà pris : arrêtez ce qui l’occupe, ou choisissez-en un "
                f"autre (make demo PORT={port + 1}, coordination serve --port {port + 1})."
            ) from taken


def _refuse_an_old_schema() -> None:
    """The base must be where the code is."""
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    wanted = ScriptDirectory.from_config(Config(settings.ROOT / "alembic.ini")).get_current_head()
    engine = _engine(settings.load().database_url)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    if found is None:
        raise SystemExit("La base est vide : lancez d’abord « coordination init ».")
    if found != wanted:
        raise SystemExit(
            "La base est en retard sur le code : lancez « coordination migrate » "
            "(pour la démonstration : make demo-reset)."
        )
