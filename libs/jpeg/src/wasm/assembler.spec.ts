import { assembleModule, control, defineFunction, i32 } from './assembler';
import { kernelModule } from './kernel';
import { WebAssembly } from './web-assembly';

/** The memory that assembled modules import. */
const memory = () => new WebAssembly.Memory({ initial: 1 });

function exportsOf(...functions: Parameters<typeof assembleModule>[0]) {
  const module = new WebAssembly.Module(assembleModule(functions));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memory() } });
  return exports as Record<string, (...operands: number[]) => number>;
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
  expect(exportsOf(double, power)['power']!(10)).toBe(1024);
});

it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8192, 0x7fffffff, -0x80000000])(
  'encodes the constant %i',
  (value) => {
    const constant = defineFunction('constant', [], {}, () => i32.const(value));
    expect(exportsOf(constant)['constant']!()).toBe(value);
  },
);

it('makes a kernel that WebAssembly accepts', () => {
  expect(WebAssembly.validate(kernelModule())).toBe(true);
});
