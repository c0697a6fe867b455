"""The reference of the site: a page for each room with the docstrings of its public names, and the commands."""

import importlib
import inspect
from pathlib import Path

import click

import bactrian

ROOMS = Path(bactrian.__file__).parent
UNTOLD = {"cli", "__init__"}  # the command line has a page of its own


def rooms() -> list[str]:
    """Rooms that have public names, by name."""
    found = {path.stem for path in ROOMS.glob("*.py")} | {path.parent.name for path in ROOMS.glob("*/__init__.py")}
    return [room for room in sorted(found - UNTOLD) if importlib.import_module(f"bactrian.{room}").__all__]


def write_reference(folder: Path) -> None:
    """Write all pages to `folder`; pages that are as they were stay untouched, so that they are not read again."""
    folder.mkdir(exist_ok=True)
    pages = {f"{room}.rst": room_page(room) for room in rooms()}
    pages |= {"public.rst": public_page(), "commands.rst": commands_page()}
    for stale in set(folder.glob("*.rst")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def heading(text: str, line: str = "=") -> list[str]:
    """A heading, underlined."""
    return [text, line * len(text), ""]


def room_page(room: str) -> str:
    """What a room says of itself, and each of its public names."""
    name = f"bactrian.{room}"
    module = importlib.import_module(name)
    lines = [*heading(f"``{name}``"), f".. py:module:: {name}", "", inspect.getdoc(module) or "", ""]
    for public in module.__all__:
        thing = getattr(module, public)
        if inspect.isclass(thing):
            lines += [f".. autoclass:: {name}.{public}", "   :members:", ""]
        elif inspect.isroutine(thing):
            lines += [f".. autofunction:: {name}.{public}", ""]
        else:
            lines += [f".. py:data:: {public}", f"   :module: {name}", "", f"   {kind(thing)}", ""]
    return "\n".join(lines) + "\n"


def kind(thing: object) -> str:
    """What a public name is that is neither class nor function, and its value where that is short."""
    said = repr(thing)
    return f"``{said}``" if len(said) <= 80 and " at 0x" not in said else f"A value of type ``{type(thing).__name__}``."


def public_page() -> str:
    """The public names of the package and the room that each comes from."""
    lines = [*heading("``bactrian``: the public names"), ".. list-table::", "   :header-rows: 1", ""]
    lines += ["   * - name", "     - room", "     - what it is"]
    for name in bactrian.__all__:
        thing = getattr(bactrian, name)
        room = bactrian._HOMES.get(name, "bactrian.errors")
        first = (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")
        lines += [f"   * - :py:obj:`~{room}.{name}`", f"     - :doc:`{room} <{room.split('.')[1]}>`", f"     - {first}"]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The help of every verb of the command line."""
    main = importlib.import_module("bactrian.cli").main
    lines = heading("The command line")
    lines += [
        "Every verb takes ``--json``. It ends with 0 when all went well, 1 when what was found does not hold, 2 when"
    ]
    lines += ["it was asked wrongly or a case is faulty, 130 when it was interrupted.", ""]
    for name, verb in sorted(main.commands.items()):
        context = click.Context(verb, info_name=f"bactrian {name}", max_content_width=100, terminal_width=100)
        lines += [*heading(f"bactrian {name}", "-"), "::", ""]
        lines += [f"   {line}".rstrip() for line in verb.get_help(context).splitlines()] + [""]
    return "\n".join(lines) + "\n"
