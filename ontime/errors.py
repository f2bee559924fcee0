"""Errors that a user can act on."""


class IngestError(Exception):
    """Something a user can act on, said in one line: what, where and, after its last colon, what to do."""


class NotYetError(IngestError):
    """What was asked for is not made yet; the message names the command that makes it."""


class InUseError(IngestError):
    """Another process has what was asked for, and will give it back."""
