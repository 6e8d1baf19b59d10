"""Which server answers at an address, and whether it is one that can be used."""

from ...sync.media_server import BadResponse, NotFound, ServerBusy
from ..http import JsonConnection
from ..plain_text import is_identifier, plain_text
from ..sign_in import ServerInfo
from .dialect import Dialect
from .rows import json_object


async def read_server_info(connection: JsonConnection, dialect: Dialect) -> ServerInfo:
    """Return what a server tells everybody about itself.

    Raises `BadResponse` where it is no server of this kind, `UnsupportedVersion`, and `ServerBusy` while Jellyfin
    boots: it then answers with `StartupWizardCompleted` false, as it does before its first set-up.
    """
    try:
        answer = await connection.get("/System/Info/Public")
    except NotFound:
        raise BadResponse(f"There is no {dialect.name} server at this address, or it has a base path") from None
    public = json_object(answer.body)
    server_id, name, version = public.get("Id"), public.get("ServerName"), public.get("Version")
    if not isinstance(version, str) or not is_identifier(server_id) or not dialect.speaks(public):
        raise BadResponse(f"This is no {dialect.name} server")
    if public.get("StartupWizardCompleted") is False:
        raise ServerBusy("The server is starting, or was never set up")
    dialect.supported(version)
    server_type = dialect.traits.server_type
    shown = plain_text(name) if isinstance(name, str) else ""
    return ServerInfo(server_type, server_id, shown or dialect.name, version)
