"""server.passwords."""

from __future__ import annotations

import pytest

from server.passwords import Passwords
from workspace.errors import InvalidRequest


async def test_a_password_is_kept_as_argon2id() -> None:
    """[AUT-1]"""
    passwords = Passwords()
    kept = await passwords.hash("correct horse")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert kept != await passwords.hash("correct horse")
    assert await passwords.verify("correct horse", kept)
    assert not await passwords.verify("Correct horse", kept)


async def test_nothing_matches_an_account_without_a_password() -> None:
    """[AUT-1] Not even what is hashed in its place."""
    passwords = Passwords()
    assert not await passwords.verify("decoy", None)
    assert not await passwords.verify("", None)


async def test_the_work_is_done_for_an_unknown_account_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """[AUT-1] The time of an answer must not say whether an account exists, so both must cost one argon2 check."""
    passwords = Passwords()
    kept = await passwords.hash("correct horse")
    checked: list[str] = []
    real = type(passwords._hasher).verify

    def counted(hasher: object, hash_: str, password: str) -> bool:
        checked.append(hash_.rsplit("$", 2)[0])
        return bool(real(passwords._hasher, hash_, password))

    monkeypatch.setattr(type(passwords._hasher), "verify", counted)
    await passwords.verify("wrong password", kept)
    await passwords.verify("wrong password", None)
    assert checked == [kept.rsplit("$", 2)[0]] * 2


async def test_a_broken_hash_matches_nothing() -> None:
    """[AUT-1]"""
    assert not await Passwords().verify("correct horse", "$argon2id$nonsense")


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
async def test_a_password_has_a_length(password: str) -> None:
    """[AUT-1]"""
    with pytest.raises(InvalidRequest, match="8 to 1024"):
        await Passwords().hash(password)
