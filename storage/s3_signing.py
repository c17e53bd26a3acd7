"""Addresses that a browser may use without a key of its own: AWS Signature Version 4 in a query string.

Amazon S3, "Authenticating Requests: Using Query Parameters". botocore signs the same to the letter (a test compares
the two), but takes the time from the clock, so that no address would be the same twice, and twenty times as long: a
viewer asks for hundreds of addresses at once.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from storage.ports.objects import ObjectKey, Signed
from storage.ports.s3_access import S3Access
from workspace.ids import Millis

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
"""What stands for the body's digest: who signs an address does not have the body."""


class Signer:
    """Signs for one key of one server."""

    def __init__(self, access: S3Access) -> None:
        self._access = access
        scheme, host = urlsplit(access.public_endpoint)[:2]
        self._prefix = f"/{access.bucket}/" if access.addressing == "path" else "/"
        self._host = host if access.addressing == "path" else f"{access.bucket}.{host}"
        self.origin = f"{scheme}://{self._host}"
        self._day_keys: dict[str, bytes] = {}

    def sign(
        self, method: str, key: ObjectKey, at: Millis, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Signed:
        """An address that is good from `at`, for as long as the setting says. A `content-length` among the headers
        (names in lower case) is signed but not to be sent: browsers do that themselves and let nobody else."""
        access, stamp = self._access, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at / 1000))
        scope = f"{stamp[:8]}/{access.region}/s3/aws4_request"
        signed_headers = dict(sorted({**headers, "host": self._host}.items()))
        words = {
            **query,
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{access.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(access.url_seconds),
            "X-Amz-SignedHeaders": ";".join(signed_headers),
        }
        path = self._prefix + quote(key, safe="/-_.~")
        asked = "&".join(f"{_spelled(name)}={_spelled(value)}" for name, value in sorted(words.items()))
        lines = [method, path, asked, *(f"{name}:{value}" for name, value in signed_headers.items()), ""]
        canonical = "\n".join([*lines, ";".join(signed_headers), UNSIGNED])
        to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self._day_key(stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
        sent = {name: value for name, value in headers.items() if name != "content-length"}
        until = Millis(at // 1000 * 1000 + access.url_seconds * 1000)
        return Signed(f"{self.origin}{path}?{asked}&X-Amz-Signature={signature}", sent, until)

    def _day_key(self, day: str) -> bytes:
        if (known := self._day_keys.get(day)) is not None:
            return known
        derived = f"AWS4{self._access.secret_key}".encode()
        for word in (day, self._access.region, "s3", "aws4_request"):
            derived = hmac.digest(derived, word.encode(), "sha256")
        self._day_keys = {day: derived}
        return derived


def _spelled(text: str) -> str:
    return quote(text, safe="-_.~")
