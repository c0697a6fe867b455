"""Networks and trips in TNTP format, laid out as the field's test collection has them (github.com/bstabler)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bactrian.files import write_text
from bactrian.formats.tntp import Tntp

__all__ = ["write_tntp"]

_HEADER = "~\tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;"
_BESIDE = 5  # trips in a line


def write_tntp(network: Tntp, folder: Path, name: str) -> list[Path]:
    """Write NAME_net.tntp and NAME_trips.tntp; all of the network is kept, to the last digit.

    The columns speed and link_type, which Bactrian does not use, are 0 and 1. Raises CaseError when the files cannot be
    written.

    >>> from tempfile import TemporaryDirectory
    >>> from bactrian.formats import read_tntp
    >>> with TemporaryDirectory() as folder:
    ...     net = "<NUMBER OF ZONES> 2\\n<NUMBER OF NODES> 2\\n<END OF METADATA>\\n1 2 10 5 3 0.15 4 ;"
    ...     _ = Path(folder, "a_net.tntp").write_text(net)
    ...     _ = Path(folder, "a_trips.tntp").write_text("<END OF METADATA>\\nOrigin 1\\n 2 : 7.5;")
    ...     files = write_tntp(read_tntp(folder), Path(folder, "again"), "a")
    ...     read_tntp(Path(folder, "again")).amount.tolist(), [file.name for file in files]
    ([7.5], ['a_net.tntp', 'a_trips.tntp'])
    """
    return [
        write_text(folder / f"{name}_net.tntp", _links(network)),
        write_text(folder / f"{name}_trips.tntp", _trips(network)),
    ]


def _links(network: Tntp) -> str:
    tags = {
        "NUMBER OF ZONES": network.zones,
        "NUMBER OF NODES": network.nodes,
        "FIRST THRU NODE": network.first_through + 1,
        "NUMBER OF LINKS": network.tail.size,
        "DISTANCE FACTOR": float(network.distance_factor),
        "TOLL FACTOR": float(network.toll_factor),
    }
    columns = [
        (network.tail + 1).tolist(),
        (network.head + 1).tolist(),
        *(one.tolist() for one in (network.capacity, network.length, network.free, network.b, network.power)),
        [0] * network.tail.size,
        network.toll.tolist(),
        [1] * network.tail.size,
    ]
    rows = ["\t" + "\t".join(map(repr, row)) + "\t;" for row in zip(*columns, strict=True)]
    return "\n".join([*_tags(tags), "", _HEADER, *rows, ""])


def _trips(network: Tntp) -> str:
    told = _tags({"NUMBER OF ZONES": network.zones, "TOTAL OD FLOW": float(network.amount.sum())})
    order = np.argsort(network.origin, kind="stable")
    last = -1
    for origin in network.origin[order].tolist():
        if origin != last:
            told += ["", f"Origin {origin + 1}"]
            last = origin
            mine = np.flatnonzero(network.origin == origin)
            pairs = zip(network.destination[mine].tolist(), network.amount[mine].tolist(), strict=True)
            cells = [f"{destination + 1} : {amount!r};" for destination, amount in pairs]
            told += [" ".join(cells[start : start + _BESIDE]) for start in range(0, len(cells), _BESIDE)]
    return "\n".join([*told, ""])


def _tags(tags: dict[str, float]) -> list[str]:
    return [*(f"<{name}> {value!r}" for name, value in tags.items()), "<END OF METADATA>"]
