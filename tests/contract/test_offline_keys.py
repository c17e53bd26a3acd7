"""What every adapter of the salts of offline keys promises."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from storage.ports import KEPT_MILLIS, CredentialKind, Stores
from tests.contract.sample import ADA, BEN, NOW
from tests.contract.worlds import World
from workspace.errors import NotFound
from workspace.ids import Millis

SESSION = sha256(b"session").digest()
OTHER = sha256(b"other").digest()
SOON = Millis(NOW + 1_000)
SALTS = [bytes([number]) * 32 for number in range(5)]


@pytest.fixture
async def signed_in(stores: Stores) -> Stores:
    """Ada has a session."""
    await stores.people.grant(CredentialKind.SESSION, SESSION, ADA.id, NOW, SOON)
    return stores


async def test_the_first_salt_is_kept(signed_in: Stores, world: World) -> None:
    """[OFF-6] Also for another node, and after a restart."""
    assert await signed_in.offline_keys.salt(SESSION, SALTS[0], NOW) == SALTS[0]
    assert await signed_in.offline_keys.salt(SESSION, SALTS[1], NOW) == SALTS[0]
    async with world.node() as other:
        assert await other.offline_keys.salt(SESSION, SALTS[2], NOW) == SALTS[0]


async def test_concurrent_first_callers_are_given_one_salt(signed_in: Stores) -> None:
    """[OFF-6] Two tabs that open at once must agree."""
    answers = await asyncio.gather(*(signed_in.offline_keys.salt(SESSION, salt, NOW) for salt in SALTS))
    assert len(set(answers)) == 1


async def test_another_session_has_another_salt(signed_in: Stores) -> None:
    """[OFF-6] Of the same person too."""
    await signed_in.people.grant(CredentialKind.SESSION, OTHER, ADA.id, NOW, SOON)
    assert await signed_in.offline_keys.salt(SESSION, SALTS[0], NOW) == SALTS[0]
    assert await signed_in.offline_keys.salt(OTHER, SALTS[1], NOW) == SALTS[1]


async def test_the_salt_goes_with_its_revoked_session(signed_in: Stores) -> None:
    """[OFF-6] Even if the same credential came back, its key would be another."""
    await signed_in.offline_keys.salt(SESSION, SALTS[0], NOW)
    await signed_in.people.revoke(SESSION, NOW)
    with pytest.raises(NotFound):
        await signed_in.offline_keys.salt(SESSION, SALTS[1], NOW)
    await signed_in.people.grant(CredentialKind.SESSION, SESSION, ADA.id, NOW, SOON)
    assert await signed_in.offline_keys.salt(SESSION, SALTS[1], NOW) == SALTS[1]


async def test_an_expired_session_has_no_salt_and_is_swept_with_it(signed_in: Stores) -> None:
    """[OFF-6]"""
    await signed_in.offline_keys.salt(SESSION, SALTS[0], NOW)
    with pytest.raises(NotFound):
        await signed_in.offline_keys.salt(SESSION, SALTS[1], SOON)
    later, end = Millis(SOON + KEPT_MILLIS), Millis(SOON + KEPT_MILLIS + 1)
    await signed_in.people.grant(CredentialKind.SESSION, OTHER, BEN.id, later, end)  # sweeps
    await signed_in.people.grant(CredentialKind.SESSION, SESSION, ADA.id, later, end)
    assert await signed_in.offline_keys.salt(SESSION, SALTS[2], later) == SALTS[2]


async def test_an_unknown_credential_has_no_salt(stores: Stores) -> None:
    """[OFF-6]"""
    with pytest.raises(NotFound):
        await stores.offline_keys.salt(OTHER, SALTS[0], NOW)
