"""The command: prepare a base, serve, work, import, check. Heavy imports wait until needed."""

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
) -> None:
    """Créer les tables et le premier compte d’administration ; imprime son lien de connexion."""
    from coordination.administration import founding

    kept = settings.load()
    migrate()
    token = founding.first_administrator(
        _engine(kept.worker_url), email=email, given_name=given_name, usual_name=usual_name
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
        token = founding.sign_in_link(_engine(settings.load().worker_url), email=email)
    except NotFound as unknown:
        raise SystemExit(str(unknown)) from unknown
    typer.echo(f"{settings.load().public_url}/lien/{token}")


@app.command()
def catalogue() -> None:
    """Ajouter les dispositifs du guide qui manquent ; rien de ce qui a été modifié ne change."""
    from coordination.programmes import command

    done = command.plant(_engine(settings.load().worker_url))
    typer.echo(f"{done.added} dispositifs ajoutés, {done.tidied} règles rangées.")


@app.command()
def words() -> None:
    """Récrire les mots scellés de la recherche : clé changée, ou base d’avant la recherche."""
    from coordination.persons import tokens

    written = tokens.rebuild(_engine(settings.load().worker_url))
    typer.echo(f"{written} dossiers retrouvables.")


@app.command()
def mails(to: Annotated[str, typer.Option(help="une partie de l’adresse")] = "") -> None:
    """Lire les courriels gardés en fichiers, quand aucun serveur d’envoi n’est réglé."""
    from coordination.postman import delivery

    for mail in reversed(delivery.kept(settings.load().mail_folder, to=to.casefold())):
        files = "".join(f"\nPièce jointe : {name}" for name in mail.attachments)
        typer.echo(f"À : {mail.to}\nObjet : {mail.subject}{files}\n\n{mail.text}\n{'—' * 20}")


@app.command()
def roles(
    by: Annotated[
        str, typer.Option(help="adresse de qui peut créer des rôles ; ou le propriétaire")
    ] = "",
) -> None:
    """PostgreSQL : créer les rôles web, beyond, worker, audit et backup."""
    from coordination import walls

    kept = settings.load()
    if kept.owner_url.startswith("sqlite"):
        raise SystemExit("SQLite n’a pas de rôles : rien à faire.")
    named = walls.Roles.named(kept.roles)
    made = walls.make(_engine(by or kept.owner_url), named)
    for role in named:
        said = "créé ; donnez-lui un mot de passe (\\password)" if role in made else "déjà là"
        if role == named.beyond:
            said = "personne n’entre sous ce nom"
        typer.echo(f"{role} : {said}")


@app.command()
def migrate() -> None:
    """Mettre les tables à jour, et les murs de PostgreSQL. Peut être interrompu et relancé."""
    from alembic import command
    from alembic.config import Config

    from coordination import db, walls

    kept = settings.load()
    kept.var.mkdir(parents=True, exist_ok=True)
    config = Config(settings.ROOT / "alembic.ini")
    config.attributes["url"] = kept.owner_url
    owner = _engine(kept.owner_url)
    with db.transaction(owner) as session:
        walls.ease(session)
    command.upgrade(config, "head")
    with db.transaction(owner) as session:
        try:
            walls.raise_walls(session, walls.Roles.named(kept.roles))
        except walls.NoRoles as missing:
            raise SystemExit(f"{missing} Lancez d’abord « coordination roles ».") from missing


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
    room.run(_engine(settings.load().worker_url))


@app.command()
def seed(
    journeys: int = 3000,
    seed: int = 1,
    regions: int = 1,
) -> None:
    """Remplir une base vide avec une Région de démonstration, toujours la même pour une graine."""
    from coordination import db, walls
    from coordination import seed as room

    migrate()
    kept = settings.load()
    engine = _engine(kept.owner_url)
    with db.transaction(engine) as session:
        walls.ease(session)
    room.plant(engine, journeys=journeys, seed=seed, regions=regions, say=typer.echo)
    with db.transaction(engine) as session:
        walls.raise_walls(session, walls.Roles.named(kept.roles))


@app.command()
def demo(port: int = 8000) -> None:
    """La démonstration : une base dans var/demo, les pages et le travail de fond."""
    from coordination import demonstration

    _refuse_a_taken_port("127.0.0.1", port)
    raise SystemExit(demonstration.run(port, say=typer.echo))


@app.command()
def verify(
    head: Annotated[list[str] | None, typer.Option(help="empreinte d’un relevé, 128:4f0c…")] = None,
) -> None:
    """Relire le journal, ses ancres et ses heures : dit la première ligne fausse, s’il y en a."""
    from coordination.administration import checking
    from coordination.errors import Invalid

    try:
        seen = checking.whole(_engine(settings.load().worker_url), heads=head or ())
    except Invalid as unread:
        raise SystemExit(str(unread)) from unread
    typer.echo(seen.sentence)
    raise SystemExit(0 if seen.whole else 1)


@importing.command("journeys")
def import_journeys(
    file: Path,
    agency: Annotated[str, typer.Option(help="nom exact de la structure")],
    programme: Annotated[str, typer.Option(help="mot du dispositif dans le catalogue")] = "",
    entered: Annotated[str, typer.Option(help="entrée, jj/mm/aaaa")] = "",
    ends: Annotated[str, typer.Option(help="fin prévue, jj/mm/aaaa")] = "",
) -> None:
    """Importer une liste de personnes et ouvrir leurs parcours."""
    from coordination import assembly
    from coordination.journeys.imports import command

    engine = _engine(settings.load().worker_url)
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
