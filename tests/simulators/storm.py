"""Messages that come in storms."""

import json


def storm_message(kind: str, user_id: str, number: int) -> str:
    """Return one of very many different messages of a kind of server, about different items and one user."""
    if kind == "plex":
        row = {"sessionKey": str(number), "ratingKey": str(number + 1), "state": "stopped" if number % 2 else "playing"}
        return json.dumps({"NotificationContainer": {"type": "playing", "PlaySessionStateNotification": [row]}})
    item = f"{number + 1:032x}" if kind == "jellyfin" else str(number + 1)
    if number % 2:
        data = {"UserId": user_id, "UserDataList": [{"ItemId": item, "PlaybackPositionTicks": number}]}
        return json.dumps({"MessageType": "UserDataChanged", "Data": data})
    session = {"Id": f"s{number}", "UserId": user_id, "NowPlayingItem": {"Id": item}, "PlayState": {}}
    return json.dumps({"MessageType": "Sessions", "Data": [session]})
