"""Rows and guids of a Plex server, from samples of real shape."""

from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

from hypothesis import given, strategies as st
from plexapi.utils import parseXMLString
import pytest

from custom_components.resume_sync.servers.plex.guids import external_ids, global_guid, own_ids, show_ids
from custom_components.resume_sync.servers.plex.rows import Row, UnreadableRow, read_row, read_rows
from custom_components.resume_sync.servers.plex.sessions import PlexAccounts, owner_sessions, read_accounts
from custom_components.resume_sync.sync.model import Activity, Item, MediaKind, SessionRead, Unreadable

PAYLOADS = Path(__file__).parents[2] / "payloads" / "plex"
HEX = "e92008ea81e210ebe4d1a477"
NOW = 1_796_000_000_000


def sample(name: str) -> Element:
    """Return a sample as plexapi parses it."""
    root: Element = parseXMLString((PAYLOADS / f"{name}.xml").read_text(encoding="utf-8"))
    return root


def element(text: str) -> Element:
    """Return one made-up element."""
    root: Element = parseXMLString(text)
    return root


def test_films() -> None:
    """Films with two versions and a play count."""
    rows = read_rows(sample("in_progress_movies"), NOW).read
    assert list(rows) == ["1", "3"]
    first, third = rows["1"].state, rows["3"].state
    assert first.item.ids == {"movie:imdb:tt9000001", "movie:tmdb:700001", f"movie:plex:{HEX}"}
    assert (first.position_ms, first.watched, first.play_count) == (1_200_000, False, 0)
    assert (first.last_played_server_ms, first.item.duration_ms, first.item.year) == (
        1_795_215_043_000,
        5_401_000,
        1981,
    )
    assert (third.watched, third.play_count, third.item.duration_ms) == (True, 2, 5_403_000)
    assert (first.item.season, first.item.show_title, first.item.show_ids) == (None, None, frozenset())


def test_episodes() -> None:
    """A special, a plain episode, and one of a legacy agent."""
    rows = read_rows(sample("in_progress_episodes_all_sections"), NOW).read
    special, plain, legacy = rows["16"], rows["20"], rows["57"]
    assert (special.item.season, special.item.episode, special.state.watched) == (0, 1, True)
    assert plain.item.ids == {
        "episode:imdb:tt7001003",
        "episode:tmdb:4001003",
        "episode:tvdb:5001003",
        "episode:plex:c8e563fe48e4740942f514e3",
    }
    assert plain.item.show_ids == {"show:plex:e37591a6c414069e83d27639"}
    assert (plain.show_key, plain.ids_withheld, plain.show_ids_withheld) == ("14", False, True)
    assert (legacy.item.ids, legacy.item.show_ids) == (frozenset[str](), frozenset({"show:tvdb:70001"}))
    assert (legacy.show_key, legacy.ids_withheld, legacy.show_ids_withheld) == ("54", False, False)


def test_library_and_air_date() -> None:
    """The name of the library, and the day on which an episode first aired; a film's is of no use."""
    row = '<Video ratingKey="7" type="{}" librarySectionTitle="Shows 4K" originallyAvailableAt="{}"/>'
    day = date(2014, 3, 1).toordinal()
    items = [
        read_row(element(row.format(*told)), NOW).item for told in (("episode", "2014-03-01"), ("episode", "soon"))
    ]
    assert [(one.library, one.aired) for one in items] == [("Shows 4K", day), ("Shows 4K", None)]
    assert read_row(element(row.format("movie", "2014-03-01")), NOW).item.aired is None


def test_shows_and_leaves() -> None:
    """A show's own ids, and episodes whose ids a listing left out."""
    (show,) = read_rows(sample("metadata_shows"), NOW).read.values()
    assert show.item.kind is MediaKind.SHOW
    assert {"show:imdb:tt8000001", "show:tmdb:60001", "show:tvdb:300001"} < show.item.ids
    leaves = read_rows(sample("all_leaves_page"), NOW).read
    assert [row.ids_withheld for row in leaves.values()] == [True, True, True]
    assert read_rows(sample("metadata_batch"), NOW).read["5"].state.position_ms == 0


@pytest.mark.parametrize(
    ("text", "item_id", "reason"),
    [
        ('<Video type="movie" />', None, "no rating key"),
        ('<Video type="movie" ratingKey="a/b" />', None, "no rating key"),
        ('<Video ratingKey="1" title="Tide" />', "1", "no type"),
        ('<Video type="movie" ratingKey="1" title="Tide" viewOffset="soon" />', "1", "viewOffset is no number"),
    ],
)
def test_rows_that_cannot_be_understood(text: str, item_id: str | None, reason: str) -> None:
    """Such a row is told with its title and the reason, or counted; the others are read all the same."""
    with pytest.raises(UnreadableRow, match=reason):
        read_row(element(text), NOW)
    others = [element('<Video type="movie" ratingKey="2" />'), element('<Track type="track" />')]
    rows = read_rows([element(text), *others], NOW)
    assert list(rows.read) == ["2"]
    expected = {} if item_id is None else {item_id: Unreadable(reason, Item(item_id, MediaKind.MOVIE, "Tide"))}
    assert rows.unknown == expected
    assert (rows.nameless, rows.others) == (1 if item_id is None else 0, 1)


def test_rows_with_the_least() -> None:
    """What an item can do without may be missing or odd."""
    row = read_row(
        element(
            '<Video type="episode" ratingKey="7" index="x" parentIndex="" year="MMXX" lastViewedAt="" '
            'viewedAt="1700000000" />'
        ),
        NOW,
    )
    assert (row.item.season, row.item.episode, row.item.year, row.item.duration_ms) == (None, None, None, None)
    assert row.state.last_played_server_ms == 1_700_000_000_000
    assert (row.show_key, row.show_ids_withheld) == (None, False)
    assert (row.item.ids, row.item.show_ids) == (frozenset[str](), frozenset[str]())


@pytest.mark.parametrize(
    ("kind", "guid", "ids"),
    [
        (MediaKind.MOVIE, f"plex://movie/{HEX}", {f"movie:plex:{HEX}"}),
        (MediaKind.EPISODE, f"plex://episode/{HEX}", {f"episode:plex:{HEX}"}),
        (MediaKind.SHOW, f"plex://show/{HEX}", {f"show:plex:{HEX}"}),
        (MediaKind.MOVIE, f"plex://episode/{HEX}", set()),
        (MediaKind.MOVIE, "plex://movie/short", set()),
        (MediaKind.MOVIE, "com.plexapp.agents.imdb://tt0111161?lang=en", {"movie:imdb:tt0111161"}),
        (MediaKind.MOVIE, "com.plexapp.agents.themoviedb://278?lang=en", {"movie:tmdb:278"}),
        (MediaKind.MOVIE, "com.plexapp.agents.xbmcnfo://tt0111161?lang=xn", {"movie:imdb:tt0111161"}),
        (MediaKind.MOVIE, "com.plexapp.agents.xbmcnfo://278?lang=xn", set()),
        (MediaKind.SHOW, "com.plexapp.agents.thetvdb://121361?lang=en", {"show:tvdb:121361"}),
        (MediaKind.SHOW, "com.plexapp.agents.xbmcnfotv://121361?lang=xn", {"show:tvdb:121361"}),
        (MediaKind.SHOW, "com.plexapp.agents.hama://tvdb2-371310?lang=en", {"show:tvdb:371310"}),
        (MediaKind.SHOW, "com.plexapp.agents.hama://anidb-69?lang=en", {"show:anidb:69"}),
        (MediaKind.SHOW, "com.plexapp.agents.hama://tvdb4-371310?lang=en", set()),
        (MediaKind.SHOW, "com.plexapp.agents.hama://youtube-abc?lang=en", set()),
        (MediaKind.EPISODE, "com.plexapp.agents.thetvdb://121361/1/2?lang=en", set()),
        (MediaKind.MOVIE, "com.plexapp.agents.none://8e0a?lang=xn", set()),
        (MediaKind.MOVIE, "tv.plex.agents.none://8e0a", set()),
        (MediaKind.MOVIE, "local://60293", set()),
        (MediaKind.MOVIE, "none://", set()),
        (MediaKind.MOVIE, "", set()),
    ],
)
def test_own_guids(kind: MediaKind, guid: str, ids: set[str]) -> None:
    """A primary guid names the item itself, or nothing that can be matched."""
    assert own_ids(kind, guid) == ids


@pytest.mark.parametrize(
    ("guid", "show_guid", "ids"),
    [
        ("com.plexapp.agents.thetvdb://121361/1/2?lang=en", "", {"show:tvdb:121361"}),
        ("com.plexapp.agents.hama://anidb-69/1/2?lang=en", "com.plexapp.agents.hama://anidb-69", {"show:anidb:69"}),
        ("local://5", f"plex://show/{HEX}", {f"show:plex:{HEX}"}),
        ("com.plexapp.agents.thetvdb://121361?lang=en", "", set()),
        ("com.plexapp.agents.themoviedb://1399/0/3", "com.plexapp.agents.themoviedb://1399", {"show:tmdb:1399"}),
        ("", "", set()),
    ],
)
def test_guids_of_shows(guid: str, show_guid: str, ids: set[str]) -> None:
    """An episode's row may name its show."""
    assert show_ids(guid, show_guid) == ids


def test_external_guids() -> None:
    """Known sources become typed ids; what is not an id of its source is left out."""
    guids = [
        "imdb://tt0111161",
        "imdb://150540",
        "tmdb://0278",
        "tvdb://abc",
        "mbid://1",
        "nonsense",
        f"plex://movie/{HEX}",
        "",
    ]
    assert external_ids(MediaKind.MOVIE, guids) == {"movie:imdb:tt0111161", "movie:tmdb:278"}


def test_guids_that_can_be_looked_up() -> None:
    """Only `plex://` guids find something on a server."""
    assert global_guid(f"episode:plex:{HEX}") == f"plex://episode/{HEX}"
    assert global_guid("movie:imdb:tt0111161") is None


@given(
    st.dictionaries(
        st.sampled_from(
            (
                "ratingKey type guid viewOffset viewCount lastViewedAt viewedAt duration year index parentIndex "
                "grandparentRatingKey grandparentGuid grandparentTitle title"
            ).split()
        ),
        st.one_of(st.text(), st.sampled_from(["movie", "episode", "show", "1", "0", "²", "٣"])),
    ),
    st.lists(st.text()),
)
def test_no_row_breaks_the_reader(attributes: dict[str, str], guids: list[str]) -> None:
    """Whatever a row holds, it is read, named as unknown, or counted."""
    row = Element("Video", attributes)
    row.extend(Element("Guid", {"id": guid}) for guid in guids)
    rows = read_rows([row], NOW)
    assert len(rows.read) + len(rows.unknown) + rows.nameless + rows.others == 1
    assert bool(rows.others) is (attributes.get("type", "") not in ("movie", "episode", "show", ""))
    for found in rows.read.values():
        assert isinstance(found, Row)
        assert found.state.position_ms >= 0


def test_sessions() -> None:
    """Sessions of others are theirs."""
    rows = list(sample("status_sessions"))
    accounts = read_accounts(sample("accounts"))
    assert accounts.owner_name == "olivia"
    assert playing(rows, "henry", accounts) == {}
    assert playing(rows, "olivia", None) == {}
    rows[0].find("User").set("id", "1")  # type: ignore[union-attr]
    assert playing(rows, "olivia", accounts) == {"2": Activity.PLAYING}


ACCOUNTS = PlexAccounts({"1": "olivia", "55": "henry"}, {"1": "b88ebe7c26d02752"})


def playing(rows: list[Element], owner: str, accounts: PlexAccounts | None) -> dict[str, Activity]:
    """Return what the owner plays or has paused."""
    return SessionRead(owner_sessions(rows, owner, accounts), NOW).active


def session(user: str, state: str = "paused", row: str = 'ratingKey="2" type="movie"') -> Element:
    """Return a session."""
    return element(f'<Video {row}><User {user} /><Player state="{state}" /></Video>')


@pytest.mark.parametrize(
    ("user", "accounts", "is_owner"),
    [
        ('id="1"', ACCOUNTS, True),
        ('id="55" title="olivia"', ACCOUNTS, False),
        ('id="48151623" thumb="https://plex.tv/users/b88ebe7c26d02752/avatar?c=1"', ACCOUNTS, True),
        ('id="48151623" title="olivia" thumb="https://plex.tv/users/abcdef/avatar"', ACCOUNTS, False),
        ('id="48151623" title="Olivia"', ACCOUNTS, True),
        ('id="48151623" title="Olivia Owner"', PlexAccounts({}, {}), True),
        ('id="48151623" title="Olivia Owner"', None, True),
        ('id="48151623" title="somebody"', None, False),
        ("", None, False),
    ],
)
def test_whose_session_it_is(user: str, accounts: PlexAccounts | None, is_owner: bool) -> None:
    """The owner is account 1, or the plex.tv account with the owner's avatar or name."""
    active = playing([session(user)], "Olivia Owner", accounts)
    assert active == ({"2": Activity.PAUSED} if is_owner else {})


def test_buffering_counts_as_playing() -> None:
    """Playing in one session wins over paused in another; television, music and trailers are left out."""
    rows = [
        session('id="1"', "paused"),
        session('id="1"', "buffering"),
        session('id="1"', "paused"),
        session('id="1"', "playing", 'ratingKey="3" type="movie" live="1"'),
        session('id="1"', "playing", 'ratingKey="/livetv/4" type="movie"'),
        session('id="1"', "playing", 'ratingKey="5" type="clip"'),
        element('<Video ratingKey="6" type="episode" />'),
        element('<Video ratingKey="7" type="episode"><User id="1" /></Video>'),
    ]
    assert playing(rows, "olivia", ACCOUNTS) == {"2": Activity.PLAYING, "7": Activity.PLAYING}


def test_rows_that_come_twice() -> None:
    """A row that a moving list shows twice is one item; if it says two things, nothing is known of the item."""
    one, other = (element(f'<Video ratingKey="5" type="movie" viewOffset="{offset}"/>') for offset in (1, 2))

    assert read_rows([one, one], NOW).read.keys() == {"5"}
    rows = read_rows([one, other, one], NOW)
    assert (rows.read, rows.unknown) == ({}, {"5": Unreadable("two rows that differ", Item("5", MediaKind.MOVIE, ""))})


@pytest.mark.parametrize("key", ["0", "05", "-1", "\u0665", "9" * 20, "", "5/../6"])
def test_rating_keys(key: str) -> None:
    """What is no rating key names no item."""
    assert read_rows([element(f'<Video ratingKey="{key}" type="movie"/>')], NOW).nameless == 1


def test_texts_and_ids_are_bounded() -> None:
    """What is shown and stored has a sensible size."""
    guids = "".join(f'<Guid id="tmdb://{number + 1}"/>' for number in range(1000))
    title = "x" * 1_000_000
    row = read_row(
        element(
            f'<Video ratingKey="5" type="episode" title="{title}" grandparentTitle="{title}" year="99999999" '
            f'index="{"1" * 5000}">{guids}</Video>'
        ),
        NOW,
    )

    assert (len(row.item.title), len(row.item.show_title or ""), len(row.item.ids)) == (300, 300, 50)
    assert (row.item.year, row.item.episode) == (None, None)
