"""Where objects are, by the settings: for a server, a worker, and every command beside them."""

from __future__ import annotations

from pathlib import Path

from server.embedded.papers import PAPERS, Papers, read_papers
from server.part import PartFailed
from server.settings import Settings
from storage.ports import FindAccess, S3Access


def find_access(settings: Settings) -> FindAccess | None:
    """How the store of objects is found; None where there is none. [OBJ-10]"""
    match settings.objects:
        case "off":
            return None
        case "embedded":
            return _Embedded(settings).find
        case "s3":
            access = _given(settings)
            return lambda: access


def _given(settings: Settings) -> S3Access:
    return S3Access(
        endpoint=settings.s3_endpoint,
        public_endpoint=settings.s3_public_endpoint or settings.s3_endpoint,
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        access_key=settings.s3_access_key.get_secret_value() if settings.s3_access_key else "",
        secret_key=settings.s3_secret_key.get_secret_value() if settings.s3_secret_key else "",
        sse=settings.s3_sse,
        addressing=settings.s3_addressing,
        url_seconds=settings.s3_url_seconds,
    )


def embedded_access(settings: Settings, papers: Papers) -> S3Access:
    """Our own server's."""
    return S3Access(
        endpoint=papers.endpoint,
        public_endpoint=settings.s3_public_endpoint or papers.endpoint,
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        access_key=papers.access_key,
        secret_key=papers.secret_key,
        sse=settings.s3_sse,
        url_seconds=settings.s3_url_seconds,
        folder=settings.objects_folder,
    )


class _Embedded:
    """Reads the file that our server's keeper writes, and again whenever it has changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file: Path = settings.objects_folder / PAPERS
        self._seen: tuple[int, int] | None = None
        self._access: S3Access | None = None

    def find(self) -> S3Access | None:
        """See `storage.ports.FindAccess`."""
        try:
            stat = self._file.stat()
        except OSError:
            return None
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            try:
                papers = read_papers(self._settings.objects_folder)
            except PartFailed:  # its keeper has said so
                return None
            self._access = None if papers is None else embedded_access(self._settings, papers)
            self._seen = seen
        return self._access
