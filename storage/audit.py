"""The audit log in SQL.

`record` is called by every storage function that changes state, inside its transaction: neither the change nor its
event is ever there without the other [AUD-1]. When the log cannot be written, nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, Insert, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.clocks import now
from storage.database import Database
from storage.events import anchored
from storage.ports.audit import Sought
from storage.tables import audit_anchors, audit_chains, audit_events
from workspace.audit import BEFORE_THE_FIRST, HOUSE, Chain, Event, Recorded, Unreadable, decode, encode, link
from workspace.audit_chain import End, Head, Kept, Listing, listing_of
from workspace.errors import StorageUnavailable


def record(connection: Connection, *events: Event) -> None:
    """[AUD-1] [AUD-2] Append events to their chains, as a part of the transaction that makes what they tell of.

    Call it when every other row is locked, and before `storage.notices.leave`: whoever holds a chain must not wait for
    a row whose holder may wait for the chain. Chains are locked in the order of their names, so that two callers do not
    wait for each other.
    """
    by_chain: defaultdict[Chain, list[Event]] = defaultdict(list)
    for event in events:
        by_chain[event.chain].append(event)
    for chain in sorted(by_chain):
        head, at = _lock(connection, chain), now(connection)
        rows = []
        for event in by_chain[chain]:
            recorded = Recorded(head.seq + 1, at, event)
            body = encode(recorded)
            head = Head(chain, recorded.seq, link(head.hash, body))
            listing = listing_of(recorded)._asdict()
            rows.append({"chain": chain, "seq": head.seq, "body": body, "hash": head.hash} | listing)
        connection.execute(insert(audit_events), rows)
        connection.execute(
            update(audit_chains).where(audit_chains.c.name == chain).values(seq=head.seq, hash=head.hash)
        )


class SqlAudit:
    """`storage.ports.Audit` on a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, events: Sequence[Event]) -> None:
        """See the port."""
        if events:
            await self._database.write(lambda connection: record(connection, *events))

    async def newest(self, chain: Chain, sought: Sought, limit: int) -> Sequence[Recorded]:
        """See the port."""
        columns = audit_events.c
        query = select(columns.body).where(columns.chain == chain).order_by(columns.seq.desc()).limit(limit)
        if sought.before is not None:
            query = query.where(columns.seq < sought.before)
        if sought.who is not None:
            query = query.where(or_(columns.who == sought.who, columns.person == sought.who))
        if sought.actions:
            query = query.where(columns.action.in_([action.value for action in sought.actions]))
        bodies = await self._database.read(lambda connection: connection.execute(query).scalars().all())
        try:
            return [decode(body) for body in bodies]
        except Unreadable as error:
            raise StorageUnavailable from error

    async def kept(self, chain: Chain, *, after: int, limit: int) -> Sequence[Kept]:
        """See the port."""
        return await self._database.read(partial(read_kept, chain=chain, after=after, limit=limit))

    async def end(self, chain: Chain) -> End:
        """See the port."""
        return await self._database.read(partial(read_end, chain=chain))

    async def anchor(self, limit: int) -> Sequence[Head]:
        """See the port."""
        return await self._database.write(partial(_anchor, limit=limit))

    async def chains(self, after: Chain | None, limit: int) -> Sequence[Chain]:
        """See the port."""
        return await self._database.read(partial(read_chains, after=after, limit=limit))


def read_kept(connection: Connection, chain: Chain, after: int, limit: int) -> Sequence[Kept]:
    """Events as they are kept, oldest first."""
    columns = audit_events.c
    query = select(audit_events).where(columns.chain == chain, columns.seq > after)
    return [
        Kept(row.seq, row.body, row.hash, Listing(row.at, row.action, row.who, row.person))
        for row in connection.execute(query.order_by(columns.seq).limit(limit))
    ]


def read_end(connection: Connection, chain: Chain) -> End:
    """What is kept of the newest event apart from it, and its own number."""
    columns = audit_chains.c
    row = connection.execute(select(columns.seq, columns.hash).where(columns.name == chain)).first()
    newest = select(func.coalesce(func.max(audit_events.c.seq), 0)).where(audit_events.c.chain == chain)
    head = Head(chain, row.seq, row.hash) if row else None
    return End(head, connection.execute(newest).scalar_one())


def _anchor(connection: Connection, limit: int) -> Sequence[Head]:
    """Chains that move meanwhile are anchored the next time: none is locked."""
    chains, anchors = audit_chains.c, audit_anchors.c
    query = (
        select(chains.name, chains.seq, chains.hash)
        .select_from(audit_chains.outerjoin(audit_anchors, anchors.chain == chains.name))
        .where(chains.name != HOUSE, chains.seq > func.coalesce(anchors.seq, 0))
        .order_by(chains.name)
        .limit(limit)
    )
    heads = [Head(Chain(name), seq, digest) for name, seq, digest in connection.execute(query)]
    if heads:
        connection.execute(delete(audit_anchors).where(anchors.chain.in_([head.chain for head in heads])))
        connection.execute(insert(audit_anchors), [{"chain": head.chain, "seq": head.seq} for head in heads])
        record(connection, *map(anchored, heads))
    return heads


def read_chains(connection: Connection, after: Chain | None, limit: int) -> Sequence[Chain]:
    """Names of chains in order: a chain that lost its head, or its events, is still one."""
    heads, events = select(audit_chains.c.name), select(audit_events.c.chain.label("name")).distinct()
    if after is not None:
        heads, events = heads.where(audit_chains.c.name > after), events.where(audit_events.c.chain > after)
    names = heads.union(events).subquery()
    query = select(names.c.name).order_by(names.c.name).limit(limit)
    return [Chain(name) for name in connection.execute(query).scalars()]


def _lock(connection: Connection, chain: Chain) -> Head:
    """The chain's head, which nobody else moves before this transaction ends."""
    columns = audit_chains.c
    query = select(columns.seq, columns.hash).where(columns.name == chain).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        # An IntegrityError would be taken for an answer to the change itself.
        connection.execute(_insert_if_new(connection, chain))
        row = connection.execute(query).one()
    return Head(chain, row.seq, row.hash)


def _insert_if_new(connection: Connection, chain: Chain) -> Insert:
    values = {"name": chain, "seq": 0, "hash": BEFORE_THE_FIRST}
    if connection.dialect.name == "sqlite":
        return sqlite.insert(audit_chains).values(values).on_conflict_do_nothing()
    return postgresql.insert(audit_chains).values(values).on_conflict_do_nothing()
