"""Copies and versions of a title, ids and files that change, and copies in the server's memory, on Jellyfin."""

from dataclasses import replace

from tests.contract.fact import Need, fact, holds, same
from tests.contract.media import Film
from tests.contract.servers import JELLYFIN

from .lab import MediaBrowserLab
from .person import Title
from .writes import RUN, WATCHED, history

MADE = frozenset({Need.ADMINISTRATOR, Need.MEDIA})
TWIN = Film("Contract Twin", 2012, 6000, {"tmdb": "9055581", "imdb": "tt9012381"})
VERSIONS = Film("Contract Versions", 2013, 6000, {"tmdb": "9055582"})
RENAMED = Film("Contract Renamed", 2015, 6000, {"tmdb": "9055583"})
CHANGED = Film("Contract Changed", 2018, 6000, {"tmdb": "9055584"})


async def twins(lab: MediaBrowserLab) -> list[Title]:
    """Put a film into two libraries."""
    await lab.put(TWIN)
    await lab.put(TWIN, library="other films")
    return await lab.titles(TWIN.name)


@fact(
    f"v10.10.7 UserDataManager.cs:70, 136: a cache by item that never forgets; real_servers.md 2.8, {RUN}",
    differs={JELLYFIN.before(10, 11): True, JELLYFIN.since(10, 11): False},
    needs=MADE,
)
async def copies(lab: MediaBrowserLab, expected: bool) -> None:
    """Up to 10.10 copies share their data: the list has both, a copy that was read before shows what it showed then."""
    anna = await lab.person()
    first, second = await twins(lab)
    same("before", (await anna.listed(second))["PlaybackPositionTicks"], 0)
    await anna.write(first, PlaybackPositionTicks=first.at(0.5))
    same("the other one", (await anna.listed(second))["PlaybackPositionTicks"], 0)
    listed = {first.item_id, second.item_id} if expected else {first.item_id}
    same("in progress", set(await anna.shelf()), listed)


@fact(
    f"v10.11.11 SessionManager.cs, 12.0 SessionManager.cs:739-787; real_servers.md 3, {RUN}",
    differs={JELLYFIN.before(12): False, JELLYFIN.since(12): True},
    needs=MADE,
)
async def versions(lab: MediaBrowserLab, expected: bool) -> None:
    """From 12 on each version of a film has its own position, which only the resume list tells, and the item alone."""
    anna = await lab.person()
    title, other = await two_versions(lab)
    for place in (0.3, 0.5):
        await anna.report(title, title.at(place), MediaSourceId=other)
    await anna.stop(title, title.at(0.5), MediaSourceId=other)
    same("on the resume list", await anna.resume(IncludeItemTypes="Movie"), [other if expected else title.item_id])
    same("in the list", await anna.shelf(), [] if expected else [title.item_id])
    same("batch of the version", await anna.by_ids(other), [])
    same("the version alone", (await anna.single(other)).json["Id"], other)


@fact(
    "12.0 SessionManager.cs:985-991, Video.cs PropagatePlayedState; servers.md 1.9",
    JELLYFIN.since(12),
    needs=MADE,
)
async def finished_version(lab: MediaBrowserLab) -> None:
    """On 12 a version that is finished marks the others, and takes their positions."""
    anna = await lab.person()
    title, other = await two_versions(lab)
    await anna.write(title, PlaybackPositionTicks=title.at(0.5))
    await anna.play(title, MediaSourceId=other)
    await anna.stop(title, title.at(0.99), MediaSourceId=other)
    data = await anna.data(title)
    same("the first one", (data["PlaybackPositionTicks"], data["Played"]), (0, True))


async def two_versions(lab: MediaBrowserLab) -> tuple[Title, str]:
    """Put a film with two versions on the shelf; return it and the id of its other version."""
    lab.library("films").add_film(VERSIONS, version="Cut")
    await lab.put(VERSIONS)
    title = await lab.title(VERSIONS.name)
    sources = [source["Id"] for source in (await lab.given_user.single(title.item_id)).json["MediaSources"]]
    same("versions", (len(sources), title.item_id in sources), (2, True))
    return title, next(source for source in sources if source != title.item_id)


@fact(
    "v10.11.6 ReattachUserDataAsync (09a1c31fa3); jellyfin#15001; servers.md 1.7",
    differs={
        JELLYFIN.before(10, 11): True,
        JELLYFIN.since(10, 11).before(10, 11, 6): False,
        JELLYFIN.since(10, 11, 6): True,
    },
    needs=MADE,
)
async def renamed_file(lab: MediaBrowserLab, expected: bool) -> None:
    """A file under another name is another item, with the data of the one before; with none on 10.11.0 to 10.11.5."""
    anna = await lab.person()
    await lab.put(RENAMED)
    title = await lab.title(RENAMED.name)
    await anna.write(title, PlaybackPositionTicks=title.at(0.5))
    lab.library("films").rename_file(RENAMED, "Other Name")
    await lab.scan()
    new = await lab.title(RENAMED.name)
    holds("it is another item", true=new.item_id != title.item_id, seen=new.item_id)
    same("the old one", (await anna.single(title.item_id)).status, 404)
    same("position", (await anna.data(new))["PlaybackPositionTicks"], title.at(0.5) if expected else 0)


@fact(f"v10.11.11 UserDataManager.cs:239-248; {RUN}", JELLYFIN, needs=MADE)
async def changed_ids(lab: MediaBrowserLab) -> None:
    """An item whose ids change keeps its data."""
    anna = await lab.person()
    title = await changed(lab)
    await anna.write(title, PlaybackPositionTicks=title.at(0.5), **WATCHED)
    await lab.edit(replace(CHANGED, ids={"tmdb": "9055585"}))
    same("position", (await anna.data(title))["PlaybackPositionTicks"], title.at(0.5))
    same("ids", (await anna.by_ids(title.item_id))[0]["ProviderIds"], {"Tmdb": "9055585"})


@fact(
    "v10.11.11 UserDataManager.cs:239-248 reads any of an item's rows; jellyfin#15795; servers.md 1.5",
    JELLYFIN.since(10, 11).before(12),
    needs=MADE | {Need.RESTART},
)
async def old_row(lab: MediaBrowserLab) -> None:
    """On 10.11 what was stored before the ids changed may come back after a restart, in the place of what is newer."""
    anna = await lab.person()
    title = await changed(lab)
    await anna.write(title, PlaybackPositionTicks=title.at(0.3))
    await lab.edit(replace(CHANGED, ids={"tmdb": "9055585"}))
    await anna.write(title, PlaybackPositionTicks=title.at(0.6))
    await lab.restart()
    position = (await anna.data(title))["PlaybackPositionTicks"]
    same("one of the two", position in (title.at(0.3), title.at(0.6)), True)


async def changed(lab: MediaBrowserLab) -> Title:
    """Put a film on the shelf whose ids will change."""
    await lab.put(CHANGED)
    return await lab.title(CHANGED.name)


@fact(
    f"12.0 UserDataManager.cs SaveUserData; jellyfin#14981, #17561; real_servers.md 2.1, {RUN}",
    differs={JELLYFIN.before(12): True, JELLYFIN.since(12): False},
    needs=MADE,
)
async def two_copies(lab: MediaBrowserLab, expected: bool) -> None:
    """A film that a scan changes while it plays has two copies on 12: a list knows its end, the item alone does not."""
    anna = await lab.person()
    title = await changed(lab)
    await anna.play(title)
    await anna.report(title, title.at(0.3))
    await lab.edit(replace(CHANGED, year=CHANGED.year + 1, folder=CHANGED.place))
    await anna.stop(title, title.at(0.99))
    listed = await anna.listed(title)
    same("list", (listed["PlaybackPositionTicks"], listed["Played"]), (0, True))
    alone = await anna.data(title)
    end = (0, True) if expected else (title.at(0.3), False)
    same("item", (alone["PlaybackPositionTicks"], alone["Played"]), end)
    await anna.write(title, PlaybackPositionTicks=title.at(0.5), LastPlayedDate="2026-01-02T03:04:05Z")
    same("watched after a write of position and date", (await anna.listed(title))["Played"], expected)


@fact(f"real_servers.md 2.1, {RUN}", JELLYFIN, needs=MADE)
async def two_copies_and_the_full_set(lab: MediaBrowserLab) -> None:
    """With two copies the full set, as the list tells it, changes nothing but the position; afterwards they agree."""
    anna = await lab.person()
    title = await changed(lab)
    await anna.favor(title)
    await anna.play(title)
    await anna.report(title, title.at(0.3))
    await lab.edit(replace(CHANGED, year=CHANGED.year + 1, folder=CHANGED.place))
    await anna.stop(title, title.at(0.99))
    listed = await anna.listed(title)
    kept = {key: listed[key] for key in ("Played", "PlayCount", "IsFavorite", "LastPlayedDate")}
    await anna.write(title, PlaybackPositionTicks=title.at(0.5), **kept)
    for data in (await anna.listed(title), await anna.data(title)):
        same("position", data["PlaybackPositionTicks"], title.at(0.5))
        same("history", history(data), history(listed))
