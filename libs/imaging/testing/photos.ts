import { readPngChunks, writePng } from '../src/png-chunks';
import sharp, { type Sharp } from 'sharp';
import { deflateSync } from 'node:zlib';

/** Colours of the four quarters of the pictures made here, in reading order. */
export const quarterColours = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 210],
  [240, 240, 240],
] as const;

/** A picture in four quarters: red, green; blue, white. */
export function quarters(
  width = 96,
  height = 64,
  colours: readonly (readonly number[])[] = quarterColours,
): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const quarter = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1);
      data.set(colours[quarter]!, (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The colours of another picture than the one that is to be shown. */
const otherColours = [
  [0, 0, 0],
  [255, 0, 255],
  [255, 255, 0],
  [0, 255, 255],
];
const otherPicture = (width?: number, height?: number) => quarters(width, height, otherColours);

export interface PhotoKind {
  readonly name: string;
  /** Name of the file in a folder; often with a wrong ending. */
  readonly file: string;
  readonly make: () => Promise<Uint8Array> | Uint8Array;
  /** The code of the refusal; undefined when it is taken. */
  readonly refused?: string;
  /** Taken from a folder of one's own only: strangers' photos need larger sides. */
  readonly trustedOnly?: boolean;
  /** How far the quarters' colours may be off; undefined when it does not show the quarters. */
  readonly tolerance?: number;
}

/** Every kind of file that people have, made here and now. */
export const photoKinds: readonly PhotoKind[] = [
  { name: 'JPEG', file: 'plain.jpg', make: () => jpeg(), tolerance: 12 },
  {
    name: 'JPEG with the ending .png',
    file: 'wrong-ending.png',
    make: () => jpeg(),
    tolerance: 12,
  },
  { name: 'JPEG without an ending', file: 'IMG_0001', make: () => jpeg(), tolerance: 12 },
  {
    name: 'progressive JPEG',
    file: 'progressive.jpg',
    make: () => quarters().jpeg({ progressive: true, quality: 95 }).toBuffer(),
    tolerance: 12,
  },
  {
    name: 'JPEG turned by EXIF',
    file: 'turned.jpg',
    make: async () =>
      sharp(await quarters().rotate(270).png().toBuffer())
        .withMetadata({ orientation: 6 })
        .jpeg({ quality: 95 })
        .toBuffer(),
    tolerance: 12,
  },
  {
    name: 'CMYK JPEG',
    file: 'cmyk.jpg',
    make: () => quarters().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
    tolerance: 90,
  },
  {
    name: 'greyscale JPEG',
    file: 'grey.jpg',
    make: () => quarters().toColourspace('b-w').jpeg().toBuffer(),
  },
  {
    name: 'JPEG without its end marker',
    file: 'no-end-marker.jpg',
    make: async () => (await jpeg()).subarray(0, -2),
    tolerance: 12,
  },
  {
    name: 'JPEG without its last bytes',
    file: 'short.jpg',
    make: async () => (await quarters(640, 480).jpeg({ quality: 95 }).toBuffer()).subarray(0, -40),
    tolerance: 12,
  },
  {
    name: 'JPEG with an unknown JFIF revision',
    file: 'jfif-revision.jpg',
    make: async () => {
      const bytes = await jpeg();
      bytes[11] = 7;
      return bytes;
    },
    tolerance: 12,
  },
  {
    name: 'MPO (stereo camera)',
    file: 'stereo.mpo',
    make: async () => Buffer.concat([await jpeg(), await otherPicture().jpeg().toBuffer()]),
    tolerance: 12,
  },
  { name: 'JPEG with a gain map (HDR)', file: 'gain-map.jpg', make: gainMapJpeg, tolerance: 12 },
  {
    name: 'panorama, 12:1',
    file: 'panorama.jpg',
    make: () => quarters(2400, 200).jpeg().toBuffer(),
  },
  { name: 'HEIC (phone)', file: 'phone.heic', make: () => heicPhoto, tolerance: 12 },
  { name: 'HEIC with the ending .jpg', file: 'phone.jpg', make: () => heicPhoto, tolerance: 12 },
  {
    name: 'AVIF',
    file: 'still.avif',
    make: () => quarters().avif({ quality: 90, effort: 0 }).toBuffer(),
    tolerance: 12,
  },
  { name: 'AVIF sequence', file: 'sequence.avif', make: () => avifSequence, tolerance: 12 },
  { name: 'PNG', file: 'plain.png', make: () => quarters().png().toBuffer(), tolerance: 1 },
  {
    name: 'PNG of 16 bits',
    file: 'deep.png',
    make: () => quarters().toColourspace('rgb16').png().toBuffer(),
    tolerance: 1,
  },
  { name: 'animated PNG', file: 'animated.png', make: () => animatedPng(true), tolerance: 1 },
  {
    name: 'animated PNG with a plain picture beside it',
    file: 'animated-2.png',
    make: () => animatedPng(false),
    tolerance: 1,
  },
  { name: 'transparent PNG', file: 'logo.png', make: () => paleLogo().png().toBuffer() },
  { name: 'transparent WebP', file: 'logo.webp', make: () => paleLogo().webp().toBuffer() },
  {
    name: 'WebP',
    file: 'plain.webp',
    make: () => quarters().webp({ quality: 95 }).toBuffer(),
    tolerance: 12,
  },
  {
    name: 'animated WebP',
    file: 'animated.webp',
    make: () => animation(3).webp({ lossless: true }).toBuffer(),
  },
  { name: 'GIF', file: 'plain.gif', make: () => quarters().gif().toBuffer(), tolerance: 12 },
  { name: 'GIF of 518 frames', file: 'long.gif', make: () => longGif(518) },
  { name: 'GIF whose frame is smaller than its canvas', file: 'uncovered.gif', make: uncoveredGif },
  {
    name: 'avatar of 16 x 16 px',
    file: 'avatar.png',
    make: () => quarters(16, 16).png().toBuffer(),
    trustedOnly: true,
    refused: 'image.too-small',
    tolerance: 1,
  },
  {
    name: 'JPEG cut in half',
    file: 'half.jpg',
    make: async () => {
      const whole = await noise(320, 240).jpeg().toBuffer();
      return whole.subarray(0, whole.length / 2);
    },
    refused: 'image.truncated',
  },
  {
    name: 'HEIC cut in half',
    file: 'half.heic',
    make: () => heicPhoto.subarray(0, heicPhoto.length / 2),
    refused: 'image.truncated',
  },
  {
    name: 'empty file',
    file: 'empty.jpg',
    make: () => Buffer.alloc(0),
    refused: 'image.not-an-image',
  },
  {
    name: 'web page with the ending .jpg',
    file: 'page.jpg',
    make: () => Buffer.from('<html><body>Not found</body></html>'),
    refused: 'image.not-an-image',
  },
  {
    name: 'SVG',
    file: 'drawing.svg',
    make: () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    refused: 'image.format-not-allowed',
  },
  {
    name: 'TIFF',
    file: 'scan.tif',
    make: () => quarters().tiff().toBuffer(),
    refused: 'image.format-not-allowed',
  },
  {
    name: 'video',
    file: 'film.mp4',
    make: () => Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp41', 'latin1'),
    refused: 'image.format-not-allowed',
  },
  {
    name: 'decompression bomb (PNG, 900 megapixels)',
    file: 'bomb.png',
    make: () => pngBomb(30_000, 30_000),
    refused: 'image.too-many-pixels',
  },
  {
    name: 'picture of 1 x 1 px',
    file: 'pixel.png',
    make: () => quarters(1, 1).png().toBuffer(),
    refused: 'image.too-small',
  },
];

const jpeg = () => quarters().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();

/** A picture that compresses badly. */
export function noise(width: number, height: number): Sharp {
  let state = 1;
  const data = Buffer.alloc(width * height * 3);
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[at] = state >>> 24;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** An animation of noise, 40 x 40 pixels. */
export function animation(frames: number, side = 40): Sharp {
  const data = Buffer.alloc(frames * side * side * 3);
  for (let at = 0; at < data.length; at++) data[at] = (at * 7919 + (at >> 5) * 104_729) & 255;
  return sharp(data, {
    raw: { width: side, height: side * frames, channels: 3, pageHeight: side },
  });
}

/** One frame, over and over. */
async function longGif(frames: number): Promise<Buffer> {
  const gif = await quarters().gif().toBuffer();
  const start = 13 + (gif[10]! & 0x80 ? 3 * 2 ** ((gif[10]! & 7) + 1) : 0);
  const frame = gif.subarray(start, -1);
  return Buffer.concat([
    gif.subarray(0, start),
    ...Array.from({ length: frames }, () => frame),
    gif.subarray(-1),
  ]);
}

/** White letters, so to speak, on nothing. */
export function paleLogo(): Sharp {
  const side = 96;
  const data = Buffer.alloc(side * side * 4);
  for (let y = 24; y < 72; y++) {
    for (let x = 24; x < 72; x++) data.set([250, 250, 250, 255], (y * side + x) * 4);
  }
  return sharp(data, { raw: { width: side, height: side, channels: 4 } });
}

/** A valid PNG of one colour: few bytes, many pixels. */
export function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0], 8); // 1 bit a pixel, greyscale
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height);
  return Buffer.from(
    writePng([
      { type: 'IHDR', data: header },
      { type: 'IDAT', data: deflateSync(rows) },
      { type: 'IEND', data: new Uint8Array() },
    ]),
  );
}

/** As Ultra HDR phones write it: XMP that names the gain map, an MPF index, the map as second JPEG. */
async function gainMapJpeg(): Promise<Buffer> {
  const photo = await jpeg();
  const map = await otherPicture(24, 16).jpeg().toBuffer();
  const xmp = Buffer.from(
    'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ' +
      'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ' +
      'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>',
  );
  const index = Buffer.concat([Buffer.from('MPF\0MM\0*\0\0\0\x08', 'latin1'), Buffer.alloc(8)]);
  return Buffer.concat([
    photo.subarray(0, 2),
    jpegSegment(0xe1, xmp),
    jpegSegment(0xe2, index),
    photo.subarray(2),
    map,
  ]);
}

function jpegSegment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** An APNG of two frames. @param plainIsFirst Is the picture of the IDAT part of the animation? */
async function animatedPng(plainIsFirst: boolean): Promise<Uint8Array> {
  const chunksOf = async (picture: Sharp) => [
    ...readPngChunks(await picture.png({ compressionLevel: 9 }).toBuffer()),
  ];
  const first = await chunksOf(quarters());
  const second = await chunksOf(otherPicture());
  const pixels = (chunks: typeof first) =>
    Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  const uint32 = (...values: number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
    return bytes;
  };
  let sequence = 0;
  const control = () => ({
    type: 'fcTL',
    data: Buffer.concat([uint32(sequence++, 96, 64, 0, 0), Buffer.from([0, 1, 0, 10, 0, 0])]),
  });
  const frame = (data: Buffer) => ({
    type: 'fdAT',
    data: Buffer.concat([uint32(sequence++), data]),
  });
  return writePng([
    first[0]!,
    { type: 'acTL', data: uint32(2, 0) },
    ...(plainIsFirst
      ? [control(), { type: 'IDAT', data: pixels(first) }]
      : [{ type: 'IDAT', data: pixels(second) }, control(), frame(pixels(first))]),
    control(),
    frame(pixels(second)),
    { type: 'IEND', data: new Uint8Array() },
  ]);
}

/** A red frame of 40 x 40 pixels on a canvas of 100 x 80 that is otherwise left open. */
export function uncoveredGif(): Promise<Buffer> {
  return sharp({ create: { width: 40, height: 40, channels: 3, background: '#ff0000' } })
    .gif()
    .toBuffer()
    .then((gif) => {
      gif.writeUInt16LE(100, 6);
      gif.writeUInt16LE(80, 8);
      const descriptor = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 40, 0, 40, 0]));
      gif.writeUInt16LE(20, descriptor + 1);
      gif.writeUInt16LE(20, descriptor + 3);
      return gif;
    });
}

/** The quarters as a phone writes them, in Display P3: nothing that is installed encodes HEVC. */
const heicPhoto = Buffer.from(
  'AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAy9tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA' +
    'AAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAANTAAEAAAAAAAAA4wAAACNpaW5mAAAAAAABAAAAFWluZmUC' +
    'AAAAAAEAAGh2YzEAAAACr2lwcnAAAAKQaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNw' +
    'AAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHB' +
    'crAiQAAAABRpc3BlAAAAAAAAAGAAAABAAAAB7GNvbHJwcm9mAAAB4GxjbXMEIAAAbW50clJHQiBYWVogB+IAAwAUAAkADgAd' +
    'YWNzcE1TRlQAAAAAc2F3c2N0cmwAAAAAAAAAAAAAAAAAAPbWAAEAAAAA0y1oYW5kguKocouKP/clPrmS7iTWrgAAAAAAAAAA' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKZGVzYwAAAPwAAAAkY3BydAAAASAAAAAid3RwdAAAAUQAAAAUY2hhZAAAAVgAAAAs' +
    'clhZWgAAAYQAAAAUZ1hZWgAAAZgAAAAUYlhZWgAAAawAAAAUclRSQwAAAcAAAAAgZ1RSQwAAAcAAAAAgYlRSQwAAAcAAAAAg' +
    'bWx1YwAAAAAAAAABAAAADGVuVVMAAAAIAAAAHABzAFAAMwBDbWx1YwAAAAAAAAABAAAADGVuVVMAAAAGAAAAHABDAEMAMAAA' +
    'WFlaIAAAAAAAAPbWAAEAAAAA0y1zZjMyAAAAAAABDEIAAAXe///zJQAAB5MAAP2Q///7of///k4AAAOaAADAFFhZWiAAAAAA' +
    'AACD3wAAPb8AAAAAWFlaIAAAAAAAAEq/AACxNwAACrVYWVogAAAAAAAAKDgAABEKAADIeHBhcmEAAAAAAAMAAAACZmkAAPKn' +
    'AAANWQAAE9AAAApbAAAAEHBpeGkAAAAAAwgICAAAABdpcG1hAAAAAAAAAAEAAQSBAoOEAAAA621kYXQAAADfKAGvBbjwK5z6' +
    '5z+tes//849+y/qQrgnlaE/7hT//7wb//x5eM7wk35f6+yfPf1fov9idQ9rRzN8vRt5n+qGqif7sEGIlZWD9hRy15dcGPBiy' +
    'kAi3Nny6LCAx+1noZlvrydjBRiGL1b94/ekS67/Qfno37g7L//JMt7hBHQn7anvJcgtImiHBToxRY44wnP1b/bdR+qyjj5MD' +
    'tFvLa2qPmk8iIkhnau02ye2dFV5w1WJfEvBC9qt7/+z0LY3ctk//jDsV5+SfJE6YLPZ8cSIf5Zbx8ASXeVzCZqIxj96dpQ==',
  'base64',
);

/** Two frames, of which the first shows the quarters. */
const avifSequence = Buffer.from(
  'AAAALGZ0eXBhdmlzAAAAAGF2aWZhdmlzbXNmMWlzbzhtaWYxbWlhZk1BMUEAAAGNbWV0YQAAAAAAAAAoaGRscgAAAAAAAAAA' +
    'cGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEAAAAsaWxvYwAAAABEAAACAAEAAAABAAAG7AAAAGUAAgAA' +
    'AAEAAAa8AAAAHgAAAEJpaW5mAAAAAAACAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAAAaaW5mZQIAAAAAAgAAYXYwMUFs' +
    'cGhhAAAAABppcmVmAAAAAAAAAA5hdXhsAAIAAQABAAAAw2lwcnAAAACdaXBjbwAAABRpc3BlAAAAAAAAAGAAAABAAAAAEHBp' +
    'eGkAAAAAAwgICAAAAAxhdjFDgSAAAAAAABNjb2xybmNseAABAA0ABoAAAAAOcGl4aQAAAAABCAAAAAxhdjFDgQAcAAAAADhh' +
    'dXhDAAAAAHVybjptcGVnOm1wZWdCOmNpY3A6c3lzdGVtczphdXhpbGlhcnk6YWxwaGEAAAAAHmlwbWEAAAAAAAAAAgABBAEC' +
    'gwQAAgQBBYYHAAAE+21vb3YAAAB4bXZoZAEAAAAAAAAA5yylRQAAAADnLKVFAAAAAgAAAAAAAAACAAEAAAEAAAAAAAAAAAAA' +
    'AAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIAAAIhdHJh' +
    'awAAAGh0a2hkAQAAAQAAAADnLKVFAAAAAOcspUUAAAABAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAA' +
    'AAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAABgAAAAQAAAAAABsW1kaWEAAAAsbWRoZAEAAAAAAAAA5yylRQAAAADnLKVFAAAA' +
    'AgAAAAAAAAACVcQAAAAAAChoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAbGliYXZpZgAAAAFVbWluZgAAABR2bWhkAAAA' +
    'AQAAAAAAAAAAAAAAJGRpbmYAAAAcZHJlZgAAAAAAAAABAAAADHVybCAAAAABAAABFXN0YmwAAAAUc3RjbwAAAAAAAAABAAAG' +
    '7AAAABxzdHNjAAAAAAAAAAEAAAABAAAAAgAAAAEAAAAcc3RzegAAAAAAAAAAAAAAAgAAAGUAAAB/AAAAFHN0c3MAAAAAAAAA' +
    'AQAAAAEAAAAYc3R0cwAAAAAAAAABAAAAAgAAAAEAAACVc3RzZAAAAAAAAAABAAAAhWF2MDEAAAAAAAAAAQAAAAAAAAAAAAAA' +
    'AAAAAAAAYABAAEgAAABIAAAAAAAAAAEKQU9NIENvZGluZwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY//8AAAAMYXYxQ4EgAAAA' +
    'AAATY29scm5jbHgAAQANAAaAAAAAEGNjc3QAAAAAfAAAAAAAAlp0cmFrAAAAaHRraGQBAAABAAAAAOcspUUAAAAA5yylRQAA' +
    'AAIAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAGAAAABA' +
    'AAAAAAAUdHJlZgAAAAxhdXhsAAAAAQAAAdZtZGlhAAAALG1kaGQBAAAAAAAAAOcspUUAAAAA5yylRQAAAAIAAAAAAAAAAlXE' +
    'AAAAAAAoaGRscgAAAAAAAAAAYXV4dgAAAAAAAAAAAAAAAGxpYmF2aWYAAAABem1pbmYAAAAUdm1oZAAAAAEAAAAAAAAAAAAA' +
    'ACRkaW5mAAAAHGRyZWYAAAAAAAAAAQAAAAx1cmwgAAAAAQAAATpzdGJsAAAAFHN0Y28AAAAAAAAAAQAABrwAAAAcc3RzYwAA' +
    'AAAAAAABAAAAAQAAAAIAAAABAAAAHHN0c3oAAAAAAAAAAAAAAAIAAAAeAAAAEgAAABRzdHNzAAAAAAAAAAEAAAABAAAAGHN0' +
    'dHMAAAAAAAAAAQAAAAIAAAABAAAAunN0c2QAAAAAAAAAAQAAAKphdjAxAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAGAAQABI' +
    'AAAASAAAAAAAAAABCkFPTSBDb2RpbmcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGP//AAAADGF2MUOBABwAAAAAEGNjc3QAAAAA' +
    'fAAAAAAAADhhdXhpAAAAAHVybjptcGVnOm1wZWdCOmNpY3A6c3lzdGVtczphdXhpbGlhcnk6YWxwaGEAAAABHG1kYXQSAAoK' +
    'AAAAAy3/za+SoDIOEACAAMMvDPo5z8jyZXASADIOMAOAgP34RoACANKt1uASAAoNIAAAAy3/za+SAhoNIDJSEACUABBBBBII' +
    'IMG2P2e7htyp9VC/e5LCDabxYaeZBuBtAQBkMNpwok3Gn/BczluJoSdHAGZTNZmjvIhXWo4UXa07hXbtt7IlLz/bHLZH1rA2' +
    'QBIAMnswA4CA/fhGlEAccccSCAUAr1jgvcvqxQBx/NOh2UZCJ1uEu7nQBlYN5l2U1PCWze1Cv8eHg5if5W3qMxmFYLTdvZEh' +
    '62VmIF/4UUekSRoEak9vU9V7TQuVPVxlvLj+iJbg5soWVrEMfMIplIIXhUsftF3hcibkDZ1qbSg=',
  'base64',
);
