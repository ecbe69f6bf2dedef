"""The pages and actions of this room."""

from starlette.routing import Route

routes: list[Route] = []
