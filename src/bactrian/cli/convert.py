"""The verb that brings cases and results into the formats of other tools: convert."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from bactrian.cli.verb import Answer, verb

__all__ = ["convert"]


@verb
@click.argument("origin", metavar="FROM")
@click.argument("target", metavar="TO", type=click.Path(path_type=Path))
@click.option("--from", "reads", metavar="FORMAT", help="Format of FROM.  [default: told by its suffix or content]")
@click.option("--to", "writes", metavar="FORMAT", help="Format of TO.  [default: told by its suffix; none is a folder]")
@click.option("--demand", metavar="FILE", help="Take the demand of an OMX file in place of the case's own.")
@click.option("--year", type=int, help="Run the case for this year first, and write the flows.")
@click.option("--method", default="logit", show_default=True, help="Method of the run.")
@click.option("--overwrite", is_flag=True, help="Replace the file TO if there is one; a folder never is.")
def convert(
    origin: str,
    target: Path,
    reads: str | None,
    writes: str | None,
    demand: str | None,
    year: int | None,
    method: str,
    overwrite: bool,
) -> Answer:
    """Write the case FROM, a built-in name, folder or file, as TO in another format.

    What that format cannot hold is listed. Formats: folder, excel, gmns, omx, geopackage, parquet, geoparquet and
    netcdf; docs/formats.md tells what each keeps.
    """
    exchange = import_module("bactrian.exchange")
    case = exchange.read(origin, reads)
    exchange.check_target(target, writes, "case" if year is None else "flows", overwrite)
    case = exchange.with_demand(case, demand) if demand else case
    thing = case if year is None else import_module("bactrian.verbs").run(case, year, method)
    written = exchange.write(thing, target, writes, overwrite)
    lost = [f"  {one}" for one in written.lost]
    held = "holds all of it" if not lost else f"does not hold {len(lost)} things:"
    about = f"{exchange.FORMATS[written.format].about}, {held}"
    return Answer(written.summary(), "\n".join([f"wrote {target}", about, *lost, f"content {written.hash[:12]}"]))
