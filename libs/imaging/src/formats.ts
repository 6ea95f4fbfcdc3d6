/** A kind of photo that is decoded. */
export interface PhotoFormat {
  readonly name: 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'AVIF' | 'HEIC';
  /** Usual endings of its files, with the dot, in lower case. */
  readonly endings: readonly string[];
  readonly contentType: string;
}

/** All kinds of photos. This is the only list: what is accepted, offered and looked for follows from it. */
export const photoFormats = [
  // .mpo: two photos of a stereo camera in one file, of which every reader of JPEG shows the first.
  { name: 'JPEG', endings: ['.jpg', '.jpeg', '.jpe', '.jfif', '.mpo'], contentType: 'image/jpeg' },
  { name: 'PNG', endings: ['.png', '.apng'], contentType: 'image/png' },
  { name: 'WebP', endings: ['.webp'], contentType: 'image/webp' },
  { name: 'GIF', endings: ['.gif'], contentType: 'image/gif' },
  { name: 'AVIF', endings: ['.avif', '.avifs'], contentType: 'image/avif' },
  { name: 'HEIC', endings: ['.heic', '.heif', '.hif'], contentType: 'image/heic' },
] as const satisfies readonly PhotoFormat[];

/** The kinds of photos, for messages to people: 'JPEG, PNG, WebP, GIF, AVIF or HEIC'. */
export const photoFormatNames = photoFormats
  .map(({ name }) => name)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1');

/** What the first bytes of a file say it is. */
export interface SniffedFile {
  readonly name: string;
  /** Undefined for what is no photo, or whose decoder is not let near the bytes of strangers. */
  readonly photo: PhotoFormat | undefined;
}

/** Bytes that `sniffFormat` looks at. */
export const sniffedBytes = 512;

/**
 * Tells what a file is by its magic number, before any decoder sees it. Its name says nothing.
 *
 * @param bytes The beginning of the file, at least `sniffedBytes` of it when it has as many.
 * @returns undefined for bytes that are no known picture or document.
 * @see https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
 */
export function sniffFormat(bytes: Uint8Array): SniffedFile | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, sniffedBytes));
  if (head.slice(4, 8) === 'ftyp') return isoMediaFormat(head);
  return signatures.find(({ pattern }) => pattern.test(head))?.file;
}

const photo = (wanted: PhotoFormat['name']): SniffedFile => ({
  name: wanted,
  photo: photoFormats.find(({ name }) => name === wanted),
});
const other = (name: string): SniffedFile => ({ name, photo: undefined });

// Each character stands for one byte.
const signatures: readonly { pattern: RegExp; file: SniffedFile }[] = [
  { pattern: /^\xff\xd8\xff/, file: photo('JPEG') },
  { pattern: /^\x89PNG\r\n\x1a\n/, file: photo('PNG') },
  { pattern: /^GIF8[79]a/, file: photo('GIF') },
  { pattern: /^RIFF[^]{4}WEBPVP/, file: photo('WebP') },
  { pattern: /^(?:II[*+]\0|MM\0[*+])/, file: other('TIFF') },
  { pattern: /^%PDF-/, file: other('PDF') },
  { pattern: /^%!PS/, file: other('PostScript') },
  { pattern: /^8BPS/, file: other('Photoshop') },
  { pattern: /^BM[^]{4}\0\0\0\0/, file: other('BMP') },
  { pattern: /^\0\0[\x01\x02]\0/, file: other('ICO') },
  { pattern: /^\xff\x0a|^\0\0\0\x0cJXL /, file: other('JPEG XL') },
  { pattern: /^\xff\x4f\xff\x51|^\0\0\0\x0cjP {2}/, file: other('JPEG 2000') },
  { pattern: /^P[1-7]\s/, file: other('Netpbm') },
  { pattern: /^#\?R(?:ADIANCE|GBE)/, file: other('Radiance HDR') },
  { pattern: /^v\/1\x01/, file: other('OpenEXR') },
  { pattern: /^SIMPLE {2}=/, file: other('FITS') },
  { pattern: /^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!DOCTYPE svg|!--)/i, file: other('SVG') },
  { pattern: /^\x1a\x45\xdf\xa3/, file: other('WebM video') },
];

/** AVIF, HEIC and MP4 share one container; the brands at its start tell them apart. */
function isoMediaFormat(head: string): SniffedFile {
  const brands = brandsOf(head);
  const has = (pattern: RegExp) => brands.some((brand) => pattern.test(brand));
  if (has(/^avi[fs]$/)) return photo('AVIF');
  if (has(/^he[iv][cxms]$/)) return photo('HEIC');
  // A general HEIF file: the type of its items says how they are coded.
  if (has(/^(?:mif1|mif2|msf1)$/)) return photo(head.includes('av01') ? 'AVIF' : 'HEIC');
  return other('MP4 video');
}

/** The major brand, then the compatible ones. */
function brandsOf(head: string): string[] {
  const length = Math.min(sniffedBytes, readUint32(head, 0));
  const brands = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= length; at += 4) brands.push(head.slice(at, at + 4));
  return brands;
}

const readUint32 = (text: string, at: number): number =>
  [0, 1, 2, 3].reduce((value, index) => value * 256 + (text.charCodeAt(at + index) || 0), 0);
