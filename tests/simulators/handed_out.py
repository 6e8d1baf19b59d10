"""Every secret that simulated servers have handed out or know: tokens, passwords, PINs. Tests search logs for them."""

SECRETS: set[str] = set()


def secret(text: str) -> str:
    """Note a secret, and return it."""
    if text:
        SECRETS.add(text)
    return text
