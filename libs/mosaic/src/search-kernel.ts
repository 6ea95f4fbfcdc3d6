import {
  assembleModule,
  control,
  defineProcedure,
  i16x8,
  i32,
  i32x4,
  i64,
  v128,
  type Code,
  type Variable,
} from '@mosaicme/wasm';

/** Tiles in a block of the index. */
export const blockSize = 64;
/** Tiles, or blocks, that are compared at once: 4 lanes of 32 bits. */
export const lanesAtOnce = 4;

/** Where the kernel finds its arguments: addresses of 32-bit numbers in its memory. */
export const argumentAt = {
  boxes: 0,
  boxesEnd: 4,
  bounds: 8,
  vectors: 12,
  groups: 16,
  tileIds: 20,
  blocked: 24,
  lastBest: 28,
  idOffset: 32,
  blockCount: 36,
} as const;
/** Address of the allowances of the first four numbers, then of the query. */
export const allowanceAt = 48;
export const queryAt = 64;

/** Larger than any cost. */
export const unreachable = 0x7fffffff;

/**
 * The best are kept as 64-bit numbers, the cost in the upper half and the id in the lower, so that one
 * comparison orders by both. `lastBest` is the address of the last one; before the first lies a 0.
 */
export const bestBytes = 8;

/** After how many pairs of numbers a comparison may stop. */
const stopsAfter = [4, 12];
/** After how many pairs the bound of a block may stop growing, when it exceeds the limit. */
const boundStop = 4;

/**
 * Assembles the search for vectors of `length` 16-bit numbers. Exported functions:
 *
 * - `search()`: for each block a lower bound of the cost, from its bounding box; then, unless the caller
 *   has set a limit, the block with the least bound is scanned; then every other block whose bound does
 *   not exceed the worst kept cost.
 * - `scan(block)`: compares four tiles at a time, stops early when all four are already too far.
 * - `keep(cost, id)`: inserts into the list of the best, ordered by cost, then by id.
 *
 * `i32x4.dot` squares and adds two numbers of four tiles in one instruction, because the vectors lie
 * interleaved: number 0 and 1 of four tiles, then number 2 and 3 of them, and so on.
 */
export function assembleSearchKernel(length: number): Uint8Array<ArrayBuffer> {
  const pairs = length / 2;
  const vectorBytes = 16;
  const groupBytes = pairs * vectorBytes;
  const keep = 0;
  const scan = 1;
  const argument = (name: keyof typeof argumentAt) => i32.load(i32.const(0), argumentAt[name]);
  const times = (value: Code, factor: number) => i32.mul(value, i32.const(factor));
  const query = (pair: number) => v128.load32Splat(i32.const(0), queryAt + pair * 4);
  const isSoftened = (pair: number) => pair < 2;
  const allowance = (pair: number) => v128.load32Splat(i32.const(0), allowanceAt + pair * 4);
  const step = (variable: Variable, by: number) =>
    variable.set(i32.add(variable.get, i32.const(by)));

  return assembleModule([
    defineProcedure(
      'keep',
      ['cost', 'id'],
      { at: 'i32', entry: 'i64' },
      ({ cost, id, at, entry }) => {
        const before = i64.load(i32.sub(at.get, i32.const(bestBytes)));
        return [
          ...control.if(i32.load8U(i32.add(argument('blocked'), id.get)), control.return()),
          ...entry.set(
            i64.or(
              i64.shl(i64.extendI32U(cost.get), i64.const(32)),
              i64.extendI32U(i32.add(id.get, argument('idOffset'))),
            ),
          ),
          ...at.set(argument('lastBest')),
          ...control.if(i32.eqz(i64.gtU(i64.load(at.get), entry.get)), control.return()),
          // The number before the list is 0, less than any entry, so the walk ends there at the latest.
          ...control.while(i64.gtU(before, entry.get), [
            ...i64.store(at.get, before),
            ...step(at, -bestBytes),
          ]),
          ...i64.store(at.get, entry.get),
        ];
      },
    ),
    defineProcedure(
      'scan',
      ['block'],
      {
        at: 'i32',
        end: 'i32',
        tileIds: 'i32',
        lastCost: 'i32',
        found: 'i32',
        limit: 'v128',
        sum: 'v128',
        difference: 'v128',
      },
      ({ block, at, end, tileIds, lastCost, found, limit, sum, difference }, declare) => {
        const queries = Array.from({ length: pairs }, () => declare('v128'));
        const allowances = [declare('v128'), declare('v128')];

        const addPair = (pair: number): Code => {
          const own = queries[pair]?.get ?? [];
          const allowed = allowances[pair]?.get;
          const raw = i16x8.sub(v128.load(at.get, pair * vectorBytes), own);
          // What a shift of at most `allowed` leaves: max(d - allowed, 0) + min(d + allowed, 0).
          const rest = (d: Code) =>
            allowed
              ? i16x8.add(
                  i16x8.maxS(i16x8.sub(d, allowed), v128.zero),
                  i16x8.minS(i16x8.add(d, allowed), v128.zero),
                )
              : d;
          return [
            ...difference.set(raw),
            ...(allowed ? difference.set(rest(difference.get)) : []),
            ...sum.set(i32x4.add(sum.get, i32x4.dot(difference.get, difference.get))),
          ];
        };
        const isNear = i32x4.leS(sum.get, limit.get);
        const takeLane = (lane: number) =>
          control.if(
            i32.and(found.get, i32.const(1 << lane)),
            control.call(keep, i32x4.extractLane(sum.get, lane), i32.load(tileIds.get, lane * 4)),
          );
        const readLimit = limit.set(i32x4.splat(i32.load(lastCost.get)));
        const takeNear: Code = [
          ...found.set(i32x4.bitmask(isNear)),
          ...control.if(found.get, [...[0, 1, 2, 3].flatMap(takeLane), ...readLimit]),
        ];
        const compareFrom = (pair: number): Code => {
          const stop = stopsAfter.find((after) => after > pair && after < pairs) ?? pairs;
          const part = Array.from({ length: stop - pair }, (_, index) =>
            addPair(pair + index),
          ).flat();
          return [
            ...part,
            ...(stop === pairs ? takeNear : control.if(v128.anyTrue(isNear), compareFrom(stop))),
          ];
        };

        return [
          ...queries.flatMap((local, pair) => local.set(query(pair))),
          ...allowances.flatMap((local, pair) => local.set(allowance(pair))),
          ...at.set(
            i32.add(argument('vectors'), times(block.get, (blockSize / lanesAtOnce) * groupBytes)),
          ),
          ...end.set(
            i32.add(
              at.get,
              times(i32.load(i32.add(argument('groups'), times(block.get, 4))), groupBytes),
            ),
          ),
          ...tileIds.set(i32.add(argument('tileIds'), times(block.get, blockSize * 4))),
          ...lastCost.set(i32.add(argument('lastBest'), i32.const(bestBytes / 2))),
          ...readLimit,
          ...control.while(i32.ltU(at.get, end.get), [
            ...sum.set(v128.zero),
            ...compareFrom(0),
            ...step(at, groupBytes),
            ...step(tileIds, lanesAtOnce * 4),
          ]),
        ];
      },
    ),
    defineProcedure(
      'search',
      [],
      {
        at: 'i32',
        end: 'i32',
        bound: 'i32',
        block: 'i32',
        nearest: 'i32',
        least: 'i32',
        lastCost: 'i32',
        limit: 'v128',
        sum: 'v128',
        difference: 'v128',
      },
      ({ at, end, bound, block, nearest, least, lastCost, limit, sum, difference }, declare) => {
        const queries = Array.from({ length: pairs }, () => declare('v128'));

        // How far the query lies outside the box, in each number.
        const addPair = (pair: number): Code => {
          const own = queries[pair]?.get ?? [];
          const low = v128.load(at.get, pair * 2 * vectorBytes);
          const high = v128.load(at.get, (pair * 2 + 1) * vectorBytes);
          const outside = i16x8.maxS(i16x8.sub(low, own), i16x8.sub(own, high));
          const rest = isSoftened(pair) ? i16x8.sub(outside, allowance(pair)) : outside;
          return [
            ...difference.set(i16x8.maxS(rest, v128.zero)),
            ...sum.set(i32x4.add(sum.get, i32x4.dot(difference.get, difference.get))),
          ];
        };
        const isNear = i32x4.leS(sum.get, limit.get);
        const addPairsFrom = (first: number, to: number): Code =>
          queries.slice(first, to).flatMap((_query, index) => addPair(first + index));
        const readLimit = limit.set(i32x4.splat(i32.load(lastCost.get)));
        const scanLane = (lane: number) =>
          control.if(
            i32.and(
              i32.leS(i32.load(bound.get, lane * 4), i32.load(lastCost.get)),
              i32.ltS(i32.load(bound.get, lane * 4), i32.const(unreachable)),
            ),
            control.call(scan, i32.add(block.get, i32.const(lane))),
          );
        return [
          ...queries.flatMap((local, pair) => local.set(query(pair))),
          ...lastCost.set(i32.add(argument('lastBest'), i32.const(bestBytes / 2))),
          ...readLimit,

          ...at.set(argument('boxes')),
          ...end.set(argument('boxesEnd')),
          ...bound.set(argument('bounds')),
          ...control.while(i32.ltU(at.get, end.get), [
            ...sum.set(v128.zero),
            ...addPairsFrom(0, boundStop),
            ...control.if(v128.anyTrue(isNear), addPairsFrom(boundStop, pairs)),
            ...v128.store(bound.get, sum.get),
            ...step(at, pairs * 2 * vectorBytes),
            ...step(bound, lanesAtOnce * 4),
          ]),

          ...end.set(argument('blockCount')),
          ...control.if(i32.eq(i32.load(lastCost.get), i32.const(unreachable)), [
            ...least.set(i32.const(unreachable)),
            ...bound.set(argument('bounds')),
            ...block.set(i32.const(0)),
            ...control.while(i32.ltS(block.get, end.get), [
              ...control.if(i32.ltS(i32.load(bound.get), least.get), [
                ...least.set(i32.load(bound.get)),
                ...nearest.set(block.get),
              ]),
              ...step(block, 1),
              ...step(bound, 4),
            ]),
            ...control.call(scan, nearest.get),
            ...i32.store(
              i32.add(argument('bounds'), times(nearest.get, 4)),
              i32.const(unreachable),
            ),
            ...readLimit,
          ]),

          ...bound.set(argument('bounds')),
          ...block.set(i32.const(0)),
          ...control.while(i32.ltS(block.get, end.get), [
            ...sum.set(v128.load(bound.get)),
            ...control.if(v128.anyTrue(isNear), [...[0, 1, 2, 3].flatMap(scanLane), ...readLimit]),
            ...step(block, lanesAtOnce),
            ...step(bound, lanesAtOnce * 4),
          ]),
        ];
      },
    ),
  ]);
}
