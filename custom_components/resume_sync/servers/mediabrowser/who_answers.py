"""Which server answers: a router gave its address to another one, or a copy of it was set up beside it."""

from ...sync.media_server import AnotherServer
from ..http import JsonConnection
from ..sign_in import ServerInfo
from .dialect import Dialect
from .sign_in import read_server_info


class WhoAnswers:
    """Holds each answer against the server that an account belongs to.

    Rows name their server (`ServerId`), and so do the public information. An answer without rows proves nobody: another
    server has nothing in progress for this user, and does not know any of the ids that it is asked for. `server_id`
    None: any server will do.
    """

    def __init__(self, public: JsonConnection, dialect: Dialect, server_id: str | None) -> None:
        """Know nothing yet; `public` asks without a token."""
        self._public = public
        self._dialect = dialect
        self._server_id = server_id
        self._proven = False

    def doubt(self) -> None:
        """Start a new round: what was proven before says nothing about it."""
        self._proven = False

    def check(self, body: object) -> None:
        """Check the rows of an answer, or the one row that it is; raises AnotherServer."""
        rows = body.get("Items") if isinstance(body, dict) else None
        for row in rows if isinstance(rows, list) else [body]:
            told = row.get("ServerId") if isinstance(row, dict) else None
            if isinstance(told, str) and told:
                self._expect(told)

    async def info(self) -> ServerInfo:
        """Read the public information of the server; raises AnotherServer, and what `read_server_info` raises."""
        info = await read_server_info(self._public, self._dialect)
        self._expect(info.server_id)
        return info

    async def confirm(self) -> None:
        """Make sure that the right server answers: no request where a row of this round has proven it."""
        if not self._proven:
            await self.info()

    def _expect(self, server_id: str) -> None:
        """Compare the id that was told with the known one."""
        if self._server_id is not None and server_id != self._server_id:
            self._proven = False
            raise AnotherServer("Another server answers at this address")
        self._proven = True
