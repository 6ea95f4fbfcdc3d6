import type { MainModule } from 'libheif-js/libheif-wasm/libheif';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { encodeChunk, pngSignature } from './png-chunks';
import { refusals } from './refusals';

/** Longer side at which a photo is handed on; nothing made here is larger. */
const maxSide = 4_096;

/**
 * Decodes the main picture of a HEIC or HEIF file, upright, into a PNG with its colour profile.
 *
 * sharp comes without a decoder for HEVC (patents), so this is libheif as WebAssembly. It works in the
 * calling thread, two seconds for a phone's photo.
 *
 * @param check Hears the size in pixels before anything is decoded, and may throw.
 * @throws PermanentError `image.truncated`, `image.damaged`
 */
export async function heicToPng(
  bytes: Uint8Array,
  check: (size: { readonly width: number; readonly height: number }) => void,
): Promise<Uint8Array> {
  const libheif = await loadLibheif();
  const context = libheif.heif_context_alloc();
  if (!context) throw new Error('out of memory: no context for HEIC');
  try {
    const read = libheif.heif_context_read_from_memory(context, bytes) as HeifError;
    if (read.code !== libheif.heif_error_code.heif_error_Ok) {
      throw unreadable(bytes, read.message);
    }
    const handle = primaryPicture(libheif, context);
    try {
      check({
        width: libheif.heif_image_handle_get_width(handle),
        height: libheif.heif_image_handle_get_height(handle),
      });
      const hasAlpha = libheif.heif_image_handle_has_alpha_channel(handle) !== 0;
      return await pictureToPng(libheif, handle, hasAlpha, bytes);
    } finally {
      libheif.heif_image_handle_release(handle);
    }
  } finally {
    libheif.heif_context_free(context);
  }
}

type Handle = ReturnType<MainModule['heif_js_context_get_image_handle']>;

interface HeifError {
  readonly code: unknown;
  readonly message: string;
}

/** What `heif_js_decode_image2` gives. */
interface Decoded {
  readonly image: Parameters<MainModule['heif_image_release']>[0];
  readonly channels: readonly {
    readonly width: number;
    readonly height: number;
    /** Bytes from row to row. */
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
}

let libheif: Promise<MainModule> | undefined;

/** Loaded when the first HEIC comes: it is 2 MB of code that many never need. */
const loadLibheif = (): Promise<MainModule> =>
  (libheif ??= import('libheif-js/wasm-bundle.js').then((module) => module.default));

function primaryPicture(
  libheif: MainModule,
  context: Parameters<MainModule['heif_js_context_get_image_handle']>[0],
): Handle {
  const ids = libheif.heif_js_context_get_list_of_top_level_image_IDs(context) as readonly number[];
  for (const id of Array.isArray(ids) ? ids : []) {
    const handle = libheif.heif_js_context_get_image_handle(context, id);
    if (!handle || (handle as Partial<HeifError>).code !== undefined) continue;
    if (libheif.heif_image_handle_is_primary_image(handle)) return handle;
    libheif.heif_image_handle_release(handle);
  }
  throw refusals.damaged('The HEIC file has no main picture.');
}

async function pictureToPng(
  libheif: MainModule,
  handle: Handle,
  hasAlpha: boolean,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const { heif_chroma: chroma } = libheif;
  const decoded = libheif.heif_js_decode_image2(
    handle,
    libheif.heif_colorspace.heif_colorspace_RGB,
    hasAlpha ? chroma.heif_chroma_interleaved_RGBA : chroma.heif_chroma_interleaved_RGB,
  ) as Decoded | HeifError;
  if (!('channels' in decoded)) {
    throw unreadable(bytes, decoded.message);
  }
  try {
    const [plane] = decoded.channels;
    if (!plane) throw refusals.damaged('The HEIC file decodes to nothing.');
    const channels = hasAlpha ? 4 : 3;
    const { width, height, stride } = plane;
    // The rows are padded, so the padding counts as pixels at first and is cut off.
    const padded = Math.floor(stride / channels);
    const rows = stride % channels === 0 ? plane.data : withoutPadding(plane, width * channels);
    const rowPixels = stride % channels === 0 ? padded : width;
    const png = await sharp(rows.subarray(0, rowPixels * channels * height), {
      raw: { width: rowPixels, height, channels },
      limitInputPixels: false,
    })
      .extract({ left: 0, top: 0, width, height })
      .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const profile = colourProfile(bytes);
    return profile ? withProfile(png, profile) : png;
  } finally {
    libheif.heif_image_release(decoded.image);
  }
}

function withoutPadding(
  { data, stride, height }: Decoded['channels'][number],
  rowBytes: number,
): Uint8Array {
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    rows.set(data.subarray(y * stride, y * stride + rowBytes), y * rowBytes);
  }
  return rows;
}

/**
 * The ICC profile of a HEIF file: its first colour property that holds one. Phones give all parts of a
 * photo the same.
 *
 * @see ISO/IEC 14496-12, 12.1.5 (colr)
 */
function colourProfile(bytes: Uint8Array): Uint8Array | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = file.indexOf('colrprof', 0, 'latin1');
  if (at < 4) return undefined;
  const profile = file.subarray(at + 8, at - 4 + file.readUInt32BE(at - 4));
  const isProfile = profile.length > 128 && profile.toString('latin1', 36, 40) === 'acsp';
  return isProfile ? profile : undefined;
}

/** A PNG with a colour profile. @param png Begins with signature and header, as every PNG does. */
function withProfile(png: Uint8Array, profile: Uint8Array): Uint8Array {
  const headerEnd = pngSignature.length + 25;
  const name = Buffer.from('icc\0\0', 'latin1');
  const chunk = encodeChunk({
    type: 'iCCP',
    data: Buffer.concat([name, deflateSync(profile)]),
  });
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}

/** A refusal for a file that libheif cannot read: cut short when a box says that it reaches farther. */
function unreadable(bytes: Uint8Array, complaint: string): Error {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    // 0: to the end of the file; 1: the length is a 64-bit number, which no photo needs.
    if (length < 8) return refusals.damaged(complaint);
    at += length;
  }
  return at === bytes.length ? refusals.damaged(complaint) : refusals.truncated(complaint);
}
