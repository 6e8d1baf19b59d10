"""What a Plex server stores of reports and marks."""

from xml.etree.ElementTree import Element

from tests.contract.fact import Need, NotAsked, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import LIBRARY, MINUTE, number

CLIENTS = "JellyPlex-Watched, watchstate, CrossWatch, plezy"
PLEZY = "edde746/plezy plex_client.dart (1.43)"
# A server dates in whole seconds, some time after the request left.
SECONDS = 30


async def played_percent(lab: PlexLab) -> int:
    """Return from which share of a title the server calls it watched."""
    root = await lab.owner.root("/:/prefs/get", {"id": "LibraryVideoPlayedThreshold"})
    return next((number(row, "value") for row in root.iter("Setting")), 90)


def dated_now(row: Element, now: float) -> None:
    """Expect a row to be dated by the server's clock."""
    seen = number(row, "lastViewedAt")
    holds("it is dated now", true=abs(seen - now) <= SECONDS, seen=(seen, int(now)))


@fact(f"PMS API 1.1.1 POST /:/timeline; {CLIENTS}", PLEX)
async def a_lone_stop(lab: PlexLab) -> None:
    """A report that playback stopped, alone, stores its position and dates it now."""
    film = await lab.film()
    answer = await lab.owner.report(film, film.at(0.4))
    same("status", answer.status, 200)
    await lab.wait(1)
    row = await lab.owner.row(film)
    same("position", number(row, "viewOffset"), film.at(0.4))
    same("count", number(row, "viewCount"), 0)
    dated_now(row, answer.time)


@fact(f"not documented; {CLIENTS} (JellyPlex-Watched and plexapi send GET)", PLEX)
async def a_stop_by_get(lab: PlexLab) -> None:
    """The same report is taken by GET."""
    film = await lab.film()
    same("status", (await lab.owner.report(film, film.at(0.4), method="GET")).status, 200)
    await lab.wait(1)
    same("position", await lab.owner.position(film), film.at(0.4))


@fact("not documented; plexapi base.py updateProgress, tests/test_video.py", PLEX)
async def a_position_alone(lab: PlexLab) -> None:
    """`/:/progress` stores a position at once and dates it now."""
    film = await lab.film()
    answer = await lab.owner.progress(film, film.at(0.4))
    same("status", answer.status, 200)
    row = await lab.owner.row(film)
    same("position", number(row, "viewOffset"), film.at(0.4))
    dated_now(row, answer.time)


@fact(f"{PLEZY}; pannal/plex-for-kodi issue 170: about a minute", PLEX)
async def the_first_minute(lab: PlexLab) -> None:
    """A position from 90 s on is stored; one of 30 s, or 0, changes nothing."""
    film = await lab.film()
    await lab.owner.report(film, 90_000)
    await lab.wait(1)
    same("90 s", await lab.owner.position(film), 90_000)
    for time_ms in (30_000, 0):
        same("status", (await lab.owner.report(film, time_ms)).status, 200)
        await lab.wait(1)
        same(f"after {time_ms} ms", await lab.owner.position(film), 90_000)


@fact(f"inferred from {CLIENTS}, which all write from 60 s on", PLEX)
async def exactly_a_minute(lab: PlexLab) -> None:
    """A position of 60 s is stored."""
    film = await lab.film()
    await lab.owner.report(film, MINUTE)
    await lab.wait(1)
    same("position", await lab.owner.position(film), MINUTE)


@fact("plexapi settings.py; PMS API 1.1.1 GET /:/prefs/get", PLEX)
async def the_played_threshold(lab: PlexLab) -> None:
    """The owner reads the share of a title from which it counts as watched."""
    percent = await played_percent(lab)
    holds("it is a percentage", true=50 <= percent <= 100, seen=percent)


@fact(PLEZY, PLEX)
async def a_lone_stop_at_the_end(lab: PlexLab) -> None:
    """A single report at or above the played threshold stores nothing, neither position nor mark."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.3))
    await lab.wait(1)
    for share in ((await played_percent(lab)) / 100 + 0.02, 1.0):
        if share <= 1:
            same("status", (await lab.owner.report(film, film.at(share), session=f"at {share}")).status, 200)
            await lab.wait(1)
            same(f"after {share}", await lab.owner.state(film), (film.at(0.3), 0))


@fact(PLEZY, PLEX)
async def played_over_the_threshold(lab: PlexLab) -> None:
    """Reports below and then above the threshold in one session mark as watched and take the position."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.5), "playing")
    await lab.wait(2)
    answer = await lab.owner.report(film, film.at(1.0))
    await lab.wait(1)
    same("state", await lab.owner.state(film), (0, 1))
    dated_now(await lab.owner.row(film), answer.time)


@fact("arabcoders/watchstate Progress.php; ukdtom/WebTools issue 381", PLEX)
async def incomplete_reports(lab: PlexLab) -> None:
    """A report without a duration, or without a client identifier, is answered and ignored."""
    film = await lab.film()
    same("status", (await lab.owner.report(film, film.at(0.4), duration="")).status, 200)
    nameless = await lab.owner.report(film, film.at(0.4), headers={"X-Plex-Client-Identifier": None})
    holds("it is no server error", true=nameless.status in (200, 400), seen=nameless.status)
    await lab.wait(1)
    same("position", await lab.owner.position(film), 0)


@fact("unverified: 200, 400 and 404 are all possible", PLEX)
async def reports_of_nothing(lab: PlexLab) -> None:
    """A report of an item that is not there is no server error."""
    query = {"ratingKey": "999999999", "key": "/library/metadata/999999999", "identifier": LIBRARY}
    answer = await lab.owner.ask("POST", "/:/timeline", {**query, "state": "stopped", "time": 90_000, "duration": 6e6})
    holds("it is answered", true=answer.status in (200, 400, 404), seen=answer.status)


@fact("PMS API 1.1.1 PUT /:/scrobble; JellyPlex-Watched issue 323", PLEX)
async def marked_as_watched(lab: PlexLab) -> None:
    """Marking as watched takes the position, counts one more, and dates now."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    answer = await lab.owner.scrobble(film)
    same("status", answer.status, 200)
    await lab.wait(1)
    same("state", await lab.owner.state(film), (0, 1))
    dated_now(await lab.owner.row(film), answer.time)


@fact("PMS API 1.1.1 PUT /:/unscrobble; JellyPlex-Watched issue 323 (1.42.2)", PLEX)
async def marked_as_unwatched(lab: PlexLab) -> None:
    """Marking as unwatched takes position, count and date."""
    film = await lab.film()
    await lab.owner.scrobble(film)
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    same("status", (await lab.owner.unscrobble(film)).status, 200)
    await lab.wait(1)
    row = await lab.owner.row(film)
    same("there", [name for name in ("viewOffset", "viewCount", "lastViewedAt") if row.get(name)], [])


@fact("not documented; plexapi markPlayed, markUnplayed", PLEX)
async def marked_by_get(lab: PlexLab) -> None:
    """Marks are taken by GET too."""
    film = await lab.film()
    same("status", (await lab.owner.scrobble(film, method="GET")).status, 200)
    await lab.wait(1)
    same("watched", await lab.owner.state(film), (0, 1))
    same("status", (await lab.owner.unscrobble(film, method="GET")).status, 200)
    await lab.wait(1)
    same("unwatched", await lab.owner.state(film), (0, 0))


@fact("inferred: CrossWatch and watchstate write to watched titles", PLEX)
async def watched_once_more(lab: PlexLab) -> None:
    """A title that was watched before keeps its count while it is watched again."""
    film = await lab.film()
    await lab.owner.scrobble(film)
    await lab.wait(1)
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    same("state", await lab.owner.state(film), (film.at(0.4), 1))


@fact("PMS API 1.1.1: 400 for missing parameters, 404 for an unknown key", PLEX)
async def marks_of_nothing(lab: PlexLab) -> None:
    """A mark without a key is 400, one of an item that is not there 404."""
    same("no key", (await lab.owner.ask("PUT", "/:/scrobble", {"identifier": LIBRARY})).status, 400)
    unknown = {"identifier": LIBRARY, "key": "999999999"}
    same("unknown", (await lab.owner.ask("PUT", "/:/scrobble", unknown)).status, 404)


@fact("watchstate issues 286 and 406: the token says whose state it is", PLEX, needs={Need.MEMBER})
async def reports_of_others(lab: PlexLab) -> None:
    """Another user stores positions of their own by the timeline, and nobody else's."""
    film = await lab.film()
    same("status", (await lab.member.report(film, film.at(0.4))).status, 200)
    await lab.wait(1)
    same("theirs", await lab.member.position(film), film.at(0.4))
    same("the owner's", await lab.owner.position(film), 0)


@fact("watchstate issue 406", PLEX, needs={Need.MEMBER})
async def positions_of_others(lab: PlexLab) -> None:
    """`/:/progress` takes another user's position, or refuses it with 401."""
    film = await lab.film()
    answer = await lab.member.progress(film, film.at(0.4))
    holds("200 or 401", true=answer.status in (200, 401), seen=answer.status)
    if answer.status == 401:
        raise NotAsked("this user is no member of the owner's Home")
    same("theirs", await lab.member.position(film), film.at(0.4))
    same("the owner's", await lab.owner.position(film), 0)
