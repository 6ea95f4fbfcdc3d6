/** A file format, told by its first bytes. */
export interface SniffedFormat {
  readonly name: string;
  /** Is its decoder let near the bytes of strangers? */
  readonly allowed: boolean;
  /** What its decoder needs at the worst. */
  readonly bytesPerPixel: number;
}

/**
 * What a progressive JPEG (coefficients of 4:4:4) and an interlaced PNG (16 bits, alpha) need. AVIF needs
 * twice as much: 960 MB for 50 megapixels in a file of 1 KB.
 */
export const usualBytesPerPixel = 8;
const avifBytesPerPixel = 2 * usualBytesPerPixel;

/** The formats that are decoded, for messages to people. */
export const allowedFormats = 'JPEG, PNG, WebP, GIF or AVIF';

/** Bytes that are looked at. ISO media files may name their kind late in a list of brands. */
const headLength = 512;

/**
 * Tells the format of a file by its magic number, before any decoder sees it.
 *
 * @returns undefined for bytes that are no known picture or document.
 * @see https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
 */
export function sniffFormat(bytes: Uint8Array): SniffedFormat | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, headLength));
  if (head.slice(4, 8) === 'ftyp') return isoMediaFormat(head);
  return signatures.find(({ pattern }) => pattern.test(head))?.format;
}

const allow = (name: string, bytesPerPixel = usualBytesPerPixel): SniffedFormat => ({
  name,
  allowed: true,
  bytesPerPixel,
});
const refuse = (name: string): SniffedFormat => ({ ...allow(name), allowed: false });

// Each character stands for one byte.
const signatures: readonly { pattern: RegExp; format: SniffedFormat }[] = [
  { pattern: /^\xff\xd8\xff/, format: allow('JPEG') },
  { pattern: /^\x89PNG\r\n\x1a\n/, format: allow('PNG') },
  { pattern: /^GIF8[79]a/, format: allow('GIF') },
  { pattern: /^RIFF[^]{4}WEBPVP/, format: allow('WebP') },
  { pattern: /^(?:II[*+]\0|MM\0[*+])/, format: refuse('TIFF') },
  { pattern: /^%PDF-/, format: refuse('PDF') },
  { pattern: /^%!PS/, format: refuse('PostScript') },
  { pattern: /^8BPS/, format: refuse('Photoshop') },
  { pattern: /^BM[^]{4}\0\0\0\0/, format: refuse('BMP') },
  { pattern: /^\0\0[\x01\x02]\0/, format: refuse('ICO') },
  { pattern: /^\xff\x0a|^\0\0\0\x0cJXL /, format: refuse('JPEG XL') },
  { pattern: /^\xff\x4f\xff\x51|^\0\0\0\x0cjP {2}/, format: refuse('JPEG 2000') },
  { pattern: /^P[1-7]\s/, format: refuse('Netpbm') },
  { pattern: /^#\?R(?:ADIANCE|GBE)/, format: refuse('Radiance HDR') },
  { pattern: /^v\/1\x01/, format: refuse('OpenEXR') },
  { pattern: /^SIMPLE {2}=/, format: refuse('FITS') },
  { pattern: /^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!DOCTYPE svg|!--)/i, format: refuse('SVG') },
  { pattern: /^\x1a\x45\xdf\xa3/, format: refuse('WebM video') },
];

/** AVIF, HEIC and MP4 share one container; the brands at its start tell them apart. */
function isoMediaFormat(head: string): SniffedFormat {
  const length = Math.min(headLength, readUint32(head, 0));
  const brands = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= length; at += 4) brands.push(head.slice(at, at + 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis'))
    return allow('AVIF', avifBytesPerPixel);
  // The build of libheif that comes with sharp carries no HEVC decoder (patents).
  if (brands.some((brand) => /^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand))) {
    return refuse('HEIC');
  }
  return refuse('MP4 video');
}

const readUint32 = (text: string, at: number): number =>
  [0, 1, 2, 3].reduce((value, index) => value * 256 + (text.charCodeAt(at + index) || 0), 0);
