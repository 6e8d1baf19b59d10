"""Listings of a Plex library: what is in progress, pages, order, and media queries."""

from tests.contract.client import Query
from tests.contract.fact import NotAsked, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import ALL, EPISODES, FILMS, SHOWS, Title, number

QUERIES = "PMS API 1.1.1, Media Queries"
PAGES = "PMS API 1.1.1, Pagination"
# What is left out to make answers smaller, as the client asks for it.
SLIM: Query = {
    "includeGuids": 1,
    "excludeElements": "Media,Genre,Country,Role,Director,Writer,Producer,Image,UltraBlurColors,Rating,Collection",
    "excludeFields": "summary,tagline,file",
}


@fact("PMS API 1.1.1 GET /library/sections; arr-mcp issue 203", PLEX)
async def sections(lab: PlexLab) -> None:
    """Each section tells its key, type, title and agent, and when it changed."""
    found = [row for row in await lab.owner.root("/library/sections") if row.get("type") in ("movie", "show")]
    holds("there is one of films or shows", true=bool(found))
    for row in found:
        missing = [name for name in ("key", "title", "agent", "updatedAt") if not row.get(name)]
        same(f"missing of {row.get('key')}", missing, [])


@fact("PMS API 1.1.1 GET /library/all; edde746/plezy plex_client.dart (1.43)", PLEX)
async def everywhere(lab: PlexLab) -> None:
    """One listing has the films of all sections, and each row names its section."""
    listed = await lab.owner.rows(FILMS)
    keys = [row.get("key", "") for row in await lab.owner.root("/library/sections") if row.get("type") == "movie"]
    by_section = {
        row.get("ratingKey"): key for key in keys for row in await lab.owner.rows(FILMS, f"/library/sections/{key}/all")
    }
    same("sections of films", {row.get("ratingKey"): row.get("librarySectionID") for row in listed}, by_section)


async def lists_alone(lab: PlexLab, kind: int, name: str, title: Title) -> None:
    """Expect the list of what is in progress to gain a title that is left, with its position, and nothing else."""
    before = await lab.owner.in_progress(kind)
    await lab.owner.report(title, title.at(0.4))
    await lab.wait(1)
    after = await lab.owner.in_progress(kind)
    same("new ones", sorted(after.keys() - before.keys()), [title.key])
    same("its position", number(after[title.key], "viewOffset"), title.at(0.4))
    same("without a position", [key for key, row in after.items() if not number(row, "viewOffset")], [])
    same("other types", {row.get("type") for row in after.values()}, {name})


@fact(f"{QUERIES} (>>= for integers); unverified on /library/all, used by CrossWatch on sections", PLEX)
async def films_in_progress(lab: PlexLab) -> None:
    """`viewOffset>>=0` across the server lists the films with a position, and nothing else."""
    await lists_alone(lab, FILMS, "movie", await lab.film())


@fact(f"{QUERIES}; unverified on /library/all", PLEX)
async def episodes_in_progress(lab: PlexLab) -> None:
    """`viewOffset>>=0` across the server lists the episodes with a position, and nothing else."""
    await lists_alone(lab, EPISODES, "episode", await lab.episode())


@fact(f"{QUERIES}; CrossWatch _progress.py", PLEX)
async def section_in_progress(lab: PlexLab) -> None:
    """A section lists its own in the same way."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    section = (await lab.owner.row(film)).get("librarySectionID")
    found = await lab.owner.in_progress(FILMS, f"/library/sections/{section}/all")
    holds("it is there", true=film.key in found, seen=sorted(found))
    same("without a position", [key for key, row in found.items() if not number(row, "viewOffset")], [])


@fact("PMS API 1.1.1; JellyPlex-Watched issue 323 (1.42.2)", PLEX)
async def absent_attributes(lab: PlexLab) -> None:
    """Position, count and date are absent from a row that was never played."""
    film = await lab.film()
    row = await lab.owner.row(film)
    same("there", [name for name in ("viewOffset", "viewCount", "lastViewedAt") if row.get(name)], [])


@fact("PMS API 1.1.1; plexapi video.py", PLEX)
async def rows_of_films(lab: PlexLab) -> None:
    """A row of a film has rating key, GUID, type, title and length in milliseconds."""
    film = await lab.film()
    (row,) = (row for row in await lab.owner.rows(FILMS) if row.get("ratingKey") == film.key)
    same("tag", row.tag, "Video")
    same("type", row.get("type"), "movie")
    same("missing", [name for name in ("guid", "title", "duration", "addedAt", "updatedAt") if not row.get(name)], [])


@fact("PMS API 1.1.1; plexapi video.py; Maintainerr issue 3543", PLEX)
async def rows_of_episodes(lab: PlexLab) -> None:
    """A row of an episode names its show by key, GUID and title, and its season and number."""
    episode = await lab.episode()
    row = await lab.owner.row(episode)
    wanted = ("grandparentRatingKey", "grandparentGuid", "grandparentTitle", "parentIndex", "index")
    same("missing", [name for name in wanted if not row.get(name)], [])
    holds("the show's GUID is one", true=row.get("grandparentGuid", "").startswith("plex://show/"))


@fact("python-plexapi issue 831 (from 1.24.3)", PLEX)
async def external_ids(lab: PlexLab) -> None:
    """Listings hold external ids of films and shows where they are asked for, and otherwise not."""
    for kind in (FILMS, SHOWS):
        plain = await lab.owner.page(0, 50, ALL, {"type": kind})
        with_ids = await lab.owner.page(0, 50, ALL, {"type": kind, **SLIM})
        same(f"without asking, type {kind}", sum(row.find("Guid") is not None for row in plain), 0)
        holds(f"type {kind} has ids", true=any(row.find("Guid") is not None for row in with_ids))
        ids = {guid.get("id", "").partition("://")[0] for row in with_ids for guid in row.iter("Guid")}
        holds("they are of known sources", true=ids <= {"imdb", "tmdb", "tvdb"}, seen=sorted(ids))


@fact("PMS API 1.1.1, Response Customization", PLEX)
async def slim_rows(lab: PlexLab) -> None:
    """What is asked to be left out takes away no key, title, length, position or id."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    (row,) = (row for row in await lab.owner.rows(FILMS, query=SLIM) if row.get("ratingKey") == film.key)
    wanted = ("guid", "type", "title", "duration", "viewOffset", "lastViewedAt")
    same("missing", [name for name in wanted if not row.get(name)], [])
    holds("ids are there", true=row.find("Guid") is not None)


@fact(f"{PAGES}; overseerr issue 2865", PLEX)
async def pages(lab: PlexLab) -> None:
    """Start and size are kept to, and told with the total; the pages together are the listing."""
    everything = await lab.owner.keys(EPISODES, query={"sort": "episode.id"})
    if len(everything) < 3:
        raise NotAsked("needs three episodes")
    first, second = [await lab.owner.page(start, 2, ALL, {"type": EPISODES, "sort": "episode.id"}) for start in (0, 2)]
    same("size", len(first), 2)
    same("offset", (first.get("offset"), second.get("offset")), ("0", "2"))
    same("total", {first.get("totalSize"), second.get("totalSize")}, {str(len(everything))})
    same("keys", [row.get("ratingKey") for row in (*first, *second)], everything[:4])


@fact(PAGES, PLEX)
async def the_page_after_the_last(lab: PlexLab) -> None:
    """It is empty, with the same total."""
    total = len(await lab.owner.rows(FILMS))
    page = await lab.owner.page(total, 10, ALL, {"type": FILMS})
    same("rows", len(page), 0)
    same("total", page.get("totalSize"), str(total))


@fact("plexapi library.py (id, episode.id); arr-mcp issue 180 (1.43.3)", PLEX)
async def order(lab: PlexLab) -> None:
    """Rows are sorted by rating key where that is asked for; a sort that is none is 400."""
    for kind, sort in ((FILMS, "id"), (EPISODES, "episode.id")):
        keys = [int(key) for key in await lab.owner.keys(kind, query={"sort": sort})]
        same(f"by {sort}", keys, sorted(keys))
    same("no such field", (await lab.owner.ask("GET", ALL, {"type": FILMS, "sort": "nonsense"})).status, 400)


async def last_played(lab: PlexLab) -> list[str | None]:
    """Return the key of the film that was played or marked last."""
    page = await lab.owner.page(0, 1, ALL, {"type": FILMS, "sort": "lastViewedAt:desc"})
    return [row.get("ratingKey") for row in page]


@fact("PMS API 1.1.1 (sort=field:desc); plexapi library.py (lastViewedAt)", PLEX)
async def head(lab: PlexLab) -> None:
    """Sorted by last play, descending, the first row is what was played or marked last."""
    first, second = await lab.films(2)
    await lab.owner.report(first, first.at(0.4))
    await lab.wait(2)
    same("after a report", await last_played(lab), [first.key])
    await lab.owner.scrobble(second)
    await lab.wait(2)
    same("after a mark", await last_played(lab), [second.key])


@fact("edde746/plezy plex_client.dart (1.43): primary GUIDs only; PMS API 1.1.1: a comma is or", PLEX)
async def by_guid(lab: PlexLab) -> None:
    """`guid=` finds primary GUIDs, several at once, and no external ids."""
    first, second = await lab.films(2)
    found = await lab.owner.keys(FILMS, query={"guid": f"{first.guid},{second.guid}"})
    holds("both are found", true={first.key, second.key} <= set(found), seen=found)
    external = next(guid.get("id", "") for guid in (await lab.owner.row(first)).iter("Guid"))
    same("by an external id", await lab.owner.keys(FILMS, query={"guid": external}), [])


@fact(f"{QUERIES} (= contains, for texts)", PLEX)
async def by_title(lab: PlexLab) -> None:
    """`title=` finds titles that contain a text, whatever its case."""
    film = await lab.film()
    title = (await lab.owner.row(film)).get("title", "").partition(",")[0]
    for asked in (title, title.upper(), title[: max(len(title) - 1, 2)]):
        found = await lab.owner.keys(FILMS, query={"title": asked})
        holds(f"{asked!r} is found", true=film.key in found, seen=found)


@fact("plexapi library.py (show.id, season.index, episode.index)", PLEX)
async def by_number(lab: PlexLab) -> None:
    """An episode is found by show, season and number."""
    episode = await lab.episode()
    row = await lab.owner.row(episode)
    names = {"show.id": "grandparentRatingKey", "season.index": "parentIndex", "episode.index": "index"}
    query = {name: row.get(attribute, "") for name, attribute in names.items()}
    same("found", await lab.owner.keys(EPISODES, query=query), [episode.key])


@fact("PMS API 1.1.1; plexapi library.py (addedAt, updatedAt)", PLEX)
async def by_date(lab: PlexLab) -> None:
    """`addedAt>>=` and `updatedAt>>=` leave out what is older."""
    for name in ("addedAt", "updatedAt"):
        dates = {row.get("ratingKey", ""): number(row, name) for row in await lab.owner.rows(FILMS)}
        since = sorted(dates.values())[len(dates) // 2]
        found = await lab.owner.keys(FILMS, query={f"{name}>>": since})
        same(name, set(found), {key for key, date in dates.items() if date > since})
