"""Coalition games against published answers, hand-solved ones, other computations, and what must always hold."""

import doctest
import json
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain, combinations, permutations
from math import factorial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bactrian.cli import main
from bactrian.errors import CaseError, SolveError
from bactrian.formats import read_game
from bactrian.games import (
    RULES,
    Game,
    allocate,
    balanced,
    certify_nucleolus,
    convex,
    game_of,
    in_core,
    least_core,
    sampled_shapley,
    superadditive,
)

BENCH = Path(__file__).parents[2] / "shared" / "bench" / "games" / "games.json"
needs_bench = pytest.mark.skipif(not BENCH.is_file(), reason="the public games are not beside this folder")

# Tennessee Valley Authority, thousand USD, as given by Straffin and Heaney (1981), Int. J. Game Theory 10, and by
# Young (1994), Cost allocation, Handbook of Game Theory 2.
TVA = {
    ("navigation",): 163520,
    ("flood control",): 140826,
    ("power",): 250096,
    ("navigation", "flood control"): 301607,
    ("navigation", "power"): 378821,
    ("flood control", "power"): 367370,
    ("navigation", "flood control", "power"): 412584,
}


def subsets(names: Iterable[str]) -> list[tuple[str, ...]]:
    known = list(names)
    return list(chain.from_iterable(combinations(known, size) for size in range(1, len(known) + 1)))


def tva() -> Game:
    return Game.of(["navigation", "flood control", "power"], TVA, cost=True)


def estate(amount: float, *claims: float) -> Game:
    """The bankruptcy game of Aumann and Maschler (1985), Journal of Economic Theory 36."""
    names = [f"claim {i}" for i in range(len(claims))]
    by = dict(zip(names, claims, strict=True))
    return Game.of(names, lambda group: max(0.0, amount - sum(by[name] for name in names if name not in group)))


def airport(*costs: float) -> Game:
    """A runway as long as its longest plane needs: Littlechild and Owen (1973), Management Science 20."""
    names = [f"plane {i}" for i in range(len(costs))]
    by = dict(zip(names, costs, strict=True))
    return Game.of(names, lambda group: max(by[name] for name in group), cost=True)


def gloves(left: int, right: int) -> Game:
    names = [f"l{i}" for i in range(left)] + [f"r{i}" for i in range(right)]
    return Game.of(
        names, lambda group: min(sum(name[0] == "l" for name in group), sum(name[0] == "r" for name in group))
    )


def majority(quota: int, *weights: int) -> Game:
    by = {f"m{i}": weight for i, weight in enumerate(weights)}
    return Game.of(by, lambda group: float(sum(by[name] for name in group) >= quota))


def random_game(players: int, seed: int) -> Game:
    """Worth that grows with size on average, but follows no rule; odd seeds are costs."""
    draw = np.random.default_rng(seed)
    sizes = np.array([mask.bit_count() for mask in range(2**players)])
    worth = draw.uniform(0.0, 1.0, 2**players) * sizes ** draw.uniform(0.5, 2.0)
    worth[0] = 0.0
    return Game(tuple(f"p{i}" for i in range(players)), worth, cost=bool(seed % 2))


def shares(game: Game, rule: str) -> list[float]:
    return allocate(game, rule).shares.tolist()


def close(expected: Iterable[float], scale: float = 1.0) -> object:
    return pytest.approx(list(expected), rel=0, abs=1e-9 * scale)


# Published answers


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])],
    ids=["100", "200", "300"],
)
def test_the_talmud_by_the_nucleolus(amount: float, expected: list[float]) -> None:
    """Mishnah, Ketubot 93a: Aumann and Maschler (1985) show that its shares are the nucleolus."""
    assert shares(estate(amount, 100, 200, 300), "nucleolus") == close(expected)


def test_the_contested_garment() -> None:
    """Mishnah, Bava Metzia 2a: who claims all of 100 gets 75 beside one who claims half (Aumann and Maschler 1985)."""
    assert shares(estate(100, 50, 100), "nucleolus") == close([25, 75])


def littlechild_owen(costs: tuple[float, ...]) -> list[float]:
    """Each part of the runway is paid in equal parts by those who need it; costs rise."""
    steps = np.diff([0.0, *costs])
    return [float(sum(steps[k] / (len(costs) - k) for k in range(i + 1))) for i in range(len(costs))]


def littlechild(costs: tuple[float, ...]) -> list[float]:
    """The nucleolus of an airport game: Littlechild (1974), International Journal of Game Theory 3; costs rise.

    The first so many pay the same: the least of c_k / (k + 1), or of c_n / n for all; then the rest go on.
    """
    paid: list[float] = []
    while len(paid) < len(costs):
        left = [cost - sum(paid) for cost in costs[len(paid) :]]
        each = [one / min(k + 2, len(left)) for k, one in enumerate(left)]
        at = max(k for k, one in enumerate(each) if one <= min(each) + 1e-12)
        paid += [each[at]] * (at + 1)
    return paid


@pytest.mark.parametrize(
    "costs", [(8, 11, 13, 18), (1, 2, 3), (5, 5, 5, 5), (2, 7, 7, 9, 20, 21, 40), (0, 1, 10)], ids=str
)
def test_airports(costs: tuple[float, ...]) -> None:
    game = airport(*costs)
    assert shares(game, "shapley") == close(littlechild_owen(costs))
    assert shares(game, "nucleolus") == close(littlechild(costs))
    assert convex(game)
    assert superadditive(game)


def test_the_airport_of_the_textbooks() -> None:
    """Costs 8, 11, 13, 18: Shapley 2, 3, 4, 9 (the example of the article on the airport problem in Wikipedia)."""
    assert shares(airport(8, 11, 13, 18), "shapley") == close([2, 3, 4, 9])
    assert shares(airport(8, 11, 13, 18), "nucleolus") == close([3.25, 3.25, 3.25, 8.25])


def test_the_tennessee_valley() -> None:
    """Straffin and Heaney (1981): Shapley 117,829, 100,756.5, 193,998.5; nucleolus 116,234, 93,540, 202,810."""
    assert shares(tva(), "shapley") == close([117829, 100756.5, 193998.5], 1e3)
    assert shares(tva(), "nucleolus") == close([116234, 93540, 202810], 1e3)


def test_separable_costs_of_the_tennessee_valley() -> None:
    """Separable costs 45,214, 33,763, 110,977; the other 222,630 by what each avoids of 118,306, 107,063, 139,119."""
    separable, avoided = [45214, 33763, 110977], [118306, 107063, 139119]
    expected = [one + 222630 * other / sum(avoided) for one, other in zip(separable, avoided, strict=True)]
    assert tva().marginal.tolist() == separable
    for rule in ("separable-costs", "gately", "tau"):  # of three players of a concave game, all the same
        assert shares(tva(), rule) == close(expected, 1e3)


def test_two_towns() -> None:
    """Young (1994): 11 and 7 alone, 15 together; all that split the saving of 3 in half."""
    game = Game.of(["a", "b"], {("a",): 11, ("b",): 7, ("a", "b"): 15}, cost=True)
    for rule in sorted(set(RULES) - {"equal", "least-core"}):
        assert shares(game, rule) == close([9.5, 5.5])


def test_gloves() -> None:
    """Osborne and Rubinstein (1994), A Course in Game Theory: the core gives all to the glove that is scarce."""
    game = gloves(1, 2)
    assert shares(game, "shapley") == close([2 / 3, 1 / 6, 1 / 6])
    assert shares(game, "nucleolus") == close([1, 0, 0])
    assert shares(game, "tau") == close([1, 0, 0])
    assert shares(game, "least-core") == close([1, 0, 0])
    assert shares(gloves(2, 3), "nucleolus") == close([1, 1, 0, 0, 0])
    assert not in_core(game, np.array([2 / 3, 1 / 6, 1 / 6]))


def test_majority_of_three_has_an_empty_core() -> None:
    game = majority(2, 1, 1, 1)
    least = least_core(game)
    assert least.empty
    assert least.excess == pytest.approx(1 / 3, abs=1e-12)
    assert dict(least.proof) == pytest.approx({("m0", "m1"): 0.5, ("m0", "m2"): 0.5, ("m1", "m2"): 0.5})
    assert not balanced(game)
    assert shares(game, "nucleolus") == close([1 / 3] * 3)
    assert [one.gain for one in allocate(game, "shapley").leavers()] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    "weights", [(2, 1, 1, 1), (1, 1, 1, 1, 1), (2, 2, 1, 1, 1), (3, 2, 2, 1, 1), (4, 1, 1, 1, 1, 1)]
)
def test_homogeneous_majorities_share_by_their_weights(weights: tuple[int, ...]) -> None:
    """Peleg (1968), On weights of constant-sum majority games, SIAM Journal on Applied Mathematics 16: where all
    minimal winning coalitions have the same weight, the nucleolus is those weights."""
    game = majority((sum(weights) + 1) // 2, *weights)
    assert shares(game, "nucleolus") == close(np.array(weights) / sum(weights))


# Solved by hand


def test_a_player_below_what_they_have_alone() -> None:
    """Two get 5 without the third, all three get 1. The excess of the two, 4 + x3, and of the third, -x3, meet at 2."""
    game = Game.of("abc", {"a": 0, "b": 0, "c": 0, ("a", "b"): 5, ("a", "c"): 0, ("b", "c"): 0, ("a", "b", "c"): 1})
    assert shares(game, "prenucleolus") == close([1.5, 1.5, -2])
    assert shares(game, "nucleolus") == close([0.5, 0.5, 0])
    assert not allocate(game, "prenucleolus").rational
    assert not certify_nucleolus(game, np.array([1.5, 1.5, -2])).holds
    assert certify_nucleolus(game, np.array([1.5, 1.5, -2]), individual=False).holds
    assert not certify_nucleolus(game, np.array([0.5, 0.5, 0]), individual=False).holds


def test_where_nothing_can_be_shared_without_loss() -> None:
    game = Game.of("ab", {"a": 3, "b": 4, ("a", "b"): 5})
    with pytest.raises(SolveError, match="ask for the prenucleolus"):
        allocate(game, "nucleolus")
    assert shares(game, "prenucleolus") == close([2, 3])
    with pytest.raises(SolveError, match="pay more"):
        allocate(Game.of("ab", {"a": 3, "b": 4, ("a", "b"): 8}, cost=True), "nucleolus")


def test_one_imputation() -> None:
    game = Game.of("abc", {"a": 1, "b": 2, "c": 3, ("a", "b"): 9, ("a", "c"): 0, ("b", "c"): 0, ("a", "b", "c"): 6})
    assert shares(game, "nucleolus") == close([1, 2, 3])
    assert certify_nucleolus(game, np.array([1.0, 2.0, 3.0])).holds


def test_a_single_player_and_no_worth() -> None:
    for rule in RULES:
        assert shares(Game.of("a", lambda group: 7.0), rule) == [7.0]
        assert shares(Game.of("abc", lambda group: 0.0), rule) == [0.0] * 3
    alone = allocate(Game.of("a", lambda group: 7.0))
    assert (alone.largest_excess, alone.stable, alone.leavers()) == (0.0, True, ())


def test_tau_by_hand() -> None:
    """Most: 8, 2, 4; least: 2 (4 of ab less 2), 0, 0; 8 lies half way between 2 and 14."""
    worth = {"a": 0, "b": 0, "c": 0, ("a", "b"): 4, ("a", "c"): 6, ("b", "c"): 0, ("a", "b", "c"): 8}
    assert shares(Game.of("abc", worth), "tau") == close([5, 1, 2])


def test_rules_without_an_answer_say_so() -> None:
    with pytest.raises(SolveError, match="not quasi-balanced"):
        allocate(majority(2, 1, 1, 1), "tau")
    with pytest.raises(SolveError, match="no Gately point"):
        allocate(Game.of("abc", {**dict.fromkeys(subsets("abc"), 1), ("a", "b", "c"): 2}), "gately")


def test_weights_are_wanted_by_one_rule() -> None:
    game = tva()
    assert allocate(game, "proportional", {"navigation": 1, "flood control": 1, "power": 2}).shares.tolist() == close(
        [103146, 103146, 206292], 1e3
    )
    for weights, words in (
        ({}, "needs a weight"),
        ({"navigation": 1}, "needs a weight"),
        ({"navigation": 1, "flood control": 0, "steam": 1}, "no player 'steam'"),
        ({"navigation": 0, "flood control": 0, "power": 0}, "not all 0"),
        ({"navigation": -1, "flood control": 1, "power": 1}, "at least 0"),
    ):
        with pytest.raises(SolveError, match=words):
            allocate(game, "proportional", weights)
    with pytest.raises(SolveError, match="takes no weights"):
        allocate(game, "shapley", {"navigation": 1})
    with pytest.raises(SolveError, match="there is no rule"):
        allocate(game, "fair")


def test_games_that_are_none() -> None:
    for players, worth, words in (
        ("", [0.0], "1 to 20 players"),
        ("aa", [0.0] * 4, "same name"),
        ("ab", [0.0] * 3, "4 entries"),
        ("ab", [0.0, 1.0, np.nan, 1.0], "worth of b is not a number"),
        ("ab", [1.0, 1.0, 1.0, 1.0], "must be worth 0"),
    ):
        with pytest.raises(SolveError, match=words):
            Game(tuple(players), np.array(worth))
    for table, words in (
        ({"a": 1}, "worth of b is missing"),
        ({"a": 1, "b": 1, ("a", "b"): 1, ("b", "a"): 2}, "given twice"),
        ({"a": 1, "b": 1, ("a", "b"): 1, "c": 1}, "not a coalition"),
        ({"a": 1, "b": 1, ("a", "b"): 1, (): 1}, "must be worth 0"),
    ):
        with pytest.raises(SolveError, match=words):
            Game.of("ab", table)
    with pytest.raises(SolveError, match="1 to 20 players"):
        Game.of(map(str, range(21)), len)


# Other ways to compute them


def by_orders(game: Game) -> list[Fraction]:
    """The Shapley value by its definition, in fractions."""
    found = [Fraction(0)] * len(game.players)
    for order in permutations(range(len(found))):
        mask = 0
        for i in order:
            found[i] += Fraction(float(game.worth[mask | 1 << i])) - Fraction(float(game.worth[mask]))
            mask |= 1 << i
    return [one / factorial(len(found)) for one in found]


games = st.builds(
    lambda players, worth, cost, power: Game(
        tuple("abcdef"[:players]), np.array([0.0, *worth[: 2**players - 1]]) * 10.0**power, cost
    ),
    st.integers(1, 5),
    st.lists(st.integers(-9, 9).map(float), min_size=31, max_size=31),
    st.booleans(),
    st.integers(-3, 6),
)


@settings(deadline=None)
@given(games)
def test_shapley_by_all_orders(game: Game) -> None:
    assert shares(game, "shapley") == close(map(float, by_orders(game)), game.scale)


def sorted_excess(game: Game, x: np.ndarray) -> list[float]:
    sums = np.array([sum(x[i] for i in range(len(x)) if mask >> i & 1) for mask in range(game.worth.size)])
    return sorted((game.sign * (game.worth - sums))[1:-1], reverse=True)


@settings(deadline=None, max_examples=200)
@given(games, st.integers(0, 2**32 - 1), st.sampled_from(["nucleolus", "prenucleolus"]))
def test_no_other_shares_have_smaller_excesses(game: Game, seed: int, rule: str) -> None:
    """By definition: the excesses in falling order are lexicographically least. Kohlberg's condition agrees."""
    try:
        found = allocate(game, rule)
    except SolveError:
        assert rule == "nucleolus"
        assert game.sign * (game.total - game.alone.sum()) < 0
        return
    assert found.efficient
    assert certify_nucleolus(game, found.shares, individual=rule == "nucleolus").holds
    draw, best = np.random.default_rng(seed), sorted_excess(game, found.shares)
    for size in (1e-4, 1e-2, 1.0):
        step = draw.normal(size=len(game.players))
        other = found.shares + size * game.scale * (step - step.mean())
        lost = game.sign * (game.alone - other)
        if len(game.players) == 1 or (rule == "nucleolus" and (lost > 0).any()):
            continue
        worse = [
            (b, a) for b, a in zip(best, sorted_excess(game, other), strict=True) if abs(a - b) > 1e-9 * game.scale
        ]
        assert not worse or worse[0][1] > worse[0][0]
        assert not certify_nucleolus(game, other, individual=rule == "nucleolus").holds


@settings(deadline=None)
@given(games, st.integers(-5, 5), st.integers(1, 4))
def test_rules_do_not_mind_units_and_what_players_have_besides(game: Game, gift: int, factor: int) -> None:
    """Strategic equivalence: v'(S) = k v(S) + what its members have besides gives x' = k x + that."""
    besides = gift * game.scale * np.arange(1, len(game.players) + 1)
    sums = np.array([sum(b for i, b in enumerate(besides) if mask >> i & 1) for mask in range(game.worth.size)])
    other = Game(game.players, factor * game.worth + sums, game.cost)
    for rule in ("shapley", "prenucleolus", "tau", "gately", "equal-surplus"):
        try:
            expected = factor * allocate(game, rule).shares + besides
        except SolveError:
            continue
        assert shares(other, rule) == pytest.approx(expected.tolist(), rel=0, abs=1e-7 * other.scale)


@settings(deadline=None)
@given(games)
def test_costs_are_gains_turned_round(game: Game) -> None:
    other = Game(game.players, -game.worth, not game.cost)
    for rule in RULES:
        try:
            expected = allocate(game, rule)
        except SolveError:
            with pytest.raises(SolveError):
                allocate(other, rule)
            continue
        found = allocate(other, rule)
        assert found.shares.tolist() == close(-expected.shares, game.scale)
        assert found.largest_excess == pytest.approx(expected.largest_excess, abs=1e-9 * game.scale)
        assert (found.stable, found.rational) == (expected.stable, expected.rational)


@settings(deadline=None)
@given(games)
def test_core_nucleolus_and_proof_agree(game: Game) -> None:
    least = least_core(game)
    found = allocate(game, "prenucleolus")
    assert found.stable != least.empty
    assert found.largest_excess == pytest.approx(least.excess, abs=1e-8 * game.scale)
    assert in_core(game, least.shares) != least.empty
    if len(game.players) > 1:
        covered = {name: sum(weight for names, weight in least.proof if name in names) for name in game.players}
        assert covered == pytest.approx(dict.fromkeys(game.players, 1.0))
        need = sum(weight * float(game.worth[game.mask(names)]) for names, weight in least.proof)
        assert (game.sign * (need - game.total) > 1e-8 * game.scale) == least.empty


@settings(deadline=None)
@given(games)
def test_properties_by_their_definitions(game: Game) -> None:
    gain = (game.sign * game.worth).tolist()
    pairs = [(s, t) for s in range(len(gain)) for t in range(len(gain))]
    assert superadditive(game) == all(gain[s | t] >= gain[s] + gain[t] for s, t in pairs if not s & t)
    assert convex(game) == all(gain[s | t] + gain[s & t] >= gain[s] + gain[t] for s, t in pairs)
    if convex(game):
        assert balanced(game)
        assert in_core(game, allocate(game, "shapley").shares)


def test_superadditive_beyond_what_is_looked_at_together() -> None:
    worth = np.array([float(mask.bit_count()) for mask in range(2**13)])
    assert superadditive(Game(tuple(map(str, range(13))), worth))
    worth[-1] -= 1e-3
    assert not superadditive(Game(tuple(map(str, range(13))), worth))


def test_the_dual_game_and_the_game_above_zero() -> None:
    game = tva()
    assert game.dual().dual().worth.tolist() == game.worth.tolist()
    assert game.dual().alone.tolist() == game.marginal.tolist()
    assert shares(game.dual(), "shapley") == close(shares(game, "shapley"), 1e3)
    assert game.zero_normalised().alone.tolist() == [0.0] * 3
    assert game.zero_normalised().total == 412584 - 554442


@pytest.mark.parametrize("seed", range(6))
def test_nucleolus_of_ten_players(seed: int) -> None:
    certified(seed)


@pytest.mark.nightly
def test_nucleolus_of_ten_players_for_all_seeds() -> None:
    for seed in range(200):
        certified(seed)


def certified(seed: int) -> None:
    game = random_game(10, seed)
    for rule in ("nucleolus", "prenucleolus"):
        try:
            found = allocate(game, rule)
        except SolveError:
            assert rule == "nucleolus"
            assert game.sign * (game.total - game.alone.sum()) < 0
            continue
        certificate = certify_nucleolus(game, found.shares, individual=rule == "nucleolus")
        assert certificate.holds, (seed, rule, certificate)
        assert certificate.efficiency < 1e-9
        moved = found.shares + 1e-4 * np.array([1.0, -1.0, *[0.0] * 8])
        assert not certify_nucleolus(game, moved, individual=rule == "nucleolus").holds


def test_a_package_from_elsewhere() -> None:
    """coopgame-py, where it is installed: another code, in another language."""
    other = pytest.importorskip("coopgame", reason="coopgame-py is not installed")
    for seed in range(30):
        game = random_game(7, seed)
        found = other.prenucleolus(other.Game((game.sign * game.worth)[1:].tolist()))
        expected = game.sign * np.array(found["allocation"])
        assert shares(game, "prenucleolus") == pytest.approx(expected.tolist(), rel=0, abs=1e-9 * game.scale)


def test_sampled_shapley_covers_the_exact_one() -> None:
    game = random_game(8, 4)
    exact = allocate(game, "shapley").shares
    found = sampled_shapley(game.players, lambda group: float(game.worth[game.mask(group)]), orders=2000, seed=3)
    assert found.shares.sum() == pytest.approx(game.total)
    assert (np.abs(found.shares - exact) < 2 * found.margin).all()
    assert (found.margin < 0.2).all()
    again = sampled_shapley(game.players, lambda group: float(game.worth[game.mask(group)]), orders=2000, seed=3)
    assert again.shares.tolist() == found.shares.tolist()


def test_sampled_shapley_of_an_airport_of_sixty() -> None:
    costs = tuple(float(i) for i in range(1, 61))
    by = {f"plane {i}": cost for i, cost in enumerate(costs)}
    found = sampled_shapley(
        by, lambda group: max((by[name] for name in group), default=0.0), orders=400, confidence=0.99
    )
    outside = np.abs(found.shares - littlechild_owen(costs)) > found.margin
    assert outside.mean() < 0.1


def test_sampling_that_cannot_be() -> None:
    for asked, words in (({"orders": 3}, "even"), ({"orders": 2}, "at least 4"), ({"confidence": 1.0}, "between")):
        with pytest.raises(SolveError, match=words):
            sampled_shapley("ab", len, **asked)  # type: ignore[arg-type]


@needs_bench
@pytest.mark.parametrize("name", ["airport4", "talmud_100", "talmud_200", "talmud_300", "tva", "two_towns", "glove3"])
def test_the_games_of_the_bench(name: str) -> None:
    told = next(one for one in json.loads(BENCH.read_text(encoding="utf-8"))["games"] if one["id"] == name)
    players = [str(i + 1) for i in range(told["players"])]
    game = Game.of(players, {tuple(key.split(",")): v for key, v in told["v"].items()}, cost=told["type"] == "cost")
    assert shares(game, "nucleolus") == close(told["nucleolus"], max(1.0, game.scale / 1e3))
    expected = told.get("shapley", told.get("shapley_recomputed"))
    assert shares(game, "shapley") == close(expected, max(1.0, game.scale / 1e3))


def test_the_page_works_out_its_example() -> None:
    page = Path(__file__).parents[1] / "docs" / "games.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0


def test_three_countries_from_their_table(tmp_path: Path) -> None:
    """The table on the page, and its shares by hand."""
    page = (Path(__file__).parents[1] / "docs" / "games.md").read_text(encoding="utf-8")
    game = game_of(read_game(write(tmp_path, page.split("```")[1].lstrip("\n"))))
    for rule, expected in (
        ("shapley", [47.5, 30, 22.5]),
        ("separable-costs", [40 + 15 * 20 / 45, 30, 20 + 15 * 10 / 45]),
        ("tau", [45.625, 30.625, 23.75]),
        ("nucleolus", [45, 30, 25]),
        ("equal-surplus", [50, 30, 20]),
    ):
        assert shares(game, rule) == close(expected)


# Files and the command line


def write(folder: Path, text: str, name: str = "game.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def share(*words: str) -> Result:
    return CliRunner().invoke(main, ["share", *words])


def tva_file(folder: Path) -> Path:
    return write(
        folder, "coalition,cost_kusd\n" + "".join(f"{'+'.join(names)},{cost}\n" for names, cost in TVA.items())
    )


def test_csv_and_json_say_the_same(tmp_path: Path) -> None:
    one = game_of(read_game(tva_file(tmp_path)))
    text = json.dumps({"cost": {" + ".join(names): cost for names, cost in TVA.items()}, "unit": "kusd"})
    other = game_of(read_game(write(tmp_path, text, "game.json")))
    for game in (one, other):
        assert (game.players, game.worth.tolist(), game.cost, game.unit) == (
            tva().players,
            tva().worth.tolist(),
            True,
            "kusd",
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must begin with the columns"),
        ("coalition,price\na,1\n", "must begin with the columns"),
        ("coalition,worth\n", "names 0 players"),
        ("coalition,worth\na,1\nb,1\n", "'a+b' has no row"),
        ("coalition,worth\na,1\na,2\n", "line 3, column coalition: 'a' is given twice"),
        ("coalition,worth\na,1\nb,1\na+b,2\nb+a,2\n", "line 5, column coalition: 'b+a' is given twice"),
        ("coalition,worth\na,1\na+b,2\n", "line 3, column coalition: 'b' in 'a+b' has no row alone"),
        ("coalition,worth\na,1\na+,2\n", "'a+' lacks a name"),
        ("coalition,worth\na,1\na+a,2\n", "names a player twice"),
        ("coalition,worth\na,one\n", "line 2, column worth: of 'a' must be a number, found 'one'"),
        ("coalition,worth\na,nan\n", "must be a number"),
        ("coalition,worth\na,1e999\n", "must be a number"),
        ("coalition,worth\na,1_0\n", "must be a number"),
        ("coalition,worth\n,1\na,1\n", "line 2, column worth: the empty coalition must be 0, found 1"),
        ("coalition,worth\na,1,2\n", "line 2: has 3 cells, not 2"),
        ("coalition,worth\n" + "".join(f"p{i},1\n" for i in range(21)), "names 21 players"),
    ],
)
def test_bad_csv_is_told(tmp_path: Path, text: str, words: str) -> None:
    told = share("--game", str(write(tmp_path, text)))
    assert told.exit_code == 2
    assert words in told.output
    assert "remedy" in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold one object"),
        ('{"cost": {"a": 1}, "worth": {"a": 1}}', "must hold one object"),
        ('{"cost": [1]}', "must hold one object"),
        ('{"cost": {"a": 1}, "unit": 3}', "must hold one object"),
        ('{"cost": {"a": 1, "a": 2}}', "'a' is given twice"),
        ('{"cost": {"a": true}}', "must be a number"),
        ('{"cost": {"a": null}}', "must be a number"),
        ('{"cost": {"a": {"b": 1}}}', "must be a number"),
        ('{"cost": {"a": NaN}}', "must be a number"),
        ('{"cost": {"a": "x"}}', "must be a number"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_bad_json_is_told(tmp_path: Path, text: str, words: str) -> None:
    told = share("--game", str(write(tmp_path, text, "game.json")), "--json")
    assert told.exit_code == 2
    assert any(words in one["rule"] for one in json.loads(told.output)["findings"])


def test_a_file_that_is_not_there() -> None:
    assert "cannot be read" in share("--game", "no/such.csv").output
    with pytest.raises(CaseError):
        read_game("no/such.csv")


def test_the_command_compares_rules(tmp_path: Path) -> None:
    told = share("--game", str(tva_file(tmp_path)))
    assert told.exit_code == 0
    for words in (
        "cost of all together 412,584 kusd",
        "117,829",
        "202,810",
        "Kohlberg's condition holds",
        "the core is not",
    ):
        assert words in told.output


def test_the_command_tells_all_of_one_rule(tmp_path: Path) -> None:
    path = write(tmp_path, "coalition,worth\n" + "".join(f"{'+'.join(s)},{len(s) > 1:d}\n" for s in subsets("abc")))
    told = json.loads(share("--game", str(path), "--rule", "equal-surplus", "--json").output)
    only = told["allocations"][0]
    assert only["shares"] == pytest.approx(dict.fromkeys("abc", 1 / 3))
    assert only["excess"]["a+b"] == pytest.approx(1 / 3)
    assert (only["in_core"], told["core"]["empty"], told["superadditive"], told["convex"]) == (False, True, True, False)
    assert len(only["leavers"]) == 3
    assert "the core is empty" in share("--game", str(path)).output
    assert "no tau value" in share("--game", str(path)).output
    wrong = share("--game", str(path), "--rule", "tau")
    assert (wrong.exit_code, "not quasi-balanced" in wrong.output) == (2, True)


def test_the_command_takes_weights(tmp_path: Path) -> None:
    path = str(tva_file(tmp_path))
    weights = [*("--weight", "power", "2"), *("--weight", "navigation", "1"), *("--weight", "flood control", "1")]
    told = json.loads(share("--game", path, "--json", "--rule", "proportional", *weights).output)
    assert told["allocations"][0]["shares"]["power"] == 206292
    assert "proportional" in share("--game", path, *weights).output
    assert share("--game", path, "--rule", "proportional").exit_code == 2
