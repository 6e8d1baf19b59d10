"""Libraries that a user sees, does not see any more, or that are out of reach, on Jellyfin and Emby."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.media import Film
from tests.contract.servers import EMBY, JELLYFIN

from .lab import HARBOUR, LANTERN, ROAD, MediaBrowserLab
from .writes import RUN

MADE = frozenset({Need.ADMINISTRATOR, Need.MEDIA})
WITHDRAWN = f"v10.11.11 LibraryManager.cs:1701-1726; real_servers.md 2.6, {RUN}"


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs=MADE)
async def views(lab: MediaBrowserLab) -> None:
    """A user is told the libraries that they see, with what is in them; one that is withdrawn is missing."""
    anna = await lab.person()
    name = lab.library_name("films")
    kinds = {row["Name"]: row.get("CollectionType") for row in await anna.rows(anna.paths.views)}
    same("kind", kinds.get(name), "movies")
    await lab.withdraw(anna, "films")
    same("there", name in {row["Name"] for row in await anna.rows(anna.paths.views)}, False)


@fact(f"{RUN}; Emby SDK 4.8.11: ParentId", JELLYFIN, EMBY, needs=MADE)
async def below_a_library(lab: MediaBrowserLab) -> None:
    """A list below a library has what is in it and nothing else, whether in progress or not."""
    anna = await lab.person()
    film, episode = await lab.film(anna), await lab.episode(anna)
    for title in (film, episode):
        await anna.played_to(title, title.at(0.5))
    for what, expected in (("films", film), ("shows", episode)):
        library = await lab.library_id(anna, what)
        same(f"{what} in progress", await anna.shelf(ParentId=library), [expected.item_id])
    library = await lab.library_id(anna, "films")
    names = {row["Name"] for row in await anna.items(ParentId=library, IncludeItemTypes="Movie,Series")}
    same("films and shows below the films", names & {HARBOUR.name, ROAD.name}, {HARBOUR.name})


@fact("v10.11.11 DtoService.cs: ParentId is DisplayParentId; Emby SDK 4.8.11", JELLYFIN, EMBY, needs=MADE)
async def folder_of_films(lab: MediaBrowserLab) -> None:
    """The films of a library name the same folder as their parent, those of another library another one."""
    anna = await lab.person()
    twin = Film("Contract Other", 2016, 6000, {"tmdb": "9055588"})
    await lab.put(twin, library="other films")
    rows = await anna.items(IncludeItemTypes="Movie", SearchTerm="Contract", Limit=100)
    folders = {row["Name"]: row["ParentId"] for row in rows}
    same("one library", folders[HARBOUR.name], folders[LANTERN.name])
    holds("another library", true=folders[twin.name] != folders[HARBOUR.name], seen=folders[twin.name])


@fact("v10.11.11 LibraryController.cs GetAncestors; Emby SDK 4.8.11", JELLYFIN, EMBY, needs=MADE)
async def library_of_an_item(lab: MediaBrowserLab) -> None:
    """The folders above a film and an episode are told one by one, their library among them."""
    anna = await lab.person()
    for title, what in ((await lab.film(anna), "films"), (await lab.episode(anna), "shows")):
        rows = await anna.client.get(f"/Items/{title.item_id}/Ancestors", {"userId": anna.user_id})
        libraries = [row["Name"] for row in rows if row["Type"] == "CollectionFolder"]
        same("libraries", libraries, [lab.library_name(what)])


@fact(WITHDRAWN, JELLYFIN, EMBY, needs=MADE)
async def withdrawn_from_the_lists(lab: MediaBrowserLab) -> None:
    """What is in a library that was withdrawn is in no list of all any more."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    await lab.withdraw(anna, "films")
    same("in progress", await anna.shelf(), [])
    same("on the resume list", await anna.resume(), [])
    same("by name", await anna.items(SearchTerm=film.name), [])


@fact(WITHDRAWN, JELLYFIN, needs=MADE)
async def withdrawn_by_id(lab: MediaBrowserLab) -> None:
    """A batch by id answers items of a withdrawn library; the item itself, its user data and a write are 404."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    await lab.withdraw(anna, "films")
    same("batch", (await anna.listed(film))["PlaybackPositionTicks"], film.at(0.5))
    same("item", (await anna.single(film.item_id)).status, 404)
    same("user data", (await anna.ask("GET", anna.paths.data, film.item_id)).status, 404)
    same("write", (await anna.write(film, PlaybackPositionTicks=0)).status, 404)


@fact(f"{WITHDRAWN}: payloads library_below_withdrawn", JELLYFIN, needs=MADE)
async def withdrawn_library(lab: MediaBrowserLab) -> None:
    """The list below a withdrawn library is a 401, though the token is good; below one of its shows it is answered."""
    anna = await lab.person()
    show = await lab.title(ROAD.name, "Series")
    library = await lab.withdraw(anna, "shows")
    below = {"ParentId": library, "Recursive": "true"}
    answer = await anna.ask("GET", anna.paths.items, "", below)
    text = f"{anna.name} is not permitted to access Library {lab.library_name('shows')}."
    same("library", (answer.status, answer.json), (401, text))
    query = {"ParentId": show.item_id, "IncludeItemTypes": "Episode"}
    same("show", len(await anna.items(**query)), len(ROAD.episodes))


@fact(
    WITHDRAWN,
    differs={JELLYFIN.before(10, 11): False, JELLYFIN.since(10, 11): True},
    needs=MADE,
)
async def withdrawn_resume_list(lab: MediaBrowserLab, expected: bool) -> None:
    """The resume list below a withdrawn library goes on as if nothing had happened, from 10.11 on."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    library = await lab.withdraw(anna, "films")
    same("rows", await anna.resume(ParentId=library), [film.item_id] if expected else [])


@fact(
    f"v10.11.11 TvShowsController.cs GetEpisodes; real_servers.md 2.6, {RUN}",
    differs={JELLYFIN.before(10, 11): 0, JELLYFIN.since(10, 11).before(12): len(ROAD.episodes), JELLYFIN.since(12): 0},
    needs=MADE,
)
async def withdrawn_episodes(lab: MediaBrowserLab, expected: int) -> None:
    """The episodes of a show in a withdrawn library are listed by 10.11 alone; 12 says 404."""
    anna = await lab.person()
    show = await lab.title(ROAD.name, "Series")
    await lab.withdraw(anna, "shows")
    answer = await anna.client.ask("GET", f"/Shows/{show.item_id}/Episodes", {"userId": anna.user_id})
    rows = answer.json["Items"] if answer.status == 200 else []
    same("rows", len(rows), expected)


@fact("v10.11.11 Folder.cs:356-375", JELLYFIN, needs=MADE)
async def out_of_reach(lab: MediaBrowserLab) -> None:
    """A scan leaves a library whose folder is empty, as one is that is not mounted: rows and positions stay."""
    anna = await lab.person()
    film = await lab.film(anna, HARBOUR)
    await anna.played_to(film, film.at(0.5))
    async with lab.unmounted("films"):
        await lab.scan()
        same("in progress", await anna.shelf(), [film.item_id])
        same("item", (await anna.single(film.item_id)).status, 200)
