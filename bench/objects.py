"""What it costs that browsers use addresses that we sign, and that the store checks what they send:
`python -m bench.objects`.

The same client sends and fetches the same bytes with the store's own key, in the same minutes and in turns: that is
as fast as this store is on this machine, and what ours is divided by. Nothing is cleaned meanwhile.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from storage.ports import ObjectKey, S3Access
from storage.s3_client import make_client
from storage.s3_signing import Signer
from tests.integration.media_browser import MediaBrowser
from tests.object_server import ObjectServer, object_server
from tests.servers import add_person, start_server
from workspace.ids import Millis
from workspace.media import PART_BYTES

PARTS = 16
SMALL, SMALL_BYTES = 400, 64 * 1024
"""Objects such as a viewer's thumbnails and frames, and how large they are."""
AT_ONCE = 4
REPEATS = 5
ADDRESSES = 500
"""That a viewer asks for at once."""
MIB = 1024 * 1024

Sent = tuple[str, str, Mapping[str, str], bytes]
"""Method, address, headers, body."""


class Line:
    """One connection that is kept."""

    def __init__(self, endpoint: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=60)

    def send(self, sent: Sent) -> tuple[int, Mapping[str, str], int]:
        """Status, headers, and how many bytes came."""
        method, url, headers, body = sent
        parts = urlsplit(url)
        self._connection.request(method, f"{parts.path}?{parts.query}", body or None, dict(headers))
        answer = self._connection.getresponse()
        length = len(answer.read())
        return answer.status, dict(answer.headers), length


class Lines:
    """So many of them."""

    def __init__(self, endpoint: str) -> None:
        self._lines = [Line(endpoint) for _ in range(AT_ONCE)]

    def send(self, all_of_them: Sequence[Sent]) -> Sequence[tuple[int, Mapping[str, str], int]]:
        """Side by side, answered in their order. Raises: RuntimeError for what is refused."""

        def one(line: int) -> list[tuple[int, Mapping[str, str], int]]:
            return [self._lines[line].send(each) for each in all_of_them[line::AT_ONCE]]

        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = list(threads.map(one, range(AT_ONCE)))
        answers = [found[n % AT_ONCE][n // AT_ONCE] for n in range(len(all_of_them))]
        if refused := {status for status, _, _ in answers} - {200, 206}:
            raise RuntimeError(f"the store answered {refused}")
        return answers


@dataclass(frozen=True, slots=True)
class Bench:
    """A server of ours, its store, and a client of both."""

    browser: MediaBrowser
    access: S3Access
    client: Any
    lines: Lines

    def owner(self, method: str, path: str, body: bytes = b"", more: Mapping[str, str] | None = None) -> Sent:
        """A request with the store's own key, whose body nobody checks."""
        url = f"{self.access.endpoint}/{self.access.bucket}/{path}"
        headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD", **(more or {})}
        request = AWSRequest(method=method, url=url, headers=headers)
        credentials = Credentials(self.access.access_key, self.access.secret_key)
        S3SigV4Auth(credentials, "s3", self.access.region).add_auth(request)
        return method, url, dict(request.headers), body

    def upload_ours(self, parts: Sequence[bytes], digests: Sequence[str]) -> None:
        """As a page does, when it has digested the file: announced, signed for, sent, called complete."""
        whole = hashlib.sha256(b"".join(bytes.fromhex(each) for each in digests)).hexdigest()
        files = [{"name": "x", "size": sum(map(len, parts)), "digest": whole}]
        [begun] = self.browser.json("POST", "/uploads", {"files": files})["uploads"]
        asked = [{"number": number, "sha256": digest} for number, digest in enumerate(digests, 1)]
        signed = self.browser.json("POST", f"/uploads/{begun['id']}/parts", {"parts": asked})["parts"]
        self.lines.send([("PUT", each["url"], each["headers"], part) for each, part in zip(signed, parts, strict=True)])
        self.browser.complete(begun["id"])

    def upload_owner(self, parts: Sequence[bytes], key: str) -> None:
        """The same parts, with the store's own key and no digest."""
        bucket = self.access.bucket
        upload = self.client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        sent = [
            self.owner("PUT", f"{key}?partNumber={number}&uploadId={upload}", part)
            for number, part in enumerate(parts, 1)
        ]
        tags = [headers["ETag"] for _, headers, _ in self.lines.send(sent)]
        made = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
        self.client.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": made})


def in_turns(
    ours: Callable[[int], None], owner: Callable[[int], None], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float]:
    """Median seconds of each by that clock; the one goes first and the other, by turns."""
    took: dict[str, list[float]] = {"ours": [], "owner": []}
    for repeat in range(REPEATS):
        both = [("ours", ours), ("owner", owner)]
        for name, do in both if repeat % 2 else both[::-1]:
            began = clock()
            do(repeat)
            took[name].append(clock() - began)
    return median(took["ours"]), median(took["owner"])


def transfers(server: ObjectServer) -> list[str]:
    """Rows of a table."""
    bucket = server.fresh()
    settings = {**server.settings(bucket), "CONSILIUM_MEDIA_WORKERS": "0", "CONSILIUM_LOG_LEVEL": "warning"}
    access = server.access(bucket)
    with (
        tempfile.TemporaryDirectory(prefix="bench-objects-") as scratch,
        start_server(Path(scratch) / "data", settings) as running,
        closing(make_client(access, AT_ONCE)) as client,
    ):
        person = add_person(running.data, "ada@example.org", "Ada")
        bench = Bench(
            MediaBrowser(running, person, running.create_case(person)), access, client, Lines(access.endpoint)
        )
        bodies = [[os.urandom(PART_BYTES) for _ in range(PARTS)] for _ in range(REPEATS)]
        digests = [[hashlib.sha256(part).hexdigest() for part in parts] for parts in bodies]
        up = in_turns(
            lambda n: bench.upload_ours(bodies[n], digests[n]), lambda n: bench.upload_owner(bodies[n], f"large/{n}")
        )
        bench.lines.send([bench.owner("PUT", f"small/{n}", os.urandom(SMALL_BYTES)) for n in range(SMALL)])
        ranges = [f"bytes={n * PART_BYTES}-{(n + 1) * PART_BYTES - 1}" for n in range(PARTS)]
        down = in_turns(
            lambda n: fetch(bench, [signed(access, f"large/{n}", each) for each in ranges]),
            lambda n: fetch(bench, [bench.owner("GET", f"large/{n}", more={"range": each}) for each in ranges]),
        )
        small = in_turns(
            lambda _: fetch(bench, [signed(access, f"small/{n}") for n in range(SMALL)]),
            lambda _: fetch(bench, [bench.owner("GET", f"small/{n}") for n in range(SMALL)]),
        )
    large = PARTS * PART_BYTES / MIB
    return [
        _row(f"upload of {large:.0f} MiB in parts of 8 MiB, {AT_ONCE} at once", up, large, "MiB/s"),
        _row(f"download of {large:.0f} MiB by ranges of 8 MiB, {AT_ONCE} at once", down, large, "MiB/s"),
        _row(f"{SMALL} objects of {SMALL_BYTES // 1024} KiB, {AT_ONCE} at once", small, SMALL, "a second"),
    ]


def fetch(bench: Bench, asked: Sequence[Sent]) -> None:
    """All of it."""
    bench.lines.send(asked)


def signed(access: S3Access, key: str, part: str | None = None) -> Sent:
    """A request as a browser of ours sends it."""
    made = Signer(access).sign("GET", ObjectKey(key), Millis(time.time_ns() // 1_000_000), {}, {})
    return "GET", made.url, {**made.headers, **({"range": part} if part else {})}, b""


def signing(access: S3Access) -> list[str]:
    """Rows of the same table: addresses as a viewer asks for them, by us and by botocore."""
    signer, now = Signer(access), Millis(time.time_ns() // 1_000_000)
    keys = [ObjectKey(f"media/aaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbb/{n:016}/frames") for n in range(ADDRESSES)]
    with closing(make_client(access, 1)) as client:

        def by_us(_: int) -> None:
            for key in keys:
                signer.sign("GET", key, now, {}, {})

        def by_botocore(_: int) -> None:
            for key in keys:
                client.generate_presigned_url("get_object", Params={"Bucket": access.bucket, "Key": key})

        took = in_turns(by_us, by_botocore, time.process_time)
    return [_row(f"{ADDRESSES} addresses signed, ms of a processor (beside: by botocore)", took, ADDRESSES, "a second")]


def _row(what: str, took: tuple[float, float], amount: float, unit: str) -> str:
    ours, owner = took
    return f"| {what} | {ours * 1000:,.0f} | {owner * 1000:,.0f} | {ours / owner:.2f} | {amount / ours:,.0f} {unit} |"


def main() -> int:
    """Prints a table in Markdown."""
    load = os.getloadavg()[0]
    with object_server() as server:
        rows = [*transfers(server), *signing(server.access("consilium"))]
    print(f"{os.cpu_count()} cores, load {load:.1f} before, Python {platform.python_version()}\n")
    print("| | ours, ms | with the store's own key, ms | ours divided by it | ours |\n|---|---:|---:|---:|---:|")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
