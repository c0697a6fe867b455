"""Kernels of the user equilibrium: shortest paths, path generation, and shifts of flow between paths.

They are in one file, for a cached kernel does not notice a change of another file. Arcs are sorted by tail; `law`
holds per resource 1 / capacity and the parameters that `delay` reads; the last resource is a dummy that costs nothing.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["CONICAL", "CONSTANT", "FOURTH", "NONE", "POWER", "QUEUE", "WHOLE"]
__all__ += ["area", "differ", "newton", "refresh", "search", "sweep", "total_loads"]

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
    price = np.empty(64)
    begin = np.empty(65, np.int64)
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
                if m + 2 > price.size:
                    price = _grown(price, 2 * price.size)
                    begin = _grown(begin, 2 * begin.size)
                length[made + m] = start[p + 1] - start[p]
                new_flow[made + m] = flow[p]
                price[m] = c
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

    Difference e of path `path[e]`, base `base[e]`: it adds the resources `entry[begin[e]:middle[e]]`, leaves
    `entry[middle[e]:begin[e + 1]]`, and costs `extra[e]` more in fixed cost. `choice` delimits the rows.
    """
    rows = row.size - 1
    number, size, some = 0, 0, 0
    for i in range(rows):
        m = row[i + 1] - row[i]
        if m > 1:
            top = 0
            for p in range(row[i], row[i + 1]):
                top = max(top, start[p + 1] - start[p])
            number += m - 1
            some += 1
            size += start[row[i + 1]] - start[row[i]] + (m - 1) * top
    choice = np.empty(some + 1, np.int64)
    path = np.empty(number, np.int64)
    base = np.empty(number, np.int64)
    begin = np.empty(number + 1, np.int64)
    middle = np.empty(number, np.int64)
    extra = np.empty(number)
    entry = np.empty(size, np.uint32)
    count = np.zeros(resources, np.int64)
    e, s, used = 0, 0, 0
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
            more = 0.0
            for j in range(start[b], start[b + 1]):
                count[resource[arcs[j]]] -= 1
                more -= fixed[k, arcs[j]]
            for j in range(start[p], start[p + 1]):
                count[resource[arcs[j]]] += 1
                more += fixed[k, arcs[j]]
            count[resources - 1] = 0
            for j in range(start[p], start[p + 1]):
                r = resource[arcs[j]]
                if count[r] > 0:
                    for _ in range(count[r]):
                        entry[used] = r
                        used += 1
                    count[r] = 0
            middle[e] = used
            for j in range(start[b], start[b + 1]):
                r = resource[arcs[j]]
                if count[r] < 0:
                    for _ in range(-count[r]):
                        entry[used] = r
                        used += 1
                    count[r] = 0
            path[e], base[e], extra[e] = p, b, more
            e += 1
            begin[e] = used
        s += 1
        choice[s] = e
    return choice, path, base, begin, middle, extra, entry[:used]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def sweep(differences, flow, laws, skip):  # type: ignore[no-untyped-def]
    """One round of Newton shifts between each path and its base; returns the excess cost met on the way.

    Rows whose excess is at most `skip` are left alone.
    """
    choice, path, base, begin, middle, extra, entry = differences
    kind, law, load, time, slope = laws
    excess = 0.0
    for s in range(choice.size - 1):
        c0, c1 = choice[s], choice[s + 1]
        b = base[c0]
        lowest, own, whole = 0.0, 0.0, flow[b]
        for e in range(c0, c1):
            gain = extra[e]
            for j in range(begin[e], middle[e]):
                gain += time[entry[j]]
            for j in range(middle[e], begin[e + 1]):
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
            p = path[e]
            gain, steep = extra[e], 0.0
            for j in range(begin[e], middle[e]):
                gain += time[entry[j]]
                steep += slope[entry[j]]
            for j in range(middle[e], begin[e + 1]):
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
            left = extra[e] + _carry(entry, begin[e], middle[e], begin[e + 1], move, kind, law, load, time, slope)
            for trial in range(20):
                if left * gain >= 0.0 or abs(left) <= OVERSHOOT * abs(gain):
                    break
                # too far: costs rose more steeply than their slope said; go back to where the chord is 0, then by half
                back = move * min(max(left / (left - gain), 0.5 if trial > 1 else 0.0), 0.9)
                move -= back
                left = extra[e] + _carry(entry, begin[e], middle[e], begin[e + 1], -back, kind, law, load, time, slope)
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
    choice, path, base, begin, middle, extra, entry = differences
    _, _, load, time, slope = laws
    n = path.size
    gain = np.empty(n)
    scale = np.zeros(n)
    step = np.zeros(n)
    residual = np.zeros(n)
    direction = np.zeros(n)
    bend = np.zeros(load.size)
    for e in range(n):
        gain[e] = extra[e]
        steep = 0.0
        for j in range(begin[e], middle[e]):
            gain[e] += time[entry[j]]
            steep += slope[entry[j]]
        for j in range(middle[e], begin[e + 1]):
            gain[e] -= time[entry[j]]
            steep += slope[entry[j]]
        if steep > 0.0:
            scale[e] = min(flow[path[e]], flow[base[e]]) / steep
    first_norm = 0.0
    for _ in range(releases):
        _bend(begin, middle, entry, step, bend, slope)
        norm = 0.0
        for e in range(n):
            if scale[e] > 0.0:
                h = 0.0
                for j in range(begin[e], middle[e]):
                    h += bend[entry[j]]
                for j in range(middle[e], begin[e + 1]):
                    h -= bend[entry[j]]
                residual[e] = -gain[e] - h - damping * step[e] / scale[e]
                direction[e] = residual[e] * scale[e]
                norm += residual[e] * direction[e]
            else:
                direction[e] = 0.0
        first_norm = max(first_norm, norm)
        target = max(1e-4 * norm, 1e-10 * first_norm)
        for _round in range(rounds):
            if norm <= target:
                break
            curve = _bend(begin, middle, entry, direction, bend, slope)
            if damping > 0.0:
                for e in range(n):
                    if scale[e] > 0.0:
                        curve += damping * direction[e] * direction[e] / scale[e]
            if not curve > 1e-14 * _stiffness(flow, path, base, scale, direction):  # they trade places at no change
                break
            alpha = norm / curve
            fresh = 0.0
            for e in range(n):
                if scale[e] > 0.0:
                    h = 0.0
                    for j in range(begin[e], middle[e]):
                        h += bend[entry[j]]
                    for j in range(middle[e], begin[e + 1]):
                        h -= bend[entry[j]]
                    step[e] += alpha * direction[e]
                    residual[e] -= alpha * (h + damping * direction[e] / scale[e])
                    fresh += residual[e] * residual[e] * scale[e]
            beta = fresh / norm
            norm = fresh
            for e in range(n):
                direction[e] = residual[e] * scale[e] + beta * direction[e]
        if not _lock(choice, path, base, flow, step, scale):
            break
    return _take(differences, flow, laws, step)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _stiffness(flow, path, base, scale, direction):  # type: ignore[no-untyped-def]
    """The curvature along `direction` if no two paths had anything in common."""
    total = 0.0
    for e in range(direction.size):
        if scale[e] > 0.0:
            total += direction[e] * direction[e] * min(flow[path[e]], flow[base[e]]) / scale[e]
    return total


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _bend(begin, middle, entry, step, bend, slope):  # type: ignore[no-untyped-def]
    """Write the change of times under `step` to `bend`; returns the curvature along it."""
    bend[:] = 0.0
    for e in range(step.size):
        d = step[e]
        if d != 0.0:
            for j in range(begin[e], middle[e]):
                bend[entry[j]] += d
            for j in range(middle[e], begin[e + 1]):
                bend[entry[j]] -= d
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
    choice, path, base, begin, middle, extra, entry = differences
    kind, law, load, time, slope = laws
    change = np.zeros(load.size)
    fall = 0.0
    _lock(choice, path, base, flow, step, np.empty(step.size))
    for e in range(step.size):
        d = step[e]
        if d != 0.0:
            fall += extra[e] * d
            for j in range(begin[e], middle[e]):
                change[entry[j]] += d
            for j in range(middle[e], begin[e + 1]):
                change[entry[j]] -= d
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
