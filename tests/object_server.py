"""A real S3 server for tests: the one that comes with us, in a process that can be killed and frozen.

Nothing here knows pytest. Every test takes a fresh bucket.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from server.embedded.papers import IDENTITIES, Papers, make_papers
from server.embedded.weed import command_of, environment_of, find_program, prepare, status_of
from storage.ports import S3Access
from tests.servers import run_apart, wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "consilium"
START_SECONDS = 60


@dataclass(slots=True)
class ObjectServer:
    """One process. Its address and its keys stay the same over restarts."""

    folder: Path
    page_origins: tuple[str, ...] = ("*",)
    papers: Papers = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.papers = make_papers(self.folder, BUCKET, 0)
        for name in ("files", "logs"):
            (self.folder / name).mkdir(exist_ok=True)
        identities = json.loads((self.folder / IDENTITIES).read_text())
        identities["identities"][0]["actions"] = ["Admin", "Read", "Write", "List", "Tagging"]  # of every bucket
        (self.folder / IDENTITIES).write_text(json.dumps(identities))

    def start(self) -> None:
        """Start it and wait until it can be written to."""
        with (self.folder / "logs" / "start.log").open("ab") as log:
            self.process = subprocess.Popen(
                command_of(find_program(), self.folder, self.papers, self.page_origins),
                env={**os.environ, **environment_of(self.papers)},
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, seconds=START_SECONDS, what="the S3 server to answer")
        run_apart(lambda: prepare(self.papers, BUCKET))

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the S3 server ended"
        return run_apart(lambda: status_of(self.papers, "GET", "/")) is not None

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait(10)

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, and nothing answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.papers.endpoint

    def fresh(self) -> str:
        """The name of a bucket that is new and empty."""
        bucket = f"test-{os.getpid()}-{next(self._numbers)}"
        client = self.client()
        client.create_bucket(Bucket=bucket)
        client.close()
        return bucket

    def client(self) -> S3Client:
        """Somebody who may do everything."""
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.papers.access_key,
            aws_secret_access_key=self.papers.secret_key,
            config=Config(s3={"addressing_style": "path"}, proxies={}),
        )

    def access(self, bucket: str) -> S3Access:
        """What an adapter is given."""
        return access_of(self.papers, bucket)

    def settings(self, bucket: str) -> Mapping[str, str]:
        """What a server of ours is told."""
        return {
            "CONSILIUM_S3_ENDPOINT": self.url,
            "CONSILIUM_S3_BUCKET": bucket,
            "CONSILIUM_S3_ACCESS_KEY": self.papers.access_key,
            "CONSILIUM_S3_SECRET_KEY": self.papers.secret_key,
        }


def access_of(papers: Papers, bucket: str) -> S3Access:
    """One bucket of a server that has these papers, past everything."""
    return S3Access(
        endpoint=papers.endpoint,
        public_endpoint=papers.endpoint,
        bucket=bucket,
        region="us-east-1",
        access_key=papers.access_key,
        secret_key=papers.secret_key,
    )


@contextlib.contextmanager
def object_server() -> Iterator[ObjectServer]:
    """A running server until the block ends. It takes about four seconds to start."""
    with tempfile.TemporaryDirectory(prefix="consilium-objects-", ignore_cleanup_errors=True) as folder:
        server = ObjectServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()
