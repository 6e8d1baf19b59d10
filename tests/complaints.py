"""What the event loop is told that nobody took care of."""

import asyncio
import gc


class Complaints:
    """What the running loop was told since this was made."""

    def __init__(self) -> None:
        """Listen to the loop of this test."""
        self.messages: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.messages.append(str(context)))

    def all(self) -> list[str]:
        """Return everything, what is told when objects go included."""
        gc.collect()
        return self.messages
