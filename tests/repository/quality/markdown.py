"""What stands in a Markdown document: sections, tables, code and links."""

from collections.abc import Iterator, Mapping, Sequence
import re

_HEADING = re.compile(r"(#{1,6}) +(.+?) *#*")
_FENCE = "```"
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")

type Row = Mapping[str, str]


def _without_code(text: str) -> Iterator[str]:
    """Yield the lines of a text, those of code as empty ones."""
    in_code = False
    for line in text.splitlines():
        is_fence = line.lstrip().startswith(_FENCE)
        yield "" if is_fence or in_code else line
        in_code ^= is_fence


def sections(text: str) -> dict[str, str]:
    """Return what stands below each heading, up to the next one of the same rank; lines of code are no headings."""
    lines = text.splitlines()
    headings = [
        (number, len(found[1]), found[2])
        for number, line in enumerate(_without_code(text))
        if (found := _HEADING.fullmatch(line))
    ]
    ends = [
        next((number for number, rank, _ in headings if number > start and rank <= own), len(lines))
        for start, own, _ in headings
    ]
    return {
        name: "\n".join(lines[start + 1 : end]).strip() for (start, _, name), end in zip(headings, ends, strict=True)
    }


def tables(text: str) -> list[list[Row]]:
    """Return the tables of a text, each as rows by the names of their columns."""
    found: list[list[Row]] = []
    columns: Sequence[str] = ()
    for line in _without_code(text):
        if not line.startswith("|"):
            columns = ()
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not columns:
            columns = cells
            found.append([])
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            found[-1].append(dict(zip(columns, cells, strict=True)))
    return found


def code(text: str, language: str) -> list[str]:
    """Return the blocks of code in a language."""
    return re.findall(rf"^{_FENCE}{language}\n(.*?)^{_FENCE}$", text, re.DOTALL | re.MULTILINE)


def links(text: str) -> list[str]:
    """Return the targets of links and images."""
    return [first or second for first, second in _LINK.findall("\n".join(_without_code(text)))]


def anchors(text: str) -> frozenset[str]:
    """Return what links within a document can point to."""
    return frozenset(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-").lower() for heading in sections(text))


def word(cell: str) -> str:
    """Return the one thing in backticks that a cell names; raises ValueError where it is not one."""
    (found,) = words(cell)
    return found


def words(text: str) -> list[str]:
    """Return everything in backticks."""
    return re.findall(r"`([^`]+)`", text)
