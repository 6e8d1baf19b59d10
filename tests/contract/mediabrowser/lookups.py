"""Finding titles on Jellyfin and Emby: by name, by number, by what was saved since, by id."""

from collections.abc import Mapping

from tests.contract.fact import Need, fact, holds, same
from tests.contract.media import Show
from tests.contract.servers import EMBY, JELLYFIN

from .lab import HARBOUR, ROAD, MediaBrowserLab
from .person import Person, iso
from .writes import RUN

MADE = frozenset({Need.ADMINISTRATOR, Need.MEDIA})
AHEAD = 3600


async def episodes_of(person: Person, show_id: str, **query: str | int) -> list[Mapping[str, object]]:
    """Return the rows of a show's episodes."""
    asked = {"UserId": person.user_id, "Fields": person.paths.fields, **query}
    return list((await person.client.get(f"/Shows/{show_id}/Episodes", asked))["Items"])


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs=MADE)
async def by_name(lab: MediaBrowserLab) -> None:
    """A search by name finds a film with its ids; years narrow it."""
    anna = await lab.person()
    query = {"IncludeItemTypes": "Movie", "SearchTerm": HARBOUR.name}
    found = {row["Name"]: row["ProviderIds"] for row in await anna.items(**query, Years="2010,2011,2012")}
    ids = {source.casefold(): value for source, value in found[HARBOUR.name].items()}
    same("ids", ids, dict(HARBOUR.ids))
    same("other years", [row["Name"] for row in await anna.items(**query, Years="1950")], [])


@fact(
    f"v10.10.7 SqliteItemRepository.cs binds @MinDateLastSavedForUser; real_servers.md 2.3, {RUN}",
    differs={JELLYFIN.before(10, 11): 500, JELLYFIN.since(10, 11): 200},
)
async def saved_since(lab: MediaBrowserLab, expected: int) -> None:
    """What was saved since a date can be asked for by MinDateLastSaved from 10.11 on; before, that is a 500."""
    anna = await lab.person()
    query = {"Recursive": "true", "IncludeItemTypes": "Movie,Series", "MinDateLastSaved": iso(await anna.now() + AHEAD)}
    same("status", (await anna.ask("GET", anna.paths.items, "", query)).status, expected)


@fact(f"real_servers.md 2.3, {RUN}", JELLYFIN)
async def saved_since_for_user(lab: MediaBrowserLab) -> None:
    """MinDateLastSavedForUser selects what was saved since a date, on every version."""
    anna = await lab.person()
    await lab.film(anna)
    now = await anna.now()
    kinds = {"IncludeItemTypes": "Movie,Series"}
    same("from an hour on", await anna.items(**kinds, MinDateLastSavedForUser=iso(now + AHEAD)), [])
    rows = await anna.items(**kinds, MinDateLastSavedForUser="2001-01-01T00:00:00.000Z")
    holds("since 2001 there is something", true=bool(rows))


@fact(f"v10.11.11 TvShowsController.cs; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs=MADE)
async def season(lab: MediaBrowserLab) -> None:
    """The episodes of a season come with their numbers and their show; of a season that is not there none do."""
    anna = await lab.person()
    show = await lab.title(ROAD.name, "Series")
    rows = await episodes_of(anna, show.item_id, Season=1)
    same("numbers", [(row["ParentIndexNumber"], row["IndexNumber"]) for row in rows], [(1, 1), (1, 2)])
    same(
        "show",
        {(row["SeriesId"], row["SeriesName"], row["Type"]) for row in rows},
        {(show.item_id, ROAD.name, "Episode")},
    )
    same("season 7", await episodes_of(anna, show.item_id, Season=7), [])


@fact(f"v10.11.11 TvShowsController.cs; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs=MADE)
async def all_seasons(lab: MediaBrowserLab) -> None:
    """Where no season is asked for, the episodes of all seasons of a show come."""
    anna = await lab.person()
    show = await lab.title(ROAD.name, "Series")
    rows = await episodes_of(anna, show.item_id)
    same("numbers", sorted((row["ParentIndexNumber"], row["IndexNumber"]) for row in rows), list(ROAD.episodes))


@fact("v10.11.11 EpisodeNfoParser.cs (aired); payloads of both: PremiereDate", JELLYFIN, EMBY, needs=MADE)
async def first_aired(lab: MediaBrowserLab) -> None:
    """A row of an episode tells the day on which it first aired."""
    anna = await lab.person()
    show = await lab.title(ROAD.name, "Series")
    days = {str(row["PremiereDate"])[:10] for row in await episodes_of(anna, show.item_id, Season=1)}
    same("day", days, {ROAD.aired})


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs=MADE)
async def ids_of_a_show(lab: MediaBrowserLab) -> None:
    """The ids of a show are not in the rows of its episodes, and in its own when asked for by id."""
    anna = await lab.person()
    episode = await lab.episode(anna)
    rows = await anna.by_ids(episode.item_id)
    same("ids in the row", rows[0]["ProviderIds"], {})
    shows = await anna.by_ids(rows[0]["SeriesId"])
    same("ids", {key.casefold(): value for key, value in shows[0]["ProviderIds"].items()}, dict(ROAD.ids))


@fact("v10.11.11 TvShowsController.cs: Series not found; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def unknown_show(lab: MediaBrowserLab) -> None:
    """The episodes of a show that is not there are a 404."""
    anna = await lab.person()
    nowhere = "f" * 32 if lab.server in JELLYFIN else "999999999"
    answer = await anna.client.ask("GET", f"/Shows/{nowhere}/Episodes", {"UserId": anna.user_id})
    same("status", answer.status, 404)


@fact(
    f"jellyfin#17293, #16097; real_servers.md 2.4, {RUN}",
    differs={JELLYFIN.before(10, 11): 2, JELLYFIN.since(10, 11).before(12): 0, JELLYFIN.since(12): 2},
    needs=MADE,
)
async def scanned_once(lab: MediaBrowserLab, expected: int) -> None:
    """On 10.11 a new show has no episodes until the second scan, though they are found by number and by name."""
    anna = await lab.person()
    show = Show("Contract Debut", 2022, 2400, ((1, 1), (1, 2)), {"tvdb": "9081191"})
    await lab.put(show, scans=1)
    title = await lab.title(show.name, "Series")
    same("episodes", len(await episodes_of(anna, title.item_id, Season=1)), expected)
    same("below it", len(await anna.items(ParentId=title.item_id, IncludeItemTypes="Episode")), expected)
    data = await anna.listed(title)
    same("told as watched", (data["Played"], data["UnplayedItemCount"]), (expected == 0, expected))
    rows = await anna.items(IncludeItemTypes="Episode", ParentIndexNumber=1, IndexNumber=2)
    same("by number", title.item_id in {row["SeriesId"] for row in rows}, True)
    await lab.scan()
    same("after a second scan", len(await episodes_of(anna, title.item_id, Season=1)), 2)


@fact(
    f"v10.9.11 ItemsController.cs knows no indexNumber; real_servers.md 2.4, {RUN}",
    differs={JELLYFIN.before(10, 10): {1, 2}, JELLYFIN.since(10, 10): {2}},
    needs=MADE,
)
async def by_number(lab: MediaBrowserLab, expected: set[int]) -> None:
    """Episodes of a number are found across the library, with their show; 10.9 answers the whole season."""
    anna = await lab.person()
    show = await lab.title(ROAD.name, "Series")
    rows = await anna.items(IncludeItemTypes="Episode", ParentIndexNumber=1, IndexNumber=2)
    own = [row for row in rows if row["SeriesId"] == show.item_id]
    same("numbers", {row["IndexNumber"] for row in own}, expected)
    same("seasons", {row["ParentIndexNumber"] for row in rows}, {1})


@fact(
    f"v10.11.11 BaseItemRepository.cs:402-433 (EnableAutomaticSeriesGrouping); real_servers.md 2.8, {RUN}",
    JELLYFIN,
    needs=MADE,
)
async def show_in_two_folders(lab: MediaBrowserLab) -> None:
    """Of a show in two folders of a library a batch has one, alone each is told; the episodes of both are listed."""
    anna = await lab.person()
    folders = [
        Show("Contract Split", 2017, 2400, ((number, 1),), {"tvdb": "9081192"}, folder=f"Contract Split {number}")
        for number in (1, 2)
    ]
    for show in folders:
        await lab.put(show)
    rows = await anna.items(IncludeItemTypes="Episode", SearchTerm="Part 1", Limit=100)
    ids = sorted({row["SeriesId"] for row in rows if row["SeriesName"] == "Contract Split"})
    same("folders", len(ids), 2)
    same("batch", len(await anna.by_ids(*ids)), 1)
    for show_id in ids:
        same("alone", len(await anna.by_ids(show_id)), 1)
        same("episodes", len(await episodes_of(anna, show_id)), 2)


@fact("Emby SDK 4.8.11 AnyProviderIdEquals", EMBY, needs=MADE)
async def by_provider_id(lab: MediaBrowserLab) -> None:
    """Emby is asked for external ids."""
    anna = await lab.person()
    query = {"AnyProviderIdEquals": f"tmdb.{HARBOUR.ids['tmdb']},tvdb.{ROAD.ids['tvdb']}"}
    rows = await anna.items(**query, IncludeItemTypes="Movie,Series,Episode")
    same("names", {row["Name"] for row in rows}, {HARBOUR.name, ROAD.name})


@fact(f"v10.11.11 DtoService.cs (ServerId); payloads of both; {RUN}", JELLYFIN, EMBY, needs=MADE)
async def rows_name_their_server(lab: MediaBrowserLab) -> None:
    """Each row names the server that answers, as its public information does: lists, seasons, libraries, one item."""
    anna = await lab.person()
    own = (await lab.nobody().get("/System/Info/Public"))["Id"]
    film = await lab.title(HARBOUR.name)
    show = await lab.title(ROAD.name, "Series")
    rows = [
        *await anna.items(IncludeItemTypes="Movie,Series"),
        *await anna.by_ids(film.item_id, show.item_id),
        *await episodes_of(anna, show.item_id, Season=1),
        *await anna.rows(anna.paths.views),
        (await anna.single(film.item_id)).json,
    ]
    same("servers", {row["ServerId"] for row in rows}, {own})
