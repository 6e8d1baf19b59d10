"""What Jellyfin and Emby push over their WebSockets."""

from aiohttp import WSServerHandshakeError

from tests.contract.fact import Need, fact, holds, same
from tests.contract.media import Film
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab
from .person import Row
from .socket import Socket, socket
from .writes import RUN


async def data_of(hearing: Socket, item_id: str) -> Row:
    """Return the user data of an item in the next message that has them."""
    while True:
        message = await hearing.next("UserDataChanged")
        for row in message["Data"]["UserDataList"]:
            if row["ItemId"].replace("-", "") == item_id:
                found: Row = row
                return found


@fact(f"v10.11.11 SessionWebSocketListener.cs; {RUN}: payloads socket_of_one_play", JELLYFIN)
async def alive(lab: MediaBrowserLab) -> None:
    """A socket first says that it is cut off without a sign of life every 60 seconds, and answers each."""
    anna = await lab.person()
    async with socket(anna) as hearing:
        message = await hearing.anything()
        same("first", (message["MessageType"], message["Data"]), ("ForceKeepAlive", 60))
        await hearing.say("KeepAlive")
        await hearing.next("KeepAlive")


@fact(f"v10.11.11 WebSocketManager.cs; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def bad_token(lab: MediaBrowserLab) -> None:
    """Jellyfin refuses a token that is none with 403; Emby takes the socket."""
    anna = await lab.person()
    try:
        async with socket(anna, token="0" * 32):
            status = 101
    except WSServerHandshakeError as error:
        status = error.status
    same("status", status, 403 if lab.server in JELLYFIN else 101)


@fact(f"v10.11.11 UserDataChangeNotifier.cs; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def a_write(lab: MediaBrowserLab) -> None:
    """A write of user data is told to the user's sockets, with item and position."""
    anna = await lab.person()
    film = await lab.film(anna)
    async with socket(anna) as hearing:
        fields = {"Played": False, "PlayCount": 2, "IsFavorite": False}
        await anna.write(film, PlaybackPositionTicks=film.at(0.5), **fields)
        row = await data_of(hearing, film.item_id)
        same("told", (row["PlaybackPositionTicks"], row["PlayCount"], row["Played"]), (film.at(0.5), 2, False))


@fact(f"v10.11.11 UserDataChangeNotifier.cs; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def a_play(lab: MediaBrowserLab) -> None:
    """Start and stop are told as user data, a report is not; a start is told with the position of before."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.3), Played=False, PlayCount=0, IsFavorite=False)
    async with socket(anna) as hearing:
        await anna.play(film, film.at(0.3))
        started = await data_of(hearing, film.item_id)
        while started["PlayCount"] == 0:
            started = await data_of(hearing, film.item_id)
        same("start", (started["PlaybackPositionTicks"], started["PlayCount"]), (film.at(0.3), 1))
        await anna.report(film, film.at(0.5))
        await anna.stop(film, film.at(0.6))
        stopped = await data_of(hearing, film.item_id)
        same("stop, and nothing before it", stopped["PlaybackPositionTicks"], film.at(0.6))


@fact(f"v10.11.11 UserDataChangeNotifier.cs:93-103; {RUN}: payloads socket_of_one_play", JELLYFIN)
async def the_folder(lab: MediaBrowserLab) -> None:
    """With a film its folder is told, with a count of what is unwatched in it."""
    anna = await lab.person()
    film = await lab.film(anna)
    async with socket(anna) as hearing:
        await anna.write(film, PlaybackPositionTicks=film.at(0.5))
        rows = (await hearing.next("UserDataChanged"))["Data"]["UserDataList"]
    counts = ["UnplayedItemCount" in row for row in rows]
    same("rows with a count", counts, [False, True])


@fact(
    f"v10.10.7 SessionInfoWebSocketListener.cs; {RUN}; recorded on Emby 4.9.5",
    differs={JELLYFIN.before(10, 11): False, JELLYFIN.since(10, 11): True, EMBY: False},
    needs={Need.ADMINISTRATOR},
)
async def own_sessions(lab: MediaBrowserLab, expected: bool) -> None:
    """A user's socket is told that user's sessions from Jellyfin 10.11 on; elsewhere only administrators' are."""
    anna = await lab.person()
    film = await lab.film(anna)
    async with socket(anna) as hearing:
        await hearing.say("SessionsStart", "0,1500")
        await lab.wait(1)
        await anna.play(film, film.at(0.5))
        await data_of(hearing, film.item_id)
        await anna.stop(film, film.at(0.5))
        await data_of(hearing, film.item_id)
        same("lists of sessions", "Sessions" in hearing.heard, expected)


@fact(f"v10.11.11 SessionInfoWebSocketListener.cs:123; {RUN}", JELLYFIN.since(10, 11))
async def sessions_at_once(lab: MediaBrowserLab) -> None:
    """Start, report and stop each bring a list of sessions, as they are by then."""
    anna = await lab.person()
    film = await lab.film(anna)
    async with socket(anna) as hearing:
        await hearing.say("SessionsStart", "0,600000")
        await lab.wait(1)
        await anna.play(film, film.at(0.5))
        await _session(hearing, film.item_id, paused=False)
        await anna.report(film, film.at(0.6), IsPaused=True)
        await _session(hearing, film.item_id, paused=True)
        await anna.stop(film, film.at(0.6))
        await _session(hearing, None, paused=False)


@fact(f"v10.11.11 SessionInfoWebSocketListener.cs; {RUN}: payloads socket_of_one_play", JELLYFIN.since(10, 11))
async def the_end_of_a_play(lab: MediaBrowserLab) -> None:
    """The list that tells of a stop still tells when that player had last reported."""
    anna = await lab.person()
    film = await lab.film(anna)
    async with socket(anna) as hearing:
        await hearing.say("SessionsStart", "0,600000")
        await lab.wait(1)
        await anna.play(film, film.at(0.5))
        playing = await _session(hearing, film.item_id, paused=False)
        await lab.wait(6)
        await anna.stop(film, film.at(0.6))
        over = await _session(hearing, None, paused=False)
    last = [
        [row["LastPlaybackCheckIn"] for row in rows if row["DeviceId"] == anna.device_id] for rows in (playing, over)
    ]
    same("last report", last[1], last[0])


async def _session(hearing: Socket, item_id: str | None, *, paused: bool) -> list[Row]:
    """Return the first list of sessions in which an item plays or is paused; None: in which nothing does."""
    while True:
        rows: list[Row] = (await hearing.next("Sessions"))["Data"]
        playing = [
            (row["NowPlayingItem"]["Id"], row["PlayState"]["IsPaused"]) for row in rows if "NowPlayingItem" in row
        ]
        if playing == ([] if item_id is None else [(item_id, paused)]):
            return rows


@fact(
    f"v10.11.11 LibraryChangedNotifier.cs; {RUN}: payloads socket_of_one_play",
    JELLYFIN,
    EMBY,
    needs={Need.ADMINISTRATOR, Need.MEDIA},
)
async def a_new_film(lab: MediaBrowserLab) -> None:
    """A scan that finds a new film is told, with the film's id, half a minute later."""
    anna = await lab.person()
    film = Film("Contract Newcomer", 2021, 6000, {"tmdb": "9055591"})
    async with socket(anna) as hearing:
        await lab.put(film)
        await lab.wait(61)
        title = await lab.title(film.name)
        added: list[str] = []
        while title.item_id not in added:
            message = await hearing.next("LibraryChanged")
            holds("it is not empty", true=message["Data"].get("IsEmpty") is not True)
            added += [each.replace("-", "") for each in message["Data"]["ItemsAdded"]]
