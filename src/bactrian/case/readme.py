"""The part of a case's README that follows from its tables: rows by quality."""

from __future__ import annotations

from bactrian.case import Case

__all__ = ["BEGIN", "END", "quality_table", "with_quality_table"]

BEGIN = "<!-- rows by quality, written by scripts/refresh_case.py -->"
END = "<!-- end of rows by quality -->"
_MARKS = ("measured", "reported", "estimate", "assumption")


def quality_table(case: Case) -> str:
    """Return `case.quality()` as a Markdown table, with sums and the rows that are sourced only in part.

    A row is partly assumed when it has a source but names columns that the source does not cover.
    """
    counts = case.quality().reindex(columns=list(_MARKS), fill_value=0)
    counts["all"] = counts.sum(axis=1)
    counts["partly assumed"] = 0
    for name in counts.index:
        rows = case.table(str(name))
        if "assumed" in rows:
            counts.loc[name, "partly assumed"] = int(
                ((rows["assumed"] != "") & (rows["quality"] != "assumption")).sum()
            )
    counts.loc["all"] = counts.sum()
    header = ["table", *map(str, counts.columns)]
    lines = [header, ["---", *["---:"] * (len(header) - 1)]]
    lines += [[str(name), *map(str, row)] for name, row in zip(counts.index, counts.to_numpy(), strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_quality_table(readme: str, case: Case) -> str:
    """Return the text with the table between its two marks; raise ValueError when it lacks them.

    >>> from bactrian.case import load
    >>> "| places | 0 |" in with_quality_table(f"{BEGIN} {END}", load("transcaspian"))
    True
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the text lacks the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{quality_table(case)}\n{END}{after}"
