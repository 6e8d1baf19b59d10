"""What versions of Jellyfin do differently, as a table: each row is what changed with a version."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Ways:
    """How one version of Jellyfin behaves. The defaults are those of 10.9.

    Sign-in: `legacy_auth`: tokens in X-Emby-Token and `api_key`, and the prefix `/emby`, are known.
    Questions: `by_number`: `IndexNumber` narrows a list; `saved_since`: `MinDateLastSaved` is understood, otherwise a
    500; `placeholder_breaks`: one id of an unknown type makes a batch a 500; `splits_last`: of a show in two folders a
    list has the last folder, otherwise the first; `new_shows_empty`: a new show has no episodes until the second scan.
    `withdrawn_resume` and `withdrawn_episodes`: lists of what is in progress below a library, and of a show's episodes,
    do not ask whether the user may see it. `folders_in_progress`: partly watched shows and seasons are in progress.
    Data: `shared_by_ids`: items that share a provider id share their data, each with a copy in memory that is never
    forgotten; `told_item_id`: user data name their item; `old_keys`: data that were stored before the ids changed come
    back after a restart; `ghosts`: they keep a cleared title on the list; `versions_apart`: each version of a film has
    its own; `replaced_keeps`: a replaced file keeps them; `stale_copies`: a scan during a play leaves a second, older
    copy in memory, which answers for the single item and is the base of writes.
    Playback: `start_unmarks`: a start takes the watched mark.
    Push: `own_sessions`: everybody gets their own sessions; `start_up_server`: another server answers while it starts.
    """

    legacy_auth: bool = True
    by_number: bool = False
    saved_since: bool = False
    placeholder_breaks: bool = False
    splits_last: bool = False
    new_shows_empty: bool = False
    withdrawn_resume: bool = False
    withdrawn_episodes: bool = False
    folders_in_progress: bool = False
    shared_by_ids: bool = True
    told_item_id: bool = False
    old_keys: bool = False
    ghosts: bool = False
    versions_apart: bool = False
    replaced_keeps: bool = True
    stale_copies: bool = False
    start_unmarks: bool = True
    own_sessions: bool = False
    start_up_server: bool = False


_CHANGES: tuple[tuple[tuple[int, ...], dict[str, bool]], ...] = (
    ((10, 10), {"by_number": True}),
    (
        (10, 11),
        {
            "saved_since": True,
            "placeholder_breaks": True,
            "new_shows_empty": True,
            "withdrawn_resume": True,
            "withdrawn_episodes": True,
            "shared_by_ids": False,
            "told_item_id": True,
            "old_keys": True,
            "replaced_keeps": False,
            "own_sessions": True,
            "start_up_server": True,
        },
    ),
    ((10, 11, 6), {"replaced_keeps": True}),
    (
        (12,),
        {
            "legacy_auth": False,
            "placeholder_breaks": False,
            "splits_last": True,
            "new_shows_empty": False,
            "withdrawn_episodes": False,
            "folders_in_progress": True,
            "old_keys": False,
            "ghosts": True,
            "versions_apart": True,
            "stale_copies": True,
            "start_unmarks": False,
        },
    ),
)


def ways_of(version: tuple[int, ...]) -> Ways:
    """Return how a version behaves."""
    ways = Ways()
    for since, changes in _CHANGES:
        if version >= since:
            ways = replace(ways, **changes)
    return ways
