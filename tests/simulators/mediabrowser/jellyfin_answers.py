"""How Jellyfin says no: empty bodies, problem+json, or one sentence that tells nothing."""

from aiohttp import web

from .values import Refusal, Refused, hex_id

_EMPTY = {
    Refusal.UNAUTHORIZED: 401,
    Refusal.BAD_LOGIN: 401,
    Refusal.FORBIDDEN: 403,
    Refusal.WRONG_METHOD: 405,
}
_TEXT = {
    Refusal.OTHER_USER: (403, "Error processing request."),
    Refusal.ILLEGAL: (403, "Error processing request."),
    Refusal.PREFERENCES: (403, "User is not allowed to update this item user data."),
    Refusal.UNKNOWN_USER: (404, "Error processing request."),
    Refusal.UNKNOWN_SERIES: (404, "Series not found"),
    Refusal.MISSING_CLIENT: (400, "Error processing request."),
    Refusal.OUT_OF_RANGE: (400, "Error processing request."),
    Refusal.BROKEN: (500, "Error processing request."),
}
_PROBLEMS = {
    Refusal.UNKNOWN_ITEM: (404, "Not Found", "15.5.5"),
    Refusal.UNKNOWN_PATH: (404, "Not Found", "15.5.5"),
    Refusal.WRONG_CONTENT_TYPE: (415, "Unsupported Media Type", "15.5.16"),
    Refusal.MALFORMED_ID: (400, "One or more validation errors occurred.", "15.5.1"),
    Refusal.MALFORMED_ARGUMENT: (400, "One or more validation errors occurred.", "15.5.1"),
    Refusal.MALFORMED_BODY: (400, "One or more validation errors occurred.", "15.5.1"),
}


def jellyfin_refusal(error: Refused) -> web.Response:
    """Return the answer to a refused request."""
    if error.refusal is Refusal.LIBRARY:
        return web.json_response(f"{error.value} is not permitted to access Library {error.field}.", status=401)
    if (status := _EMPTY.get(error.refusal)) is not None:
        return web.Response(status=status)
    if (text := _TEXT.get(error.refusal)) is not None:
        return web.Response(status=text[0], text=text[1])
    status, title, section = _PROBLEMS[error.refusal]
    trace = hex_id("trace", error.field, error.value)
    problem: dict[str, object] = {
        "type": f"https://tools.ietf.org/html/rfc9110#section-{section}",
        "title": title,
        "status": status,
        "traceId": f"00-{trace}-{trace[:16]}-00",
    }
    if error.field:
        problem["errors"] = {error.field: [f"The value '{error.value}' is not valid."]}
    return web.json_response(problem, status=status, content_type="application/problem+json")
