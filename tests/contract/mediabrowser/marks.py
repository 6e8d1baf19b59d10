"""What marking as watched and unwatched leaves on Jellyfin and Emby."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab
from .person import moment
from .writes import DATE, OF_WATCHED, RUN, WATCHED, history

LATER = "2026-02-03T04:05:06Z"


@fact(f"v10.11.11 BaseItem.cs MarkUnplayed; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def unmarked(lab: MediaBrowserLab) -> None:
    """Marking as unwatched takes position, mark, count and date, and leaves the favourite."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.favor(film)
    await anna.played_to(film, film.at(0.5))
    same("status", (await anna.unmark(film)).status, 200)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), (False, 0, True, None))
    same("date is missing", "LastPlayedDate" in data, False)
    same("in progress", film.item_id in await anna.shelf(), False)


@fact(f"v10.11.11 BaseItem.cs MarkPlayed; real_servers.md 2.8, {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def marked(lab: MediaBrowserLab) -> None:
    """A mark by hand takes the position; where there is no date it sets it to now, and the count to 1."""
    anna = await lab.person()
    film = await lab.film(anna)
    now = await anna.now()
    await anna.mark(film)
    data = await anna.data(film)
    same("history", history(data)[:3], (True, 1, False))
    holds("the date is now", true=abs(moment(data["LastPlayedDate"]) - now) < 120, seen=data["LastPlayedDate"])


@fact(f"real_servers.md 2.8, {RUN}", JELLYFIN)
async def marked_again(lab: MediaBrowserLab) -> None:
    """A mark without a date on a watched title in progress changes the position alone, to 0."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    await anna.mark(film)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), OF_WATCHED)


@fact(f"real_servers.md 2.8, {RUN}", JELLYFIN)
async def marked_with_a_date(lab: MediaBrowserLab) -> None:
    """A mark with a date sets that date and counts one play more."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    await anna.mark(film, datePlayed=LATER)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), (True, 5, True, LATER[:19]))


@fact(f"v10.11.11 BaseItem.cs MarkPlayed; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def marked_in_progress(lab: MediaBrowserLab) -> None:
    """A mark on a title in progress keeps the date of its last play."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(
        film, PlaybackPositionTicks=film.at(0.5), PlayCount=1, LastPlayedDate=DATE, Played=False, IsFavorite=False
    )
    await anna.mark(film)
    data = await anna.data(film)
    same("position", data["PlaybackPositionTicks"], 0)
    same("history", history(data), (True, 1, False, DATE[:19]))


@fact(f"v10.11.11 BaseItemManager; {RUN}", JELLYFIN, EMBY, needs={Need.ADMINISTRATOR, Need.MEDIA})
async def marked_show(lab: MediaBrowserLab) -> None:
    """A mark on a show marks all its episodes."""
    anna = await lab.person()
    episode = await lab.episode(anna)
    show = await lab.title("Contract Road", "Series")
    await anna.mark(show)
    same("an episode", (await anna.data(episode))["Played"], True)
    await anna.unmark(show)
    same("an episode after it", (await anna.data(episode))["Played"], False)


HIDE = "/Users/{user}/Items/{item}/HideFromResume"


@fact("recorded on Emby 4.9.5; Emby SDK 4.8.11 HideFromResume", EMBY)
async def hidden(lab: MediaBrowserLab) -> None:
    """Emby's own button hides a title from its resume list; the position stays, and the list of all has it."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    same("on the resume list", film.item_id in await anna.resume(), True)
    await anna.ask("POST", HIDE, film.item_id, {"Hide": "true"})
    same("on the resume list after it", film.item_id in await anna.resume(), False)
    same("in the list of all", film.item_id in await anna.shelf(), True)
    same("position", (await anna.data(film))["PlaybackPositionTicks"], film.at(0.5))
    await anna.ask("POST", HIDE, film.item_id, {"Hide": "false"})
    same("on the resume list again", film.item_id in await anna.resume(), True)


@fact("Emby SDK 4.8.11 UserItemDataDto; unverified in lists", EMBY)
async def told_hidden(lab: MediaBrowserLab) -> None:
    """The user's data of a hidden title say so, in lists too; mark, count, date and favourite stay."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.favor(film)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    before = await anna.listed(film)
    same("told before", bool(before.get("HideFromResume")), False)
    await anna.ask("POST", HIDE, film.item_id, {"Hide": "true"})
    after = await anna.listed(film)
    same("told in a list", after.get("HideFromResume"), True)
    same("told by itself", (await anna.data(film)).get("HideFromResume"), True)
    same("history", history(after), history(before))
    await anna.ask("POST", HIDE, film.item_id, {"Hide": "false"})
    same("told after it was shown again", bool((await anna.listed(film)).get("HideFromResume")), False)


@fact("inferred: played again, it is wanted again", EMBY)
async def shown_again(lab: MediaBrowserLab) -> None:
    """What was hidden is on the resume list again once it is played."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    await anna.ask("POST", HIDE, film.item_id, {"Hide": "true"})
    await anna.played_to(film, film.at(0.6))
    same("on the resume list", film.item_id in await anna.resume(), True)
