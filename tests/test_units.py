import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bactrian import UnitError
from bactrian.units import parse


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("12 bn USD", "USD", 12e9), ("4.5 Mt/yr", "kt/yr", 4500), ("36 h", "d", 1.5), ("-30.5 m", "m", -30.5)],
)
def test_reads_what_people_write(text: str, unit: str, value: float) -> None:
    assert parse(text).to(unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["", "12", "USD", "12 florins", "nan t", "1e999 t", "1,5 t"])
def test_refuses_with_a_unit_error(text: str) -> None:
    with pytest.raises(UnitError):
        parse(text)


def test_never_adds_tonnes_to_containers() -> None:
    with pytest.raises(UnitError, match="cannot add"):
        parse("1 t") + parse("1 TEU")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnitError):
        assert math.isfinite(parse(text).value)


@given(st.floats(-1e12, 1e12), st.sampled_from(["t", "kt", "Mt", "h", "d", "km", "USD"]))
def test_to_undoes_parse(value: float, unit: str) -> None:
    assert parse(f"{value!r} {unit}").to(unit) == pytest.approx(value, rel=1e-12)
