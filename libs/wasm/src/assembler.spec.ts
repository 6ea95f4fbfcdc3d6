import {
  assembleModule,
  control,
  defineFunction,
  defineProcedure,
  i32,
  i32x4,
  i64,
  v128,
} from './assembler';
import { requireWebAssembly } from './web-assembly';

const api = requireWebAssembly();

function load(...functions: Parameters<typeof assembleModule>[0]) {
  const memory = new api.Memory({ initial: 1 });
  const module = new api.Module(assembleModule(functions));
  const { exports } = new api.Instance(module, { env: { memory } });
  return {
    ints: new Int32Array(memory.buffer),
    call: exports as Record<string, (...operands: number[]) => number>,
  };
}

it('assembles functions that use their parameters, locals and each other', () => {
  const double = defineFunction('double', ['n'], {}, ({ n }) => i32.add(n.get, n.get));
  const power = defineFunction('power', ['exponent'], { result: 'i32' }, ({ exponent, result }) => [
    ...result.set(i32.const(1)),
    ...control.forever([
      ...control.if(i32.ltU(exponent.get, i32.const(1)), control.return(result.get)),
      ...result.set(control.call(0, result.get)),
      ...exponent.set(i32.sub(exponent.get, i32.const(1))),
    ]),
    ...control.unreachable,
  ]);
  expect(load(double, power).call['power']!(10)).toBe(1024);
});

it('assembles procedures that declare variables on the way and leave their result in the memory', () => {
  const squares = defineProcedure('squares', ['count'], { n: 'i32' }, ({ count, n }, declare) => {
    const square = declare('i32');
    return control.while(i32.ltU(n.get, count.get), [
      ...square.set(i32.mul(n.get, n.get)),
      ...i32.store(i32.shl(n.get, i32.const(2)), square.get, 4),
      ...n.set(i32.add(n.get, i32.const(1))),
    ]);
  });
  const { call, ints } = load(squares);
  expect(call['squares']!(4)).toBeUndefined();
  expect([...ints.subarray(0, 6)]).toEqual([0, 0, 1, 4, 9, 0]);
});

it('runs a loop whose condition is computed before its body not at all when it is 0', () => {
  const never = defineProcedure('never', [], {}, () =>
    control.while(i32.const(0), i32.store(i32.const(0), i32.const(1))),
  );
  const { call, ints } = load(never);
  call['never']!();
  expect(ints[0]).toBe(0);
});

it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8192, 0x7fffffff, -0x80000000])(
  'encodes the constant %i',
  (value) => {
    const constant = defineFunction('constant', [], {}, () => i32.const(value));
    expect(load(constant).call['constant']!()).toBe(value);
  },
);

it('compares 64-bit numbers as unsigned', () => {
  const isMore = defineFunction('isMore', ['high'], {}, ({ high }) =>
    i64.gtU(i64.shl(i64.extendI32U(high.get), i64.const(32)), i64.extendI32U(i32.const(-1))),
  );
  expect([1, 0].map((high) => load(isMore).call['isMore']!(high))).toEqual([1, 0]);
});

it('multiplies pairs of 16-bit numbers and adds the products', () => {
  const dot = defineFunction('dot', ['at'], { vector: 'v128' }, ({ at, vector }) => [
    ...vector.set(v128.load32Splat(at.get)),
    ...i32x4.extractLane(i32x4.dot(vector.get, vector.get), 3),
  ]);
  const { call, ints } = load(dot);
  ints[2] = (-3 << 16) | 5;
  expect(call['dot']!(8)).toBe(34);
});
