"""Lists of what is in progress, and batches by id, on Jellyfin and Emby."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.media import Film
from tests.contract.servers import EMBY, JELLYFIN

from .lab import HARBOUR, LANTERN, MediaBrowserLab
from .writes import DATE, RUN, WATCHED, history

PLACEHOLDER = f"{1:032}"


@fact(f"{RUN}: payloads resume_list, items_by_ids; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def row(lab: MediaBrowserLab) -> None:
    """A row tells id, type, name, length, and the user's position, mark and favourite."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    rows = [each for each in await anna.items(Filters="IsResumable") if each["Id"] == film.item_id]
    same("rows", len(rows), 1)
    told = rows[0]
    same("item", (told["Type"], told["Name"], told["RunTimeTicks"]), ("Movie", film.name, film.ticks))
    data = told["UserData"]
    same("position", data["PlaybackPositionTicks"], film.at(0.5))
    same("mark and favourite", (data["Played"], data["IsFavorite"]), (False, False))
    holds("it has ids", true=isinstance(told["ProviderIds"], dict))


@fact("recorded on Emby 4.9.5; Reclaimerr#83, CrossWatch#1048", EMBY)
async def bare_row(lab: MediaBrowserLab) -> None:
    """Emby's rows say 0 plays and no date unless these are asked for by name."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    rows = await anna.rows(anna.paths.items, {"Ids": film.item_id})
    same("bare", (rows[0]["UserData"]["PlayCount"], "LastPlayedDate" in rows[0]["UserData"]), (0, False))
    named = await anna.listed(film)
    same("named", (named["PlayCount"], named["LastPlayedDate"][:19]), (4, DATE[:19]))


@fact(f"v10.11.11 BaseItemRepository.cs:2095 asks for the position alone; {RUN}", JELLYFIN)
async def watched_and_in_progress(lab: MediaBrowserLab) -> None:
    """A watched title that has a position is in progress, in the list and on the resume list."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.write(film, PlaybackPositionTicks=film.at(0.5), **WATCHED)
    same("in the list", film.item_id in await anna.shelf(), True)
    same("on the resume list", film.item_id in await anna.resume(), True)
    same("history", history(await anna.listed(film))[:3], (True, 4, True))


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def pages(lab: MediaBrowserLab) -> None:
    """A list comes in pages, in the order that is asked for, with the total of all."""
    anna = await lab.person()
    films = [await lab.film(anna), await lab.film(anna, LANTERN)]
    for film in films:
        await anna.played_to(film, film.at(0.5))
        await lab.wait(2)
    asked: dict[str, str | int] = {"Recursive": "true", "Filters": "IsResumable", "IncludeItemTypes": "Movie,Episode"}
    asked |= {"SortBy": "DatePlayed", "SortOrder": "Descending", "Limit": 1}
    found = []
    for start in (0, 1):
        page = await anna.page(anna.paths.items, {**asked, "StartIndex": start})
        holds("the total is that of all", true=page["TotalRecordCount"] >= 2, seen=page["TotalRecordCount"])
        found += [each["Id"] for each in page["Items"]]
    same("last played first", found, [film.item_id for film in reversed(films)])


@fact(f"v10.11.11 TranslateQuery; {RUN}", JELLYFIN)
async def no_total(lab: MediaBrowserLab) -> None:
    """A list that is asked for without a total has the total 0."""
    anna = await lab.person()
    film = await lab.film(anna)
    await anna.played_to(film, film.at(0.5))
    query = {"Recursive": "true", "Filters": "IsResumable", "EnableTotalRecordCount": "false"}
    page = await anna.page(anna.paths.items, query)
    same("total and rows", (page["TotalRecordCount"] in (0, len(page["Items"])), len(page["Items"]) > 0), (True, True))


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def unknown_ids(lab: MediaBrowserLab) -> None:
    """A batch leaves out what is not there; its total is that of what is."""
    anna = await lab.person()
    film = await lab.film(anna)
    gone = [f"{number:032x}" if lab.server in JELLYFIN else f"99{number:07}" for number in range(0xE000, 0xE000 + 99)]
    query = {"Ids": ",".join([*gone, film.item_id]), "Fields": anna.paths.fields}
    page = await anna.page(anna.paths.items, query)
    same("rows", [each["Id"] for each in page["Items"]], [film.item_id])
    same("total", page["TotalRecordCount"], 1)


@fact(f"CommaDelimitedArrayModelBinder.cs; {RUN}", JELLYFIN)
async def malformed_ids(lab: MediaBrowserLab) -> None:
    """A batch of nothing but malformed ids is no batch: other rows come."""
    anna = await lab.person()
    film = await lab.film(anna)
    found = [each["Id"] for each in await anna.rows(anna.paths.items, {"Ids": "xyz", "Recursive": "true"})]
    same("a film is among them", film.item_id in found, True)


@fact(
    f"v10.11.11 BaseItemRepository.cs PlaceholderId; real_servers.md 2.8, {RUN}",
    differs={JELLYFIN.before(10, 11): 200, JELLYFIN.since(10, 11).before(12): 500},
)
async def one_broken_row(lab: MediaBrowserLab, expected: int) -> None:
    """On 10.11 one row of an unknown type makes a whole batch a 500; older ones leave it out."""
    anna = await lab.person()
    film = await lab.film(anna)
    query = {"Ids": f"{PLACEHOLDER},{film.item_id}", "Fields": anna.paths.fields}
    answer = await anna.ask("GET", anna.paths.items, "", query)
    same("status", answer.status, expected)
    if expected == 200:
        same("rows", [each["Id"] for each in answer.json["Items"]], [film.item_id])


@fact(
    f"12.0 BaseItemRepository.TranslateQuery.cs:555-569; real_servers.md 2.8, {RUN}",
    differs={JELLYFIN.before(12): {"Episode"}, JELLYFIN.since(12): {"Episode", "Season", "Series"}},
    needs={Need.ADMINISTRATOR, Need.MEDIA},
)
async def folders_in_progress(lab: MediaBrowserLab, expected: set[str]) -> None:
    """Without types 12 lists partly watched shows and seasons too, and counts them; MediaTypes leaves them out."""
    anna = await lab.person()
    episode = await lab.episode(anna)
    await anna.played_to(episode, episode.at(0.5))
    page = await anna.page(anna.paths.items, {"Recursive": "true", "Filters": "IsResumable"})
    same("types", {each["Type"] for each in page["Items"]}, expected)
    same("total", page["TotalRecordCount"], len(expected))
    resume = await anna.rows(anna.paths.resume)
    same("types on the resume list", {each["Type"] for each in resume}, expected)
    for kinds in ({"MediaTypes": "Video"}, {"IncludeItemTypes": "Movie,Episode"}):
        found = await anna.rows(anna.paths.items, {"Recursive": "true", "Filters": "IsResumable", **kinds})
        same(f"types with {kinds}", {each["Type"] for each in found}, {"Episode"})


@fact(
    "12.0 BaseItemRepository; jellyfin PR #18001; real_servers.md 2.8, run on 12.0-rc5",
    JELLYFIN.since(12),
    needs={Need.ADMINISTRATOR, Need.MEDIA},
)
async def ghosts(lab: MediaBrowserLab) -> None:
    """A title whose ids changed stays in the list of 12 after it was cleared, with position 0, and is counted."""
    anna = await lab.person()
    film = Film("Contract Ghost", 2016, 6000, {"tmdb": "9055571"})
    await lab.put(film)
    title = await lab.title(film.name)
    await anna.write(title, PlaybackPositionTicks=title.at(0.5))
    await lab.edit(Film(film.name, film.year, film.seconds, {"tmdb": "9055572"}))
    await anna.write(title, PlaybackPositionTicks=0)
    page = await anna.page(
        anna.paths.items, {"Recursive": "true", "Filters": "IsResumable", "IncludeItemTypes": "Movie"}
    )
    positions = {each["Id"]: each["UserData"]["PlaybackPositionTicks"] for each in page["Items"]}
    same("listed", positions, {title.item_id: 0})
    same("total", page["TotalRecordCount"], 1)


@fact(f"v10.11.11 ItemsController.cs:953-961; {RUN}", JELLYFIN, needs={Need.ADMINISTRATOR, Need.MEDIA})
async def off_the_home_screen(lab: MediaBrowserLab) -> None:
    """The resume list leaves out libraries that a user took off the home screen, unless it is asked for them."""
    anna = await lab.person()
    film = await lab.film(anna, HARBOUR)
    await anna.played_to(film, film.at(0.5))
    library = (await lab.library_row("films"))["ItemId"]
    await lab.configure(anna, LatestItemsExcludes=[library])
    same("resume list", await anna.resume(), [])
    same("resume list below it", await anna.resume(ParentId=library), [film.item_id])
    same("list of all", await anna.shelf(), [film.item_id])
