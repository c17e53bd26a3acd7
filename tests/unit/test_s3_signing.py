"""storage.s3_signing: to the letter what botocore signs."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from storage.ports import Addressing, ObjectKey, S3Access
from storage.s3_signing import Signer
from workspace.ids import Millis


def access(endpoint: str, addressing: Addressing = "path") -> S3Access:
    return S3Access(
        endpoint="http://10.0.0.1:1",
        public_endpoint=endpoint,
        bucket="consilium",
        region="eu-north-1",
        access_key="AKIDEXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        addressing=addressing,
        url_seconds=900,
    )


@pytest.mark.parametrize(
    ("endpoint", "addressing", "address"),
    [
        ("http://127.0.0.1:8333", "path", "http://127.0.0.1:8333/consilium/media/a/b.c-d_e"),
        ("https://s3.example", "path", "https://s3.example/consilium/media/a/b.c-d_e"),
        ("https://s3.example", "virtual", "https://consilium.s3.example/media/a/b.c-d_e"),
    ],
)
@pytest.mark.parametrize(
    ("method", "query", "headers"),
    [
        ("GET", {}, {}),
        ("GET", {"response-content-disposition": "attachment; filename=\"a b\"; filename*=UTF-8''%C3%BC"}, {}),
        (
            "PUT",
            {"partNumber": "7", "uploadId": "a+b/c=~_"},
            {"content-length": "12", "x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
        ),
    ],
)
def test_an_address_is_what_botocore_makes(
    endpoint: str,
    addressing: Addressing,
    address: str,
    method: str,
    query: dict[str, str],
    headers: dict[str, str],
) -> None:
    """[OBJ-5]"""
    request = AWSRequest(method=method, url=address, params=dict(query), headers=dict(headers))
    S3SigV4QueryAuth(
        Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "s3", "eu-north-1", expires=900
    ).add_auth(request)
    theirs = parse_qs(urlsplit(str(request.url)).query, strict_parsing=True)
    at = datetime.strptime(theirs["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()

    signed = Signer(access(endpoint, addressing)).sign(
        method, ObjectKey("media/a/b.c-d_e"), Millis(int(at * 1000) + 999), query, headers
    )
    assert parse_qs(urlsplit(signed.url).query, strict_parsing=True) == theirs
    assert signed.url.partition("?")[0] == address
    assert signed.expires_at == (at + 900) * 1000
    assert dict(signed.headers) == {name: value for name, value in headers.items() if name != "content-length"}


def test_a_day_has_its_own_key() -> None:
    """[OBJ-5] What was derived for one is not used on the next."""
    signer, key, day = Signer(access("https://s3.example")), ObjectKey("a"), 86_400_000
    forth = [signer.sign("GET", key, Millis(at), {}, {}).url for at in (0, day, 0)]
    assert forth[0] == forth[2] == Signer(access("https://s3.example")).sign("GET", key, Millis(0), {}, {}).url
    assert forth[1] == Signer(access("https://s3.example")).sign("GET", key, Millis(day), {}, {}).url
