"""Kernels of the user equilibrium: shortest paths, path generation, and shifts of flow between paths.

They are in one file, for a cached kernel does not notice a change of another file. Arcs are sorted by tail; `law`
holds per resource 1 / capacity and the parameters that `delay` reads; the last resource is a dummy that costs nothing.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["CONICAL", "CONSTANT", "FOURTH", "NONE", "POWER", "QUEUE", "WHOLE"]
__all__ += ["area", "differ", "newton", "refresh", "renumber", "search", "sweep", "total_loads"]

CONSTANT, FOURTH, WHOLE, POWER, CONICAL, QUEUE = range(6)
NONE = np.uint32(0xFFFFFFFF)
SEEN = 1 << 40  # added to a count to mark it
OVERSHOOT = 0.05  # share of a difference in cost that may be left over with the other sign after a shift


@numba.njit(inline="always", error_model="numpy")
def delay(kind, law, r, x):  # type: ignore[no-untyped-def]
    """Time and slope of resource r at load x. `law`: free, 1/capacity, factor, power."""
    code = kind[r]
    free = law[r, 0]
    inverse = law[r, 1]
    factor = law[r, 2]
    ratio = max(x, 0.0) * inverse
    if code == 1:
        square = ratio * ratio
        return free + factor * square * square, 4.0 * factor * square * ratio * inverse
    if code == 0:
        return free, 0.0
    power = law[r, 3]
    if code == 2:
        lower = 1.0
        for _ in range(1, int(power)):
            lower *= ratio
        return free + factor * lower * ratio, power * factor * lower * inverse
    if code == 3:
        lower = ratio ** (power - 1.0)
        return free + factor * lower * ratio, power * factor * lower * inverse
    if code == 4:
        slack = factor * (1.0 - ratio)
        root = np.sqrt(slack * slack + power * power)
        return free * (2.0 + root - slack - power), free * factor * inverse * (1.0 - slack / root)
    low = min(ratio, power)
    steep = 1.0 / ((1.0 - low) * (1.0 - low))
    return free + factor * (low / (1.0 - low) + (ratio - low) * steep), factor * steep * inverse


@numba.njit(cache=True, nogil=True, error_model="numpy")
def refresh(kind, law, load, time, slope):  # type: ignore[no-untyped-def]
    for r in range(load.size):
        time[r], slope[r] = delay(kind, law, r, load[r])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def area(kind, law, load):  # type: ignore[no-untyped-def]
    """Sum over resources of the integral of the delay from 0 to the load."""
    total = 0.0
    for r in range(load.size):
        x = max(load[r], 0.0)
        free, inverse, factor, power = law[r, 0], law[r, 1], law[r, 2], law[r, 3]
        ratio = x * inverse
        total += free * x
        if kind[r] == 1:
            total += 0.2 * factor * x * ratio * ratio * ratio * ratio
        elif kind[r] == 2 or kind[r] == 3:
            total += factor * x * ratio**power / (power + 1.0)
        elif kind[r] == 4:
            slack = factor * (1.0 - ratio)
            at = 0.5 * (slack * np.hypot(slack, power) + power**2 * np.arcsinh(slack / power))
            zero = 0.5 * (factor * np.hypot(factor, power) + power**2 * np.arcsinh(factor / power))
            total += free * ((1.0 - power) * x + (zero - at - 0.5 * (factor**2 - slack**2)) / (factor * inverse))
        elif kind[r] == 5:
            low = min(ratio, power)
            over = ratio - low
            total += (
                factor / inverse * (-low - np.log1p(-low) + over * low / (1.0 - low) + 0.5 * over**2 / (1.0 - low) ** 2)
            )
    return total


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _dijkstra(first, end, head, cost, through, source, dist, last, order, heap, key, place):  # type: ignore[no-untyped-def]
    """Shortest path tree; returns how many nodes that may be passed stand in `order`."""
    dist[:] = np.inf
    last[:] = NONE
    place[:] = NONE
    dist[source] = 0.0
    heap[0] = source
    key[0] = 0.0
    place[source] = 0
    size = 1
    done = 0
    for _ in range(dist.size):
        if size == 0:
            break
        v = heap[0]
        reached = key[0]
        size -= 1
        if size > 0:
            node, value, at = heap[size], key[size], np.int64(0)
            while True:
                child = 2 * at + 1
                if child >= size:
                    break
                if child + 1 < size and key[child + 1] < key[child]:
                    child += 1
                if key[child] >= value:
                    break
                heap[at], key[at] = heap[child], key[child]
                place[heap[at]] = at
                at = child
            heap[at], key[at] = node, value
            place[node] = at
        if v < through and v != source:
            continue
        order[done] = v
        done += 1
        for a in range(first[v], end[v]):
            w = head[a]
            label = reached + cost[a]
            if label < dist[w]:
                if dist[w] == np.inf:
                    at = np.int64(size)
                    size += 1
                else:
                    at = np.int64(place[w])
                dist[w] = label
                last[w] = a
                while at > 0:
                    up = (at - 1) >> 1
                    if key[up] <= label:
                        break
                    heap[at], key[at] = heap[up], key[up]
                    place[heap[at]] = at
                    at = up
                heap[at], key[at] = w, label
                place[w] = at
    return done


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _repair(first, end, tail, head, cost, through, source, dist, last, order, done, queue, waits):  # type: ignore[no-untyped-def]
    """Shortest path tree from a former one: what its paths cost now, then corrections where an arc leads on cheaper.

    Returns whether their number stayed within its bound.
    """
    dist[:] = np.inf
    last[source] = NONE
    dist[source] = 0.0
    for i in range(done + through):
        v = order[i] if i < done else np.uint32(i - done)  # nodes that are never passed stand in no order
        size = 0
        while dist[v] == np.inf and last[v] != NONE:
            queue[size] = v
            size += 1
            v = tail[last[v]]
        for j in range(size - 1, -1, -1):
            a = last[queue[j]]
            dist[queue[j]] = dist[tail[a]] + cost[a]
    waits[:] = 0
    total = queue.size
    taken, space = 0, 0
    if source < through:
        queue[0] = source
        space = 1
    for a in range(end[through - 1] if through > 0 else 0, tail.size):
        w = head[a]
        label = dist[tail[a]] + cost[a]
        if label < dist[w]:
            dist[w] = label
            last[w] = a
            if waits[w] == 0 and w >= through:
                waits[w] = 1
                queue[space] = w
                space += 1
    for _ in range(4 * total):
        if space == 0:
            return True
        v = queue[taken]
        taken += 1
        if taken == total:
            taken = 0
        space -= 1
        waits[v] = 0
        reached = dist[v]
        for a in range(first[v], end[v]):
            w = head[a]
            label = reached + cost[a]
            if label < dist[w]:
                dist[w] = label
                last[w] = a
                if waits[w] == 0 and w >= through:
                    waits[w] = 1
                    put = taken + space
                    queue[put - total if put >= total else put] = w
                    space += 1
    return False


@numba.njit(inline="always", error_model="numpy")
def _grown(array, size):  # type: ignore[no-untyped-def]
    larger = np.empty(size, array.dtype)
    larger[: array.size] = array
    return larger


@numba.njit(cache=True, nogil=True, error_model="numpy")
def search(  # type: ignore[no-untyped-def]
    groups, graph, rows_by_group, trees, laws, known, shift, least
):
    """For the groups (origin, class) in the range `groups`: shortest paths, and add those that are new.

    Copies the paths that carry flow; with `shift` flow moves at once to the cheapest path of each row and `load`,
    `time` and `slope` follow. Returns paths per row, arcs per path, arcs, flow, excess cost and total cost.
    """
    first, end, tail, head, through, resource, fixed = graph
    origin, klass, rows, destination, demand = rows_by_group
    last, order, done = trees
    kind, law, load, time, slope = laws
    row, start, arcs, flow = known
    nodes = first.size
    dist = np.empty(nodes)
    heap = np.empty(nodes, np.uint32)
    key = np.empty(nodes)
    place = np.empty(nodes, np.uint32)
    seen = np.zeros(nodes, np.uint8)
    count = np.zeros(load.size, np.int64)
    cost = np.empty(tail.size)
    g0, g1 = groups
    r0, r1 = rows[g0], rows[g1]
    old = row[r1] - row[r0]
    paths = np.zeros(r1 - r0, np.int64)
    length = np.empty(old + r1 - r0, np.uint32)
    new_flow = np.empty(old + r1 - r0)
    pool = np.empty(start[row[r1]] - start[row[r0]] + 64 * (r1 - r0) // 4 + 1024, np.uint32)
    used, made = 0, 0
    excess, total = 0.0, 0.0
    former = -1
    begin = np.empty(old + 2, np.int64)
    for g in range(g0, g1):
        k = klass[g]
        if shift or k != former:
            for a in range(cost.size):
                cost[a] = fixed[k, a] + time[resource[a]]
            former = k
        tree = last[g]
        kept = done[g] > 0 and _repair(
            first, end, tail, head, cost, through, origin[g], dist, tree, order[g], done[g], heap, seen
        )
        if not kept:
            done[g] = _dijkstra(first, end, head, cost, through, origin[g], dist, tree, order[g], heap, key, place)
        loaded = False
        for i in range(rows[g], rows[g + 1]):
            d = destination[i]
            if dist[d] == np.inf:
                continue
            m = 0
            best = -1
            lowest = np.inf
            begin[0] = used
            for p in range(row[i], row[i + 1]):
                if flow[p] <= 0.0:
                    continue
                if used + start[p + 1] - start[p] > pool.size:
                    pool = _grown(pool, 2 * pool.size + start[p + 1] - start[p])
                c = 0.0
                if shift:  # `cost` is of the time when the tree was found
                    for j in range(start[p], start[p + 1]):
                        c += fixed[k, arcs[j]] + time[resource[arcs[j]]]
                else:
                    for j in range(start[p], start[p + 1]):
                        c += cost[arcs[j]]
                for j in range(start[p], start[p + 1]):
                    pool[used] = arcs[j]
                    used += 1
                length[made + m] = start[p + 1] - start[p]
                new_flow[made + m] = flow[p]
                if c < lowest:
                    lowest, best = c, m
                m += 1
                begin[m] = used
                excess += flow[p] * (c - dist[d])
                total += flow[p] * c
            if dist[d] < lowest - least * lowest or m == 0:
                steps = 0
                v = d
                while v != origin[g]:
                    steps += 1
                    v = tail[tree[v]]
                if used + steps > pool.size:
                    pool = _grown(pool, 2 * pool.size + steps)
                v = d
                for j in range(used + steps - 1, used - 1, -1):
                    pool[j] = tree[v]
                    v = tail[tree[v]]
                used += steps
                length[made + m] = steps
                new_flow[made + m] = 0.0
                best = m
                if m == 0:
                    new_flow[made] = demand[i]
                    for j in range(used - steps, used):
                        load[resource[pool[j]]] += demand[i]
                    loaded = True
                m += 1
                begin[m] = used
            if shift and m > 1:
                b0, b1 = begin[best], begin[best + 1]
                for q in range(m):
                    if q != best:
                        span = begin[q], begin[q + 1], b0, b1
                        most = new_flow[made + q]
                        move = _shift(pool, span, resource, fixed[k], most, laws, count)
                        new_flow[made + q] -= move
                        new_flow[made + best] += move
            paths[i - r0] = m
            made += m
        if loaded:
            refresh(kind, law, load, time, slope)
    return paths, length[:made], pool[:used], new_flow[:made], excess, total


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _shift(pool, span, resource, fixed, flow, laws, count):  # type: ignore[no-untyped-def]
    """Newton shift between the paths pool[a0:a1] and pool[b0:b1], from a to b; returns the flow moved."""
    a0, a1, b0, b1 = span
    kind, law, load, time, slope = laws
    gain = 0.0
    for j in range(b0, b1):
        count[resource[pool[j]]] -= 1
        gain -= fixed[pool[j]] + time[resource[pool[j]]]
    for j in range(a0, a1):
        count[resource[pool[j]]] += 1
        gain += fixed[pool[j]] + time[resource[pool[j]]]
    move = 0.0
    if gain > 0.0:
        steep = 0.0
        for s in range(2):
            for j in range(a0 if s == 0 else b0, a1 if s == 0 else b1):
                r = resource[pool[j]]
                if count[r] < SEEN // 2:
                    steep += count[r] * count[r] * slope[r]
                    count[r] += SEEN  # seen
        move = min(flow, gain / steep) if steep > 0.0 else flow
        share = move
        left = gain
        for trial in range(20):
            for s in range(2):
                for j in range(a0 if s == 0 else b0, a1 if s == 0 else b1):
                    r = resource[pool[j]]
                    if count[r] > SEEN // 2:
                        c = count[r] - SEEN
                        count[r] = c
                        if c != 0:
                            load[r] -= c * share
                            time[r], slope[r] = delay(kind, law, r, load[r])
            left = 0.0
            for j in range(a0, a1):
                left += fixed[pool[j]] + time[resource[pool[j]]]
            for j in range(b0, b1):
                left -= fixed[pool[j]] + time[resource[pool[j]]]
            if left >= -gain:
                break
            share = -move * min(max(left / (left - gain), 0.5 if trial > 1 else 0.0), 0.9)  # as in `sweep`
            move += share
            for s in range(2):
                for j in range(a0 if s == 0 else b0, a1 if s == 0 else b1):
                    r = resource[pool[j]]
                    if count[r] < SEEN // 2:
                        count[r] += SEEN
    for j in range(a0, a1):
        count[resource[pool[j]]] = 0
    for j in range(b0, b1):
        count[resource[pool[j]]] = 0
    return move


@numba.njit(cache=True, nogil=True, error_model="numpy")
def differ(row, start, arcs, flow, resource, fixed, class_of_row, resources):  # type: ignore[no-untyped-def]
    """Write the paths of rows with a choice as differences to the path with most flow, its base.

    Path `path[e]` of base `base[e]` makes the swap x = `swap[e]`, which many rows may share: it adds the resources
    `entry[begin[x]:middle[x]]`, leaves `entry[middle[x]:begin[x + 1]]`, and costs `extra[x]` more in fixed cost.
    `choice` delimits the rows.
    """
    rows = row.size - 1
    number, some, longest = 0, 0, 0
    for i in range(rows):
        if row[i + 1] - row[i] > 1:
            number += row[i + 1] - row[i] - 1
            some += 1
            for p in range(row[i], row[i + 1]):
                longest = max(longest, start[p + 1] - start[p])
    choice = np.empty(some + 1, np.int64)
    path = np.empty(number, np.int64)
    base = np.empty(number, np.int64)
    swap = np.empty(number, np.int64)
    begin = np.empty(number + 1, np.int64)
    middle = np.empty(number, np.int64)
    extra = np.empty(number)
    codes = extra.view(np.uint64)
    left = np.zeros(resource.size, np.bool_)
    entry = np.empty(16 * longest, np.uint32)
    count = np.zeros(resources, np.int64)
    slots = 16
    while slots < 2 * number:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    e, s, x, used = 0, 0, 0, 0
    begin[0] = 0
    choice[0] = 0
    for i in range(rows):
        if row[i + 1] - row[i] < 2:
            continue
        k = class_of_row[i]
        b = row[i]
        for p in range(row[i] + 1, row[i + 1]):
            if flow[p] > flow[b]:
                b = p
        for p in range(row[i], row[i + 1]):
            if p == b:
                continue
            for j in range(start[b], start[b + 1]):
                left[arcs[j]] = True
            more = 0.0  # without what both pay, so that all rows find the same number
            for j in range(start[p], start[p + 1]):
                a = arcs[j]
                if left[a]:
                    left[a] = False
                else:
                    count[resource[a]] += 1
                    more += fixed[k, a]
            for j in range(start[b], start[b + 1]):
                a = arcs[j]
                if left[a]:
                    left[a] = False
                    count[resource[a]] -= 1
                    more -= fixed[k, a]
            count[resources - 1] = 0
            extra[x] = more
            mark = codes[x]
            if used + 2 * longest > entry.size:
                entry = _grown(entry, 2 * entry.size)
            for part in range(2):
                q, sign = (p, 1) if part == 0 else (b, -1)
                for j in range(start[q], start[q + 1]):
                    r = resource[arcs[j]]
                    for _ in range(sign * count[r]):
                        entry[used] = r
                        used += 1
                        mark = (mark ^ np.uint64(r + part)) * np.uint64(0x9E3779B97F4A7C15)
                        mark ^= mark >> np.uint64(29)
                    if sign * count[r] > 0:
                        count[r] = 0
                if part == 0:
                    middle[x] = used
            begin[x + 1] = used
            place = np.int64(mark & np.uint64(slots - 1))
            while table[place] >= 0 and not _same(begin, middle, extra, entry, table[place], x):
                place = (place + 1) & (slots - 1)
            if table[place] < 0:
                table[place] = x
                x += 1
            used = begin[x]
            path[e], base[e], swap[e] = p, b, table[place]
            e += 1
        s += 1
        choice[s] = e
    return choice, path, base, swap, begin[: x + 1], middle[:x], extra[:x], entry[:used]


@numba.njit(inline="always", error_model="numpy")
def _same(begin, middle, extra, entry, x, y):  # type: ignore[no-untyped-def]
    """Whether swaps x and y are the same."""
    size = begin[x + 1] - begin[x]
    same = begin[y + 1] - begin[y] == size and middle[y] - begin[y] == middle[x] - begin[x] and extra[x] == extra[y]
    j = 0
    while same and j < size:
        same = entry[begin[x] + j] == entry[begin[y] + j]
        j += 1
    return same


@numba.njit(cache=True, nogil=True, error_model="numpy")
def sweep(differences, flow, laws, skip):  # type: ignore[no-untyped-def]
    """One round of Newton shifts between each path and its base; returns the excess cost met on the way.

    Rows whose excess is at most `skip` are left alone.
    """
    choice, path, base, swap, begin, middle, extra, entry = differences
    kind, law, load, time, slope = laws
    excess = 0.0
    for s in range(choice.size - 1):
        c0, c1 = choice[s], choice[s + 1]
        b = base[c0]
        lowest, own, whole = 0.0, 0.0, flow[b]
        for e in range(c0, c1):
            x = swap[e]
            gain = extra[x]
            for j in range(begin[x], middle[x]):
                gain += time[entry[j]]
            for j in range(middle[x], begin[x + 1]):
                gain -= time[entry[j]]
            f = flow[path[e]]
            lowest = min(lowest, gain)
            own += f * gain
            whole += f
        own -= whole * lowest
        excess += own
        if own <= skip:
            continue
        for e in range(c0, c1):
            p, x = path[e], swap[e]
            gain, steep = extra[x], 0.0
            for j in range(begin[x], middle[x]):
                gain += time[entry[j]]
                steep += slope[entry[j]]
            for j in range(middle[x], begin[x + 1]):
                gain -= time[entry[j]]
                steep += slope[entry[j]]
            if gain > 0.0:
                if flow[p] <= 0.0:
                    continue
                move = min(flow[p], gain / steep) if steep > 0.0 else flow[p]
            elif gain < 0.0:
                if flow[b] <= 0.0:
                    continue
                move = max(-flow[b], gain / steep) if steep > 0.0 else -flow[b]
            else:
                continue
            left = extra[x] + _carry(entry, begin[x], middle[x], begin[x + 1], move, kind, law, load, time, slope)
            for trial in range(20):
                if left * gain >= 0.0 or abs(left) <= OVERSHOOT * abs(gain):
                    break
                # too far: costs rose more steeply than their slope said; go back to where the chord is 0, then by half
                back = move * min(max(left / (left - gain), 0.5 if trial > 1 else 0.0), 0.9)
                move -= back
                left = extra[x] + _carry(entry, begin[x], middle[x], begin[x + 1], -back, kind, law, load, time, slope)
            flow[p] -= move
            flow[b] += move
    return excess


@numba.njit(nogil=True, error_model="numpy")
def _carry(entry, first, middle, end, move, kind, law, load, time, slope):  # type: ignore[no-untyped-def]
    """Take `move` off the resources up to `middle`, put it on those up to `end`; returns how their times differ."""
    for j in range(first, middle):
        r = entry[j]
        load[r] -= move
        time[r], slope[r] = delay(kind, law, r, load[r])
    for j in range(middle, end):
        r = entry[j]
        load[r] += move
        time[r], slope[r] = delay(kind, law, r, load[r])
    between = 0.0
    for j in range(first, middle):
        between += time[entry[j]]
    for j in range(middle, end):
        between -= time[entry[j]]
    return between


@numba.njit(cache=True, nogil=True, error_model="numpy")
def newton(differences, flow, laws, damping, rounds, releases):  # type: ignore[no-untyped-def]
    """One Newton step on all path flows by conjugate gradients; returns the share of the step that was taken.

    Scaling by flow lets paths of different rows that differ in the same arcs share a change in proportion. Flows that
    the step would make negative are set to 0 and the rest solved again, `releases` times. `damping` adds so many times
    the stiffness of each path alone, against directions along which slopes change much (Levenberg 1944).
    """
    choice, path, base, swap, begin, middle, extra, entry = differences
    _, _, load, time, slope = laws
    n, swaps = path.size, middle.size
    gain, stiff = np.empty(swaps), np.zeros(swaps)
    bend = np.empty(load.size)
    for x in range(swaps):
        gain[x] = extra[x] + _along(begin, middle, entry, time, x)
        for j in range(begin[x], begin[x + 1]):
            stiff[x] += slope[entry[j]]
    step, scale = np.zeros(n), np.zeros(n)
    for e in range(n):
        if stiff[swap[e]] > 0.0:
            scale[e] = min(flow[path[e]], flow[base[e]]) / stiff[swap[e]]
    # a path free to move steps by `scale` times the `pull` on its swap, so that swaps are all that is solved for
    pull, residual, direction = np.zeros(swaps), np.empty(swaps), np.empty(swaps)
    moved, weight = np.empty(swaps), np.empty(swaps)
    first_norm = 0.0
    for _ in range(releases):
        weight[:] = 0.0
        for e in range(n):
            weight[swap[e]] += scale[e]
        _by_swap(swap, step, moved)
        _bend(begin, middle, entry, moved, bend, slope)
        norm = 0.0
        for x in range(swaps):
            residual[x] = -gain[x] - _along(begin, middle, entry, bend, x) - damping * pull[x]
            direction[x] = residual[x]
            norm += weight[x] * residual[x] * residual[x]
        first_norm = max(first_norm, norm)
        target = max(1e-4 * norm, 1e-10 * first_norm)
        for _round in range(rounds):
            if norm <= target:
                break
            alone, damped = 0.0, 0.0
            for x in range(swaps):
                moved[x] = weight[x] * direction[x]
                alone += moved[x] * moved[x] * stiff[x]
                damped += damping * moved[x] * direction[x]
            curve = _bend(begin, middle, entry, moved, bend, slope) + damped
            if not curve > 1e-14 * alone:  # they trade places at no change
                break
            alpha = norm / curve
            fresh = 0.0
            for x in range(swaps):
                pull[x] += alpha * direction[x]
                residual[x] -= alpha * (_along(begin, middle, entry, bend, x) + damping * direction[x])
                fresh += weight[x] * residual[x] * residual[x]
            for x in range(swaps):
                direction[x] = residual[x] + fresh / norm * direction[x]
            norm = fresh
        for e in range(n):
            if scale[e] > 0.0:
                step[e] = scale[e] * pull[swap[e]]
        if not _lock(choice, path, base, flow, step, scale):
            break
    return _take(differences, flow, laws, step)


@numba.njit(inline="always", error_model="numpy")
def _along(begin, middle, entry, value, x):  # type: ignore[no-untyped-def]
    """By how much `value`, given per resource, grows with swap x."""
    more = 0.0
    for j in range(begin[x], middle[x]):
        more += value[entry[j]]
    for j in range(middle[x], begin[x + 1]):
        more -= value[entry[j]]
    return more


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _by_swap(swap, step, moved):  # type: ignore[no-untyped-def]
    moved[:] = 0.0
    for e in range(step.size):
        moved[swap[e]] += step[e]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _spread(begin, middle, entry, moved, change):  # type: ignore[no-untyped-def]
    """Write how the loads change when so much is moved by each swap to `change`."""
    change[:] = 0.0
    for x in range(moved.size):
        d = moved[x]
        if d != 0.0:
            for j in range(begin[x], middle[x]):
                change[entry[j]] += d
            for j in range(middle[x], begin[x + 1]):
                change[entry[j]] -= d


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _bend(begin, middle, entry, moved, bend, slope):  # type: ignore[no-untyped-def]
    """Write the change of times when so much is moved by each swap to `bend`; returns the curvature along it."""
    _spread(begin, middle, entry, moved, bend)
    curve = 0.0
    for r in range(bend.size):
        change = bend[r]
        bend[r] = change * slope[r]
        curve += change * bend[r]
    return curve


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _lock(choice, path, base, flow, step, scale):  # type: ignore[no-untyped-def]
    """Cut `step` to flows of at least 0 and hold what was cut (scale 0); returns whether anything was."""
    cut = False
    for s in range(choice.size - 1):
        up, gains = 0.0, 0.0
        for e in range(choice[s], choice[s + 1]):
            if step[e] < -flow[path[e]]:
                step[e] = -flow[path[e]]
                scale[e] = 0.0
                cut = True
            up += step[e]
            gains += max(step[e], 0.0)
        room = flow[base[choice[s]]]
        if up > room and gains > 0.0:  # the base cannot give more than it has: cut the gains, keep the losses
            share = 1.0 - (up - room) / gains
            for e in range(choice[s], choice[s + 1]):
                scale[e] = 0.0
                if step[e] > 0.0:
                    step[e] *= share
            cut = True
    return cut


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _take(differences, flow, laws, step):  # type: ignore[no-untyped-def]
    """Cut `step` to flows of at least 0 and go along it as far as the objective falls."""
    choice, path, base, swap, begin, middle, extra, entry = differences
    kind, law, load, time, slope = laws
    change, moved = np.empty(load.size), np.empty(middle.size)
    _lock(choice, path, base, flow, step, np.empty(step.size))
    _by_swap(swap, step, moved)
    _spread(begin, middle, entry, moved, change)
    fall = 0.0
    for x in range(moved.size):
        fall += extra[x] * moved[x]
    at, low, high = 1.0, 0.0, 1.0
    here = fall
    for r in range(load.size):
        here += change[r] * time[r]
    if not here < 0.0:  # no descent, or not a number
        return 0.0
    for _ in range(30):
        rate, steep = fall, 0.0
        for r in range(load.size):
            if change[r] != 0.0:
                t, u = delay(kind, law, r, load[r] + at * change[r])
                rate += change[r] * t
                steep += change[r] * change[r] * u
        if rate > 0.0:
            high = at
        else:
            low = at
            if at == 1.0 or rate >= 0.05 * here:
                break
        at = at - rate / steep if steep > 0.0 else 0.5 * (low + high)
        if not (low < at < high):
            at = 0.5 * (low + high)
    at = low  # the objective is convex and still falls here, so that it has fallen all the way
    for s in range(choice.size - 1):
        given = 0.0
        for e in range(choice[s], choice[s + 1]):
            flow[path[e]] = max(flow[path[e]] + at * step[e], 0.0)
            given += at * step[e]
        b = base[choice[s]]
        flow[b] = max(flow[b] - given, 0.0)
    for r in range(load.size):
        load[r] += at * change[r]
        time[r], slope[r] = delay(kind, law, r, load[r])
    return at


@numba.njit(cache=True, nogil=True, error_model="numpy")
def renumber(start, arcs, pick, number):  # type: ignore[no-untyped-def]
    """Starts of the picked paths when laid end to end, and their arcs by another numbering."""
    new = np.zeros(pick.size + 1, np.int64)
    for i in range(pick.size):
        new[i + 1] = new[i] + start[pick[i] + 1] - start[pick[i]]
    renumbered = np.empty(new[-1], number.dtype)
    for i in range(pick.size):
        shift = start[pick[i]] - new[i]
        for j in range(new[i], new[i + 1]):
            renumbered[j] = number[arcs[j + shift]]
    return new, renumbered


@numba.njit(cache=True, nogil=True, error_model="numpy")
def total_loads(row, start, arcs, flow, demand, class_of_row, fixed, resource, load):  # type: ignore[no-untyped-def]
    """Make the flows of each row add up to its demand to the last digit, sum the loads anew; returns the fixed cost."""
    load[:] = 0.0
    cost = 0.0
    for i in range(row.size - 1):
        if row[i + 1] == row[i]:
            continue
        b, total = row[i], 0.0
        for p in range(row[i], row[i + 1]):
            total += flow[p]
            if flow[p] > flow[b]:
                b = p
        flow[b] += demand[i] - total
        k = class_of_row[i]
        for p in range(row[i], row[i + 1]):
            f = flow[p]
            if f > 0.0:
                each = 0.0
                for j in range(start[p], start[p + 1]):
                    a = arcs[j]
                    load[resource[a]] += f
                    each += fixed[k, a]
                cost += f * each
    return cost
