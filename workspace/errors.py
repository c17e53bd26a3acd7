"""Everything that can go wrong, as one tree.

A class's docstring is its public title: what a person is told. Fields hold ids and numbers, never content.
`server.problem.OUTCOMES` maps each class to an HTTP status, a WebSocket close code, the client's duty and a log level.
"""

from __future__ import annotations


class ConsiliumError(Exception):
    """Something went wrong."""

    @property
    def title(self) -> str:
        """One sentence for a person: the class's docstring."""
        return (type(self).__doc__ or ConsiliumError.__doc__ or "").split("\n", maxsplit=1)[0]

    @property
    def reason(self) -> str:
        """The machine's word for this error, stable across releases: `ReadOnly` → `read-only`."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")

    def __str__(self) -> str:
        detail = "; ".join(str(argument) for argument in self.args)
        return f"{self.title} ({detail})" if detail else self.title


class InvalidMessage(ConsiliumError):
    """The client sent a message that this server cannot read."""


class InvalidUpdate(InvalidMessage):
    """The client sent an edit that is not a well-formed Yjs update."""


class Incoherent(InvalidMessage):
    """The client keeps sending edits whose predecessors are missing."""


class InvalidRequest(ConsiliumError):
    """The request is not valid."""


class Unauthenticated(ConsiliumError):
    """Please sign in."""


class SomebodyElse(Unauthenticated):
    """Somebody else has signed in in this browser since."""


class Forbidden(ConsiliumError):
    """You may not do this."""


class ReadOnly(Forbidden):
    """You may read this document but not change it."""


class ForeignClient(Forbidden):
    """This edit claims to come from another person's device."""


class NotFound(ConsiliumError):
    """There is nothing here, or nothing that you may see."""


class Conflict(ConsiliumError):
    """This changed while you were working on it."""


class Superseded(Conflict):
    """This document's history was rewritten; it continues under a new name."""

    def __init__(self, successor: str) -> None:
        super().__init__(successor)
        self.successor = successor


class PartsMissing(Conflict):
    """Not all of the file has arrived yet."""


class TooLarge(ConsiliumError):
    """This is larger than the server accepts."""


class UpdateTooLarge(TooLarge):
    """This single edit is larger than the server accepts."""


class DocumentFull(TooLarge):
    """This document has reached its largest size; the edit was not saved."""


class TooMany(ConsiliumError):
    """Too many requests at once; please wait a moment."""

    def __init__(self, *detail: str, retry_after_seconds: int = 1) -> None:
        super().__init__(*detail)
        self.retry_after_seconds = retry_after_seconds


class TooManySessions(TooMany):
    """Too many connections are open."""


class HelloTimeout(ConsiliumError):
    """The client connected but did not say what it came for."""


class AccessChanged(ConsiliumError):
    """Your access to this case has changed."""


class SlowConsumer(ConsiliumError):
    """This connection is too slow to keep up; it will reconnect and catch up."""


class StorageUnavailable(ConsiliumError):
    """The server cannot save right now; nothing that was saved is lost."""


class StorageFull(StorageUnavailable):
    """The server's disk is full: this was not saved; nothing that was saved is lost."""


class ObjectsUnavailable(ConsiliumError):
    """Images and files cannot be reached right now. Writing goes on; please try again in a moment."""


class ObjectsStarting(ObjectsUnavailable):
    """The store of images and files is starting. Writing goes on; please try again in a moment."""


class ObjectsFull(ObjectsUnavailable):
    """The disk for images and files is full. Writing goes on; whoever runs the server has to make room."""


class ObjectsOff(ObjectsUnavailable):
    """This server has no place for images and files; whoever runs it can give it one."""


class Overloaded(ConsiliumError):
    """The server is as busy as it can be. What is open goes on; please try again in a moment."""


class Draining(ConsiliumError):
    """The server is restarting; please reconnect."""
