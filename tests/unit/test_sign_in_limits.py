"""server.sign_in_limits: attacks, and what they do to the owner of the account."""

from __future__ import annotations

import pytest

from server.sign_in_limits import FROM_EVERYWHERE, PER_NETWORK, SignInLimits
from storage.ports import AloneCounts
from workspace.errors import TooMany
from workspace.ids import Millis

ADA, HOME, EVIL = "ada@example.org", "192.0.2.1", "203.0.113.66"
DESK = b"a device on which Ada signed in before"
RATE = 10


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> Millis:
        return Millis(self.now)


async def guesses(limits: SignInLimits, network: str, email: str | None = ADA, device: bytes | None = None) -> int:
    """How many failures in a row are let through."""
    for count in range(10_000):
        try:
            await limits.spend(network, email, device)
        except TooMany:
            return count
    return 10_000


async def may_sign_in(limits: SignInLimits, network: str, email: str = ADA, device: bytes | None = None) -> bool:
    """Whether the owner's good try is let through."""
    try:
        await limits.spend(network, email, device)
    except TooMany:
        return False
    await limits.forgive(network, email, device)
    return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> SignInLimits:
    return SignInLimits(clock, RATE, AloneCounts())


async def test_one_attacker_who_hammers_an_account_does_not_keep_its_owner_out(limits: SignInLimits) -> None:
    """[ACC-4] Neither at the known desk nor on a new telephone in another network."""
    assert await guesses(limits, EVIL) == RATE
    assert not await may_sign_in(limits, EVIL)
    assert await may_sign_in(limits, HOME)
    assert await may_sign_in(limits, HOME, device=DESK)


async def test_an_attacker_inside_the_owners_own_network_does_not_keep_them_from_their_desk(
    limits: SignInLimits,
) -> None:
    """[ACC-4] Hundreds share a hospital's address; one of them fills the network's bucket on purpose."""
    while await guesses(limits, HOME, "somebody.else@example.org") or await guesses(
        limits, HOME, "a.third@example.org"
    ):
        pass
    await guesses(limits, HOME, "a.fourth@example.org")
    assert not await may_sign_in(limits, HOME)
    assert await may_sign_in(limits, HOME, device=DESK)


async def test_a_botnet_gets_few_guesses_and_does_not_keep_the_owner_from_their_desk(
    limits: SignInLimits, clock: Clock
) -> None:
    """[ACC-4] A thousand addresses, a guess each, for an hour."""
    total = 0
    for minute in range(60):
        for number in range(1_000):
            try:
                await limits.spend(f"bot-{minute}-{number}", ADA, None)
                total += 1
            except TooMany:
                continue
        assert await may_sign_in(limits, HOME, device=DESK)
        clock.now += 60_000
    assert total <= RATE * FROM_EVERYWHERE * 61


async def test_a_known_device_is_no_licence_to_guess(limits: SignInLimits, clock: Clock) -> None:
    """[ACC-4] Whoever sits down at Ada's desk has as few tries as anybody, and they come back as slowly."""
    assert await guesses(limits, HOME, device=DESK) == RATE
    clock.now += 6_000
    assert await guesses(limits, HOME, device=DESK) == 1


async def test_a_device_of_the_attackers_own_gives_no_further_guesses(limits: SignInLimits) -> None:
    """[ACC-4] What is known for another account does not count: the attacker is a stranger here, cookie or not."""
    assert await guesses(limits, EVIL, ADA, None) == RATE


async def test_one_address_cannot_try_one_password_on_every_account(limits: SignInLimits) -> None:
    """[ACC-4] Spraying: a guess per account, a thousand accounts."""
    let_through = 0
    for number in range(1_000):
        try:
            await limits.spend(EVIL, f"person-{number}@example.org", None)
            let_through += 1
        except TooMany:
            continue
    assert let_through == RATE * PER_NETWORK


async def test_the_case_of_letters_makes_no_new_account(limits: SignInLimits) -> None:
    """[ACC-4]"""
    assert await guesses(limits, EVIL, "ADA@example.org") == RATE
    assert await guesses(limits, EVIL, "ada@EXAMPLE.org") == 0


async def test_good_sign_ins_are_not_counted_whatever_way_they_came(limits: SignInLimits) -> None:
    """[ACC-4] A ward of many shares one address."""
    for _ in range(500):
        assert await may_sign_in(limits, HOME)
        assert await may_sign_in(limits, HOME, device=DESK)


async def test_a_refused_try_costs_nobody_anything(limits: SignInLimits) -> None:
    """[ACC-4] An attacker who goes on at a closed door does not use up the network for colleagues."""
    await guesses(limits, HOME)
    for _ in range(1_000):
        assert not await may_sign_in(limits, HOME)
    assert await may_sign_in(limits, HOME, "ben@example.org")


async def test_made_up_accounts_push_no_network_out_of_memory(limits: SignInLimits) -> None:
    """[ACC-4] From many addresses; the attacker's own bucket stays full."""
    assert await guesses(limits, EVIL, None) == RATE * PER_NETWORK
    for number in range(9_000):
        await limits.spend(f"bot-{number}", f"{number}@example.org", None)
    assert await guesses(limits, EVIL, None) == 0
