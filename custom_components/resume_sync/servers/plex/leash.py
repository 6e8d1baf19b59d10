"""A hold on the connection of a request that runs in a thread: whoever is outside can end it, whatever it waits for."""

from contextlib import suppress
import socket
import threading
from typing import Any, override

import requests
import urllib3


class Leash:
    """Holds the connection of one session, in which one request runs at a time.

    A thread that waits for a socket cannot be stopped, but the connection can be shut down: then the thread reads its
    end, whatever it was reading. `is_cut`: the latest request was ended so.
    """

    def __init__(self) -> None:
        """Hold nothing."""
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self.is_cut = False

    def begin(self) -> None:
        """Let the next request run."""
        with self._lock:
            self.is_cut = False

    def cut(self) -> None:
        """End the request that runs; a connection that it is about to open ends too, before anything is sent."""
        with self._lock:
            self.is_cut = True
            self._shut_down()

    def hold(self, opened: socket.socket) -> socket.socket:
        """Hold a connection that was just opened; return the handle by which it is held.

        It is one of its own: the first one moves on where the connection becomes encrypted.
        """
        with self._lock:
            self._held = opened.dup()
            if self.is_cut:
                self._shut_down()
            return self._held

    def release(self, held: socket.socket) -> None:
        """Let go of a connection that is closed: it ends only once nobody has a handle."""
        with self._lock:
            held.close()
            if self._held is held:
                self._held = None

    def _shut_down(self) -> None:
        """End the connection for everybody who waits for it."""
        if self._held is not None:
            with suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)


class LeashedAdapter(requests.adapters.HTTPAdapter):
    """Opens connections that a leash holds.

    `verify_ssl` False: it takes any certificate without a warning, which otherwise only a switch for the whole process
    turns off.
    """

    def __init__(self, leash: Leash, *, verify_ssl: bool) -> None:
        """Open nothing yet."""
        self._leash = leash
        self._verify_ssl = verify_ssl
        super().__init__()

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _held_pools(self._leash, verify_ssl=self._verify_ssl)


def _held_pools(leash: Leash, *, verify_ssl: bool) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return kinds of pools whose connections a leash holds."""

    class Held(urllib3.connection.HTTPConnection):
        """A connection that is held from its first moment on, before anything is said over it."""

        held: socket.socket | None = None

        @override
        def _new_conn(self) -> socket.socket:
            opened = super()._new_conn()
            self.held = leash.hold(opened)
            return opened

        @override
        def close(self) -> None:
            super().close()
            if self.held is not None:
                leash.release(self.held)
                self.held = None

    class HeldAndEncrypted(Held, urllib3.connection.HTTPSConnection):
        """The same, with a certificate. urllib3 warns of each that says that it was not looked at; this does not."""

        @override
        def connect(self) -> None:
            super().connect()
            self.is_verified = self.is_verified or not verify_ssl

    class Plain(urllib3.HTTPConnectionPool):
        """Such connections."""

        ConnectionCls = Held

    class Encrypted(urllib3.HTTPSConnectionPool):
        """Such connections with a certificate."""

        ConnectionCls = HeldAndEncrypted

    return {"http": Plain, "https": Encrypted}
