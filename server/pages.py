"""The browser client: files that Vite built into `server/static`, and one page for every other address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles

from workspace.errors import NotFound

STATIC = Path(__file__).parent / "static"
INDEX = "index.html"
API_DOCS = "docs.html"
HASHED = "assets/"
"""Vite puts a hash of the content into these names: what was fetched once is good for ever."""
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NOT_BUILT = "The browser client was not built. In the project's folder run: uv sync --reinstall-package consilium\n"
NOT_PAGES = ("api/", "yjs/", "collab", "notices")


class Pages:
    """The handler of every address that nothing else answers."""

    def __init__(self, directory: Path = STATIC) -> None:
        self._files = StaticFiles(directory=directory, check_dir=False)
        self._directory = directory

    def routes(self) -> Sequence[BaseRoute]:
        """Last in the list of routes."""
        return [Route("/docs", self.api_docs, methods=["GET"]), Route("/{path:path}", self.page, methods=["GET"])]

    async def api_docs(self, request: Request) -> Response:
        """The page that shows `/openapi.json`, with every file that it needs served from here. [OAS-6]"""
        return await self._built(API_DOCS, request)

    async def page(self, request: Request) -> Response:
        """A file of the client, or its page: the client reads the address itself. Raises: NotFound."""
        path = request.path_params["path"]
        if any(part.startswith(".") for part in path.split("/")):
            raise NotFound
        response = await self._file(path, request) if path else None
        if response is not None:
            response.headers["Cache-Control"] = FOREVER if path.startswith(HASHED) else ASK_AGAIN
            return response
        if path.startswith(NOT_PAGES) or "text/html" not in request.headers.get("accept", ""):
            raise NotFound
        return await self._built(INDEX, request)

    async def _built(self, name: str, request: Request) -> Response:
        page = await self._file(name, request)
        if page is None:
            return PlainTextResponse(NOT_BUILT, 503, {"Cache-Control": ASK_AGAIN})
        page.headers["Cache-Control"] = ASK_AGAIN
        return page

    async def _file(self, path: str, request: Request) -> Response | None:
        try:
            found, stat = await anyio.to_thread.run_sync(self._files.lookup_path, path)
        except (OSError, ValueError):  # a name no file can have
            return None
        if stat is None or not S_ISREG(stat.st_mode):
            return None
        return self._files.file_response(found, stat, request.scope)
