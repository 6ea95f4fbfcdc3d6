import { pageBytes, requireWebAssembly, type WasmMemory, type WasmModule } from '@mosaicme/wasm';
import type { ProfileCodec } from './codec';
import { DC_LIMIT } from './codec';
import type { DcSteps } from './profile';
import type { TileSegments } from './segments';
import { beyondDcRange, Head, HEAD_LENGTH, inconsistent } from './segments';
import type { Kernel } from './shift-kernel';
import { KERNEL_MEMORY, kernelModule, PENDING } from './shift-kernel';

/** Bytes of output after which a mover wants to be emptied by `take`. */
export const MOVER_CAPACITY = 256 * 1024;

/** Room behind the output for the longest segment: 64 KB in a tile, twice that when all is stuffing. */
const OUTPUT_SLACK = 3 * pageBytes;

/** The kernel reads and writes up to this many bytes beyond its areas. */
const GUARD = 64;

let compiled: WasmModule | undefined;

/** Movers that wait for their next assembly: a WebAssembly memory is dear to make, cheap to keep. */
const idle: SegmentMover[] = [];
const MOST_IDLE = 2;
const LARGEST_IDLE = 16 * 1024 * 1024;

/**
 * Composes segments in the memory of a WebAssembly kernel: tiles are loaded into it once for each row
 * of cells, segments are written one behind the other, and `take` hands out what was written.
 */
export class SegmentMover {
  #codes: ProfileCodec['dcCodes'];
  readonly #output: number;
  readonly #tiles: number;
  readonly #memory: WasmMemory;
  readonly #kernel: Kernel;
  #bytes: Uint8Array<ArrayBuffer>;
  #free: number;
  #end: number;
  /** Bits that wait in the memory's byte `PENDING`. */
  #pending = 0;
  /** Last DCs of Y, Cb and Cr that were written, from which the next differences are. */
  readonly #previous = new Int32Array(3);

  /** A mover without output and tiles, to be given back by `release`. */
  static acquire(codec: ProfileCodec): SegmentMover {
    const mover = idle.pop() ?? new SegmentMover(codec);
    mover.#codes = codec.dcCodes;
    mover.#end = mover.#output;
    mover.#pending = 0;
    mover.#previous.fill(0);
    mover.clear();
    return mover;
  }

  private constructor(codec: ProfileCodec) {
    this.#codes = codec.dcCodes;
    this.#output = this.#end = KERNEL_MEMORY;
    this.#tiles = this.#free = this.#output + MOVER_CAPACITY + OUTPUT_SLACK;
    const api = requireWebAssembly();
    this.#memory = new api.Memory({ initial: Math.ceil(this.#tiles / pageBytes) + 1 });
    this.#bytes = new Uint8Array(this.#memory.buffer);
    compiled ??= new api.Module(kernelModule());
    const { exports } = new api.Instance(compiled, { env: { memory: this.#memory } });
    this.#kernel = exports as unknown as Kernel;
  }

  /** Lets another assembly use the mover. */
  release(): void {
    if (idle.length < MOST_IDLE && this.#bytes.length <= LARGEST_IDLE) idle.push(this);
  }

  /** Bytes of output that wait to be taken. */
  get length(): number {
    return this.#end - this.#output;
  }

  /** Forgets all loaded tiles. */
  clear(): void {
    this.#free = this.#tiles;
  }

  /** Loads a tile; the address that is returned is good until `clear`. */
  load({ data }: TileSegments): number {
    const address = this.#free;
    this.#free += data.length;
    const missing = this.#free + GUARD - this.#bytes.length;
    if (missing > 0) {
      this.#memory.grow(
        Math.max(Math.ceil(missing / pageBytes), this.#bytes.length / pageBytes / 4),
      );
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    this.#bytes.set(data, address);
    return address;
  }

  /** Writes a segment as it is. */
  copy(address: number, { offsets }: TileSegments, row: number): void {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    this.#bytes.copyWithin(this.#end, address + start, address + end);
    this.#end += end - start;
  }

  /**
   * Writes a segment behind what was appended since the last `align`, with another mean colour: the fast
   * form of `shiftSegment` and of `joinSegments`.
   *
   * @throws PermanentError `jpeg.tile-segments`, `jpeg.dc-range`
   */
  append(address: number, tile: TileSegments, row: number, steps: DcSteps): void {
    const { offsets, heads } = tile;
    const [yCodes, cbCodes, crCodes] = this.#codes;
    const previous = this.#previous;
    const head = row * HEAD_LENGTH;
    const y = heads[head + Head.y]! + DC_LIMIT;
    const cb = heads[head + Head.cb]! + DC_LIMIT;
    const cr = heads[head + Head.cr]! + DC_LIMIT;
    const cbPosition = heads[head + Head.cbPosition]!;
    const crPosition = heads[head + Head.crPosition]!;
    const bits = heads[head + Head.bits]!;
    if (
      cbPosition < yCodes.lengths[y]! ||
      crPosition < cbPosition + cbCodes.lengths[cb]! ||
      bits < crPosition + crCodes.lengths[cr]!
    ) {
      throw inconsistent(`positions that are not of this profile in row ${row}`);
    }
    const newY = y + steps.y - previous[0]!;
    const newCb = cb + steps.cb - previous[1]!;
    const newCr = cr + steps.cr - previous[2]!;
    const yCount = yCodes.lengths[newY];
    const cbCount = cbCodes.lengths[newCb];
    const crCount = crCodes.lengths[newCr];
    if (yCount === undefined || cbCount === undefined || crCount === undefined) {
      throw beyondDcRange();
    }
    previous[0] = heads[head + Head.lastY]! + steps.y;
    previous[1] = heads[head + Head.lastCb]! + steps.cb;
    previous[2] = heads[head + Head.lastCr]! + steps.cr;
    const yOld = yCodes.lengths[y]!;
    const cbOld = cbCodes.lengths[cb]!;
    const crOld = crCodes.lengths[cr]!;
    this.#end = this.#kernel.append(
      address + offsets[row]!,
      address + offsets[row + 1]!,
      this.#end,
      this.#pending,
      bits,
      yOld,
      yCodes.bits[newY]!,
      yCount,
      cbPosition,
      cbOld,
      cbCodes.bits[newCb]!,
      cbCount,
      crPosition,
      crOld,
      crCodes.bits[newCr]!,
      crCount,
    );
    this.#pending += bits - yOld - cbOld - crOld + yCount + cbCount + crCount;
    this.#pending &= 7;
  }

  /** Fills the last byte of what was appended with 1 bits; the next segment starts anew. */
  align(): void {
    if (this.#pending > 0) {
      const byte = this.#bytes[PENDING]! | (0xff >> this.#pending);
      this.#bytes[this.#end++] = byte;
      if (byte === 0xff) this.#bytes[this.#end++] = 0;
    }
    this.#pending = 0;
    this.#previous.fill(0);
  }

  /** Writes a marker. */
  marker(code: number): void {
    this.#bytes[this.#end++] = 0xff;
    this.#bytes[this.#end++] = code;
  }

  /** A copy of the output, which begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(this.#output, this.#end);
    this.#end = this.#output;
    return taken;
  }
}
